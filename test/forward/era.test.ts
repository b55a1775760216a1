// Which protocol a server process speaks is found out, remembered and found again; a stateless one is shared within a session only.
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { Launch } from '../../broker/forward/needs.ts';
import type { Upstream } from '../../broker/forward/upstream.ts';
import type { Message } from '../../shared/message.ts';
import { type Bench, bench, everything, owner, params, pidOf, rascal, resultOf, until } from './support.ts';

let b: Bench;
afterEach(() => b?.pool.close());

const script = fileURLToPath(new URL('../support/servers/both-eras.ts', import.meta.url));
const modern = (...args: string[]): Launch => rascal('', { server: 'modern', era: null, args: [script, ...args] });
const known = (era: Launch['era'], launch: Launch): Launch => ({ ...launch, era });

const meta = (more: object = {}) => ({
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  ...more,
});

function text(id: string | number, name: string, input: object, more: object = {}): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: input, _meta: meta(more) } });
}

function said(reply: Message): string {
  return (resultOf(reply).content as { text: string }[])[0]?.text as string;
}

function hears(upstream: Upstream): Message[] {
  const heard: Message[] = [];
  upstream.listen(
    (message) => heard.push(message),
    () => {},
  );
  return heard;
}

describe('which era', () => {
  test.each([
    ['a stateless server', () => modern(), 'stateless'],
    ['a server of both eras', () => modern('legacy'), 'stateless'],
    ['a handshake server of the SDK', () => known(null, everything), 'handshake'],
    ['one that answers what it does not know with an error', () => known(null, rascal()), 'handshake'],
    ['one that is silent about it', () => known(null, rascal('silent-probe')), 'handshake'],
    ['one that falls over it', () => known(null, rascal('crash-probe')), 'handshake'],
    ['one that answers it with a result of another kind', () => known(null, rascal('odd-probe')), 'handshake'],
    ['a stateless server that starts slowly', () => known(null, rascal('late-probe')), 'stateless'],
  ])('%s', async (_, launch, era) => {
    b = bench({ probeMs: 600 });
    const offer = await b.pool.probe(launch(), {});
    expect(offer.era).toBe(era);
    expect(offer.definitions.length).toBeGreaterThan(1);
    expect(JSON.parse(offer.openingText)).toHaveProperty(era === 'stateless' ? 'supportedVersions' : 'protocolVersion');
    expect(b.events.filter(({ type }) => type === 'server.failed')).toEqual([]);
    expect(b.pool.processes(launch().server)).toEqual([]);
  });

  test('no version in common is said in words, and no handshake is tried', async () => {
    b = bench();
    await expect(b.pool.probe(known(null, rascal('future')), {})).rejects.toThrow(
      'it speaks no version of MCP that Gatehouse knows (2031-01-01)',
    );
  });

  test('a server that speaks otherwise than it did is found again, either way', async () => {
    b = bench();
    const updated = await b.pool.upstream(owner('c1'), known('handshake', modern()), params);
    expect([updated.era, said(await updated.request(text(1, 'echo', { said: 'a' }), 1))]).toEqual(['stateless', 'a']);
    const back = await b.pool.upstream(owner('c1'), known('stateless', rascal()), params);
    expect([back.era, JSON.parse(back.openingText).serverInfo.name]).toEqual(['handshake', 'rascal']);
    const other = await b.pool.upstream(owner('c2', 's-c1'), known('stateless', rascal()), params);
    expect(other.pid).not.toBe(back.pid);
    expect(await b.pool.fetchDefinitions(back)).toHaveLength(3);
  });
});

