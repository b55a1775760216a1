import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openHttpDoor } from '../../broker/receive/http-door.ts';
import { within } from '../support/scale.ts';
import { initialize } from './connector-fixture.ts';
import { type Answer, ask, both, bytes, type Headers, legit, type Opened, openDoor } from './http-fixture.ts';

let opened: Opened;
let port: number;

beforeAll(async () => {
  opened = await openDoor({}, { headersMs: 600, requestMs: 1200 });
  port = opened.door.port;
});
afterAll(() => opened.door.close());

const hello = JSON.stringify(initialize());

function nothingLeaks({ headers }: Answer) {
  expect(Object.keys(headers).filter((name) => /^access-control-|^x-powered-by$|^server$/.test(name))).toEqual([]);
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['x-content-type-options']).toBe('nosniff');
}

it('lets through the one kind of request that is right, of thousands that are nearly so', async () => {
  const hosts = [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    `[::1]:${port}`,
    `127.0.0.1:${port + 1}`,
    '127.0.0.1',
    `LOCALHOST:${port}`,
    `127.0.0.1:${port}.evil.test`,
    `evil.test:${port}`,
    `127.1:${port}`,
    `localhost.:${port}`,
  ];
  const origins = [
    undefined,
    `http://127.0.0.1:${port}`,
    `http://localhost:${port}`,
    `https://127.0.0.1:${port}`,
    'http://evil.test',
    'null',
    '',
    `http://127.0.0.1:${port + 1}`,
    `http://127.0.0.1:${port}/`,
    `http://127.0.0.1:${port}, http://evil.test`,
  ];
  const methods = ['POST', 'GET', 'PUT', 'OPTIONS', 'TRACE', 'HEAD', 'DELETE'];
  const types = ['application/json', 'Application/JSON; charset=UTF-8', 'text/plain', 'application/json, text/plain', undefined];
  const credentials = ['Bearer ght_claude', 'Bearer ght_wrong', 'Basic ght_claude', undefined];
  const counts = { passed: 0, all: 0 };
  for (const host of hosts) {
    for (const origin of origins) {
      for (const method of methods) {
        for (const type of types) {
          const asked = credentials.map(async (credential) => {
            const headers: Headers = { Host: host, Accept: both };
            if (origin !== undefined) headers.Origin = origin;
            if (type !== undefined) headers['Content-Type'] = type;
            if (credential !== undefined) headers.Authorization = credential;
            const withBody = method !== 'GET' && method !== 'HEAD' && method !== 'TRACE';
            const answer = await ask(port, method, '/mcp', headers, withBody ? hello : undefined);
            nothingLeaks(answer);
            const ours = hosts.indexOf(host) < 2 && origins.indexOf(origin) < 3;
            const expected = !ours
              ? 403
              : method === 'OPTIONS' || method === 'TRACE'
                ? 405
                : credential !== credentials[0]
                  ? 401
                  : method === 'GET' || method === 'DELETE'
                    ? 400
                    : method !== 'POST'
                      ? 405
                      : types.indexOf(type) < 2
                        ? 200
                        : 415;
            expect([answer.status, { host, origin, method, type, credential }]).toEqual([
              expected,
              { host, origin, method, type, credential },
            ]);
            counts.all += 1;
            if (answer.status === 200) counts.passed += 1;
          });
          await Promise.all(asked);
        }
      }
    }
  }
  expect(counts.all).toBe(14_000);
  expect(counts.passed).toBe(2 * 3 * 2);
});

it('answers without a credential with the challenge and nothing else, whatever is asked for', async () => {
  const paths = [
    '/mcp',
    '/mcp/',
    '/mcp/s/github',
    '/mcp/s/private',
    '/mcp/s/none',
    '/mcp/x',
    '/mcp/s/',
    '/mcp/s/GitHub',
    '/mcp/s/%67ithub',
    '/mcp/s/github/..',
    '/mcp?token=ght_claude',
    '/mcp/../other',
  ];
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      const answer = await ask(port, method, path, { Host: `localhost:${port}` }, method === 'POST' ? hello : undefined);
      nothingLeaks(answer);
      expect([path, answer.status, answer.body]).toEqual([path, 401, '']);
      const named = /^\/mcp\/s\/[a-z0-9-]+$/.test(path) ? path : '/mcp';
      expect(answer.headers['www-authenticate']).toBe(
        `Bearer resource_metadata="http://localhost:${port}/.well-known/oauth-protected-resource${named}"`,
      );
    }
  }
});

