// A server that came later is offered to each client once: taken or dismissed it is gone, also after a restart.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client, Entry } from '../../shared/vocabulary.ts';
import { checkout, closeHouse, type House, openHouse } from '../support/house.ts';
import { operate as operateAt } from '../support/operate.ts';
import { connectClient, type Help } from '../support/sdk-client.ts';

const server = join(checkout, 'test', 'support', 'servers', 'curious.ts');
const user = mkdtempSync(join(tmpdir(), 'gatehouse-offers-'));
const path = join(user, '.cursor', 'mcp.json');
let house: House;
let help: Help;

/** By the door of the console; commands are asked where what they say is what matters. */
const operate = <T>(operation: string, input: object = {}): Promise<T> => operateAt<T>(house.ready, operation, input);
const offers = async (name: string) => (await operate<Client>('client/show', { name })).offers;
const add = (name: string, accept: boolean) => operate('server/add', { name, command: process.execPath, args: [server, name], accept });
const entries = () => Object.keys((JSON.parse(readFileSync(path, 'utf8')) as { mcpServers: object }).mcpServers);
async function install(...words: string[]): Promise<void> {
  const ran = await house.cli(['install', 'cursor', ...words, '--json'], { env: { HOME: user } });
  expect([ran.code, ran.stderr]).toEqual([0, '']);
}

beforeAll(async () => {
  mkdirSync(join(user, '.cursor'));
  writeFileSync(path, '{"mcpServers":{}}\n', { mode: 0o600 });
  house = await openHouse();
  await add('first', true);
  help = await operate<Help>('client/add', { name: 'agent', servers: 'all' });
  await install();
}, 60_000);
afterAll(async () => {
  await closeHouse(house);
  rmSync(user, { recursive: true });
});

test('what exists when a client is paired is no offer; what comes later is one to each, once it was accepted', async () => {
  expect([await offers('agent'), await offers('cursor'), entries()]).toEqual([[], [], ['first']]);
  await add('later', false);
  expect(await offers('agent'), 'nobody looked at it yet').toEqual([]);
  await operate('server/accept', { name: 'later' });
  expect((await house.ask<Client[]>('client', 'list')).map(({ name, offers: open, servers }) => [name, open, servers])).toEqual([
    ['agent', ['later'], ['first']],
    ['cursor', ['later'], ['first']],
  ]);
});

test('taken: the client sees it; asked twice, or for what was never offered, it says so', async () => {
  expect((await house.cli(['client', 'offer', 'agent', 'later'])).code).toBe(2);
  await house.ask('client', 'offer', 'agent', 'later', '--take');
  expect(await operate<Client>('client/show', { name: 'agent' })).toMatchObject({ servers: ['first', 'later'], offers: [] });
  const twice = await house.cli(['client', 'offer', 'agent', 'later', '--take']);
  expect([twice.code === 0, twice.stderr]).toEqual([false, expect.stringContaining('later is not offered to agent')]);
  await expect(operate('client/offer', { name: 'agent', server: 'first', take: false })).rejects.toThrow('not offered');
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
  await add('third', true);
  await house.ask('client', 'offer', 'agent', 'third', '--dismiss');
  expect((await operate<Entry[]>('log/list', {})).map(({ type }) => type)).toContain('client.offer-dismissed');
  const { home } = house;
  await house.stop();
  house = await openHouse({ home });
  expect([await offers('agent'), await offers('cursor')]).toEqual([[], ['third']]);
  await operate('server/remove', { name: 'third' });
  expect(await offers('cursor')).toEqual([]);
  await add('third', true);
  expect([await offers('agent'), await offers('cursor')]).toEqual([['third'], ['third']]);
});
