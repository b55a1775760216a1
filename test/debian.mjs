// What the tests need from the operating system: installed from Debian when missing and we may, else named with the way to get it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian package -> the program or library that shows it is there. */
const needs = {
  chromium: 'chromium',
  dbus: 'dbus-daemon',
  'dbus-daemon': 'dbus-run-session',
  'gnome-keyring': 'gnome-keyring-daemon',
  iproute2: 'ss',
  'libsecret-1-0': 'libsecret-1.so.0',
  'libsecret-tools': 'secret-tool',
  'libglib2.0-bin': 'gdbus',
  openssl: 'openssl',
  passwd: 'useradd',
  procps: 'ps',
  sqlite3: 'sqlite3',
  'util-linux': 'setpriv',
};

/** Saves time where there is one; nothing needs it. */
const useful = ['chromium-headless-shell'];

const path = `${process.env.PATH}${delimiter}/usr/sbin${delimiter}/sbin`;

function isThere(name) {
  if (!name.includes('.so')) return path.split(delimiter).some((folder) => existsSync(join(folder, name)));
  const folders = ['/usr/lib', '/lib', '/usr/lib64'].filter((folder) => existsSync(folder));
  const nested = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((sub) => sub.endsWith('-linux-gnu'))
      .map((sub) => join(folder, sub)),
  );
  return [...folders, ...nested].some((folder) => existsSync(join(folder, name)));
}

const missing = () => Object.keys(needs).filter((name) => !isThere(needs[name]));

function apt(...args) {
  return spawnSync('apt-get', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status;
}

/** Installs what is missing where it can; returns the packages that still are. */
export function debianPackages() {
  if (process.platform !== 'linux') return [];
  const wanted = missing();
  if (wanted.length === 0) return [];
  const command = `apt-get install ${wanted.join(' ')}`;
  if (!isThere('apt-get')) {
    console.log(`Tests need ${wanted.join(', ')} (Debian's names), and this is no Debian: install them with your own package tool.`);
  } else if (process.getuid() !== 0) {
    console.log(`Tests need ${wanted.join(', ')}. They are not here and only root may install them. Next: sudo ${command}`);
  } else {
    console.log(`Installing from Debian what the tests need: ${wanted.join(' ')}`);
    apt('update', '-q');
    if (apt('install', '-y', '-q', '--no-install-recommends', ...wanted) !== 0) console.log(`That did not work. By hand: ${command}`);
    for (const name of useful) if (!isThere(name)) apt('install', '-y', '-q', '--no-install-recommends', name);
  }
  return missing();
}
