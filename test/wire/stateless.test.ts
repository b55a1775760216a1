// The stateless engine alone: one client in front of a scripted broker. Ids, tokens, lanes, subscriptions, tasks, questions.
import { describe, expect, test } from 'vitest';
import { parseMessage } from '../../broker/wire/gate.ts';
import type { Ask, AskEnded } from '../../broker/wire/handshake/relay.ts';
import { StatelessConnection, type StatelessNeeds } from '../../broker/wire/stateless/connection.ts';
import type { ServerRequest } from '../../shared/request.ts';

const discovery = (extra = '') =>
  `{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{},"resources":{"subscribe":true}${extra}},"ttlMs":9,"cacheScope":"public","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"own","version":"1"}}}`;
const tool = (name: string, more = '') => ({
  capability: `tool:${name}`,
  text: `{"name":"${name}","inputSchema":{"type":"object"}${more}}`,
  needs: [],
});
const resource = (uri: string) => ({ capability: `resource:${uri}`, text: `{"uri":"${uri}","name":"r"}`, needs: [] });

interface Sent {
  readonly lane: string;
  readonly request: ServerRequest;
  readonly gone: AbortSignal;
  answer(result: string): void;
}

function setUp(change: Partial<StatelessNeeds> = {}) {
  const sent: Sent[] = [];
  const asks: { ask: Ask; ended: AskEnded | null }[] = [];
  const tasks = new Map<string, { server: string; capability: string }>();
  const ended: string[] = [];
  const connection = new StatelessConnection({
    id: 'c',
    only: null,
    version: '1',
    progressMs: 1000,
    ownIds: true,
    offers: () => [
      { server: 'a', era: 'stateless', openingText: discovery(), definitions: [tool('t'), resource('x://1')] },
      { server: 'b', era: 'stateless', openingText: discovery(), definitions: [tool('t'), resource('x://2')] },
    ],
    handle: (lane, request, gone) =>
      new Promise((resolve) => {
        gone.addEventListener('abort', () => resolve({ kind: 'withdrawn' }));
        const id = JSON.stringify(request.outgoingId ?? request.message.id);
        const answer = (result: string) =>
          resolve({ kind: 'answered', reply: parseMessage(`{"jsonrpc":"2.0","id":${id},"result":${result}}`) });
        sent.push({ lane, request, gone, answer });
      }),
    stopped: () => null,
    note: () => {},
    ask: async (_lane, ask) => {
      const reply = await ask.hand();
      return { kind: 'answered', reply };
    },
    task: (id) => tasks.get(id),
    rememberTask: (id, task) => void tasks.set(id, task),
    laneEnded: (lane) => void ended.push(lane),
    ...change,
  });
  let count = 0;
  function send(method: string, params: string, { capabilities = '{}', id = String(++count), meta = '' } = {}) {
    const heard: string[] = [];
    const text =
      `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":{${params}${params === '' ? '' : ','}"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",` +
      `"io.modelcontextprotocol/clientCapabilities":${capabilities}${meta}}}}`;
    const state = { reply: null as string | null, dropped: false };
    const back = {
      send: (said: string) => void heard.push(said),
      end(said: string) {
        state.reply = said;
      },
      drop() {
        state.dropped = true;
      },
    };
    const withdraw = connection.receive(parseMessage(text), back);
    return { heard, state, withdraw, text };
  }
  return { connection, sent, asks, ended, send };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('ids and tokens of requests that share a connection', () => {
  test('never meet at a server, and each reply and each progress note finds its own', async () => {
    const { connection, sent, send } = setUp();
    const two = ['one', 'two'].map((said) =>
      send('tools/call', `"name":"a__t","arguments":{"said":"${said}"}`, { id: '7', meta: ',"progressToken":7' }),
    );
    expect(new Set(sent.map(({ request }) => request.outgoingId)).size).toBe(2);
    for (const [at, { request }] of sent.entries()) {
      const token = (JSON.parse(request.outgoing) as { params: { _meta: { progressToken: unknown } } }).params._meta.progressToken;
      const note = `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${JSON.stringify(token)},"progress":${at}}}`;
      connection.fromServer('c', 'b', parseMessage(note));
      connection.fromServer('c', 'a', parseMessage(note));
    }
    sent[1]?.answer('{"resultType":"complete","content":[2]}');
    sent[0]?.answer('{"resultType":"complete","content":[1]}');
    await settled();
    for (const [at, { heard, state }] of two.entries()) {
      expect(heard).toEqual([`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":7,"progress":${at}}}`]);
      expect(state.reply).toBe(`{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","content":[${at + 1}]}}`);
    }
  });

  test('keep their bytes where nothing can meet', () => {
    const { sent, send } = setUp({ ownIds: false, only: 'a' });
    const { text } = send('tools/call', '"name":"t", "arguments":{"n":12345678901234567890, "z":1.0},"unknown":[ ]', { id: '"x"' });
    expect(sent[0]?.request.outgoing).toBe(text);
    expect(sent[0]?.request.outgoingId).toBeUndefined();
  });

  test('a client that goes away withdraws its request, and no other of the same id', async () => {
    const { sent, send } = setUp();
    const [gone, stays] = [send('tools/call', '"name":"a__t"', { id: '1' }), send('tools/call', '"name":"a__t"', { id: '1' })];
    gone.withdraw();
    await settled();
    expect(sent.map((one) => one.gone.aborted)).toEqual([true, false]);
    expect([gone.state.dropped, stays.state.dropped]).toEqual([true, false]);
  });
});

test('each set of capabilities has a lane of its own, whatever the order of its keys; the ninth takes the place of the longest unused', async () => {
  const { connection, sent, ended, send } = setUp();
  const call = (capabilities: string) => {
    send('tools/call', '"name":"a__t"', { capabilities });
    return sent.at(-1)?.lane;
  };
  expect(call('{"roots":{},"sampling":{}}')).toBe('c');
  expect(call('{"sampling":{},"roots":{}}')).toBe('c');
  for (let n = 2; n <= 8; n++) expect(call(`{"experimental":{"n":${n}}}`)).toBe(`c~${n}`);
  expect(JSON.parse(connection.helloOf('c~3') ?? '')).toMatchObject({
    protocolVersion: '2025-11-25',
    capabilities: { experimental: { n: 3 } },
  });
  const refused = send('tools/call', '"name":"a__t"', { capabilities: '{"experimental":{"n":9}}' });
  expect(refused.state.reply).toContain('-32603');
  for (const { lane, answer } of sent) if (lane === 'c~2') answer('{}');
  await settled();
  expect(call('{"experimental":{"n":9}}')).toBe('c~9');
  expect(ended).toEqual(['c~2']);
});

describe('subscriptions', () => {
  const listen = (setup: ReturnType<typeof setUp>, filter: string, capabilities = '{}', id = '"sub"') =>
    setup.send('subscriptions/listen', `"notifications":${filter}`, { id, capabilities });

  test('acknowledge what can be honoured, stamp everything with their id, and tell nothing else', async () => {
    const setup = setUp();
    const { heard, state } = listen(
      setup,
      '{"toolsListChanged":true,"promptsListChanged":true,"resourceSubscriptions":["x://1","x://2","x://none"]}',
    );
    expect(JSON.parse(heard[0] ?? '')).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: {
        _meta: { 'io.modelcontextprotocol/subscriptionId': 'sub' },
        notifications: { toolsListChanged: true, resourceSubscriptions: ['x://1', 'x://2'] },
      },
    });
    expect(setup.sent.map(({ request }) => [request.server, request.argumentsText])).toEqual([
      ['a', '{"resourceSubscriptions":["x://1"]}'],
      ['b', '{"resourceSubscriptions":["x://2"]}'],
    ]);
    const updated = (uri: string, at: number) =>
      parseMessage(
        `{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"${uri}","_meta":{"io.modelcontextprotocol/subscriptionId":"${setup.sent[at]?.request.outgoingId}"}}}`,
      );
    setup.connection.fromServer('c', 'a', updated('x://1', 0));
    // Not watched there; and a server does not speak for another's subscription.
    setup.connection.fromServer('c', 'a', updated('x://2', 0));
    setup.connection.fromServer('c', 'b', updated('x://1', 0));
    setup.connection.listsChanged();
    expect(heard.slice(1).map((text) => JSON.parse(text))).toEqual([
      {
        jsonrpc: '2.0',
        method: 'notifications/resources/updated',
        params: { uri: 'x://1', _meta: { 'io.modelcontextprotocol/subscriptionId': 'sub' } },
      },
      {
        jsonrpc: '2.0',
        method: 'notifications/tools/list_changed',
        params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 'sub' } },
      },
    ]);
    setup.connection.end();
    expect(JSON.parse(state.reply ?? '')).toEqual({
      jsonrpc: '2.0',
      id: 'sub',
      result: { resultType: 'complete', _meta: { 'io.modelcontextprotocol/subscriptionId': 'sub' } },
    });
    expect(setup.sent.every(({ gone }) => gone.aborted)).toBe(true);
  });

  test('end when their server ends them, and say nothing after their client left', async () => {
    const setup = setUp();
    const ends = listen(setup, '{"resourceSubscriptions":["x://1"]}');
    setup.sent[0]?.answer('{"resultType":"complete"}');
    await settled();
    expect(ends.state.reply).toContain('"resultType":"complete"');
    const left = listen(setup, '{"toolsListChanged":true}');
    left.withdraw();
    setup.connection.listsChanged();
    expect(left.heard).toHaveLength(1);
    expect(left.state).toEqual({ reply: null, dropped: true });
  });

  test('refuse what is no filter, and task ids without the extension', () => {
    const setup = setUp();
    for (const filter of ['[]', '{"toolsListChanged":"yes"}', '{"resourceSubscriptions":[1]}'])
      expect(listen(setup, filter, '{}', '1').state.reply).toContain('-32602');
    expect(listen(setup, '{"taskIds":["x"]}', '{}', '2').state.reply).toContain('-32021');
  });
});

