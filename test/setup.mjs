// Everything a test run needs before its first test, on a machine that has only Node 20, npm and Debian's packages.

import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildConnector } from '../bin/build-connector.mjs';
import { buildConsole } from '../bin/build-console.mjs';
import { node24 } from '../bin/node24.mjs';
import { debianPackages } from './debian.mjs';

/** Returns the Node to run the tests with. */
export function setUp() {
  const node = node24();
  const missing = debianPackages();
  if (missing.length > 0) console.log(`Still missing: ${missing.join(', ')}. Tests that need them will fail and say so.`);
  // The other users that tests run as keep their compiled code here too, each in a folder of its own.
  const compiled = join(dirname(fileURLToPath(import.meta.url)), '..', '.cache', 'compile');
  mkdirSync(compiled, { recursive: true });
  chmodSync(compiled, 0o1777);
  buildConsole(node);
  buildConnector(node);
  return node;
}
