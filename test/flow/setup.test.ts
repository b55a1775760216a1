// Setting up through the operations a page uses: looked at, brought in, put between, undone; each step does what was shown, or nothing.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import type { ContractRouterClient } from '@orpc/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Contract } from '../../shared/contract.ts';
import type { ImportRow } from '../../shared/setup-contract.ts';
import { checkout, closeHouse, type House, openHouse } from '../support/house.ts';

const server = join(checkout, 'test', 'support', 'servers', 'curious.ts');
const user = mkdtempSync(join(tmpdir(), 'gatehouse-setup-'));
const key = `ghp_${createHash('sha256').update('setup').digest('hex').slice(0, 36)}`;
const path = join(user, '.cursor', 'mcp.json');
const entry = (name: string, env: Record<string, string>) => ({ command: process.execPath, args: [server, name], env });
const original = `// by hand\n${JSON.stringify({ mcpServers: { One: entry('n1', { GITHUB_TOKEN: key }), Two: entry('n2', {}) } }, null, 2)}\n`;
let house: House;
let api: ContractRouterClient<Contract>;

function connected(token: string | null): ContractRouterClient<Contract> {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  return createORPCClient(new RPCLink({ url: `${new URL(house.ready.mcp).origin}/api`, headers }));
}

beforeAll(async () => {
  mkdirSync(join(user, '.cursor'));
  writeFileSync(path, original);
  house = await openHouse({ env: { HOME: user } });
  api = connected(house.ready.operatorToken);
}, 60_000);
afterAll(async () => {
  await closeHouse(house);
  rmSync(user, { recursive: true });
});

async function all(stream: AsyncIterable<ImportRow>): Promise<ImportRow[]> {
  const rows: ImportRow[] = [];
  for await (const row of stream) rows.push(row);
  return rows;
}

test('a page without a credential sees nothing, and is told nothing', async () => {
  await expect(connected(null).setup.look()).rejects.toMatchObject({ status: 401 });
  await expect(connected(null).setup.undo({ client: null, digest: '' })).rejects.toMatchObject({ status: 401 });
});

test('looked at: every entry and what leaks, the key itself nowhere', async () => {
  const seen = await api.setup.look();
  expect(seen.files.map((file) => [file.path, file.entries.map(({ name, managed }) => [name, managed])])).toEqual([
    [
      path,
      [
        ['One', false],
        ['Two', false],
      ],
    ],
  ]);
  expect(seen.leaks.filter(({ code }) => code === 'plaintext-key')).toHaveLength(1);
  expect(JSON.stringify(seen)).not.toContain(key);
});

test('brought in: one row a server, exactly what was shown', async () => {
  const shown = await api.setup.previewImport();
  expect(shown.rows.map(({ server: name, state, secrets }) => [name, state, secrets])).toEqual([
    ['one', 'new', ['github-token']],
    ['two', 'new', []],
  ]);
  expect(shown.rows[1]?.starts).toBe(`${JSON.stringify(process.execPath)} ${JSON.stringify(server)} "n2"`);
  expect(JSON.stringify(shown)).not.toContain(key);
  // Something changed after it was shown: nothing is started.
  writeFileSync(path, original.replace('"n2"', '"n3"'));
  await expect(all(await api.setup.import({ digest: shown.digest }))).rejects.toMatchObject({ data: { code: 'conflict' } });
  expect(await api.server.list()).toEqual([]);
  writeFileSync(path, original);
  const one = await all(await api.setup.import({ digest: shown.digest, servers: ['one'] }));
  expect(one.map(({ server: name, state, tools, waiting }) => [name, state, tools, waiting])).toEqual([['one', 'added', 4, 0]]);
  const rest = await all(await api.setup.import({ digest: (await api.setup.previewImport()).digest }));
  expect(rest.map(({ server: name, state }) => [name, state]).sort()).toEqual([
    ['one', 'known'],
    ['two', 'added'],
  ]);
  expect(await api.secret.list()).toMatchObject([{ name: 'github-token', usedBy: ['one'] }]);
  expect(readFileSync(path, 'utf8')).toBe(original);
}, 60_000);

test('put between, and back: byte for byte; never onto other bytes than those shown', async () => {
  const wish = { client: 'cursor' };
  const shown = await api.setup.previewInstall(wish);
  expect(shown).toMatchObject({ title: 'Cursor', left: [], refused: [], changes: [{ path, made: false }] });
  expect(JSON.stringify(shown)).not.toContain(key);
  expect(await api.client.list()).toEqual([]);
  writeFileSync(path, `${original}\n`);
  await expect(api.setup.install({ ...wish, digest: shown.digest })).rejects.toMatchObject({ data: { code: 'conflict' } });
  expect([readFileSync(path, 'utf8'), await api.client.list()]).toEqual([`${original}\n`, []]);
  writeFileSync(path, original);
  // Shown for one wish, asked for another.
  await expect(api.setup.install({ ...wish, over: 'stdio', digest: shown.digest })).rejects.toMatchObject({ data: { code: 'conflict' } });
  expect(await api.setup.install({ ...wish, digest: shown.digest })).toEqual({ written: [path], refused: [] });
  expect(readFileSync(path, 'utf8')).not.toContain(key);
  expect((await api.setup.look()).leaks).toEqual([]);
  const back = await api.setup.previewUndo({ client: 'cursor' });
  expect(back.files).toMatchObject([{ path, exact: true, keys: [{ where: 'One: GITHUB_TOKEN', rotated: false }] }]);
  await expect(api.setup.undo({ client: 'cursor', digest: 'x' })).rejects.toMatchObject({ data: { code: 'conflict' } });
  expect(await api.setup.undo({ client: 'cursor', digest: back.digest })).toEqual({ restored: [path], refused: [] });
  expect(readFileSync(path, 'utf8')).toBe(original);
  const types = (await api.log.list({ limit: 500 })).map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(['secret.set', 'server.added', 'client.added', 'client-file.kept', 'client-file.opened']));
}, 60_000);
