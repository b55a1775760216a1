// Everything a test run needs before its first test, on a machine that has only Node 20, npm and Debian's packages.

import { spawnSync } from 'node:child_process';
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
  if (process.getuid?.() === 0) shareCompiledCode(node);
  buildConsole(node);
  buildConnector(node);
  return node;
}

/**
 * Tests that root runs start commands as other users, who keep their compiled code beside ours, each in a folder of its own. Ours is there
 * before anybody else may make one in its place: what lies in it is run.
 */
function shareCompiledCode(node) {
  const checkout = join(dirname(fileURLToPath(import.meta.url)), '..');
  const compiled = join(checkout, '.cache', 'compile');
  mkdirSync(compiled, { recursive: true });
  spawnSync(node, [join(checkout, 'broker', 'cli', 'main.ts'), '--version'], { env: { ...process.env, NODE_COMPILE_CACHE: compiled } });
  chmodSync(compiled, 0o1777);
}
