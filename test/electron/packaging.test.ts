import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readConfiguration, root, validate } from './packed.ts';

const config = await readConfiguration();

it("satisfies electron-builder's own schema", async () => {
  await expect(validate(config)).resolves.toBeUndefined();
});

it('would be caught with a word the schema does not know', async () => {
  await expect(validate({ ...config, electronFuse: {} })).rejects.toThrow(/electronFuse/);
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
