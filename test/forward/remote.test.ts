// Real servers over HTTP, of both eras and all three transports: found, listed, called, cancelled, lost and found again.
import { afterEach, describe, expect, test } from 'vitest';
import type { RemoteLaunch } from '../../broker/forward/needs.ts';
import type { Upstream } from '../../broker/forward/upstream.ts';
import type { Message } from '../../shared/message.ts';
import { bothErasOver, everythingOver } from '../support/served.ts';
import { type Bench, bench, call, owner, params, resultOf, until } from './support.ts';

let b: Bench;
afterEach(() => b?.pool.close());

const remote = (url: string, more: Partial<RemoteLaunch> = {}): RemoteLaunch => ({
  ...{ server: 'far', era: null, url, transport: 'auto', headers: {}, secretHeaders: {}, clientCert: null, reach: 'loopback' },
  ...more,
});

const meta = (more: object = {}) => ({
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  ...more,
});
const text = (id: string | number, method: string, of: object, more: object = {}) =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...of, _meta: meta(more) } });
const toolText = (id: string | number, name: string, input: object, more: object = {}) =>
  text(id, 'tools/call', { name, arguments: input }, more);
const said = (reply: Message) => (resultOf(reply).content as { text: string }[])[0]?.text as string;

function hears(upstream: Upstream): Message[] {
  const heard: Message[] = [];
  upstream.listen(
    (message) => heard.push(message),
    () => {},
  );
  return heard;
}

