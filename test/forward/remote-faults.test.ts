// A remote server that misbehaves in every way it can think of: words for the one call, and nothing else suffers.
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { RemoteLaunch } from '../../broker/forward/needs.ts';
import type { Message } from '../../shared/message.ts';
import { referenceTo } from '../../shared/secret-reference.ts';
import { within } from '../support/scale.ts';
import { type Puppet, puppet, type Request } from '../support/served.ts';
import { type Bench, bench, callText, owner, params, until } from './support.ts';

let b: Bench;
afterEach(() => b?.pool.close());

const remote = (url: string, more: Partial<RemoteLaunch> = {}): RemoteLaunch => ({
  ...{ server: 'far', era: 'handshake', url, transport: 'auto', headers: {}, secretHeaders: {}, clientCert: null, reach: 'loopback' },
  ...more,
});

/** A handshake server; the named tool does what `acts` says. */
function actor(acts: Record<string, (asked: Request) => void>, get?: (asked: Request) => void): Promise<Puppet> {
  return puppet((asked) => {
    const { request, response, message } = asked;
    if (request.method === 'GET') return get ? get(asked) : void response.writeHead(405).end();
    if (request.method === 'DELETE') return void response.writeHead(200).end();
    if (message.method === 'initialize') {
      const capabilities = { tools: {} };
      return asked.result(
        { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'p', version: '1' } },
        { 'mcp-session-id': 's1' },
      );
    }
    if (message.method === 'tools/list') return asked.result({ tools: [] });
    if (message.id === undefined || message.method === undefined) return void response.writeHead(202).end();
    const act = acts[message.params?.name];
    if (act) act(asked);
    else asked.result({ content: [{ type: 'text', text: 'well' }] });
  });
}

const reply = (asked: Request, result: unknown = { content: [] }) => ({ jsonrpc: '2.0', id: asked.message.id, result });

describe('one call fails in words and the next one works', () => {
  const faults: [what: string, act: (asked: Request) => void, words: RegExp][] = [
    [
      'another type',
      ({ response }) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      /what it sent is text\/html/,
    ],
    ['no type', ({ response }) => response.writeHead(200).end('{}'), /of no type/],
    ['no JSON', ({ response }) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc":'), /cannot be read/],
    [
      'a body that may be read two ways',
      ({ response, message }) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(`{"jsonrpc":"2.0","id":${message.id},"id":2,"result":{}}`),
      /cannot be read/,
    ],
    ['the reply to something else', ({ json }) => json({ jsonrpc: '2.0', id: 'other', result: {} }), /reply to something else/],
    ['accepted and nothing', ({ response }) => response.writeHead(202).end(), /HTTP 202/],
    ['503', ({ response }) => response.writeHead(503).end('busy'), /HTTP 503/],
    ['401', ({ response }) => response.writeHead(401, { 'www-authenticate': 'Bearer' }).end(), /wants to know who is asking \(HTTP 401\)/],
    ['403', ({ response }) => response.writeHead(403).end(), /does not let this credential in/],
    ['a body without end', flood, /longer than 300000 bytes/],
    [
      'an event without end',
      (asked) => {
        asked.stream();
        flood(asked);
      },
      /too long/,
    ],
    [
      'a broken body',
      ({ response }) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '900' });
        response.write('{');
        setTimeout(() => response.destroy(), 20);
      },
      /broke off/,
    ],
    ['a cut connection', ({ response }) => response.destroy(), /closed the connection/],
    [
      'a stream without a reply',
      (asked) => {
        asked.stream()({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 1 } });
        asked.response.end();
      },
      /closed the stream before it answered/,
    ],
    [
      'a redirect elsewhere',
      ({ response }) => response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data' }).end(),
      /redirects to http:\/\/169\.254\.169\.254/,
    ],
    ['a redirect to nowhere', ({ response }) => response.writeHead(307, { location: 'http://[bad' }).end(), /an address that is none/],
    ['a redirect that drops the body', ({ response }) => response.writeHead(302, { location: '/mcp2' }).end(), /loses its content/],
    ['redirects without end', ({ response }) => response.writeHead(308, { location: '/mcp' }).end(), /more than 3 times/],
    ['no HTTP', ({ request }) => request.socket.end('what?\r\n\r\n'), /no HTTP/],
    [
      'headers too long',
      ({ response }) => response.writeHead(200, { 'x-long': 'x'.repeat(100_000) }).end(),
      /headers are too long|no HTTP/,
    ],
  ];

  function flood({ response }: Request): void {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' });
    response.write('data: ');
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  }

  test('all of them, one after the other, on one session', async () => {
    b = bench({ lineBytes: 300_000 });
    const far = await actor(Object.fromEntries(faults.map(([what, act]) => [what, act])));
    const server = await b.pool.upstream(owner('c1'), remote(far.url), params);
    let id = 0;
    for (const [what, , words] of faults) {
      await expect(server.request(callText(++id, what), id), what).rejects.toThrow(words);
      expect((await server.request(callText(++id, 'fine'), id)).text, what).toContain('well');
    }
    expect([server.inFlight, b.pool.processes('far').length]).toEqual([0, 1]);
    expect(far.seen.some(({ headers }) => headers['mcp-session-id'] !== 's1' && headers['mcp-session-id'] !== undefined)).toBe(false);
  });

  test('a server that never answers holds its own call only, and withdrawing frees it', async () => {
    b = bench({ cancelledMs: 200 });
    let closed = 0;
    const far = await actor({ never: ({ response }) => void response.on('close', () => closed++) });
    const server = await b.pool.upstream(owner('c1'), remote(far.url), params);
    const gone = new AbortController();
    const held = server.request(callText(1, 'never'), 1, { signal: gone.signal });
    expect((await server.request(callText(2, 'fine'), 2)).id).toBe(2);
    gone.abort();
    await expect(held).rejects.toMatchObject({ problem: 'cancelled' });
    await until(() => closed === 1);
    // Stopping does not wait for a server that hangs.
    const stuck = server.request(callText(3, 'never'), 3).catch((error: Error) => error.message);
    const began = performance.now();
    await b.pool.stopConnection('c1');
    expect(await stuck).toContain('was stopped because its client left');
    expect(performance.now() - began).toBeLessThan(within(4_500));
  });
});

