import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
// electron-builder's own copy of its configuration code, wherever npm put it.
const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder'));
const { getConfig, validateConfiguration } = builder('app-builder-lib/out/util/config/config') as {
  getConfig(folder: string, file: string, options: null): Promise<Configuration>;
  validateConfiguration(config: object, log: { isEnabled: boolean }): Promise<void>;
};

interface Configuration {
  files: string[] | { filter: string[] }[];
  asarUnpack: string[];
  electronFuses: Record<string, boolean>;
  directories: { buildResources: string };
  mac: { target: unknown[] };
  win: { target: unknown[] };
  linux: { target: unknown[] };
}
const config = await getConfig(root, 'electron-builder.yml', null);
const log = { isEnabled: false };

it("satisfies electron-builder's own schema", async () => {
  await expect(validateConfiguration(config, log)).resolves.toBeUndefined();
});

it('would be caught with a word the schema does not know', async () => {
  await expect(validateConfiguration({ ...config, electronFuse: {} }, log)).rejects.toThrow(/electronFuse/);
});

it('closes every door a packed Electron program has', () => {
  expect(config.electronFuses).toMatchObject({
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    enableCookieEncryption: true,
    grantFileProtocolExtraPrivileges: false,
  });
});

it('packs the product and nothing that only developers need', () => {
  const files = config.files.flatMap((entry) => (typeof entry === 'string' ? [entry] : entry.filter));
  for (const wanted of ['electron/**/*', 'broker/**/*', 'shared/**/*', 'dist/console/**/*']) expect(files).toContain(wanted);
  expect(files.filter((file) => /^(test|bench|docs|renderer|\.cache|\*\*\/\*)/.test(file))).toEqual([]);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { main: string };
  expect(existsSync(join(root, manifest.main))).toBe(true);
  expect(existsSync(join(root, config.directories.buildResources, 'icon.png'))).toBe(true);
});

it('keeps native modules outside the archive', () => {
  for (const native of ['keytar', 'koffi']) expect(config.asarUnpack.some((glob) => glob.includes(`node_modules/${native}/`))).toBe(true);
});

it('makes what each system installs', () => {
  expect(config.mac.target).toEqual(['dmg', 'zip']);
  expect(config.win.target).toEqual(['nsis']);
  expect(config.linux.target).toEqual(['AppImage', 'deb', 'rpm']);
});
