// An entry that names an address comes in with its keys in the vault, answers through the broker, and goes back as it was.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeHouse, type House, openHouse } from '../support/house.ts';
import { puppet } from '../support/served.ts';

const user = mkdtempSync(join(tmpdir(), 'gatehouse-remote-'));
let house: House;
beforeAll(async () => {
  house = await openHouse();
}, 60_000);
afterAll(async () => {
  await closeHouse(house);
  rmSync(user, { recursive: true });
});

test('keys in address and headers become references; the server gets them as before', async () => {
  const seen: { url: string; authorization: string }[] = [];
  const far = await puppet(({ request, response, message, json, result }) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    seen.push({ url: request.url ?? '', authorization: request.headers.authorization ?? '' });
    if (message.method === 'initialize')
      return result({ protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'far', version: '1' } });
    if (message.method === 'server/discover') return json({ jsonrpc: '2.0', id: null, error: { code: -32601, message: 'no' } }, 400);
    if (message.id === undefined) return void response.writeHead(202).end();
    result({ tools: [{ name: 'where', inputSchema: { type: 'object' } }] });
  });
  const [inAddress, inHeader] = ['k-1+2/3', 'header-key-4567'];
  const entry = {
    type: 'http',
    url: `${far.url}?api_key=${encodeURIComponent(inAddress)}&x=1`,
    headers: { Authorization: `Bearer ${inHeader}`, Accept: 'application/json' },
  };
  mkdirSync(join(user, '.cursor'));
  const path = join(user, '.cursor', 'mcp.json');
  const text = JSON.stringify({ mcpServers: { far: entry } }, null, 2);
  writeFileSync(path, text, { mode: 0o600 });
  const cli = async (...words: string[]) => {
    const ran = await house.cli([...words, '--json'], { env: { HOME: user } });
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    return JSON.parse(ran.stdout) as { rows?: { state: string; tools: number }[]; changes?: unknown };
  };
  expect((await cli('import')).rows).toMatchObject([{ server: 'far', state: 'added', tools: 1 }]);
  expect((await cli('import')).rows).toMatchObject([{ server: 'far', state: 'known' }]);
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.every(({ authorization }) => authorization === `Bearer ${inHeader}`)).toBe(true);
  expect(seen.every(({ url }) => new URL(url, far.url).searchParams.get('api_key') === inAddress)).toBe(true);

  const done = await cli('install', 'cursor');
  for (const secret of [inAddress, encodeURIComponent(inAddress), inHeader]) {
    expect(readFileSync(path, 'utf8')).not.toContain(secret);
    expect(JSON.stringify(done)).not.toContain(secret);
  }
  const drop = (JSON.parse(readFileSync(path, 'utf8')) as { mcpServers: { far: { url: string; headers: Record<string, string> } } })
    .mcpServers.far;
  const client = new Client({ name: 'as-cursor', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(drop.url), { requestInit: { headers: drop.headers } }) as never);
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['where']);
  await client.close();
  await cli('uninstall', 'cursor');
  expect(readFileSync(path, 'utf8')).toBe(text);
}, 120_000);
