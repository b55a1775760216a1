// A server that came later is offered to each client once: taken or dismissed it is gone, also after a restart.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client, Entry } from '../../shared/vocabulary.ts';
import { checkout, closeHouse, type House, openHouse } from '../support/house.ts';
import { connectClient, type Help } from '../support/sdk-client.ts';

const server = join(checkout, 'test', 'support', 'servers', 'curious.ts');
const user = mkdtempSync(join(tmpdir(), 'gatehouse-offers-'));
const path = join(user, '.cursor', 'mcp.json');
let house: House;
let help: Help;

const offers = async (name: string) => (await house.ask<Client>('client', 'show', name)).offers;
const add = (name: string, ...more: string[]) => house.ask('server', 'add', name, ...more, '--', process.execPath, server, name);
const entries = () => Object.keys((JSON.parse(readFileSync(path, 'utf8')) as { mcpServers: object }).mcpServers);
async function install(...words: string[]): Promise<void> {
  const ran = await house.cli(['install', 'cursor', ...words, '--json'], { env: { HOME: user } });
  expect([ran.code, ran.stderr]).toEqual([0, '']);
}

beforeAll(async () => {
  mkdirSync(join(user, '.cursor'));
  writeFileSync(path, '{"mcpServers":{}}\n', { mode: 0o600 });
  house = await openHouse();
  await add('first', '--accept');
  help = await house.ask<Help>('client', 'add', 'agent', '--servers', 'all');
  await install();
}, 60_000);
afterAll(async () => {
  await closeHouse(house);
  rmSync(user, { recursive: true });
});

test('what exists when a client is paired is no offer; what comes later is one to each, once it was accepted', async () => {
  expect([await offers('agent'), await offers('cursor'), entries()]).toEqual([[], [], ['first']]);
  await add('later');
  expect(await offers('agent'), 'nobody looked at it yet').toEqual([]);
  await house.ask('server', 'accept', 'later');
  expect((await house.ask<Client[]>('client', 'list')).map(({ name, offers: open, servers }) => [name, open, servers])).toEqual([
    ['agent', ['later'], ['first']],
    ['cursor', ['later'], ['first']],
  ]);
});

test('taken: the client sees it; asked twice, or for what was never offered, it says so', async () => {
  expect((await house.cli(['client', 'offer', 'agent', 'later'])).code).toBe(2);
  await house.ask('client', 'offer', 'agent', 'later', '--take');
  expect(await house.ask<Client>('client', 'show', 'agent')).toMatchObject({ servers: ['first', 'later'], offers: [] });
  const twice = await house.cli(['client', 'offer', 'agent', 'later', '--take']);
  expect([twice.code === 0, twice.stderr]).toEqual([false, expect.stringContaining('later is not offered to agent')]);
  expect((await house.cli(['client', 'offer', 'agent', 'first', '--dismiss'])).code).not.toBe(0);
  const agent = await connectClient(help, 'http', 'later', { capabilities: {} });
  expect((await agent.client.listTools()).tools.length).toBeGreaterThan(0);
  await agent.close();
});

test('a client whose file leads here gets the entry with it, previewed first; a dry run takes nothing', async () => {
  await install('--also', 'later', '--dry-run');
  expect([await offers('cursor'), entries()]).toEqual([['later'], ['first']]);
  const unknown = await house.cli(['install', 'cursor', '--also', 'nothing', '--json'], { env: { HOME: user } });
  expect([unknown.code === 0, unknown.stdout + unknown.stderr]).toEqual([false, expect.stringContaining('There is no server nothing')]);
  await install('--also', 'later');
  expect([await offers('cursor'), entries()]).toEqual([[], ['first', 'later']]);
});

test('dismissed: silent for that client, also after a restart; a server that is gone is offered no more, and anew when it comes again', async () => {
  await add('third', '--accept');
  await house.ask('client', 'offer', 'agent', 'third', '--dismiss');
  expect((await house.ask<Entry[]>('log')).map(({ type }) => type)).toContain('client.offer-dismissed');
  const { home } = house;
  await house.stop();
  house = await openHouse({ home });
  expect([await offers('agent'), await offers('cursor')]).toEqual([[], ['third']]);
  await house.ask('server', 'remove', 'third');
  expect(await offers('cursor')).toEqual([]);
  await add('third', '--accept');
  expect([await offers('agent'), await offers('cursor')]).toEqual([['third'], ['third']]);
});
