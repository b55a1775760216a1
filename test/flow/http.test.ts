// The loopback door of a real broker: of thousands of ways to knock only the legitimate ones open it, sessions belong to their client, streams end.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { LoggingMessageNotificationSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Approval, Entry, Server } from '../../shared/vocabulary.ts';
import { attempt, until } from '../support/attempt.ts';
import { checkout, closeHouse, type House, openHouse } from '../support/house.ts';
import { operate as operateAt } from '../support/operate.ts';
import { within } from '../support/scale.ts';
import type { Help } from '../support/sdk-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-http-'));
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
let house: House;
let help: Help;
let port: string;

const operate = <T>(operation: string, input?: object): Promise<T> => operateAt<T>(house.ready, operation, input);

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** One request exactly as said: no header is added that is not named. */
function knock(path: string, method: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent, setHost: false }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text }));
      res.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'knocker', version: '1' } },
});
const accept = 'application/json, text/event-stream';

/** Opens a session and says its id. */
async function session(token: string, path = '/mcp'): Promise<string> {
  const headers = { host: `127.0.0.1:${port}`, authorization: `Bearer ${token}`, 'content-type': 'application/json', accept };
  const answer = await knock(path, 'POST', { ...headers, 'content-length': String(initialize.length) }, initialize);
  expect(answer.status, answer.body).toBe(200);
  return answer.headers['mcp-session-id'] as string;
}

/** A GET stream that is held open; `closed` is when the broker has ended it. */
function stream(token: string, id: string): Promise<{ status: number; closed: Promise<void> }> {
  return new Promise((resolve, reject) => {
    const headers = { host: `127.0.0.1:${port}`, authorization: `Bearer ${token}`, accept: 'text/event-stream', 'mcp-session-id': id };
    const sent = request({ host: '127.0.0.1', port, path: '/mcp', method: 'GET', headers, setHost: false }, (res) => {
      res.resume();
      res.on('error', () => {});
      resolve({ status: res.statusCode ?? 0, closed: new Promise((done) => res.on('close', () => done())) });
    });
    sent.on('error', reject);
    sent.end();
  });
}

beforeAll(async () => {
  house = await openHouse();
  port = new URL(house.ready.mcp).port;
  writeFileSync(join(folder, 'calls'), '');
  const recorder = join(checkout, 'test', 'support', 'servers', 'recorder.ts');
  const spec = { command: process.execPath, args: [recorder, join(folder, 'calls')], accept: true };
  for (const name of ['one', 'two']) await operate('server/add', { ...spec, name });
  help = await operate<Help>('client/add', { name: 'sdk', servers: ['one'] });
  await operate('grant/add', { client: 'sdk', server: 'one', capability: 'tool:notify' });
}, 60_000);
afterAll(async () => {
  agent.destroy();
  await closeHouse(house);
  rmSync(folder, { recursive: true, force: true });
});

