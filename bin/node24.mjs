// Finds the Node that runs the product: the project's own Node 24, else the one that runs this file when it is new enough.
// Plain JavaScript: it must run on Node 20, before anything else is known to work.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Path of a Node 24 or newer; says in words what is wrong and leaves with code 1 when there is none. */
export function node24() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const version = existsSync(own) ? spawnSync(own, ['--version'], { encoding: 'utf8' }).stdout?.trim() : '';
  if (/^v(2[4-9]|[3-9]\d)\./.test(version ?? '')) return own;
  const found = version ? `is ${version}` : 'is not there';
  console.error(
    `Gatehouse runs on Node 24, and the project's own Node (${own}) ${found}.\n` +
      'It comes with `npm ci` through the install script of the package `node`; that script did not run (npm set to ignore scripts,\n' +
      'or the registry out of reach). Next: run `npm rebuild node`, or start this command with Node 24 or newer.',
  );
  process.exit(1);
}
