// The operator's door over TCP: every way of asking wrongly, and what each kind of caller is told.
import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import { createORPCClient, ORPCError } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { type ContractRouterClient, eventIterator, oc } from '@orpc/contract';
import { implement } from '@orpc/server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createDoor, type DoorContext } from '../../broker/operate/door.ts';
import { createTopics } from '../../broker/operate/topics.ts';
import { contract, type Meta } from '../../shared/contract.ts';
import { GatehouseError } from '../../shared/errors.ts';

type Actor = { id: string };
const operation = oc.$meta<Meta>({ caller: 'operator', changes: [] }).errors({
  GATEHOUSE: { status: 400, data: z.object({ code: z.string(), hint: z.string() }) },
});
const small = {
  open: operation.meta({ caller: 'anyone', changes: [] }).output(z.string()),
  inner: { closed: operation.input(z.object({ text: z.string().max(300_000) })).output(z.string()) },
  change: operation.meta({ caller: 'operator', changes: ['grant', 'log'] }).output(z.string()),
  fails: operation.meta({ caller: 'operator', changes: ['grant'] }).output(z.string()),
  breaks: operation.output(z.string()),
  wrongOutput: operation.output(z.string()),
  forgotten: oc.output(z.string()),
  misspelt: oc.$meta<object>({ caller: 'everyone' }).output(z.string()),
  stream: operation.output(eventIterator(z.object({ topic: z.string() }))),
};

const topics = createTopics();
const reports: { fault: unknown; reference: string; operation: string }[] = [];
const revoked: string[] = [];
const used: string[] = [];
let ran: string[] = [];
let holds = true;
let mayOperate = true;

const os = implement(small).$context<DoorContext<Actor>>();
const mark = (name: string, value = name) => {
  ran.push(name);
  return value;
};
const router = {
  open: os.open.handler(({ context }) => mark('open', context.actor?.id ?? 'nobody')),
  inner: { closed: os.inner.closed.handler(({ input }) => mark('closed', `${input.text.length}`)) },
  change: os.change.handler(() => mark('change')),
  fails: os.fails.handler(() => {
    throw new GatehouseError('not-found', 'There is no such thing.', 'Look at the list.');
  }),
  breaks: os.breaks.handler(() => {
    throw new Error('secret detail', { cause: new Error('deep') });
  }),
  wrongOutput: os.wrongOutput.handler(() => 7 as unknown as string),
  forgotten: os.forgotten.handler(() => mark('forgotten')),
  misspelt: os.misspelt.handler(() => mark('misspelt')),
  stream: os.stream.handler(({ signal }) => topics.subscribe(signal)),
};
const door = createDoor<Actor>(router, {
  check: (token) => (token === 'good' ? { id: 'operator' } : null),
  peer: async () => null,
  mayOperate: () => mayOperate,
  revoke: (token) => void revoked.push(token),
  used: (actor) => void used.push(actor.id),
  stillHolds: () => holds,
  report: (fault, reference, operation) => void reports.push({ fault, reference, operation }),
  topics,
});

let server: Server;
let port = 0;
beforeAll(async () => {
  server = createServer((req, res) => {
    void door.handle(req, res).then((mine) => mine || res.writeHead(418).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  ran = [];
  reports.length = 0;
  revoked.length = 0;
  used.length = 0;
  holds = true;
  mayOperate = true;
});

interface Asked {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}
function ask({
  path = '/api/open',
  method = 'POST',
  headers = {},
  body = '{}',
}: Asked = {}): Promise<{ status: number; text: string; headers: object }> {
  return new Promise((resolve, reject) => {
    const bare = method === 'GET' || method === 'HEAD';
    // Node gives DELETE and OPTIONS neither a length nor chunks of itself.
    const length = bare || 'transfer-encoding' in headers ? {} : { 'content-length': Buffer.byteLength(body) };
    const all = { 'content-type': 'application/json', ...length, ...headers };
    const req = httpRequest({ host: '127.0.0.1', port, path, method, headers: all }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text, headers: res.headers }));
    });
    req.on('error', reject);
    req.end(bare ? undefined : body);
  });
}
const good = { authorization: 'Bearer good' };

test('method x content type x credential x operation: only one combination of each runs', async () => {
  for (const method of ['POST', 'GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    for (const type of [
      'application/json',
      'application/json; charset=utf-8',
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
      'text/event-stream',
      'application/json-seq',
      'application/octet-stream',
      '',
    ]) {
      for (const credential of [undefined, 'Bearer bad', 'Basic good', 'Bearer good']) {
        for (const path of ['/api/open', '/api/inner/closed', '/api/forgotten', '/api/nowhere', '/api', '/api/']) {
          ran = [];
          const { status, text } = await ask({
            method,
            path,
            headers: { 'content-type': type, ...(credential === undefined ? {} : { authorization: credential }) },
            body: '{"json":{"text":"abc"}}',
          });
          const known = credential === 'Bearer good';
          const json = type.startsWith('application/json') && type !== 'application/json-seq';
          const expected =
            method !== 'POST'
              ? 405
              : path === '/api/open'
                ? json
                  ? 200
                  : 415
                : !known
                  ? 401
                  : path === '/api/inner/closed'
                    ? json
                      ? 200
                      : 415
                    : path === '/api/forgotten'
                      ? json
                        ? 400
                        : 415
                      : 404;
          expect([method, type, credential, path, status]).toEqual([method, type, credential, path, expected]);
          expect(ran).toEqual(expected === 200 ? [path === '/api/open' ? 'open' : 'closed'] : []);
          if ([401, 404, 405, 415].includes(status)) expect(text).toBe('');
        }
      }
    }
  }
});