test('of every Host x Origin x method x content type x credential x path only the legitimate pass, and no answer opens anything to a page', async () => {
  const own = [`127.0.0.1:${port}`, `localhost:${port}`];
  const hosts = [...own, '127.0.0.1', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, '127.0.0.1:1'];
  const origins = [null, 'same', 'http://evil.example', 'null', `https://127.0.0.1:${port}`, 'http://127.0.0.1'];
  const methods = ['POST', 'GET', 'OPTIONS', 'PUT', 'DELETE'];
  const types = ['application/json', 'text/plain', 'application/x-www-form-urlencoded', null];
  const credentials = { none: null, wrong: `ght_${'x'.repeat(43)}`, client: help.token, operator: house.ready.operatorToken };
  const paths = ['/mcp', '/mcp/s/one', '/mcp/s/two', '/api/status', '/api/approval/list', '/', '/unknown'];

  /** What the rules say, written down a second time. */
  const legitimate = (path: string, host: string, origin: string | null, method: string, type: string | null, who: string): boolean => {
    if (!own.includes(host) || (origin !== null && origin !== 'same')) return false;
    if (path === '/') return method === 'GET';
    if (method !== 'POST' || type !== 'application/json') return false;
    if (path === '/api/status') return true;
    if (path === '/api/approval/list') return who === 'operator';
    return (path === '/mcp' || path === '/mcp/s/one') && who === 'client';
  };

  const wrong: string[] = [];
  let [tried, passed] = [0, 0];
  const knocks: (() => Promise<void>)[] = [];
  for (const path of paths)
    for (const host of hosts)
      for (const origin of origins)
        for (const method of methods)
          for (const type of types)
            for (const [who, token] of Object.entries(credentials)) {
              knocks.push(async () => {
                const body = path.startsWith('/mcp') ? initialize : '{}';
                const withBody = method === 'POST' || method === 'PUT';
                const answer = await knock(
                  path,
                  method,
                  {
                    host,
                    accept,
                    ...(origin === null ? {} : { origin: origin === 'same' ? `http://${host}` : origin }),
                    ...(type === null ? {} : { 'content-type': type }),
                    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
                    ...(withBody ? { 'content-length': String(body.length) } : {}),
                  },
                  withBody ? body : undefined,
                );
                const name = [path, host, origin, method, type, who].join(' | ');
                const should = legitimate(path, host, origin, method, type, who);
                const pass = answer.status < 300;
                tried++;
                if (pass) passed++;
                if (pass !== should) wrong.push(`${name}: ${answer.status}, should ${should ? '' : 'not '}pass`);
                const opening = Object.keys(answer.headers).filter((header) => header.startsWith('access-control-'));
                if (opening.length > 0) wrong.push(`${name}: ${opening}`);
                if (answer.status >= 300 && answer.status < 400) wrong.push(`${name}: leads elsewhere (${answer.status})`);
                if (answer.status >= 500) wrong.push(`${name}: ${answer.status}`);
                if ((answer.status === 401 || answer.status === 403) && answer.body !== '') wrong.push(`${name}: says more than no`);
                const id = answer.headers['mcp-session-id'];
                if (typeof id === 'string') {
                  const headers = { host, authorization: `Bearer ${token}`, 'mcp-session-id': id };
                  const ended = await knock(path, 'DELETE', headers);
                  if (ended.status !== 204) wrong.push(`${name}: DELETE ${ended.status}`);
                }
              });
            }
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let next = knocks.pop(); next; next = knocks.pop()) await next();
    }),
  );
  console.log(`${tried} combinations, ${passed} passed`);
  expect(wrong).toEqual([]);
  expect(tried).toBeGreaterThan(150);
  // Both hosts, with and without an Origin: two paths of MCP, status for each credential, the list; the page for each type and credential.
  expect(passed).toBe(4 * (2 + 4 + 1 + 16));
});