describe('tasks', () => {
  const extension = '{"extensions":{"io.modelcontextprotocol/tasks":{}}}';

  test('stay with the server that gave them out; pins and log know whose result comes late', async () => {
    const { sent, send } = setUp();
    send('tools/call', '"name":"a__t"', { capabilities: extension });
    sent[0]?.answer('{"resultType":"task","taskId":"job","status":"working"}');
    await settled();
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) send(method, '"taskId":"job"', { capabilities: extension });
    expect(sent.slice(1).map(({ request }) => [request.server, request.capability, request.mediated])).toEqual(
      Array.from({ length: 3 }, () => ['a', 'tool:t', false]),
    );
    expect(send('tasks/get', '"taskId":"other"', { capabilities: extension }).state.reply).toContain('-32602');
  });

  test('show their questions once to the operator, however often they are looked at', async () => {
    let asked = 0;
    const { sent, send } = setUp({
      task: () => ({ server: 'a', capability: 'tool:t' }),
      ask: async (_lane, ask) => {
        asked += 1;
        return { kind: 'answered', reply: await ask.hand() };
      },
    });
    const need = '{"resultType":"complete","taskId":"job","status":"input_required","inputRequests":{"k":{"method":"roots/list"}}}';
    for (let look = 0; look < 3; look++) {
      const { state } = send('tasks/get', '"taskId":"job"', { capabilities: '{"roots":{}}' });
      sent.at(-1)?.answer(need);
      await settled();
      expect(state.reply).toContain('roots/list');
    }
    expect(asked).toBe(1);
  });
});

