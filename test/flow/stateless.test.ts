// The stateless era from the client's side: the real v2 client in its three modes, and the wire by hand, against handshake servers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/attempt.ts';
import { type Den, named, openDen } from '../support/imps.ts';
import { connectModern, type Mode, type Modern } from '../support/modern-client.ts';
import type { Help, Via } from '../support/sdk-client.ts';

let den: Den;
let help: Help;
const opened: Modern[] = [];

async function connect(via: Via, server: string | null, mode: Mode): Promise<Modern> {
  const connected = await connectModern(help, via, server, mode);
  opened.push(connected);
  return connected;
}

beforeAll(async () => {
  den = await openDen();
  await den.add('files', { tools: named('a', 'b', 'never'), resources: ['x://one', 'x://shared'], prompts: ['greet'] });
  await den.add('other', { tools: named('a'), resources: ['x://shared', 'ui://panel'], templates: ['y://{name}'] });
  help = await den.pair('modern', 'all', 5);
  for (const server of ['files', 'other']) await den.allow('modern', server, 'tool:*', 'resource:*', 'prompt:*');
});
afterAll(async () => {
  for (const { close } of opened) await close().catch(() => {});
  await den?.close();
});

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'by hand', version: '1' },
};

/** One POST; headers as the body says, but for what is changed. */
async function post(method: string, params: Record<string, unknown> = {}, change: Record<string, string | null> = {}, own: object = {}) {
  const name = params.name ?? params.uri ?? params.taskId;
  const headers: Record<string, string | null> = {
    ...help.http.headers,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    ...change,
  };
  const response = await fetch(help.http.url, {
    method: 'POST',
    headers: Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null)),
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { _meta: meta, ...params }, ...own }),
  });
  const text = await response.text();
  const events = text.startsWith('{') ? [text] : [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => data);
  return { status: response.status, type: response.headers.get('content-type'), messages: events.map((event) => JSON.parse(event)) };
}

describe.each(['connector', 'http'] as const)('the v2 client over %s', (via) => {
  test.each(['legacy', 'auto', 'pinned'] as const)('in mode %s lists, calls, reads and gets a prompt', async (mode) => {
    const { client } = await connect(via, null, mode);
    expect(client.getProtocolEra()).toBe(mode === 'legacy' ? 'legacy' : 'modern');
    const tools = (await client.listTools()).tools.map(({ name }) => name);
    expect(tools).toEqual(['files__a', 'files__b', 'files__never', 'other__a']);
    const called = await client.callTool({ name: 'files__a', arguments: { n: 1 } });
    expect(called.content).toEqual([{ type: 'text', text: 'a {"n":1}' }]);
    expect((await client.readResource({ uri: 'x://one' })).contents[0]).toMatchObject({ uri: 'x://one', text: 'read' });
    await client.getPrompt({ name: 'files__greet' }).catch((error: Error) => expect(error.message).toMatch(/invalid|expected/i));
    const one = await connect(via, 'files', mode);
    expect((await one.client.listTools()).tools.map(({ name }) => name)).toEqual(['a', 'b', 'never']);
  });

  test('hears that lists changed, and a cancelled call is cancelled at the server', async () => {
    const { client } = await connect(via, null, 'pinned');
    let changes = 0;
    client.setNotificationHandler('notifications/tools/list_changed', () => void changes++);
    const subscription = await client.listen({ toolsListChanged: true });
    expect(subscription.honoredFilter).toEqual({ toolsListChanged: true });
    await den.api.client.set({ name: 'modern', servers: ['files'] });
    await until('it hears', () => changes > 0);
    await den.api.client.set({ name: 'modern', servers: ['files', 'other'] });
    await subscription.close();
    const gone = new AbortController();
    const before = den.reached('files').filter(({ method }) => method === 'notifications/cancelled').length;
    const calls = den.calls('files', 'never').length;
    const call = client.callTool({ name: 'files__never', arguments: {} }, { signal: gone.signal }).catch((error: Error) => error);
    await until('it is there', () => den.calls('files', 'never').length > calls);
    gone.abort();
    await call;
    await until('it is told', () => den.reached('files').filter(({ method }) => method === 'notifications/cancelled').length > before);
  });
});