test('a server this client may not see and one that does not exist answer alike; without a credential everything does', async () => {
  const headers = { host: `127.0.0.1:${port}`, 'content-type': 'application/json', accept, 'content-length': String(initialize.length) };
  const bearer = { authorization: `Bearer ${help.token}` };
  const shape = ({ status, headers: { date: _, ...rest }, body }: Answer) => JSON.stringify({ status, rest, body });
  const [hidden, absent] = await Promise.all(
    ['/mcp/s/two', '/mcp/s/none'].map((path) => knock(path, 'POST', { ...headers, ...bearer }, initialize)),
  );
  expect(shape(hidden as Answer)).toBe(shape(absent as Answer));
  const nobody = await Promise.all(['/mcp/s/one', '/mcp/s/two', '/mcp/s/none'].map((path) => knock(path, 'POST', headers, initialize)));
  for (const answer of nobody) expect(answer).toMatchObject({ status: 401, body: '' });
  expect(nobody[0]?.headers['www-authenticate']).toMatch(/^Bearer resource_metadata="http:\/\/127\.0\.0\.1/);
  const operations = ['/api/grant/list', '/api/nonsense', '/api/server/add', '/api'];
  for (const path of operations) expect(await knock(path, 'POST', headers, initialize)).toMatchObject({ status: 401, body: '' });
});

describe('sessions', () => {
  test("another client's session id is not found, on every method; nor is one's own on another path", async () => {
    const other = await operate<Help>('client/add', { name: 'other', servers: ['one'] });
    const id = await session(help.token);
    const headers = { host: `127.0.0.1:${port}`, 'content-type': 'application/json', accept, 'mcp-session-id': id };
    const ping = '{"jsonrpc":"2.0","id":2,"method":"ping"}';
    for (const method of ['POST', 'GET', 'DELETE']) {
      const body = method === 'POST' ? ping : undefined;
      const length: Record<string, string> = body ? { 'content-length': String(body.length) } : {};
      const theirs = await knock('/mcp', method, { ...headers, ...length, authorization: `Bearer ${other.token}` }, body);
      const never = { 'mcp-session-id': 'A'.repeat(43) };
      const unknown = await knock('/mcp', method, { ...headers, ...length, ...never, authorization: `Bearer ${other.token}` }, body);
      const elsewhere = await knock('/mcp/s/one', method, { ...headers, ...length, authorization: `Bearer ${help.token}` }, body);
      for (const answer of [theirs, unknown, elsewhere]) expect(answer.status, method).toBe(404);
      expect(theirs.body).toBe(unknown.body);
    }
    const mine = { ...headers, 'content-length': String(ping.length), authorization: `Bearer ${help.token}` };
    expect((await knock('/mcp', 'POST', mine, ping)).status, 'and it still lives').toBe(200);
    await operate('client/revoke', { name: 'other' });
  });

  test('a revoked client is out at once: streams and waiting calls end, its token is worth nothing, its sessions are gone', async () => {
    const short = await operate<Help>('client/add', { name: 'short', servers: ['one'] });
    const [id, second] = [await session(short.token), await session(short.token)];
    const streams = [await stream(short.token, id), await stream(short.token, second)];
    for (const { status } of streams) expect(status).toBe(200);
    const client = new Client({ name: 'waits', version: '1' });
    const requestInit = { headers: short.http.headers };
    await client.connect(new StreamableHTTPClientTransport(new URL(short.http.url), { requestInit }) as Transport);
    const waiting = attempt(client, 'one__note');
    await until('its question', async () => (await operate<Approval[]>('approval/list')).length === 1);

    const began = performance.now();
    await operate('client/revoke', { name: 'short' });
    await Promise.all(streams.map(({ closed }) => closed));
    expect(performance.now() - began).toBeLessThan(within(2_000));
    expect(await operate<Approval[]>('approval/list')).toEqual([]);
    const log = await operate<Entry[]>('log/list', { client: 'short', limit: 50 });
    const asked = log.find((entry) => entry.type === 'asked' && entry.capability === 'tool:note');
    expect(log.find((entry) => entry.type === 'outcome' && entry.asked === asked?.seq)?.result).toMatch(/^(withdrawn|denied)$/);
    await client.close();
    await waiting.done;
    expect(waiting.result).not.toBe('answered');
    const headers = { host: `127.0.0.1:${port}`, authorization: `Bearer ${short.token}`, 'content-type': 'application/json', accept };
    for (const path of ['/mcp', '/mcp/s/one']) {
      const sent = { ...headers, 'mcp-session-id': id, 'content-length': String(initialize.length) };
      expect(await knock(path, 'POST', sent, initialize)).toMatchObject({ status: 401, body: '' });
    }
    const { connections } =
      (await operate<{ name: string; connections: number }[]>('client/list')).find(({ name }) => name === 'short') ?? {};
    expect(connections).toBe(0);
  });

  test('the GET stream brings what belongs to no call; DELETE ends the session and its server processes', async () => {
    const client = new Client({ name: 'listens', version: '1' });
    const heard: string[] = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void heard.push(String(params.data)));
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => void heard.push('list'));
    const transport = new StreamableHTTPClientTransport(new URL(help.http.url), { requestInit: { headers: help.http.headers } });
    await client.connect(transport as Transport);
    const call = attempt(client, 'one__notify');
    await call.done;
    expect(call).toMatchObject({ result: 'answered', words: 'notify' });
    await until('the notification of the server', () => heard.includes('unasked'));
    await operate('client/set', { name: 'sdk', servers: ['one', 'two'] });
    await until('the changed list', () => heard.includes('list'));
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(expect.arrayContaining(['one__note', 'two__note']));
    await operate('client/set', { name: 'sdk', servers: ['one'] });

    // What it may see has changed, so its servers were ended; the next call starts one.
    await attempt(client, 'one__notify').done;
    const id = transport.sessionId as string;
    const running = async () => (await operate<Server>('server/show', { name: 'one' })).processes;
    expect(await running()).toBe(1);
    await transport.terminateSession();
    const headers = { host: `127.0.0.1:${port}`, authorization: `Bearer ${help.token}`, accept, 'mcp-session-id': id };
    expect((await knock('/mcp', 'GET', headers)).status).toBe(404);
    expect((await knock('/mcp', 'DELETE', headers)).status).toBe(404);
    await until('its server has ended', async () => (await running()) === 0);
    await client.close();
  });
});