describe('streams', () => {
  test('an error reply that names no request, pretty-printed JSON, comments, CRLF and odd chunks are understood', async () => {
    b = bench();
    const far = await actor({
      nameless: ({ json }) => json({ jsonrpc: '2.0', id: null, error: { code: -32000, message: 'no', data: { big: 1 } } }, 400),
      pretty: (asked) =>
        void asked.response
          .writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
          .end(JSON.stringify(reply(asked), null, 2)),
      odd: (asked) => {
        asked.stream();
        const bytes = Buffer.from(
          `\ufeff: hello\r\nevent: message\r\ndata: {"jsonrpc":"2.0","id":${asked.message.id},\r\ndata: "result":{"é":"\u{1f980}","n":12345678901234567890}}\r\n\r\n`,
        );
        for (const byte of bytes) asked.response.write(Buffer.from([byte]));
      },
    });
    const server = await b.pool.upstream(owner('c1'), remote(far.url), params);
    expect(await server.request(callText(1, 'nameless'), 1)).toMatchObject({ id: 1, failed: true });
    expect((await server.request(callText(2, 'pretty'), 2)).text).not.toContain('\n');
    expect((await server.request(callText(3, 'odd'), 3)).text).toBe(
      '{"jsonrpc":"2.0","id":3, "result":{"é":"\u{1f980}","n":12345678901234567890}}',
    );
  });

  test('a stream that breaks off with an event id goes on where it was', async () => {
    b = bench();
    const resumed: (string | undefined)[] = [];
    let waiting: Request | null = null;
    const far = await actor(
      {
        long: (asked) => {
          waiting = asked;
          asked.stream()(
            { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'p', progress: 1 } },
            'id: e1\nretry: 10\n',
          );
          asked.response.end();
        },
      },
      (asked) => {
        const last = asked.request.headers['last-event-id'] as string | undefined;
        if (last === undefined) return void asked.response.writeHead(405).end();
        resumed.push(last);
        const send = asked.stream();
        if (last === 'e1') {
          send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'p', progress: 2 } }, 'id: e2\n');
          return void asked.response.end();
        }
        send(reply(waiting as Request), 'id: e3\n');
      },
    );
    const server = await b.pool.upstream(owner('c1'), remote(far.url), params);
    const heard: Message[] = [];
    const answered = await server.request(callText(1, 'long'), 1, { onMessage: (message) => heard.push(message) });
    expect(answered.id).toBe(1);
    expect(resumed).toEqual(['e1', 'e2']);
    expect(heard.map(({ params: of }) => of?.progress)).toEqual([1, 2]);
  });

  test('its own stream is opened again after a break, and a flood on it is slowed down', async () => {
    b = bench();
    let opened = 0;
    const note = { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'x' } };
    const far = await actor({}, (asked) => {
      const send = asked.stream();
      opened += 1;
      if (opened === 1) {
        send({ ...note, params: { level: 'info', data: 'first' } }, 'id: a\nretry: 10\n');
        return void asked.response.end();
      }
      for (let n = 0; n < 3_000; n++) send(note);
    });
    const server = await b.pool.upstream(owner('c1'), remote(far.url), params);
    let heard = 0;
    server.listen(
      () => heard++,
      () => {},
    );
    await until(() => heard > 1_000);
    expect(far.seen.filter(({ method }) => method === 'GET')[1]?.headers['last-event-id']).toBe('a');
    await until(() => b.ofType('server.protocol-error').some(({ problem }) => problem.includes('slowed down')));
    await until(() => heard === 3_001, 8_000);
  });
});