test('an unauthenticated call learns nothing: an operation that exists and one that does not look the same', async () => {
  const there = await ask({ path: '/api/inner/closed' });
  const notThere = await ask({ path: '/api/inner/other', body: 'not json' });
  const date = (headers: object) => ({ ...headers, date: '' });
  expect({ ...there, headers: date(there.headers) }).toEqual({ ...notThere, headers: date(notThere.headers) });
});

test('what anybody may ask does not count as use of a credential; what only an operator may, does', async () => {
  expect((await ask({ headers: good })).status).toBe(200);
  expect(used).toEqual([]);
  expect((await ask({ path: '/api/change', headers: good })).status).toBe(200);
  expect(used).toEqual(['operator']);
});

test('a path written in another way reaches nothing without a credential', async () => {
  for (const path of [
    '/api/inner/closed/',
    '/api//inner/closed',
    '/api/inner%2Fclosed',
    '/api/%69nner/closed',
    '/api/inner/closed?x',
    '/api/open/../inner/closed',
    '/api/./inner/closed',
  ]) {
    expect((await ask({ path, body: '{"json":{"text":"a"}}' })).status, path).toBe(401);
  }
  expect((await ask({ path: '/apix/open' })).status).toBe(418);
  expect(ran).toEqual([]);
});

test('a page of somebody else is turned away before anything is looked at', async () => {
  const own = `127.0.0.1:${port}`;
  const cases: [Record<string, string>, number][] = [
    [{}, 200],
    [{ origin: `http://${own}` }, 200],
    [{ origin: `http://${own}`, 'sec-fetch-site': 'same-origin' }, 200],
    [{ host: `localhost:${port}`, origin: `http://localhost:${port}` }, 200],
    [{ host: `evil.example:${port}`, origin: `http://evil.example:${port}` }, 403],
    [{ host: '127.0.0.1' }, 403],
    [{ host: `127.0.0.1:${port + 1}` }, 403],
    [{ host: `127.0.0.1.evil.example:${port}` }, 403],
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: `https://${own}` }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
  ];
  for (const [headers, status] of cases)
    expect([headers, (await ask({ headers: { ...good, ...headers } })).status]).toEqual([headers, status]);
});

test('no answer allows another origin, and every answer forbids keeping it', async () => {
  const { headers } = await ask({ headers: good });
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  });
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test('a body over 256 KiB is refused, with and without its length given', async () => {
  const call = (length: number) => `{"json":{"text":"${'a'.repeat(length)}"}}`;
  const fits = await ask({ path: '/api/inner/closed', headers: good, body: call(262_144 - 20) });
  expect([fits.status, fits.text]).toEqual([200, '{"json":"262124"}']);
  expect((await ask({ path: '/api/inner/closed', headers: good, body: call(262_144) })).status).toBe(413);
  expect((await ask({ path: '/api/inner/closed', headers: { ...good, 'transfer-encoding': 'chunked' }, body: call(262_144) })).status).toBe(
    413,
  );
  expect((await ask({ path: '/api/inner/closed', headers: { ...good, 'content-encoding': 'gzip' }, body: '{}' })).status).toBe(415);
});

test('a body that is not one JSON object in UTF-8 is refused', async () => {
  for (const body of ['[]', '"x"', 'null', '7', '{', '{}{}', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])]) {
    expect((await ask({ headers: good, body })).status).toBe(400);
  }
  expect((await ask({ headers: { ...good, 'content-disposition': 'attachment; filename=x' } })).status).toBe(200);
});

test('an operation whose contract states no rule is closed to the operator too', async () => {
  for (const path of ['/api/forgotten', '/api/misspelt']) {
    expect((await ask({ path })).status).toBe(401);
    const { status, text } = await ask({ path, headers: good });
    expect(status).toBe(400);
    expect(JSON.parse(text).json.data.code).toBe('refused');
  }
  expect(ran).toEqual([]);
});

test('every operation of the real contract without a credential: four are open, the others 401', async () => {
  const { rulesByPath } = await import('../../broker/operate/rules.ts');
  const rules = [...rulesByPath(contract)];
  expect(rules.length).toBeGreaterThan(40);
  expect(rules.filter(([, rule]) => rule.caller === 'nobody')).toEqual([]);
  expect(rules.filter(([, rule]) => rule.caller === 'anyone').map(([path]) => path)).toEqual([
    '/status',
    '/lock',
    '/operator/redeem',
    '/operator/signIn',
  ]);
});

