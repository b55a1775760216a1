// Everything a test run needs before its first test, on a machine that has only Node 20, npm and Debian's packages.

import { buildConnector } from '../bin/build-connector.mjs';
import { buildConsole } from '../bin/build-console.mjs';
import { node24 } from '../bin/node24.mjs';
import { debianPackages } from './debian.mjs';

/** Returns the Node to run the tests with. */
export function setUp() {
  const node = node24();
  const missing = debianPackages();
  if (missing.length > 0) console.log(`Still missing: ${missing.join(', ')}. Tests that need them will fail and say so.`);
  buildConsole(node);
  buildConnector(node);
  return node;
}
