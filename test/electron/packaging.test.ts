import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { billOfMaterials, everyPackage, licences, origin } from '../../bin/package-papers.mjs';
import { packedPackages } from '../../bin/packages.mjs';
import { packedFiles, readConfiguration, root, validate } from './packed.ts';

const config = await readConfiguration();
const files = await packedFiles();
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  main: string;
  version: string;
  devDependencies: Record<string, string>;
  dependencies: Record<string, string>;
};

it("satisfies electron-builder's own schema", async () => {
  await expect(validate(config)).resolves.toBeUndefined();
});

it('would be caught with a word the schema does not know', async () => {
  await expect(validate({ ...config, electronFuse: {} })).rejects.toThrow(/electronFuse/);
});

it('packs the product, and no test, source map, development dependency or secret', () => {
  console.log(`The archive would hold ${files.length} files.`);
  const needed = [manifest.main, 'package.json', 'LICENSE', 'broker/start.ts', 'electron/preload.cjs', 'dist/console/index.html'];
  for (const file of [...needed, 'electron/icons/tray-waiting@2x.png', 'broker/store/migrations/001-rows.sql', 'broker/cli/main.ts'])
    expect(files).toContain(file);
  const own = files.filter((file) => !file.startsWith('node_modules/'));
  expect(own.filter((file) => !/^(broker|shared|electron|dist\/console)\/|^(package\.json|LICENSE)$/.test(file))).toEqual([]);
  const spare =
    /\.map$|\.tsbuildinfo$|(^|\/)(tests?|__tests__|examples?)\/|\.(test|spec)\.[cm]?[jt]sx?$|(^|\/)(\.env|\.npmrc|\.git|tsconfig\.json)|\.(pem|key|p12|db)$/;
  expect(files.filter((file) => spare.test(file))).toEqual([]);
  const packages = new Set(packedPackages().map(({ path }) => path));
  const dev = Object.keys(manifest.devDependencies).filter((name) => files.some((file) => file.startsWith(`node_modules/${name}/`)));
  expect(dev.filter((name) => !packages.has(`node_modules/${name}`))).toEqual([]);
  for (const name of ['electron', 'electron-builder', 'vite', 'vitest', 'typescript', '@playwright/test', 'node'])
    expect(dev).not.toContain(name);
  for (const name of Object.keys(manifest.dependencies)) expect(packages).toContain(`node_modules/${name}`);
});

it('no console file tells where its sources are', () => {
  const bundled = files.filter((file) => /^dist\/console\/.*\.(js|css)$/.test(file));
  expect(bundled.length).toBeGreaterThan(0);
  for (const file of bundled) expect(readFileSync(join(root, file), 'utf8')).not.toMatch(/sourceMappingURL/);
});

it('brings the licence of everything in it, and of nothing that forbids it', () => {
  const text = licences();
  const packages = everyPackage();
  expect(packages.length).toBeGreaterThan(60);
  for (const { name, version } of packages) expect(text).toContain(`${name} ${version} (`);
  const free = /^(Apache-2\.0|MIT|ISC|0BSD|BSD-[23]-Clause|OFL-1\.1|Unlicense|BlueOak-1\.0\.0|Python-2\.0|CC0-1\.0|\(MIT OR CC0-1\.0\))$/;
  expect(packages.filter(({ licence }) => !free.test(licence))).toEqual([]);
});

it('lists everything in it, the same for the same commit', () => {
  const bill = billOfMaterials();
  expect(bill).toMatchObject({ bomFormat: 'CycloneDX' });
  const listed = new Set(bill.components.map(({ name, version }) => `${name}@${version}`));
  const missing = everyPackage().filter(
    ({ path, name, version }) =>
      !listed.has(`${name}@${version}`) && !listed.has(`${path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`),
  );
  expect(missing).toEqual([]);
  expect(bill.components.filter(({ hashes }) => (hashes?.length ?? 0) === 0)).toEqual([]);
  expect(bill.components.length).toBeLessThanOrEqual(everyPackage().length + 2);
  expect(JSON.stringify(bill)).not.toMatch(/"timestamp"|"serialNumber"/);
  expect(origin()).toEqual(origin());
  expect(origin()).toMatchObject({ version: manifest.version, commit: expect.stringMatching(/^[0-9a-f]{40}$/) });
});

it('keeps native modules outside the archive', () => {
  for (const native of ['keytar', 'koffi']) expect(config.asarUnpack.some((glob) => glob.includes(`node_modules/${native}/`))).toBe(true);
});

it('makes what each system installs', () => {
  expect(config.mac.target).toEqual(['dmg', 'zip']);
  expect(config.win.target).toEqual(['nsis']);
  expect(config.linux.target).toEqual(['AppImage', 'deb', 'rpm']);
});

it('takes links to pages, brings executable and papers, and gives the clients back before it goes', () => {
  expect(config.protocols.flatMap(({ schemes }) => schemes)).toEqual(['gatehouse']);
  expect(config.extraResources).toEqual([
    { from: 'dist/bin', to: 'bin' },
    { from: 'dist/papers', to: 'papers' },
  ]);
  expect(config.mac.hardenedRuntime).toBe(true);
  const windows = readFileSync(join(root, config.nsis.include), 'utf8');
  expect(windows).toMatch(/!macro customUnInit[\s\S]*ifNot} \$\{isUpdated}[\s\S]*gatehouse\.exe" uninstall --all/);
  for (const { fpm } of [config.deb, config.rpm]) {
    const script = fpm.map((word) => /^--before-remove=(.*)$/.exec(word)?.[1]).find(Boolean);
    expect(fpm.some((word) => word.endsWith('=/usr/share/polkit-1/actions/app.gatehouse.policy'))).toBe(true);
    expect(readFileSync(join(root, script ?? ''), 'utf8')).toContain('uninstall --all');
  }
});