it('does not tell a server that a client may not see from one that is not there', async () => {
  const shape = async (path: string, token: string) => {
    const { status, headers, body } = await ask(port, 'POST', path, legit(port, { Authorization: `Bearer ${token}` }), hello);
    const { date: _date, 'mcp-session-id': _id, ...rest } = headers;
    return { status, rest, body: status === 200 ? '' : body };
  };
  expect(await shape('/mcp/s/private', 'ght_claude')).toEqual(await shape('/mcp/s/none', 'ght_claude'));
  expect((await shape('/mcp/s/private', 'ght_claude')).status).toBe(404);
  expect((await shape('/mcp/s/private', 'ght_cursor')).status).toBe(200);
  for (const path of ['/mcp/s/GitHub', '/mcp/s/github/', '/mcp/s/%67ithub', '/mcp/s/github%2f', '/mcp/other']) {
    expect((await shape(path, 'ght_claude')).status).toBe(404);
  }
});

it('hands on everything else, behind the same guard', async () => {
  expect((await ask(port, 'GET', '/', { Host: `127.0.0.1:${port}` })).body).toBe('other');
  expect((await ask(port, 'GET', '//mcp', { Host: `127.0.0.1:${port}` })).body).toBe('other');
  for (const headers of [{ Host: 'evil.test' }, { Host: `127.0.0.1:${port}`, Origin: 'http://evil.test' }] as Headers[]) {
    const answer = await ask(port, 'GET', '/', headers);
    nothingLeaks(answer);
    expect(answer).toMatchObject({ status: 403, body: '' });
  }
  expect((await ask(port, 'GET', '/.well-known/oauth-protected-resource/mcp', { Host: `127.0.0.1:${port}` })).status).toBe(404);
});

