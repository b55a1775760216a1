// HTTP+SSE for old clients: the same guard and credential on every request, a session that is its stream and nobody else's.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../support/attempt.ts';
import { within } from '../support/scale.ts';
import { initialize } from './connector-fixture.ts';
import { ask, type Headers, legit, type Open, type Opened, openDoor, openStream, tokens } from './http-fixture.ts';

let opened: Opened;
let port: number;
beforeEach(async () => {
  opened = await openDoor({}, { keepAliveMs: 50 });
  port = opened.door.port;
});
afterEach(() => opened.door.close());

const hello = JSON.stringify(initialize());
const cursor = { Authorization: 'Bearer ght_cursor' };

/** An open stream and the address its first event names. */
async function stream(path = '/mcp/sse', more: Headers = {}): Promise<{ open: Open; address: string }> {
  const open = await openStream(port, 'GET', path, legit(port, more));
  await until('the first event', () => open.text.includes('\n\n'));
  return { open, address: /^event: endpoint\ndata: (.*)\n\n/.exec(open.text)?.[1] ?? '' };
}

it('the SDK of old clients works over it, on both kinds of path', async () => {
  for (const path of ['/mcp/sse', '/mcp/s/github/sse']) {
    const client = new Client({ name: 'old', version: '1' });
    const transport = new SSEClientTransport(new URL(`${opened.base}${path}`), {
      eventSourceInit: {
        fetch: (url, init) => fetch(url, { ...init, headers: { ...init?.headers, ...legit(port), Accept: 'text/event-stream' } as never }),
      },
      requestInit: { headers: { Authorization: 'Bearer ght_claude' } },
    });
    await client.connect(transport);
    expect(opened.seen.at(-1)?.arrival).toMatchObject({ client: 'claude', via: 'http', only: path === '/mcp/sse' ? null : 'github' });
    await client.close();
    await until('its end', () => opened.seen.at(-1)?.ended === 'the client left');
  }
  expect(opened.door.count()).toBe(0);
});

it('begins with the address to post to; what is posted is answered on the stream, whatever stands in the text', async () => {
  const { open, address } = await stream();
  expect(open.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  expect(address).toMatch(/^\/mcp\/sse\?sessionId=[\w-]{43}$/);
  const answer = await ask(port, 'POST', address, legit(port), hello);
  expect([answer.status, answer.body]).toEqual([202, '']);
  await until('the reply', () => open.text.includes('event: message'));
  opened.seen[0]?.down.send({ text: '{"jsonrpc":"2.0",\n"method":"a\u2028b"}' });
  await until('the notification', () => open.text.includes('\u2028'));
  expect(open.text).toContain('event: message\ndata: {"jsonrpc":"2.0",\ndata: "method":"a\u2028b"}\n\n');
  await until('a comment', () => open.text.includes('\n:\n\n'));
  open.destroy();
  await until('its end', () => opened.seen[0]?.ended === 'the client left');
  expect((await ask(port, 'POST', address, legit(port), hello)).status).toBe(404);
});

it('every request needs its credential, its session and its path', async () => {
  const { open, address } = await stream('/mcp/s/github/sse');
  const wrong: [status: number, method: string, path: string, headers: Headers, body?: string][] = [
    [401, 'GET', '/mcp/sse', { Authorization: 'Bearer wrong' }],
    [401, 'POST', address, { Authorization: 'Bearer wrong' }, hello],
    [401, 'POST', `${address}&access_token=ght_claude`, { Authorization: '' }, hello],
    [403, 'GET', '/mcp/sse', { Host: 'evil.test' }],
    [403, 'POST', address, { Origin: 'http://evil.test' }, hello],
    [404, 'GET', '/mcp/s/private/sse', {}],
    [404, 'GET', '/mcp/s/nowhere/sse', {}],
    [404, 'GET', '/mcp/ssee', {}],
    [404, 'POST', address, cursor, hello],
    [404, 'POST', address.replace('/s/github', ''), {}, hello],
    [404, 'POST', `${address}x`, {}, hello],
    [405, 'POST', '/mcp/sse', {}, hello],
    [405, 'DELETE', address, {}],
    [405, 'PUT', address, {}, hello],
    [406, 'GET', '/mcp/sse', { Accept: 'application/json' }],
    [413, 'POST', address, {}, 'x'.repeat(4 * 1024 * 1024 + 1)],
    [415, 'POST', address, { 'Content-Type': 'text/plain' }, hello],
    [400, 'POST', address, {}, '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}'],
    [400, 'POST', address, {}, `[${hello}]`],
  ];
  for (const [status, method, path, headers, body] of wrong) {
    const answer = await ask(port, method, path, legit(port, headers), body);
    expect([answer.status, method, path]).toEqual([status, method, path]);
  }
  expect(opened.seen.map(({ messages }) => messages)).toEqual([[]]);
  expect((await ask(port, 'POST', address, legit(port), hello)).status).toBe(202);
  open.destroy();
});

it('a revoked client is cut off at once, streams are counted, and a client may have sixteen', async () => {
  const streams = await Promise.all(Array.from({ length: 16 }, () => stream()));
  expect((await ask(port, 'GET', '/mcp/sse', legit(port))).status).toBe(429);
  const other = await stream('/mcp/sse', cursor);
  expect([opened.door.count('claude'), opened.door.count()]).toEqual([16, 17]);
  tokens.delete('ght_claude');
  expect((await ask(port, 'POST', streams[0]?.address ?? '', legit(port), hello)).status).toBe(401);
  opened.door.endClient('claude', 'it was revoked');
  await Promise.all(streams.map(({ open }) => open.closed));
  expect(opened.seen.filter(({ ended }) => ended === 'it was revoked')).toHaveLength(16);
  expect(opened.door.count()).toBe(1);
  const began = performance.now();
  await opened.door.close();
  await other.open.closed;
  expect(performance.now() - began).toBeLessThan(within(5_000));
});

it('a reader that does not read is cut off, and the others are served', async () => {
  const { open } = await stream();
  open.res.pause();
  const text = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { data: 'x'.repeat(1024 * 1024) } });
  for (let n = 0; n < 60 && opened.seen[0]?.ended === null; n++) {
    opened.seen[0]?.down.send({ text });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until('its end', () => opened.seen[0]?.ended !== null);
  const next = await stream();
  expect(next.address).not.toBe('');
  next.open.destroy();
});
