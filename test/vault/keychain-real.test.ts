// The keychain vault in a real GNOME keyring: kept across processes, locked, absent, and silent.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inKeyring, keyringFolder } from '../support/keyring.ts';
import { run } from '../support/run.ts';
import { within } from '../support/scale.ts';

const program = (name: string) => join(import.meta.dirname, '..', 'support', name);
const home = mkdtempSync(join(tmpdir(), 'gatehouse-vault-'));

async function use(folder: string, keyring: 'unlocked' | 'locked' | 'none', ...orders: string[]): Promise<unknown[]> {
  const session = inKeyring([process.execPath, program('keychain-use.ts'), home, ...orders], folder, keyring);
  const { stdout } = await run(session.command, { env: session.env });
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

test('long values live across processes, and go when they are removed', async () => {
  const folder = keyringFolder();
  await use(folder, 'unlocked', 'create', 'set=secret:a=é', 'set=secret:b=1');
  const read = await use(folder, 'unlocked', 'open', 'get=secret:a', 'names', 'remove=secret:a', 'get=secret:a', 'names');
  expect(read).toEqual(['é'.repeat(5000), ['secret:a', 'secret:b'], true, null, ['secret:b']]);
});

test('a locked keyring is an error, never an empty vault', async () => {
  const folder = keyringFolder();
  await use(folder, 'unlocked', 'create', 'set=pin=1');
  expect(await use(folder, 'locked', 'open', 'get=pin')).toMatchObject([{ code: 'unavailable' }]);
  expect(await use(folder, 'locked', 'create', 'get=pin')).toMatchObject([{ code: 'unavailable' }]);
});

test('without a session bus the words name the sealed file', async () => {
  const [error] = (await use(keyringFolder(), 'none', 'create')) as { code: string; hint: string }[];
  expect(error?.code).toBe('unavailable');
  expect(error?.hint).toContain('--vault sealed-file');
});

test('a keyring that stops answering costs the bounded wait once, and does not keep the process', async () => {
  const report = 'echo $? $(date +%s%3N)';
  const subject = ['bash', '-c', `"$@"; ${report}`, 'bash', process.execPath, program('keychain-hang.ts'), home, 'exitNow'];
  const session = inKeyring(subject, keyringFolder());
  const [line = '', end = ''] = (await run(session.command, { env: session.env })).stdout.trim().split('\n');
  const { errors, waitedMs, leftAt } = JSON.parse(line);
  expect(errors).toEqual(['unavailable', 'unavailable', 'unavailable']);
  expect(waitedMs).toBeLessThan(within(2500));
  const [code, at] = end.split(' ').map(Number);
  expect(code).toBe(7);
  expect((at ?? 0) - leftAt).toBeLessThan(1000);
});