const H = () => `Host: 127.0.0.1:${port}\r\n`;
const A = 'Authorization: Bearer ght_claude\r\nContent-Type: application/json\r\nAccept: application/json\r\n';
const L = `Content-Length: ${Buffer.byteLength(hello)}\r\n`;
const malformed: [string, () => string | Buffer, RegExp][] = [
  ['no Host', () => `GET /mcp HTTP/1.1\r\n\r\n`, /^HTTP\/1.1 400/],
  ['no Host in HTTP/1.0', () => `GET / HTTP/1.0\r\n\r\n`, /^HTTP\/1.1 403/],
  ['two Hosts', () => `GET / HTTP/1.1\r\n${H()}Host: evil.test\r\n\r\n`, /^HTTP\/1.1 40[03]/],
  ['two equal Hosts', () => `GET / HTTP/1.1\r\n${H()}${H()}\r\n`, /^HTTP\/1.1 400/],
  ['two Origins', () => `GET / HTTP/1.1\r\n${H()}Origin: http://127.0.0.1:${port}\r\nOrigin: http://evil.test\r\n\r\n`, /^HTTP\/1.1 400/],
  ['two credentials', () => `POST /mcp HTTP/1.1\r\n${H()}${A}Authorization: Bearer ght_cursor\r\n${L}\r\n${hello}`, /^HTTP\/1.1 400/],
  ['two lengths', () => `POST /mcp HTTP/1.1\r\n${H()}${A}${L}Content-Length: 5\r\n\r\n${hello}`, /^HTTP\/1.1 400/],
  ['length and chunks', () => `POST /mcp HTTP/1.1\r\n${H()}${A}${L}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, /^HTTP\/1.1 400/],
  ['a host in the request line', () => `GET http://evil.test/ HTTP/1.1\r\n${H()}\r\n`, /^HTTP\/1.1 400/],
  ['CONNECT', () => `CONNECT evil.test:443 HTTP/1.1\r\n${H()}\r\n`, /^HTTP\/1.1 405/],
  ['TRACE', () => `TRACE / HTTP/1.1\r\n${H()}\r\n`, /^HTTP\/1.1 405/],
  ['not HTTP', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', /^HTTP\/1.1 400/],
  ['a folded header', () => `GET / HTTP/1.1\r\n${H()}Origin: http://127.0.0.1:${port}\r\n evil\r\n\r\n`, /^HTTP\/1.1 40[03]/],
  ['a space before the colon', () => `GET / HTTP/1.1\r\nHost : 127.0.0.1:${port}\r\n\r\n`, /^HTTP\/1.1 400/],
  ['NUL in a header', () => `GET / HTTP/1.1\r\n${H()}X: a\0b\r\n\r\n`, /^HTTP\/1.1 400/],
  ['headers of 20 KiB', () => `GET / HTTP/1.1\r\n${H()}X: ${'a'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1.1 431/],
  [
    'an Origin hidden behind thousands of headers',
    () => `GET / HTTP/1.1\r\n${H()}${'a:\r\n'.repeat(3000)}Origin: http://evil.test\r\n\r\n`,
    /^HTTP\/1.1 431/,
  ],
  [
    'a foreign page that would upgrade',
    () => `GET /mcp HTTP/1.1\r\n${H()}Origin: http://evil.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    /^HTTP\/1.1 403/,
  ],
  [
    'an upgrade without a credential',
    () => `GET /mcp HTTP/1.1\r\n${H()}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    /^HTTP\/1.1 401/,
  ],
  [
    'a body it may not send, announced',
    () => `POST /mcp HTTP/1.1\r\nHost: evil.test\r\n${A}${L}Expect: 100-continue\r\n\r\n`,
    /^HTTP\/1.1 403/,
  ],
  ['a body without a credential, announced', () => `POST /mcp HTTP/1.1\r\n${H()}${L}Expect: 100-continue\r\n\r\n`, /^HTTP\/1.1 401/],
  [
    'a body of 5 MiB, announced',
    () => `POST /mcp HTTP/1.1\r\n${H()}${A}Content-Length: ${5 << 20}\r\nExpect: 100-continue\r\n\r\n`,
    /^HTTP\/1.1 100[\s\S]*HTTP\/1.1 413/,
  ],
  [
    'a second request behind a bad one',
    () => `GET / HTTP/1.1\r\nHost: evil.test\r\nContent-Length: 0\r\n\r\nGET / HTTP/1.1\r\nHost: evil.test\r\n\r\n`,
    /^HTTP\/1.1 403[\s\S]*HTTP\/1.1 403/,
  ],
];
it.each(malformed)('refuses %s', async (_name, make, expected) => {
  const answer = await bytes(port, make(), 500);
  expect(answer).toMatch(expected);
  expect(answer).not.toMatch(/access-control|x-powered-by|other|mcp-session-id|"jsonrpc":"2.0","id":0,"result"/i);
});

it('takes a body that was announced, and says so only then', async () => {
  const answer = await bytes(port, `POST /mcp HTTP/1.1\r\n${H()}${A}${L}Expect: 100-continue\r\n\r\n${hello}`, 500);
  expect(answer).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/);
});

it('waits for slow senders only so long, in headers and in bodies', async () => {
  for (const start of [`GET / HTTP/1.1\r\n${H()}`, `POST /mcp HTTP/1.1\r\n${H()}${A}Content-Length: 100\r\n\r\n{`]) {
    const began = Date.now();
    const socket = connect({ host: '127.0.0.1', port });
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    socket.write(start);
    const drip = setInterval(() => socket.write('X: y\r\n'.slice(0, 1)), 100);
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(drip);
    expect(answer).toMatch(/^(HTTP\/1.1 408|$)/);
    expect(Date.now() - began).toBeLessThan(within(6000));
  }
});

it('refuses bodies past the limit, announced, in chunks or at once', async () => {
  const small = await openDoor({}, { body: 1000 });
  const own = small.door.port;
  const head = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${own}\r\n${A}`;
  expect(await bytes(own, `${head}Content-Length: 1001\r\n\r\n`, 1000)).toMatch(/^HTTP\/1.1 413/);
  expect(await bytes(own, `${head}Transfer-Encoding: chunked\r\n\r\n${'64\r\n'.concat('x'.repeat(100), '\r\n').repeat(20)}`, 1000)).toMatch(
    /^HTTP\/1.1 413/,
  );
  expect((await ask(own, 'POST', '/mcp', legit(own), hello.padEnd(1000))).status).toBe(200);
  expect((await ask(own, 'POST', '/mcp', legit(own), hello.padEnd(1001))).status).toBe(413);
  await small.door.close();
});

it('listens on 127.0.0.1 and nowhere else', async () => {
  const others = ['::1', ...Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address))].filter(
    (address) => address !== '127.0.0.1',
  );
  for (const host of others) {
    const reached = await new Promise((resolve) => {
      const socket = connect({ host, port });
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      setTimeout(() => resolve(false), 500);
    });
    expect([host, reached]).toEqual([host, false]);
  }
});

it('names who holds a port that is taken', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => holder.once('listening', resolve));
  const held = (holder.address() as { port: number }).port;
  const failed = openHttpDoor(held, {} as never);
  await expect(failed).rejects.toMatchObject({ code: 'conflict' });
  if (process.platform === 'linux') await expect(failed).rejects.toThrow(`(process ${process.pid})`);
  holder.close();
});

it('takes only so many connections at once', async () => {
  const few = await openDoor({}, { connections: 3 });
  const sockets = Array.from({ length: 8 }, () => connect({ host: '127.0.0.1', port: few.door.port }).on('error', () => {}));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(sockets.filter((socket) => !socket.closed && !socket.destroyed)).toHaveLength(3);
  for (const socket of sockets) socket.destroy();
  await few.door.close();
});
