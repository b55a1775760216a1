// Which packages of node_modules go into the installed app, as files or bundled into the console, read from package-lock.json.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node24.mjs';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;

/** Where `name` is found from the package at `from`, as Node looks for it; null where it is not installed. */
function found(from, name) {
  for (let at = from; ; at = at.slice(0, at.lastIndexOf('/node_modules/'))) {
    const path = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (path in locked && existsSync(join(root, path))) return path;
    if (at === '') return null;
    if (!at.includes('/node_modules/')) at = '/node_modules/';
  }
}

/** The packages with these names and all they need, by path. */
function closure(names) {
  const paths = new Set();
  const add = (from, name, optional) => {
    const path = found(from, name);
    if (path === null && !optional) throw new Error(`${name}, which ${from || 'this project'} needs, is not installed.`);
    if (path === null || paths.has(path)) return;
    paths.add(path);
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = locked[path];
    for (const each of Object.keys(dependencies)) add(path, each, each in optionalDependencies);
    for (const each of Object.keys(optionalDependencies)) add(path, each, true);
    for (const each of Object.keys(peerDependencies).filter((one) => !peerDependenciesMeta[one]?.optional)) add(path, each, true);
  };
  for (const name of names) add('', name, false);
  return [...paths].sort().map((path) => ({
    path,
    name: locked[path].name ?? path.slice(path.lastIndexOf('node_modules/') + 13),
    version: locked[path].version,
    licence: locked[path].license ?? JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')).license ?? 'unknown',
  }));
}

/** Packages that lie in the archive. */
export const packedPackages = () => closure(Object.keys(manifest.dependencies));

/** Packages that vite puts into the console's own files: what the renderer imports, and what that needs. */
export function consolePackages() {
  const names = new Set();
  for (const file of readdirSync(join(root, 'renderer'), { recursive: true }).map(String)) {
    if (!/\.(tsx?|css)$/.test(file)) continue;
    const text = readFileSync(join(root, 'renderer', file), 'utf8');
    for (const [, name] of text.matchAll(/(?:from|import) ['"]((?:@[\w.-]+\/)?[\w-][\w.-]*)[^'"]*['"]/g)) names.add(name);
  }
  return closure([...names].filter((name) => name in manifest.dependencies || name in manifest.devDependencies));
}