describe('a stateless server', () => {
  test.each([[[]], [['legacy']]])('is found and listed: %s', async (args) => {
    b = bench();
    const offer = await b.pool.probe(remote((await bothErasOver(...args)).url), {});
    expect(offer.era).toBe('stateless');
    expect(offer.definitions.map(({ capability }) => capability)).toContain('tool:place');
    expect(b.ofType('server.exited')).toMatchObject([{ pid: null, expected: true }]);
  });

  test('calls, arguments in headers, progress on its own stream, and an error of its own', async () => {
    b = bench();
    const { url } = await bothErasOver();
    const server = await b.pool.upstream(owner('c1'), remote(url, { era: 'stateless' }), '');
    expect([server.era, server.pid]).toEqual(['stateless', null]);
    const heard = hears(server);
    await b.pool.fetchDefinitions(server);
    // The SDK refuses headers that do not match the body, so an answer proves them.
    expect(said(await server.request(toolText(1, 'place', { region: ' héllo ', n: -42 }), 1))).toBe(' héllo  -42');
    const own: Message[] = [];
    const reply = await server.request(toolText('w', 'work', { steps: 2, ms: 5 }, { progressToken: 't' }), 'w', {
      onMessage: (message) => own.push(message),
    });
    expect(said(reply)).toBe('worked 2');
    expect(own.map(({ method, params: of }) => [method, of?.progress])).toEqual([
      ['notifications/progress', 1],
      ['notifications/progress', 2],
    ]);
    expect(heard).toEqual([]);
    const unknown = await server.request(text(3, 'no/such', {}), 3);
    expect(unknown).toMatchObject({ failed: true, id: 3 });
    expect((unknown.value.error as { code: number }).code).toBe(-32601);
  });

  test('closing cancels, and changes of its lists are heard', async () => {
    b = bench();
    const served = await bothErasOver();
    const server = await b.pool.upstream(owner('c1'), remote(served.url, { era: 'stateless' }), '');
    const heard = hears(server);
    const gone = new AbortController();
    const working = server.request(toolText(1, 'work', { steps: 100, ms: 30 }, { progressToken: 1 }), 1, {
      signal: gone.signal,
      onMessage: () => gone.abort(),
    });
    await expect(working).rejects.toMatchObject({ problem: 'cancelled' });
    await until(() => served.printed().includes('work was cancelled'));
    await server.request(toolText(2, 'change', { to: 'Says something else' }), 2);
    await until(() => heard.length > 0);
    expect(heard[0]?.text).toBe('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');
    expect((await b.pool.fetchDefinitions(server)).find(({ name }) => name === 'echo')?.text).toContain('Says something else');
  });

  test('it goes away in the middle of a call and comes back', async () => {
    b = bench();
    const { url, stop } = await bothErasOver();
    const server = await b.pool.upstream(owner('c1'), remote(url, { era: 'stateless' }), '');
    const waiting = server.request(toolText(1, 'work', { steps: 100, ms: 50 }), 1).catch((error: Error) => error.message);
    await until(() => server.inFlight === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await stop();
    expect(await waiting).toMatch(/gave no reply/);
    await expect(server.request(toolText(2, 'echo', { said: 'x' }), 2)).rejects.toThrow('nothing listens at its address');
    await expect(b.pool.probe(remote(url), {})).rejects.toThrow('nothing listens at its address');
  });
});

describe('a handshake server', () => {
  test('over Streamable HTTP: found, listed, called, with its own stream and an end', async () => {
    b = bench();
    const served = await everythingOver('streamableHttp');
    const offer = await b.pool.probe(remote(served.url), { roots: { listChanged: true } });
    expect(offer.era).toBe('handshake');
    expect(offer.definitions.map(({ capability }) => capability)).toContain('tool:get-roots-list');
    await until(() => served.printed().includes('Received session termination request'));

    const server = await b.pool.upstream(owner('c1'), remote(served.url, { era: 'handshake' }), params);
    // Requests of the server on its own stream, answered by a POST of ours.
    const result = { roots: [{ uri: 'file:///far', name: 'far' }] };
    server.listen(
      ({ method, id }) => {
        if (method === 'roots/list') server.notify(JSON.stringify({ jsonrpc: '2.0', id, result }));
      },
      () => {},
    );
    expect(said(await call(server, 1, 'echo', { message: 'far' }))).toBe('Echo: far');
    await until(async () => said(await call(server, `r${Math.random()}`, 'get-roots-list')).includes('file:///far'));
    const own: Message[] = [];
    const long = JSON.stringify({
      ...{ jsonrpc: '2.0', id: 'l', method: 'tools/call' },
      params: { name: 'trigger-long-running-operation', arguments: { duration: 0.2, steps: 2 }, _meta: { progressToken: 'p' } },
    });
    await server.request(long, 'l', { onMessage: (message) => own.push(message) });
    expect(own.map(({ params: of }) => [of?.progressToken, of?.progress])).toEqual([
      ['p', 1],
      ['p', 2],
    ]);
    expect(b.ofType('server.protocol-error')).toEqual([]);
  });

  test('over Streamable HTTP: a session it forgot is a new start', async () => {
    b = bench();
    const served = await everythingOver('streamableHttp');
    const launch = remote(served.url, { era: 'handshake' });
    const server = await b.pool.upstream(owner('c1'), launch, params);
    const exits: string[] = [];
    server.listen(
      () => {},
      (reason) => exits.push(reason),
    );
    await served.stop();
    await everythingOver('streamableHttp', Number(new URL(served.url).port));
    await expect(call(server, 1, 'echo', { message: 'x' })).rejects.toMatchObject({ name: 'ServerGone', untouched: true });
    expect(exits).toEqual(['forgot the session']);
    const next = await b.pool.upstream(owner('c1'), launch, params);
    expect(next).not.toBe(server);
    expect(said(await call(next, 1, 'echo', { message: 'again' }))).toBe('Echo: again');
  });

  test('over HTTP+SSE: found behind a refused POST, listed, called, and gone with its stream', async () => {
    b = bench();
    const served = await everythingOver('sse');
    const offer = await b.pool.probe(remote(served.url), {});
    expect([offer.era, offer.definitions.length > 10]).toEqual(['handshake', true]);
    const server = await b.pool.upstream(owner('c1'), remote(served.url, { era: 'handshake', transport: 'sse' }), params);
    const replies = await Promise.all([1, 2, 3].map((id) => call(server, id, 'echo', { message: `n${id}` })));
    expect(replies.map(said)).toEqual(['Echo: n1', 'Echo: n2', 'Echo: n3']);
    const waiting = call(server, 9, 'trigger-long-running-operation', { duration: 30, steps: 1 }).catch((error: Error) => error.message);
    await until(() => server.inFlight === 1);
    await served.stop();
    expect(await waiting).toMatch(/closed its stream|closed the connection|could not be reached/);
    await until(() => b.pool.processes('far').length === 0);
  });
});
