// An import that is killed goes on where it was: no server twice, no key twice, nothing half.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from '../cli/gatehouse.ts';
import { checkout, closeHouse, type House, openHouse } from '../support/house.ts';
import { operate } from '../support/operate.ts';

const server = join(checkout, 'test', 'support', 'servers', 'curious.ts');
const user = mkdtempSync(join(tmpdir(), 'gatehouse-killed-'));
let house: House;

beforeAll(async () => {
  house = await openHouse();
}, 60_000);
afterAll(async () => {
  await closeHouse(house);
  rmSync(user, { recursive: true });
});

test('killed at the first key, the first trial, the first server and the first acceptance; then run to its end', async () => {
  const keys = ['ghp_aaaaaaaaaabbbbbbbbbbccccccccccdddddd', 'ghp_eeeeeeeeeeffffffffffgggggggggghhhhhh'];
  const entry = (at: number) => ({ command: process.execPath, args: [server, `n${at}`], env: { GITHUB_TOKEN: keys[at % 2] } });
  const text = JSON.stringify({ mcpServers: Object.fromEntries([0, 1, 2, 3].map((at) => [`s${at}`, entry(at)])) }, null, 2);
  mkdirSync(join(user, '.cursor'));
  const path = join(user, '.cursor', 'mcp.json');
  writeFileSync(path, text);
  const how = { home: house.home, token: house.ready.operatorToken ?? '', env: { HOME: user } };
  const count = async (type: string) =>
    (await operate<{ type: string }[]>(house.ready, 'log/list', { limit: 500 })).filter((one) => one.type === type).length;
  for (const type of ['secret.set', 'server.trial', 'server.added', 'server.accepted']) {
    const before = await count(type);
    const child = launch(['import', '--json'], how);
    let ended = false;
    child.on('close', () => {
      ended = true;
    });
    while (!ended && (await count(type)) === before) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGKILL');
    expect(readFileSync(path, 'utf8')).toBe(text);
  }
  const last = await house.cli(['import', '--json'], { env: { HOME: user } });
  expect([last.code, last.stderr]).toEqual([0, '']);
  const { rows } = JSON.parse(last.stdout) as { rows: { server: string; tools: number; waiting: number }[] };
  expect(rows.map(({ server: name, tools, waiting }) => [name, tools, waiting])).toEqual([0, 1, 2, 3].map((at) => [`s${at}`, 4, 0]));
  expect((await house.ask<{ name: string; state: string }[]>('server', 'list')).map(({ name }) => name).sort()).toEqual([
    's0',
    's1',
    's2',
    's3',
  ]);
  expect(await house.ask<unknown[]>('secret', 'list')).toHaveLength(2);
  expect(readFileSync(path, 'utf8')).toBe(text);
}, 180_000);
