// Can the desktop app run here? Looks for Electron's binary without asking Electron (that would start a download), and for a display.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node24.mjs';

const electron = join(root, 'node_modules', 'electron');
const triedFile = join(root, '.cache', 'electron-not-to-be-had');
/** How long one try to fetch Electron's binary may take, in ms. */
const limit = 120_000;

/** Path of Electron's binary, or null. */
export function electronBinary() {
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(electron, 'dist');
  const usual = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }[process.platform] ?? 'electron';
  const path = join(dist, usual);
  return existsSync(path) ? path : null;
}

const version = () => JSON.parse(readFileSync(join(electron, 'package.json'), 'utf8')).version;

/** Tries once for each version of Electron: npm brings its JavaScript only, its binary comes from elsewhere. */
function fetchBinary(node) {
  const wanted = version();
  if (existsSync(triedFile) && readFileSync(triedFile, 'utf8') === wanted) return;
  console.log(`Fetching Electron ${wanted} once (at most ${limit / 1000} s) ...`);
  spawnSync(node, [join(electron, 'install.js')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: limit,
    killSignal: 'SIGKILL',
  });
  if (electronBinary() !== null) return;
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(triedFile, wanted);
}

/** `{ binary }`, or `{ reason }` in words. */
export function desktop(node) {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return { reason: 'there is no display here' };
  if (process.platform === 'linux' && process.getuid() === 0) return { reason: 'Electron does not run as root with its sandbox on' };
  if (!existsSync(electron)) return { reason: 'Electron is not installed here' };
  if (electronBinary() === null) fetchBinary(node);
  const binary = electronBinary();
  if (binary !== null) return { binary };
  return { reason: "Electron's binary cannot be had here (`npx install-electron` tries again)" };
}
