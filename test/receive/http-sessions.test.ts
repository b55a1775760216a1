import { connect } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema, LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GatehouseError } from '../../shared/errors.ts';
import { initialize, initialized, request, until } from './connector-fixture.ts';
import { ask, both, hang, legit, type Opened, openDoor, openStream, post, session, tokens } from './http-fixture.ts';

let opened: Opened;
let port: number;
let clock = 0;

beforeEach(async () => {
  clock = 1_000_000;
  opened = await openDoor({ now: () => clock }, { keepAliveMs: 100 });
  port = opened.door.port;
});
afterEach(() => opened.door.close());

const last = () => opened.seen.at(-1) as Opened['seen'][number];
const note = (n: unknown) => JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { n } });
const answerTo = (id: number | string) => JSON.stringify({ jsonrpc: '2.0', id, result: { done: id } });

it('opens a session with initialize, of 256 random bits, for this client and this path', async () => {
  const answer = await post(port, legit(port), initialize(), '/mcp/s/github');
  expect(answer.status).toBe(200);
  expect(answer.headers['mcp-session-id']).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(answer.headers['content-type']).toBe('text/event-stream');
  expect(last().arrival).toEqual({ client: 'claude', via: 'http', folder: null, process: null, only: 'github' });
  expect((await session(port))['Mcp-Session-Id']).not.toBe(answer.headers['mcp-session-id']);
  expect(last().arrival.only).toBeNull();
});

it('answers in JSON where the client takes nothing else, and with an event stream where it names it', async () => {
  const headers = await session(port);
  for (const [accept, type] of [
    ['application/json', 'application/json'],
    ['*/*', 'application/json'],
    ['application/json, text/event-stream;q=0', 'application/json'],
    ['text/event-stream', 'text/event-stream'],
    [both, 'text/event-stream'],
    ['TEXT/Event-Stream, application/json;q=0.5', 'text/event-stream'],
  ] as const) {
    const answer = await post(port, { ...headers, Accept: accept }, request(1, 'ping'));
    expect([accept, answer.status, answer.headers['content-type']]).toEqual([accept, 200, type]);
  }
  expect(JSON.parse((await post(port, { ...headers, Accept: 'application/json' }, request(2, 'ping'))).body).id).toBe(2);
  expect((await post(port, { ...headers, Accept: 'text/html' }, request(1, 'ping'))).status).toBe(406);
  expect((await ask(port, 'GET', '/mcp', { ...headers, Accept: 'application/json' })).status).toBe(406);
});

it('needs the session on every message, and knows no other than its own', async () => {
  const headers = await session(port);
  const id = headers['Mcp-Session-Id'] as string;
  expect((await post(port, legit(port), request(1, 'ping'))).status).toBe(400);
  expect((await ask(port, 'GET', '/mcp', legit(port))).status).toBe(400);
  expect((await ask(port, 'DELETE', '/mcp', legit(port))).status).toBe(400);
  const unknown = await post(port, legit(port, { 'Mcp-Session-Id': 'x'.repeat(43) }), request(1, 'ping'));
  const cursor = { Authorization: 'Bearer ght_cursor', 'Mcp-Session-Id': id };
  const wrongs = [
    await post(port, legit(port, cursor), request(1, 'ping')),
    await post(port, legit(port, cursor), initialize()),
    await post(port, headers, request(1, 'ping'), '/mcp/s/github'),
    await ask(port, 'GET', '/mcp', legit(port, cursor)),
    await ask(port, 'DELETE', '/mcp', legit(port, cursor)),
  ];
  for (const wrong of wrongs) expect([wrong.status, wrong.body]).toEqual([404, unknown.body]);
  expect((await ask(port, 'POST', '/mcp', { ...headers, Authorization: '' }, hang(1))).status).toBe(401);
  expect((await post(port, headers, request(1, 'ping'))).status).toBe(200);
  expect((await post(port, headers, initialize(9))).status).toBe(400);
  expect(last().messages.filter(({ method }) => method === 'initialize')).toHaveLength(1);
});

it('takes notifications and responses with 202, no body', async () => {
  const headers = await session(port);
  for (const value of [initialized, { jsonrpc: '2.0', id: 5, result: {} }])
    expect(await post(port, headers, value)).toMatchObject({ status: 202, body: '' });
  expect(last().messages.map(({ kind }) => kind)).toEqual(['request', 'notification', 'notification', 'response']);
});