describe('what was found does not hold any more', () => {
  const discovered = {
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {} },
    ttlMs: 0,
    cacheScope: 'private',
  };
  const good = { name: 'good', inputSchema: { type: 'object' } };
  const bad = { name: 'bad', inputSchema: { type: 'object', properties: { a: { type: 'number', 'x-mcp-header': 'A' } } } };

  test('a tool that asks for headers nobody can send is left out, and the log says why', async () => {
    b = bench();
    const far = await puppet(({ message, result }) => result(message.method === 'server/discover' ? discovered : { tools: [bad, good] }));
    const offer = await b.pool.probe(remote(far.url, { era: null }), {});
    expect(offer.definitions.map(({ capability }) => capability)).toEqual(['tool:good']);
    expect(b.pool.logs('far')[0]?.text).toContain('its tool bad is left out');
  });

  test('a server that changed its era is found anew, either way', async () => {
    b = bench();
    let era: 'handshake' | 'stateless' = 'stateless';
    const far = await puppet((asked) => {
      const { request, response, message, json, result } = asked;
      if (request.method !== 'POST') return void response.writeHead(405).end();
      if (era === 'stateless') {
        const unsupported = { code: -32022, message: 'x', data: { supported: ['2026-07-28'], requested: 'y' } };
        if (!JSON.stringify(message.params ?? {}).includes('2026-07-28'))
          return json({ jsonrpc: '2.0', id: message.id ?? null, error: unsupported }, 400);
        return result(message.method === 'server/discover' ? discovered : { tools: [good] });
      }
      if (message.method === 'initialize')
        return result({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'p', version: '1' } });
      if (JSON.stringify(message).includes('2026-07-28')) return void response.writeHead(400).end();
      if (message.id === undefined) return void response.writeHead(202).end();
      result({ tools: [good] });
    });
    const seen: string[] = [];
    for (const next of ['handshake', 'stateless', 'handshake'] as const) {
      const server = await b.pool.upstream(owner('c1'), remote(far.url, { era: 'stateless' }), params);
      seen.push(server.era);
      expect(await b.pool.fetchDefinitions(server)).toHaveLength(1);
      era = next;
      await b.pool.fetchDefinitions(server).catch(() => {});
      await until(() => b.pool.processes('far').length === 0);
    }
    expect(seen).toEqual(['stateless', 'handshake', 'stateless']);
  });
});