describe('a result that needs input', () => {
  const need =
    '{"resultType":"input_required","inputRequests":{"f":{"method":"elicitation/create","params":{"message":"who?","requestedSchema":{}}}},"requestState":"s\\u00e4 +/=" }';
  const declared = '{"elicitation":{}}';

  test('reaches the client as the server wrote it, and the later round goes out as the client wrote it, of the same digest', async () => {
    const ended: string[] = [];
    const { sent, send } = setUp({
      ownIds: false,
      ask: async (_lane, ask) => {
        const reply = await ask.hand();
        ended.push(reply.text);
        return { kind: 'answered', reply };
      },
    });
    const first = send('tools/call', '"name":"a__t","arguments":{"b":1,"a":2}', { id: '1', capabilities: declared });
    sent[0]?.answer(need);
    await settled();
    expect(first.state.reply).toBe(`{"jsonrpc":"2.0","id":1,"result":${need}}`);
    const answer = '"inputResponses":{"f":{"action":"accept","content":{"n":1.0}}},"requestState":"s\\u00e4 +/="';
    const second = send('tools/call', `"name":"a__t","arguments":{"a":2,"b":1},${answer}`, { id: '2', capabilities: declared });
    expect(sent[1]?.request).toMatchObject({
      canonicalDigest: sent[0]?.request.canonicalDigest,
      outgoing: second.text.replace('"a__t"', '"t"'),
      inputsText: '{"f":{"action":"accept","content":{"n":1.0}}}',
      round: expect.any(String),
    });
    expect(sent[0]?.request.round).toBeUndefined();
    await settled();
    expect(ended).toEqual([`{"jsonrpc":"2.0","id":"f","result":{"action":"accept","content":{"n":1.0}}}`]);
  });

  test('ends with the no where one of its questions is refused, and never reaches a client that cannot answer it', async () => {
    const verdict = { kind: 'deny', decidedBy: 'operator', reason: 'Not this.', advice: '', result: 'denied' } as const;
    const { sent, send } = setUp({ ask: async () => ({ kind: 'refused', verdict }) });
    const refused = send('tools/call', '"name":"a__t"', { capabilities: declared });
    const undeclared = send('tools/call', '"name":"a__t"');
    for (const { answer } of sent) answer(need);
    await settled();
    expect(JSON.parse(refused.state.reply ?? '').result).toMatchObject({ isError: true, resultType: 'complete' });
    expect(JSON.parse(undeclared.state.reply ?? '').error).toMatchObject({
      code: -32021,
      data: { requiredCapabilities: { elicitation: {} } },
    });
  });
});

