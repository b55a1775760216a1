// Kept client files: sealed, bound to what they say they are, and nothing of them opens once changed.
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { KeptFiles } from '../../broker/vault/kept-files.ts';
import { openVault } from '../../broker/vault/open.ts';
import { Sensitive } from '../../broker/vault/sensitive.ts';

async function kept() {
  const home = mkdtempSync(join(tmpdir(), 'gatehouse-kept-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const vault = await openVault({
    home,
    homeId: 'a'.repeat(32),
    kind: 'sealed-file',
    create: true,
    passphrase: new Sensitive('a long passphrase'),
  });
  return { home, folder: join(home, 'kept'), vault, files: new KeptFiles(home, vault) };
}
const now = new Date('2026-11-25T12:00:00Z');

test('what is sealed comes back, also by a broker started later; nobody else can read it', async () => {
  const { home, folder, vault, files } = await kept();
  const text = 'GITHUB_TOKEN=ghp_secret \u00e9 \u{1F600}';
  const [one, two] = await Promise.all([
    files.seal('cursor', '/h/.cursor/mcp.json', text, now),
    files.seal('codex', '/h/c.toml', 'b', now),
  ]);
  expect(
    files
      .list()
      .map(({ client }) => client)
      .sort(),
  ).toEqual(['codex', 'cursor']);
  expect((await new KeptFiles(home, vault).open(one.id)).text).toBe(text);
  const bytes = readFileSync(join(folder, one.id));
  expect(bytes.includes('ghp_secret')).toBe(false);
  expect([statSync(folder).mode & 0o777, statSync(join(folder, one.id)).mode & 0o777]).toEqual([0o700, 0o600]);
  files.forget(two.id);
  expect(files.list().map(({ id }) => id)).toEqual([one.id]);
  expect(readdirSync(folder)).toEqual([one.id]);
});

test('a copy that was changed, renamed or given another path does not open', async () => {
  const { folder, files } = await kept();
  const { id } = await files.seal('cursor', '/h/.cursor/mcp.json', 'text', now);
  const path = join(folder, id);
  const bytes = readFileSync(path);
  for (const at of [bytes.indexOf('/h/') + 1, bytes.length - 1, bytes.indexOf(10) + 1]) {
    const other = Buffer.from(bytes);
    other[at] = (other[at] ?? 0) ^ 1;
    writeFileSync(path, other);
    await expect(files.open(id)).rejects.toMatchObject({ code: 'not-verified' });
  }
  writeFileSync(path, bytes);
  const renamed = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
  renameSync(path, join(folder, renamed));
  await expect(files.open(renamed)).rejects.toMatchObject({ code: 'not-found' });
  expect(files.list()).toEqual([]);
  for (const wrong of ['../state.db', '', 'x', id]) await expect(files.open(wrong)).rejects.toMatchObject({ code: 'not-found' });
});