describe('finding it', () => {
  test.each<[what: string, act: (asked: Request) => void, words: RegExp]>([
    ['401', ({ response }) => response.writeHead(401).end(), /wants to know who is asking \(HTTP 401\)/],
    ['500 to everything', ({ response }) => response.writeHead(500).end(), /HTTP 500/],
    ['404 to everything', ({ response }) => response.writeHead(404).end(), /HTTP 404/],
    ['a web page', ({ response }) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), /what it sent is text\/html/],
    [
      'future versions',
      ({ json, message }) =>
        json({ jsonrpc: '2.0', id: message?.id ?? null, error: { code: -32022, message: 'x', data: { supported: ['2031-01-01'] } } }, 400),
      /no version of MCP that Gatehouse knows/,
    ],
  ])('%s is said in words', async (_, act, words) => {
    b = bench({ startMs: 3_000 });
    await expect(b.pool.probe(remote((await puppet(act)).url, { era: null }), {})).rejects.toThrow(words);
    expect(b.pool.processes('far')).toEqual([]);
  });

  test('silence ends, and stopping it meanwhile too', async () => {
    b = bench({ startMs: 700 });
    const silent = await puppet(() => {});
    await expect(b.pool.probe(remote(silent.url, { era: null }), {})).rejects.toThrow(/did not answer/);
    const patient = bench();
    const probing = patient.pool.probe(remote(silent.url), {}).catch((error: Error) => error.message);
    await until(() => silent.seen.length > 2);
    await patient.pool.stopServer('far');
    expect(await probing).toContain('it was stopped while it started');
  });

  test('the older stream must name its own address to post to, and soon', async () => {
    b = bench({ startMs: 700 });
    const says = (endpoint: string | null) =>
      puppet(({ request, response }) => {
        if (request.method !== 'GET') return void response.writeHead(404).end();
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.flushHeaders();
        if (endpoint !== null) response.write(`event: endpoint\ndata: ${endpoint}\n\n`);
      });
    await expect(b.pool.probe(remote((await says('http://127.0.0.1:1/steal')).url), {})).rejects.toThrow(/not its own/);
    await expect(b.pool.probe(remote((await says(null)).url), {})).rejects.toThrow(/does not begin with an address/);
  });

  test('an address that comes nearer than it was is refused before anything is sent', async () => {
    b = bench();
    const far = await puppet(({ result }) => result({}));
    for (const url of [far.url, far.url.replace('127.0.0.1', 'localhost'), far.url.replace('127.0.0.1', '[::ffff:127.0.0.1]')])
      await expect(b.pool.probe(remote(url, { reach: 'public' }), {}), url).rejects.toThrow(/leads to .*, which is this computer/);
    await expect(b.pool.probe(remote('https://10.1.2.3/mcp', { reach: 'public' }), {})).rejects.toThrow(/which is a private network/);
    await expect(b.pool.probe(remote('http://10.1.2.3/mcp', { reach: 'loopback' }), {})).rejects.toThrow(/which is a private network/);
    expect(far.seen).toEqual([]);
  });

  test.each([
    ['missing', undefined, 'is missing'],
    ['two lines', 'a\nb', 'cannot stand in a header'],
  ])('a secret that is %s', async (_, value, words) => {
    b = bench();
    if (value) b.secrets.set('key', value);
    const far = await puppet(({ result }) => result({}));
    const failed = await b.pool.probe(remote(far.url, { secretHeaders: { 'X-Key': 'key' } }), {}).catch((error: Error) => error.message);
    expect(failed).toContain(words);
    expect(far.seen).toEqual([]);
  });

  test('secrets stand in headers and in the query of the address as it was added, and in no address that the server names', async () => {
    b = bench();
    b.secrets.set('key', 'a&b c');
    const elsewhere = `/moved?k=${referenceTo('key')}&h=${referenceTo('other')}`;
    const urls: string[] = [];
    const far = await puppet(({ request, response, result }) => {
      if (request.method !== 'POST') return void response.writeHead(405).end();
      urls.push(request.url as string);
      if (request.url?.startsWith('/mcp')) return void response.writeHead(307, { location: elsewhere }).end();
      result({ protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'p', version: '1' } });
    });
    const launch = remote(`${far.url}?k=${referenceTo('key')}`, { transport: 'http', headers: { 'X-Key': `Key ${referenceTo('key')}.` } });
    await b.pool.probe(launch, {});
    expect(urls.slice(0, 2)).toEqual(['/mcp?k=a%26b%20c', elsewhere]);
    for (const { headers } of far.seen) expect(headers['x-key']).toBe('Key a&b c.');
    expect(JSON.stringify([b.events, b.pool.logs('far')])).not.toContain('a&b c');
  });

  test('a certificate that is none', async () => {
    b = bench();
    b.secrets.set('cert', generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString());
    const launch = remote('https://127.0.0.1:1/mcp', { clientCert: 'cert' });
    await expect(b.pool.probe(launch, {})).rejects.toThrow(/is no client certificate|nothing listens/);
  });
});