test('what a server lets anybody keep is kept by this client alone; other members stay as they are', async () => {
  const { sent, send } = setUp({ ownIds: false, only: 'a' });
  const read = send('resources/read', '"uri":"x://1"', { id: '1' });
  sent[0]?.answer('{"ttlMs":60000, "cacheScope":"public","contents":[ ],"resultType":"complete"}');
  await settled();
  expect(read.state.reply).toBe(
    '{"jsonrpc":"2.0","id":1,"result":{"ttlMs":60000, "cacheScope":"private","contents":[ ],"resultType":"complete"}}',
  );
});

test('log messages go to the request that asked for them, from its level on', async () => {
  const { connection, send } = setUp();
  const log = (level: string, data: string) =>
    connection.fromServer(
      'c',
      'a',
      parseMessage(`{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"${level}","data":"${data}"}}`),
    );
  const quiet = send('tools/call', '"name":"a__t"');
  const loud = send('tools/call', '"name":"a__t"', { meta: ',"io.modelcontextprotocol/logLevel":"warning"' });
  const elsewhere = send('tools/call', '"name":"b__t"', { meta: ',"io.modelcontextprotocol/logLevel":"debug"' });
  log('info', 'below');
  log('error', 'above');
  expect([quiet.heard, elsewhere.heard]).toEqual([[], []]);
  expect(loud.heard).toEqual([expect.stringContaining('above')]);
  expect(send('tools/call', '"name":"a__t"', { meta: ',"io.modelcontextprotocol/logLevel":"loud"' }).state.reply).toContain('-32602');
});