describe('a stateless process', () => {
  test('connections of one session share it, other sessions do not', async () => {
    b = bench();
    const launch = known('stateless', modern());
    const [one, two, other] = await Promise.all([
      b.pool.upstream(owner('c1', 's1'), launch, ''),
      b.pool.upstream(owner('c2', 's1'), launch, ''),
      b.pool.upstream(owner('c3', 's2'), launch, ''),
    ]);
    expect(two.pid).toBe(one.pid);
    expect(other.pid).not.toBe(one.pid);
    await b.pool.stopConnection('c1');
    await expect(one.request(text(1, 'echo', { said: 'x' }), 1)).rejects.toThrow('cancelled');
    expect(said(await two.request(text(1, 'echo', { said: 'x' }), 1))).toBe('x');
    await b.pool.stopConnection('c2');
    await b.pool.stopConnection('c3');
    expect(b.pool.processes('modern')).toEqual([]);
  });

  test('equal ids, tokens and subscriptions of two connections never meet', async () => {
    b = bench();
    const launch = known('stateless', modern());
    const [one, two] = (await Promise.all(['c1', 'c2'].map((id) => b.pool.upstream(owner(id, 's'), launch, '')))) as [Upstream, Upstream];
    const [heardOne, heardTwo] = [hears(one), hears(two)];
    const listen = (id: string) =>
      JSON.stringify({
        jsonrpc: '2.0',
        id,
        method: 'subscriptions/listen',
        params: { notifications: { toolsListChanged: true }, _meta: meta() },
      });
    const stop = new AbortController();
    const subscribed = one.request(listen('sub'), 'sub', { signal: stop.signal }).catch((error: Error) => error.message);
    const replies = await Promise.all([
      one.request(text(7, 'work', { steps: 2, ms: 30 }, { progressToken: 'p' }), 7),
      two.request(text(7, 'work', { steps: 3, ms: 20 }, { progressToken: 'p' }), 7),
      two.request(text('7', 'echo', { said: 'text id' }, { progressToken: 9 }), '7'),
    ]);
    expect(replies.map((reply) => [reply.id, said(reply)])).toEqual([
      [7, 'worked 2'],
      [7, 'worked 3'],
      ['7', 'text id'],
    ]);
    expect(JSON.parse((replies[0] as Message).text).id).toBe(7);
    const progress = (heard: Message[]) =>
      heard.filter(({ method }) => method === 'notifications/progress').map(({ params: of }) => [of?.progressToken, of?.total]);
    expect(progress(heardOne)).toEqual([
      ['p', 2],
      ['p', 2],
    ]);
    expect(progress(heardTwo)).toEqual([
      ['p', 3],
      ['p', 3],
      ['p', 3],
    ]);

    // The client's own subscription carries its id; the broker's own reaches every connection, without one.
    await one.request(text(8, 'change', { to: 'Says something else' }), 8);
    await until(() => heardOne.filter(({ method }) => method?.endsWith('list_changed')).length === 2);
    const ids = (heard: Message[]) =>
      heard
        .filter(({ method }) => /list_changed|acknowledged/.test(method ?? ''))
        .map(({ method, text: of }) => [method, JSON.parse(of).params?._meta?.['io.modelcontextprotocol/subscriptionId'] ?? 'none']);
    expect(ids(heardOne).toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
      ['notifications/subscriptions/acknowledged', 'sub'],
      ['notifications/tools/list_changed', 'none'],
      ['notifications/tools/list_changed', 'sub'],
    ]);
    await until(() => ids(heardTwo).length > 0);
    expect(ids(heardTwo)).toEqual([['notifications/tools/list_changed', 'none']]);
    stop.abort();
    expect(await subscribed).toBe('The request was cancelled.');
    expect([one.inFlight, two.inFlight]).toEqual([0, 0]);
    expect(b.events.filter(({ type }) => type === 'server.protocol-error')).toEqual([]);
  });

  test('a withdrawn request is cancelled at the server, and the next one works', async () => {
    b = bench();
    const server = await b.pool.upstream(owner('c1'), known('stateless', modern()), '');
    const gone = new AbortController();
    const request = server.request(text(1, 'work', { steps: 100, ms: 30 }), 1, { signal: gone.signal });
    setTimeout(() => gone.abort(), 100);
    await expect(request).rejects.toMatchObject({ problem: 'cancelled' });
    await until(() => b.pool.logs('modern').some((line) => line.text.includes('work was cancelled')));
    expect(said(await server.request(text(1, 'echo', { said: 'again' }), 1))).toBe('again');
  });

  test('it is found idle though the broker listens, and a crash fails what waits and is started anew', async () => {
    b = bench({ idleMs: 700 });
    const launch = known('stateless', modern());
    const server = await b.pool.upstream(owner('c1'), launch, '');
    const exits: string[] = [];
    server.listen(
      () => {},
      (reason) => exits.push(reason),
    );
    const waits = server.request(text(1, 'work', { steps: 100, ms: 100 }), 1).catch((error: Error) => error.name);
    await expect(server.request(text(2, 'crash', {}), 2)).rejects.toThrow('exited with code 3');
    expect(await waits).toBe('ServerGone');
    expect(exits).toHaveLength(1);
    const next = await b.pool.upstream(owner('c1'), launch, '');
    expect(next.pid).not.toBe(pidOf(server));
    await until(() => b.pool.processes('modern').length === 0);
  });
});
