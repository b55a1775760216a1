// Which build of a package is installed: its version, the integrity of its contents and whether it ran scripts, as npm wrote it down
// beside it (`node_modules/.package-lock.json`). Only npm says so: of uvx, bunx and others nobody here knows more than the name.
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';

export interface Build {
  readonly version: string;
  /** As in a lockfile: `sha512-...`; null where npm wrote none (a link, a folder). */
  readonly integrity: string | null;
  /** It runs a program of its own when it is installed. */
  readonly scripts: boolean;
}

/** Bytes of a list of packages that is read; a larger one is no server's. */
const largest = 16 * 1024 * 1024;

/** npm's own cache folder: what `npx` installs lies below it, under the hash of what was asked for. */
export const npmCache = (env: Readonly<Record<string, string | undefined>> = process.env, platform = process.platform) =>
  env.npm_config_cache ?? (platform === 'win32' ? join(env.LOCALAPPDATA ?? homedir(), 'npm-cache') : join(env.HOME ?? homedir(), '.npm'));

export const folderOfNpx = (spec: string, cache: string) =>
  join(cache, '_npx', createHash('sha512').update(spec).digest('hex').slice(0, 16));

/** The build of the package `name` that lies around this program or script. */
export function buildAround(path: string, name: string): Build | null {
  try {
    const folder = realpathSync(path);
    const inside = `${sep}node_modules${sep}${name.replaceAll('/', sep)}${sep}`;
    const at = folder.lastIndexOf(inside);
    return at === -1 ? null : buildIn(folder.slice(0, at + inside.length - 1));
  } catch {
    return null;
  }
}

/** The build that `npx SPEC` has installed; null before it ever did, or where a project's own is taken. */
export function buildOfNpx(spec: string, name: string, cache = npmCache()): Build | null {
  return buildIn(join(folderOfNpx(spec, cache), 'node_modules', ...name.split('/')));
}

/** Does anything that lies there, the package or what it asks for, run a program when it is installed? */
export function runsScripts(folder: string): boolean {
  const list = read(join(folder, 'node_modules', '.package-lock.json')) as { packages?: Record<string, Listed> } | null;
  return Object.values(list?.packages ?? {}).some(({ hasInstallScript }) => hasInstallScript === true);
}

interface Listed {
  readonly version?: unknown;
  readonly integrity?: unknown;
  readonly hasInstallScript?: unknown;
}

function buildIn(folder: string): Build | null {
  const own = read(join(folder, 'package.json')) as { version?: unknown; scripts?: Record<string, unknown> } | null;
  if (typeof own?.version !== 'string') return null;
  const scripts = ['preinstall', 'install', 'postinstall'].some((name) => typeof own.scripts?.[name] === 'string');
  const listed = listedIn(folder);
  // What lies there and what npm wrote down may differ: then nobody knows its integrity.
  const integrity = listed?.version === own.version && typeof listed.integrity === 'string' ? listed.integrity : null;
  return { version: own.version, integrity, scripts: scripts || listed?.hasInstallScript === true };
}

/** What the nearest list of installed packages above says of this one. */
function listedIn(folder: string): Listed | null {
  for (let at = dirname(folder); at !== dirname(at); at = dirname(at)) {
    if (!at.endsWith(`${sep}node_modules`)) continue;
    const list = read(join(at, '.package-lock.json')) as { packages?: Record<string, Listed> } | null;
    const key = relative(dirname(at), folder).replaceAll(sep, '/');
    if (list?.packages && Object.hasOwn(list.packages, key)) return list.packages[key] ?? null;
  }
  return null;
}

function read(path: string): unknown {
  try {
    return statSync(path).size > largest ? null : (JSON.parse(readFileSync(path, 'utf8')) as unknown);
  } catch {
    return null;
  }
}