describe('headers must say what the body says', () => {
  const call = { name: 'files__a', arguments: {} };
  test.each([
    ['nothing is wrong', {}, 200, undefined],
    ['the name in Base64', { 'mcp-name': `=?base64?${Buffer.from('files__a').toString('base64')}?=` }, 200, undefined],
    ['a session id, which means nothing', { 'mcp-session-id': 'whatever' }, 200, undefined],
    ['no version', { 'mcp-protocol-version': null }, 400, -32020],
    ['another version', { 'mcp-protocol-version': '2025-11-25' }, 400, -32020],
    ['no method', { 'mcp-method': null }, 400, -32020],
    ['another method', { 'mcp-method': 'prompts/get' }, 400, -32020],
    ['no name', { 'mcp-name': null }, 400, -32020],
    ['another name', { 'mcp-name': 'files__b' }, 400, -32020],
    ['a broken name', { 'mcp-name': '=?base64?!!?=' }, 400, -32020],
  ])('%s', async (_what, change, status, code) => {
    const answer = await post('tools/call', call, change);
    expect(answer.status).toBe(status);
    expect(answer.messages.at(-1).error?.code).toBe(code);
  });

  test('what is no request of this era is refused with its status', async () => {
    const refused = async (...args: Parameters<typeof post>) => {
      const { status, messages } = await post(...args);
      return [status, messages[0].error];
    };
    const without = (key: string) => ({ _meta: Object.fromEntries(Object.entries(meta).filter(([name]) => !name.endsWith(key))) });
    expect(await refused('nothing/known')).toMatchObject([404, { code: -32601 }]);
    expect(await refused('ping')).toMatchObject([404, { code: -32601 }]);
    expect(await refused('tools/list', without('clientCapabilities'))).toMatchObject([400, { code: -32602 }]);
    expect(await refused('tools/list', without('protocolVersion'))).toMatchObject([400, { code: -32602 }]);
    const future = { _meta: { ...meta, 'io.modelcontextprotocol/protocolVersion': '2031-01-01' } };
    expect(await refused('tools/list', future, { 'mcp-protocol-version': '2031-01-01' })).toMatchObject([
      400,
      { code: -32022, data: { supported: ['2026-07-28'], requested: '2031-01-01' } },
    ]);
    for (const method of ['GET', 'DELETE']) {
      const headers = { ...help.http.headers, accept: 'text/event-stream', 'mcp-protocol-version': '2026-07-28' };
      expect((await fetch(help.http.url, { method, headers })).status).toBe(405);
    }
    expect(await refused('resources/read', { uri: 'x://nowhere' })).toMatchObject([200, { code: -32602 }]);
  });

  test('discovery and lists are private to the client and start no server', async () => {
    const since = await den.newest();
    const { messages } = await post('server/discover');
    expect(messages[0].result).toMatchObject({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      cacheScope: 'private',
      capabilities: { tools: { listChanged: true } },
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'gatehouse' } },
    });
    expect((await post('tools/list')).messages[0].result).toMatchObject({ cacheScope: 'private', ttlMs: 0 });
    expect((await den.log(since)).filter(({ type }) => type === 'server.started')).toEqual([]);
  });
});

test('an address that two servers offer carries the server; the bare one is refused with both to choose from', async () => {
  const uris = (await post('resources/list')).messages[0].result.resources.map(({ uri }: { uri: string }) => uri);
  expect(uris).toEqual(['x://one', 'gatehouse.files+x://shared', 'gatehouse.other+x://shared', 'ui://panel']);
  for (const server of ['files', 'other']) {
    const uri = `gatehouse.${server}+x://shared`;
    expect((await post('resources/read', { uri })).messages.at(-1).result.contents).toMatchObject([{ uri, text: 'read' }]);
    expect(den.reached(server).at(-1)).toMatchObject({ method: 'resources/read', params: { uri: 'x://shared' } });
  }
  expect((await post('resources/read', { uri: 'x://shared' })).messages[0].error).toMatchObject({
    code: -32602,
    data: { instead: ['gatehouse.files+x://shared', 'gatehouse.other+x://shared'] },
  });
});

test('the log verifies', async () => {
  expect(await den.api.log.verify()).toMatchObject({ ok: true, problems: [] });
});
