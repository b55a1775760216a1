import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const passedOver = new Set(['node_modules', 'dist', 'out', 'coverage', 'test-results']);

function files(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || passedOver.has(entry.name)) return [];
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? files(path) : [path];
  });
}
const sources = files('').filter((file) => /\.(ts|tsx|mjs|cjs)$/.test(file));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

it('has no product file past 300 lines: such a file has two jobs', () => {
  const long = sources
    .filter((file) => /^(shared|broker|electron|renderer|bin)\//.test(file))
    .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
    .filter(({ lines }) => lines > 300);
  expect(long).toEqual([]);
});

it('says the job of each product file in its first line', () => {
  const silent = sources
    .filter((file) => /^(shared|broker|electron|bin)\//.test(file))
    .filter((file) => !/^(#!.*\n)?\/[/*]/.test(read(file)));
  expect(silent).toEqual([]);
});

/** The packages this project was asked to stand on, and a place that uses each: the product or its tests. */
const given: [string, RegExp, RegExp][] = [
  ['electron', /^electron\//, /from 'electron'/],
  ['@modelcontextprotocol/sdk', /^test\//, /from '@modelcontextprotocol\/sdk\//],
  ['keytar', /^broker\/vault\//, /['"]keytar['"]/],
  ['react', /^renderer\//, /from 'react'/],
  ['vite', /^vite\.config\.ts$/, /from 'vite'/],
  ['electron-builder', /^test\/electron\//, /app-builder-lib|electron-builder/],
  ['@playwright/test', /^test\//, /from '(@playwright\/test|playwright-core|playwright)'/],
];

it.each(given)('stands on %s', (name, where, used) => {
  const manifest = JSON.parse(read('package.json')) as { dependencies: object; devDependencies: object };
  expect(Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })).toContain(name);
  expect(sources.filter((file) => where.test(file) && used.test(read(file)))).not.toEqual([]);
});

it('locks every platform: a registry that lacks a package lets npm drop it from the lock, and then `npm ci` fails elsewhere', () => {
  type Locked = Record<string, { optionalDependencies?: Record<string, string> }>;
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Locked };
  const names = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)));
  const dropped = Object.values(packages).flatMap((entry) =>
    Object.keys(entry.optionalDependencies ?? {}).filter((name) => !names.has(name)),
  );
  expect(dropped).toEqual([]);
});

it('says of every install script whether it may run, and lets only Node run its own', () => {
  type Locked = Record<string, { hasInstallScript?: boolean; name?: string }>;
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Locked };
  const { allowScripts } = JSON.parse(read('package.json')) as { allowScripts: Record<string, boolean> };
  const withScripts = Object.entries(packages)
    .filter(([, entry]) => entry.hasInstallScript)
    .map(([path, entry]) => entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 13));
  expect(withScripts.filter((name) => !(name in allowScripts) && name !== 'fsevents')).toEqual([]);
  expect(Object.keys(allowScripts).filter((name) => allowScripts[name])).toEqual(['node']);
});

it('uses none of the names that say nothing', () => {
  const empty = sources
    .filter((file) => /^(shared|broker|electron|renderer)\//.test(file))
    .filter((file) => /(^|[/-])(index|manager|service|helpers?|utils?|common)\.(ts|tsx)$/.test(file));
  expect(empty).toEqual([]);
});

it('skips no test without a reason', () => {
  // A mark on the test prints no reason; `context.skip(condition, 'reason')` inside it does. `runIf` and `skipIf` are for what a system has not.
  const silent = new RegExp(`\\b(it|test|describe)\\.(${['skip', 'todo', 'only'].join('|')})\\b`);
  expect(sources.filter((file) => file.startsWith('test/') && silent.test(read(file)))).toEqual([]);
});

it('types every TypeScript file: none lies outside the projects', () => {
  const tsc = join(root, 'node_modules', 'typescript7', 'bin', 'tsc');
  const projects = ['shared', 'broker', 'electron', 'renderer', 'bin', 'test', 'bench'];
  const typed = new Set(
    projects.flatMap((project) => {
      const shown = execFileSync(process.execPath, [tsc, '-p', join(root, project), '--showConfig'], { encoding: 'utf8' });
      return (JSON.parse(shown) as { files?: string[] }).files?.map((file) => join(root, project, file)) ?? [];
    }),
  );
  const untyped = sources.filter((file) => /\.tsx?$/.test(file)).filter((file) => !typed.has(join(root, file)));
  expect(untyped).toEqual([]);
});
