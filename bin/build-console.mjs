// Builds the console into dist/console when its sources are newer than what was built.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node24.mjs';

const sources = ['renderer', 'shared', 'vite.config.ts', 'package-lock.json'];
const built = join(root, 'dist', 'console', 'index.html');

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** True when dist/console is there afterwards; says what it does. */
export function buildConsole(node) {
  if (!existsSync(join(root, 'renderer', 'index.html'))) {
    console.log('No console to build: renderer/index.html is not there.');
    return false;
  }
  const fresh = existsSync(built) && statSync(built).mtimeMs > Math.max(...sources.map((name) => newest(join(root, name))));
  if (fresh) return true;
  console.log('Building the console ...');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  // Built aside and moved in whole: a broker that starts meanwhile reads the old console or the new one, never half of one.
  const aside = join(root, 'dist', `console-${process.pid}`);
  const { status } = spawnSync(node, [vite, 'build', '--logLevel', 'error', '--outDir', aside, '--emptyOutDir'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', VITEST: '' },
  });
  if (status === 0) {
    rmSync(join(root, 'dist', 'console'), { recursive: true, force: true });
    renameSync(aside, join(root, 'dist', 'console'));
  } else rmSync(aside, { recursive: true, force: true });
  if (status !== 0) console.error('The console could not be built; what vite said stands above.');
  return status === 0;
}