test('errors: ours as they are, wrong input as usage, anything else as a reference without its cause', async () => {
  const ours = JSON.parse((await ask({ path: '/api/fails', headers: good })).text).json;
  expect(ours).toMatchObject({
    defined: true,
    code: 'GATEHOUSE',
    message: 'There is no such thing.',
    data: { code: 'not-found', hint: 'Look at the list.' },
  });
  const wrong = JSON.parse((await ask({ path: '/api/inner/closed', headers: good, body: '{"json":{"text":5}}' })).text).json;
  expect(wrong.data.code).toBe('usage');
  expect(wrong.message).toContain('text: ');
  for (const path of ['/api/breaks', '/api/wrongOutput']) {
    reports.length = 0;
    const { text } = await ask({ path, headers: good });
    const { json } = JSON.parse(text);
    expect(json.data.code).toBe('failed');
    expect(reports).toHaveLength(1);
    expect(json.message).toContain(reports[0]?.reference);
    expect(text).not.toMatch(/secret detail|deep|\.ts|stack|expected/);
    expect(reports[0]?.fault).toBeInstanceOf(Error);
  }
});

test('a process below a paired client: the call is refused, its token revoked, and locking still works', async () => {
  mayOperate = false;
  const { status, text } = await ask({ path: '/api/change', headers: good });
  expect([status, JSON.parse(text).json.data.code, revoked, ran]).toEqual([403, 'refused', ['good'], []]);
  const open = await ask({ headers: good });
  expect([open.status, open.text]).toEqual([200, '{"json":"nobody"}']);
});

test('a change is published after it succeeded and not when it failed', async () => {
  const heard = topics.subscribe();
  expect((await heard.next()).value).toEqual({ topic: 'hello' });
  await ask({ path: '/api/fails', headers: good });
  await ask({ path: '/api/open', headers: good });
  await ask({ path: '/api/change', headers: good });
  expect([(await heard.next()).value, (await heard.next()).value]).toEqual([{ topic: 'grant' }, { topic: 'log' }]);
  await heard.return();
});

test('a stream over HTTP ends when its credential is gone', async () => {
  const asking = ask({ path: '/api/stream', headers: good });
  await new Promise((resolve) => setTimeout(resolve, 300));
  topics.publish('server');
  await new Promise((resolve) => setTimeout(resolve, 100));
  holds = false;
  topics.publish('secret');
  const { text } = await asking;
  expect(text).toContain('hello');
  expect(text).toContain('server');
  expect(text).not.toContain('"secret"');
  expect(text).toContain('credential is no longer good');
});

test('a slow reader of topics holds each topic once', async () => {
  const heard = topics.subscribe();
  await heard.next();
  for (let at = 0; at < 1000; at++) topics.publish('log', 'grant');
  expect([(await heard.next()).value, (await heard.next()).value]).toEqual([{ topic: 'log' }, { topic: 'grant' }]);
  topics.publish('status');
  expect((await heard.next()).value).toEqual({ topic: 'status' });
  await heard.return();
});

test('the window: same dispatch, same rules, and no message can end the process', async () => {
  const { port1, port2 } = new MessageChannel();
  let holder: { id: string } | null = { id: 'window' };
  door.attach(port1, () => holder);
  const client: ContractRouterClient<typeof small> = createORPCClient(new PortLink({ port: port2 }));
  port1.start();
  port2.start();
  expect(await client.open()).toBe('window');
  expect(await client.inner.closed({ text: 'four' })).toBe('4');
  await expect(client.fails()).rejects.toMatchObject({ code: 'GATEHOUSE', data: { code: 'not-found' } });
  await expect(client.forgotten()).rejects.toBeInstanceOf(ORPCError);
  const events = await client.stream();
  expect((await events.next()).value).toEqual({ topic: 'hello' });
  await events.return?.();
  for (const message of [
    '{',
    '',
    null,
    7,
    [],
    {},
    '{"i":1}',
    '{"i":"1"}',
    '{"i":"1","p":{"u":7}}',
    '{"i":"9","p":{"u":"/open","h":{"content-type":"text/event-stream"}}}',
    new Uint8Array(3),
    'x'.repeat(300_000),
  ]) {
    port2.postMessage(message);
  }
  expect(await client.open()).toBe('window');
  expect(reports.filter((report) => report.reference === 'window')).toHaveLength(12);
  // Asked at each call: who signs out is out, on a port that was given before.
  const kept = await client.stream();
  expect((await kept.next()).value).toEqual({ topic: 'hello' });
  holder = null;
  // The console shows the way in when it hears this, and only then.
  await expect(client.inner.closed({ text: 'four' })).rejects.toMatchObject({ data: { code: 'not-verified' } });
  holds = false;
  topics.publish('status');
  await expect(kept.next()).rejects.toMatchObject({ data: { code: 'not-verified' } });
  port2.close();
});
