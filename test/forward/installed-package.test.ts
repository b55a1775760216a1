// What npm wrote down of an installed package: read from beside it, and nothing made up where it wrote nothing.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildAround, buildOfNpx } from '../../broker/forward/installed-package.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-builds-')));
afterAll(() => rmSync(top, { recursive: true, force: true }));

let next = 0;
function install(name: string, own: object, listed?: object, project = join(top, `p${next++}`)) {
  const folder = join(project, 'node_modules', ...name.split('/'));
  mkdirSync(join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, ...own }));
  writeFileSync(join(folder, 'dist', 'index.js'), '');
  if (listed)
    writeFileSync(join(project, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: { [`node_modules/${name}`]: listed } }));
  return join(folder, 'dist', 'index.js');
}

test('version, integrity and scripts, of a scoped package too', () => {
  const path = install('@acme/server', { version: '1.2.3' }, { version: '1.2.3', integrity: 'sha512-x' });
  expect(buildAround(path, '@acme/server')).toEqual({ version: '1.2.3', integrity: 'sha512-x', scripts: false });
});

test('a package inside a package is listed by its place', () => {
  const outer = install('outer', { version: '1.0.0' });
  const inner = install('inner', { version: '2.0.0' }, undefined, join(outer, '..', '..'));
  const project = join(outer, '..', '..', '..', '..');
  const packages = { 'node_modules/outer/node_modules/inner': { version: '2.0.0', integrity: 'sha512-i' } };
  writeFileSync(join(project, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));
  expect(buildAround(inner, 'inner')).toMatchObject({ version: '2.0.0', integrity: 'sha512-i' });
});

test('scripts are seen in the package itself and in the list', () => {
  for (const script of ['preinstall', 'install', 'postinstall'])
    expect(buildAround(install('a', { version: '1.0.0', scripts: { [script]: 'node x' } }), 'a')).toMatchObject({ scripts: true });
  expect(buildAround(install('a', { version: '1.0.0', scripts: { test: 'x' } }), 'a')).toMatchObject({ scripts: false });
  expect(buildAround(install('a', { version: '1.0.0' }, { version: '1.0.0', hasInstallScript: true }), 'a')).toMatchObject({
    scripts: true,
  });
});

test('what the list says of another version is no proof of this one', () => {
  const path = install('a', { version: '1.0.1' }, { version: '1.0.0', integrity: 'sha512-x' });
  expect(buildAround(path, 'a')).toEqual({ version: '1.0.1', integrity: null, scripts: false });
});

test('nothing is said of what is not there, not a package, or cannot be read', () => {
  expect(buildAround(join(top, 'none'), 'a')).toBeNull();
  writeFileSync(join(top, 'own.js'), '');
  expect(buildAround(join(top, 'own.js'), 'a')).toBeNull();
  expect(buildAround(install('a', {}), 'a')).toBeNull();
  const broken = install('a', { version: '1.0.0' });
  writeFileSync(join(broken, '..', '..', '..', '.package-lock.json'), '{');
  expect(buildAround(broken, 'a')).toEqual({ version: '1.0.0', integrity: null, scripts: false });
});

test('what npx keeps is found by what was asked for', () => {
  const cache = join(top, 'cache');
  const folder = join(cache, '_npx', createHash('sha512').update('@acme/server@latest').digest('hex').slice(0, 16));
  install('@acme/server', { version: '3.0.0' }, { version: '3.0.0', integrity: 'sha512-n' }, folder);
  expect(buildOfNpx('@acme/server@latest', '@acme/server', cache)).toEqual({ version: '3.0.0', integrity: 'sha512-n', scripts: false });
  expect(buildOfNpx('@acme/server', '@acme/server', cache)).toBeNull();
});