it('refuses what the gate refuses, in JSON-RPC words', async () => {
  const headers = await session(port);
  for (const [text, code, id] of [
    ['{', -32700, null],
    ['{"jsonrpc":"2.0","id":1,"id":2,"method":"x"}', -32600, null],
    ['{"jsonrpc":"1.0","id":3,"method":"x"}', -32600, 3],
    [`[${hang(1)}]`, -32600, null],
    ['\ufeff{}', -32700, null],
    ['', -32700, null],
  ] as const) {
    const answer = await post(port, headers, text);
    expect([text, answer.status, JSON.parse(answer.body).error.code, JSON.parse(answer.body).id]).toEqual([text, 400, code, id]);
  }
});

it('checks the revision where it is named', async () => {
  const headers = await session(port);
  for (const version of ['2025-03-26', '2025-06-18', '2025-11-25']) {
    expect((await post(port, { ...headers, 'MCP-Protocol-Version': version }, request(1, 'ping'))).status).toBe(200);
  }
  for (const version of ['2031-01-01', '1.0', '', '2025-11-25, 2025-03-26']) {
    expect((await post(port, { ...headers, 'MCP-Protocol-Version': version }, request(1, 'ping'))).status).toBe(400);
  }
});

it('takes batches apart in sessions of 2025-03-26, and only there', async () => {
  const headers = await session(port, '/mcp', {}, '2025-03-26');
  const odd = '{"jsonrpc":"2.0","id":"a,]","method":"tools/call","params":{"n":12345678901234567890,"s":"\\"],["}}';
  const text = ` [ ${odd} , ${JSON.stringify(request(2, 'ping'))},\n${JSON.stringify(initialized)} ]`;
  const json = await post(port, { ...headers, Accept: 'application/json' }, text);
  expect(JSON.parse(json.body).map(({ id }: { id: unknown }) => id)).toEqual(['a,]', 2]);
  expect(last().messages.find(({ id }) => id === 'a,]')?.text).toBe(odd);
  const stream = await openStream(port, 'POST', '/mcp', headers, text);
  await stream.closed;
  expect(stream.messages().map(({ id }) => id)).toEqual(['a,]', 2]);
  expect((await post(port, headers, `[${JSON.stringify(initialized)}]`)).status).toBe(202);
  for (const wrong of [
    '[]',
    '[1]',
    `[${hang(1)},${hang(1)}]`,
    `[${JSON.stringify(initialize(7))}]`,
    `[${hang(1)}`,
    `[${Array(101).fill(JSON.stringify(initialized)).join()}]`,
  ]) {
    expect([wrong.slice(0, 60), (await post(port, headers, wrong)).status]).toEqual([wrong.slice(0, 60), 400]);
  }
  expect((await post(port, await session(port), text)).status).toBe(400);
});

it('sends what belongs to a request on its stream, and the rest on the one that listens', async () => {
  const headers = await session(port);
  const listening = await openStream(port, 'GET', '/mcp', headers);
  const [one, two] = [await openStream(port, 'POST', '/mcp', headers, hang(1)), await openStream(port, 'POST', '/mcp', headers, hang('1'))];
  const { down } = last();
  down.send({ text: note('for 1'), during: 1 });
  down.send({ text: note('for "1"'), during: '1' });
  down.send({ text: note('for nobody') });
  down.send({ text: note('for a request that is over'), during: 99 });
  down.send({ text: answerTo('1'), answers: '1' });
  down.send({ text: answerTo(1), answers: 1 });
  down.send({ text: answerTo(1), answers: 1 });
  await Promise.all([one.closed, two.closed]);
  await until(() => listening.messages().length === 2);
  const told = (stream: typeof one) => stream.messages().map(({ params, result }) => params?.n ?? result?.done);
  expect(told(one)).toEqual(['for 1', 1]);
  expect(told(two)).toEqual(['for "1"', '1']);
  expect(told(listening)).toEqual(['for nobody', 'for a request that is over']);
  listening.destroy();
});

