// Which package a server's program comes from, where that can be known without asking anybody: part of the server's pin (security.md T28).
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { type Build, buildAround, buildOfNpx } from './installed-package.ts';

export interface PackageIdentity {
  /** `npm:@scope/name`, `pypi:name`. */
  readonly name: string;
  /** What is installed; null where nobody can say. */
  readonly version: string | null;
  /** Of what is installed, where npm says so. */
  readonly integrity?: string | null;
  readonly scripts?: boolean;
}

const interpreters =
  /(?:^|[\\/])(?:node|nodejs|deno|bun|tsx|ts-node|python[\d.]*|pypy[\d.]*|ruby|perl|php|sh|bash|zsh|pwsh|java)(?:\.exe)?$/i;
const runners = /(?:^|[\\/])(npx|bunx|pnpx|uvx|pipx)(?:\.cmd|\.exe)?$/i;

/** The package behind a command; null where it is none, or nobody can say. */
export function packageOf(command: string, args: readonly string[]): PackageIdentity | null {
  const runner = runners.exec(command)?.[1]?.toLowerCase();
  if (runner !== undefined) return named(args, runner === 'uvx' || runner === 'pipx' ? 'pypi' : 'npm', runner === 'npx');
  // An interpreter is whatever its script is; a program is itself.
  const path = interpreters.test(command) ? args.find((arg) => !arg.startsWith('-')) : command;
  return path !== undefined && isAbsolute(path) ? owning(path) : null;
}

function named(args: readonly string[], registry: 'npm' | 'pypi', npx: boolean): PackageIdentity | null {
  const spec = args.find((arg) => !arg.startsWith('-') && arg !== 'run' && arg !== 'exec');
  const match = /^((?:@[\w.-]+\/)?[\w.-]+)(?:(?:@|==)([\w.+-]+))?$/.exec(spec ?? '');
  if (!match?.[1]) return null;
  const exact = match[2] !== undefined && /^\d/.test(match[2]) ? match[2] : null;
  return withBuild({ name: `${registry}:${match[1]}`, version: exact }, npx ? buildOfNpx(match[0], match[1]) : null);
}

/** The nearest package.json above a file that names a package and lies below a `node_modules`. */
function owning(path: string): PackageIdentity | null {
  let folder: string;
  try {
    folder = dirname(realpathSync(path));
  } catch {
    return null;
  }
  while (/[\\/]node_modules[\\/]/.test(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: unknown; version?: unknown };
      if (typeof name === 'string') {
        const known = { name: `npm:${name}`, version: typeof version === 'string' ? version : null };
        return withBuild(known, buildAround(path, name));
      }
    } catch {
      // Not a package's folder; its parent may be.
    }
    folder = dirname(folder);
  }
  return null;
}

const withBuild = (identity: PackageIdentity, build: Build | null): PackageIdentity =>
  build === null ? identity : { ...identity, ...build };
