// The sealed file: what it keeps, what it refuses, and that a failed write changes nothing.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { openVault, type VaultOptions } from '../../broker/vault/open.ts';
import { Sensitive } from '../../broker/vault/sensitive.ts';
import { MemoryKeychain } from '../support/memory-keychain.ts';
import { within } from '../support/scale.ts';

let home = '';
let path = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gatehouse-sealed-'));
  path = join(home, 'vault.sealed');
});

const open = (passphrase: string, more: Partial<VaultOptions> = {}) =>
  openVault({ home, homeId: 'home-1', kind: 'sealed-file', passphrase: new Sensitive(passphrase), ...more });

test('keeps values under its passphrase, mode 0600, with nothing of them in the bytes', async () => {
  const vault = await open('correct horse', { create: true });
  await Promise.all(['a', 'b', 'c'].map((name) => vault.set(`secret:${name}`, new Sensitive(`hunter2-${name}`))));
  expect(await vault.remove('secret:b')).toBe(true);
  expect(await vault.remove('secret:b')).toBe(false);
  await vault.close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const bytes = readFileSync(path, 'latin1');
  for (const word of ['hunter2', 'secret:a', 'correct']) expect(bytes).not.toContain(word);
  const again = await open('correct horse');
  expect(await again.names()).toEqual(['secret:a', 'secret:c']);
  expect((await again.get('secret:c'))?.reveal()).toBe('hunter2-c');
  expect(readdirSync(home)).toEqual(['vault.sealed']);
});

test('the same passphrase in another normal form opens it', async () => {
  await open('pass\u00e9-word', { create: true });
  await expect(open('passe\u0301-word')).resolves.toBeDefined();
});

test('a wrong passphrase, and any changed byte, is a clear refusal', async () => {
  const vault = await open('right', { create: true });
  await vault.set('a', new Sensitive('1'));
  await expect(open('wrong')).rejects.toMatchObject({ code: 'refused' });
  await expect(open('')).rejects.toMatchObject({ code: 'refused' });
  const good = readFileSync(path);
  const end = good.indexOf(10);
  // In the head's salt, in its own text, in nonce, tag and body, cut short, and something put behind.
  const salt = good.indexOf('"salt":"') + 12;
  for (const at of [salt, end + 1, end + 14, end + 30, good.length - 1]) {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] ?? 0) ^ 1;
    writeFileSync(path, bad);
    await expect(open('right'), `byte ${at}`).rejects.toMatchObject({ code: 'refused' });
  }
  for (const bad of [good.subarray(0, -1), Buffer.concat([good, Buffer.from('x')]), good.subarray(0, end + 5), Buffer.alloc(0)]) {
    writeFileSync(path, bad);
    await expect(open('right')).rejects.toMatchObject({ code: 'refused' });
  }
});

test('cheaper or dearer parameters, and the file of another home, are refused before any work', async () => {
  await open('right', { create: true });
  const good = readFileSync(path, 'latin1');
  for (const [was, is] of [
    ['"N":131072', '"N":2'],
    ['"N":131072', '"N":1099511627776'],
    ['"r":8', '"r":1'],
    ['"p":1', '"p":1000000'],
    ['"version":1', '"version":2'],
  ] as const) {
    const bad = good.replace(was, is);
    expect(bad).not.toBe(good);
    writeFileSync(path, bad, 'latin1');
    const began = performance.now();
    await expect(open('right')).rejects.toMatchObject({ code: 'refused' });
    expect(performance.now() - began).toBeLessThan(within(100));
  }
  writeFileSync(path, good, 'latin1');
  await expect(open('right', { homeId: 'home-2' })).rejects.toMatchObject({ code: 'refused' });
});

test('a loose file is refused with its mend', async () => {
  await open('right', { create: true });
  chmodSync(path, 0o640);
  await expect(open('right')).rejects.toMatchObject({ code: 'refused', hint: expect.stringContaining('chmod 600') });
});

test('a write that fails leaves file and memory as they were', async () => {
  const vault = await open('right', { create: true });
  await vault.set('a', new Sensitive('1'));
  const before = readFileSync(path);
  // A folder cannot be renamed over, so the last step fails whoever runs this.
  const { renameSync, rmdirSync } = await import('node:fs');
  renameSync(path, `${path}.kept`);
  mkdirSync(path);
  await expect(vault.set('a', new Sensitive('2'))).rejects.toMatchObject({ code: 'unavailable' });
  rmdirSync(path);
  renameSync(`${path}.kept`, path);
  expect(readdirSync(home)).toEqual(['vault.sealed']);
  expect(readFileSync(path).equals(before)).toBe(true);
  expect((await vault.get('a'))?.reveal()).toBe('1');
  await vault.set('a', new Sensitive('3'));
  expect((await (await open('right')).get('a'))?.reveal()).toBe('3');
});

test('kinds are never exchanged, and a missing file is no way to start over', async () => {
  await expect(open('right')).rejects.toMatchObject({ code: 'conflict' });
  expect(existsSync(path)).toBe(false);
  await open('right', { create: true });
  const keychain = openVault({ home, homeId: 'home-1', kind: 'keychain', create: true, store: new MemoryKeychain() });
  await expect(keychain).rejects.toMatchObject({ code: 'conflict' });
  await expect(openVault({ home, homeId: 'home-1', kind: 'sealed-file' })).rejects.toMatchObject({ code: 'usage' });
});

test('a fault is met before each operation', async () => {
  const vault = await open('right', {
    create: true,
    faults: {
      check: (point) => {
        throw new Error(point);
      },
    },
  });
  await expect(vault.get('a')).rejects.toThrow('vault.get');
  await expect(vault.set('a', new Sensitive('1'))).rejects.toThrow('vault.set');
  await expect(vault.remove('a')).rejects.toThrow('vault.set');
  await expect(vault.names()).rejects.toThrow('vault.get');
});