it('has one stream that listens, and keeps for it what came before, within bounds', async () => {
  const headers = await session(port);
  for (let n = 0; n < 150; n += 1) last().down.send({ text: note(n) });
  const listening = await openStream(port, 'GET', '/mcp', headers);
  await until(() => listening.messages().length === 100);
  expect(listening.messages()[0]?.params?.n).toBe(50);
  expect((await ask(port, 'GET', '/mcp', headers)).status).toBe(409);
  listening.destroy();
  await until(() => opened.door.count() === 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  // What was sent is not sent again to one that begins anew, and a mebibyte is kept, not more.
  for (let n = 0; n < 30; n += 1) last().down.send({ text: note('x'.repeat(100_000)) });
  const again = await openStream(port, 'GET', '/mcp', headers);
  await until(() => again.messages().length >= 10);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(again.messages()).toHaveLength(10);
  again.destroy();
});

it('brings a question of the server to the client by any stream that is open', async () => {
  const headers = await session(port);
  const one = await openStream(port, 'POST', '/mcp', headers, hang(1));
  last().down.send({ text: note('waits for the listener') });
  last().down.send({ text: JSON.stringify(request('q', 'elicitation/create')) });
  await until(() => one.messages().length === 1);
  expect(one.messages()[0]).toMatchObject({ id: 'q', method: 'elicitation/create' });
  const listening = await openStream(port, 'GET', '/mcp', headers);
  await until(() => listening.messages().length === 1);
  expect(listening.messages()[0]?.params?.n).toBe('waits for the listener');
  one.destroy();
  listening.destroy();
});

it('does not take a lost connection for a cancellation, and keeps the reply for a client that comes back', async () => {
  const headers = await session(port);
  const one = await openStream(port, 'POST', '/mcp', headers, hang(1));
  last().down.send({ text: note('seen'), during: 1 });
  await until(() => one.messages().length === 1);
  one.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  last().down.send({ text: note('missed'), during: 1 });
  last().down.send({ text: answerTo(1), answers: 1 });
  expect(last().messages.map(({ method }) => method)).not.toContain('notifications/cancelled');
  const back = await openStream(port, 'GET', '/mcp', { ...headers, 'Last-Event-ID': one.ids().at(-1) ?? '' });
  await back.closed;
  expect(back.messages().map(({ params, result }) => params?.n ?? result?.done)).toEqual(['missed', 1]);
  // While it is still in flight, too, and from the empty event that begins every stream.
  const two = await openStream(port, 'POST', '/mcp', headers, hang(2));
  await until(() => two.ids().length === 1);
  two.destroy();
  const live = await openStream(port, 'GET', '/mcp', { ...headers, 'Last-Event-ID': two.ids()[0] ?? '' });
  last().down.send({ text: answerTo(2), answers: 2 });
  await live.closed;
  expect(live.messages()).toMatchObject([{ id: 2 }]);
  for (const wrong of ['zz.1', 'x', ''])
    expect([wrong, (await ask(port, 'GET', '/mcp', { ...headers, 'Last-Event-ID': wrong })).status]).toEqual([wrong, 400]);
  const cursor = await session(port, '/mcp', { Authorization: 'Bearer ght_cursor' });
  expect((await ask(port, 'GET', '/mcp', { ...cursor, 'Last-Event-ID': one.ids().at(-1) ?? '' })).status).toBe(400);
});

it('carries payloads that look like the framing itself', async () => {
  const headers = await session(port);
  const hard = ['\u2028\u2029', '\ufeff', 'data: x\n\nid: 9.9\n', ': comment', '\r\n\r', '\u0085', '\ud83d\ude00', '"\\'];
  for (const [id, value] of hard.entries()) {
    const stream = await openStream(port, 'POST', '/mcp', headers, hang(id));
    // As JSON escapes it, and as pretty-printed JSON with line ends of every kind between its members.
    last().down.send({ text: `{\r\n"jsonrpc":"2.0",\n"method":"m",\r"params":${JSON.stringify({ value })}\n}`, during: id });
    last().down.send({ text: JSON.stringify({ jsonrpc: '2.0', id, result: { value } }), answers: id });
    await stream.closed;
    expect(stream.messages().map(({ params, result }) => (params ?? result)?.value)).toEqual([value, value]);
    expect(stream.ids().filter((event) => event.startsWith('9.'))).toEqual([]);
  }
});

it('says on open streams that it is alive, in comments', async () => {
  const headers = await session(port);
  const one = await openStream(port, 'POST', '/mcp', headers, hang(1));
  await until(() => one.text.split(':\n\n').length > 2);
  expect(one.messages()).toEqual([]);
  one.destroy();
});

it('refuses an id that is in flight already', async () => {
  const headers = await session(port);
  const one = await openStream(port, 'POST', '/mcp', headers, hang(1));
  expect((await post(port, headers, request(1, 'ping'))).status).toBe(400);
  expect((await post(port, headers, request('1', 'ping'))).status).toBe(200);
  one.destroy();
});

it('ends with DELETE, and everything open with it', async () => {
  const headers = await session(port);
  const listening = await openStream(port, 'GET', '/mcp', headers);
  const waiting = await openStream(port, 'POST', '/mcp', headers, hang(1));
  expect((await ask(port, 'DELETE', '/mcp', headers)).status).toBe(204);
  await Promise.all([listening.closed, waiting.closed]);
  expect(last().ended).toBe('the client ended it');
  expect((await post(port, headers, request(2, 'ping'))).status).toBe(404);
});

it('closes everything of a revoked client at once, and lets in nothing that was on its way', async () => {
  const headers = await session(port);
  const cursor = await session(port, '/mcp', { Authorization: 'Bearer ght_cursor' });
  const listening = await openStream(port, 'GET', '/mcp', headers);
  const waiting = await openStream(port, 'POST', '/mcp', headers, hang(1));
  const json = ask(port, 'POST', '/mcp', { ...headers, Accept: 'application/json' }, hang(2)).then(
    () => 'answered',
    () => 'closed',
  );
  const socket = connect({ host: '127.0.0.1', port });
  let late = '';
  socket.on('data', (chunk) => {
    late += chunk;
  });
  const body = JSON.stringify(request(3, 'tools/call'));
  socket.write(
    `POST /mcp HTTP/1.1\r\n${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}Content-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
  );
  await until(() => opened.seen[0]?.messages.length === 4);
  tokens.delete('ght_claude');
  opened.door.endClient('claude', 'it was revoked');
  await Promise.all([listening.closed, waiting.closed]);
  expect(await json).toBe('closed');
  expect(opened.seen.map(({ ended }) => ended)).toEqual(['it was revoked', null]);
  socket.write(body.slice(5));
  await until(() => late.includes('\r\n\r\n'));
  expect(late).toMatch(/^HTTP\/1.1 401/);
  expect((await post(port, headers, request(4, 'ping'))).status).toBe(401);
  expect((await post(port, cursor, request(4, 'ping'))).status).toBe(200);
  expect(opened.seen[0]?.messages).toHaveLength(4);
  expect(opened.door.count()).toBe(1);
  socket.destroy();
});

it('gives a client 64 sessions: an idle one makes room, one in use does not', async () => {
  const first = await session(port);
  const kept = await openStream(port, 'GET', '/mcp', first);
  const second = await session(port);
  for (let n = 0; n < 63; n += 1) {
    clock += 1;
    await session(port);
  }
  expect(opened.door.count('claude')).toBe(64);
  expect((await post(port, first, request(1, 'ping'))).status).toBe(200);
  expect((await post(port, second, request(1, 'ping'))).status).toBe(404);
  kept.destroy();
});

it('tells a client that may not connect why, and keeps nothing of it', async () => {
  const paused = await openDoor({
    accept() {
      throw new GatehouseError('refused', 'The client is paused.', 'Ask the operator.');
    },
  });
  const answer = await post(paused.door.port, legit(paused.door.port), initialize(4));
  expect(answer.status).toBe(403);
  expect(JSON.parse(answer.body)).toEqual({
    jsonrpc: '2.0',
    id: 4,
    error: { code: -32603, message: 'The client is paused. Ask the operator.' },
  });
  expect(answer.headers['mcp-session-id']).toBeUndefined();
  expect(paused.door.count()).toBe(0);
  await paused.door.close();
});

it('says nothing of a fault of its own but that there was one', async () => {
  const faults: unknown[] = [];
  const broken = await openDoor({
    report: (error) => faults.push(error),
    accept() {
      throw new Error('/home/u/secret');
    },
    other() {
      throw new Error('/home/u/secret');
    },
  });
  for (const answer of [
    await post(broken.door.port, legit(broken.door.port), initialize()),
    await ask(broken.door.port, 'GET', '/', legit(broken.door.port)),
  ]) {
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain('secret');
  }
  expect(faults).toHaveLength(2);
  expect(broken.door.count()).toBe(0);
  await broken.door.close();
});

it('ends a session whose initialize failed', async () => {
  const refusing = await openDoor({
    accept: (_arrival, down) => ({
      id: 'x',
      receive: ({ id }) =>
        void (
          id !== undefined &&
          down.send({ text: JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32602, message: 'no' } }), answers: id })
        ),
      end() {},
    }),
  });
  const answer = await post(refusing.door.port, legit(refusing.door.port), initialize());
  expect(answer.body).toContain('"no"');
  expect(refusing.door.count()).toBe(0);
  await refusing.door.close();
});

it('does not hold more and more for a client that does not read', async () => {
  const headers = await session(port);
  const listening = await openStream(port, 'GET', '/mcp', headers);
  listening.res.pause();
  const before = process.memoryUsage().rss;
  const big = 'm'.repeat(500_000);
  for (let n = 0; n < 400; n += 1) {
    last().down.send({ text: note(big) });
    if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(120 * 1024 * 1024);
  listening.res.resume();
  await listening.closed;
  expect(listening.messages().length).toBeLessThan(100);
});

it('serves the SDK: calls, progress, questions of the server, notifications, and the end of the session', async () => {
  const questions = await openDoor({
    accept: (_arrival, down) => ({
      id: 'x',
      receive(message) {
        const { id, method, kind } = message;
        if (kind === 'response') {
          const outcome = (message.value as { result?: { action?: string } }).result?.action;
          down.send({
            text: JSON.stringify({
              jsonrpc: '2.0',
              id: 'call' in state ? state.call : 0,
              result: { content: [{ type: 'text', text: outcome ?? '' }] },
            }),
            answers: state.call ?? 0,
          });
        } else if (method === 'initialize' && id !== undefined) {
          down.send({
            answers: id,
            text: JSON.stringify({
              jsonrpc: '2.0',
              id,
              result: { protocolVersion: '2025-11-25', capabilities: { tools: {}, logging: {} }, serverInfo: { name: 'f', version: '1' } },
            }),
          });
        } else if (method === 'tools/list' && id !== undefined) {
          down.send({
            answers: id,
            text: JSON.stringify({ jsonrpc: '2.0', id, result: { tools: [{ name: 'ask', inputSchema: { type: 'object' } }] } }),
          });
        } else if (method === 'tools/call' && id !== undefined) {
          state.call = id;
          const progressToken = (message.params?._meta as { progressToken?: number } | undefined)?.progressToken;
          if (progressToken !== undefined)
            down.send({
              during: id,
              text: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress: 1 } }),
            });
          down.send({
            during: id,
            text: JSON.stringify(
              request(71, 'elicitation/create', { message: 'sure?', requestedSchema: { type: 'object', properties: {} } }),
            ),
          });
        } else if (method === 'notifications/initialized') {
          setTimeout(
            () =>
              down.send({
                text: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'hello' } }),
              }),
            100,
          );
        }
      },
      end(reason) {
        state.ended = reason;
      },
    }),
  });
  const state: { call?: number | string; ended?: string } = {};
  const client = new Client({ name: 'sdk', version: '1' }, { capabilities: { elicitation: {} } });
  const logged: unknown[] = [];
  const progress: unknown[] = [];
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: {} }));
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logged.push(params.data));
  const transport = new StreamableHTTPClientTransport(new URL(`${questions.base}/mcp`), {
    requestInit: { headers: { Authorization: 'Bearer ght_claude' } },
  });
  await client.connect(transport as never);
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['ask']);
  const result = await client.callTool({ name: 'ask', arguments: {} }, undefined, {
    onprogress: (value) => void progress.push(value.progress),
  });
  expect(result.content).toEqual([{ type: 'text', text: 'accept' }]);
  expect(progress).toEqual([1]);
  await until(() => logged[0] === 'hello');
  await transport.terminateSession();
  expect(state.ended).toBe('the client ended it');
  await client.close();
  await questions.door.close();
});

it('serves the SDK again after its connection was cut during a call', async () => {
  const client = new Client({ name: 'sdk', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL(`${opened.base}/mcp`), {
    requestInit: { headers: { Authorization: 'Bearer ght_claude' } },
    reconnectionOptions: { initialReconnectionDelay: 50, maxReconnectionDelay: 100, reconnectionDelayGrowFactor: 1, maxRetries: 5 },
  });
  await client.connect(transport as never);
  const result = client.request({ method: 'hang' }, (await import('zod')).z.looseObject({}) as never) as Promise<{ done: unknown }>;
  await until(() => last().messages.some(({ method }) => method === 'hang'));
  const id = last().messages.find(({ method }) => method === 'hang')?.id as number;
  await new Promise((resolve) => setTimeout(resolve, 100));
  // Every socket of this process to the door is cut, as by a network that changes.
  for (const handle of (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles()) {
    const socket = handle as { remotePort?: number; destroy?(): void };
    if (socket.remotePort === port) socket.destroy?.();
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  last().down.send({ text: answerTo(id), answers: id });
  expect((await result).done).toBe(id);
  await client.close();
});

it('ends a session after half an hour in which nobody listened', async () => {
  const { HttpSessions } = await import('../../broker/receive/http-sessions.ts');
  let now = 0;
  const sessions = new HttpSessions(() => now);
  const session = sessions.open('claude', '/mcp');
  let ended = '';
  const end = (reason: string) => {
    ended = reason;
  };
  session?.begin({ id: 'x', receive() {}, end }, 0);
  now = 30 * 60_000;
  sessions.endIdle();
  expect(ended).toBe('');
  now += 1;
  sessions.endIdle();
  expect(ended).toBe('it was idle');
  expect(sessions.find(session?.id ?? '', 'claude', '/mcp')).toBeNull();
});
