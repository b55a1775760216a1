// Translation between the eras in front of a scripted server: each row of what one era has and the other says differently.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseMessage } from '../../broker/wire/gate.ts';
import { AsHandshake } from '../../broker/wire/translation/as-handshake.ts';
import { AsStateless } from '../../broker/wire/translation/as-stateless.ts';
import { handshakeHello } from '../../broker/wire/translation/hello.ts';
import { discoverResultOf, initializeResultOf } from '../../broker/wire/translation/openings.ts';
import { StateSeal } from '../../broker/wire/translation/state-seal.ts';
import type { RequestOptions, Upstream } from '../../broker/wire/translation/upstream.ts';
import type { Era, Message, RequestId } from '../../shared/message.ts';

const initializeResult =
  '{"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true},"logging":{},"tasks":{"list":{}},"experimental":{"x":1e2}},"serverInfo":{"name":"old","version":"1", "extra":1.0},"instructions":"ask"}';
const discoverResult =
  '{"resultType":"complete","supportedVersions":["2026-07-28","2031-01-01"],"capabilities":{"tools":{},"extensions":{"io.modelcontextprotocol/tasks":{},"io.modelcontextprotocol/ui":{"a":1.0}}},"ttlMs":60000,"cacheScope":"public","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"new","version":"2"}}}';

interface Seen {
  readonly text: string;
  readonly value: { id?: RequestId; method?: string; params?: Record<string, unknown>; result?: unknown; error?: unknown };
  readonly options: RequestOptions;
  reply(rest: string): void;
}

/** A server that answers when the test says so. `pid` null: as over HTTP, where messages belong to requests. */
function scripted(era: Era, pid: number | null = 1) {
  const requests: Seen[] = [];
  const notified: Seen['value'][] = [];
  const asked: string[] = [];
  let say: (message: Message) => void = () => {};
  const upstream: Upstream = {
    server: 's',
    era,
    pid,
    inFlight: 0,
    openingText: era === 'handshake' ? initializeResult : discoverResult,
    request(text, id, options = {}) {
      const { promise, resolve, reject } = Promise.withResolvers<Message>();
      options.signal?.addEventListener('abort', () => reject(new Error('cancelled')));
      const reply = (rest: string) => resolve(parseMessage(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${rest}}`));
      requests.push({ text, value: JSON.parse(text), options, reply });
      return promise;
    },
    notify: (text) => void notified.push(JSON.parse(text)),
    async ask(method, params) {
      asked.push(`${method} ${params}`);
      return parseMessage('{"jsonrpc":"2.0","id":0,"result":{}}');
    },
    listen(onMessage) {
      say = onMessage;
    },
  };
  return { upstream, requests, notified, asked, say: (text: string) => say(parseMessage(text)) };
}

const turn = () => vi.advanceTimersByTimeAsync(20);
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate'] }));
afterEach(() => void vi.useRealTimers());

describe('openings', () => {
  test('a handshake server discovers as itself, without tasks, for this client alone', () => {
    expect(discoverResultOf({ era: 'handshake', openingText: initializeResult })).toBe(
      '{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true},"logging":{},"experimental":{"x":1e2}},' +
        '"instructions":"ask","ttlMs":0,"cacheScope":"private","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"old","version":"1", "extra":1.0}}}',
    );
  });

  test('a stateless server initializes as itself; its own discovery names only what the broker serves, and is private', () => {
    expect(initializeResultOf({ era: 'stateless', openingText: discoverResult })).toBe(
      '{"protocolVersion":"2025-11-25","capabilities":{"tools":{},"extensions":{"io.modelcontextprotocol/ui":{"a":1.0}}},"serverInfo":{"name":"new","version":"2"}}',
    );
    expect(JSON.parse(discoverResultOf({ era: 'stateless', openingText: discoverResult }))).toMatchObject({
      supportedVersions: ['2026-07-28'],
      cacheScope: 'private',
      ttlMs: 60000,
    });
  });

  test('a client that never shook hands is introduced by what its requests say', () => {
    const capabilities = '{"elicitation":{"form":{}},"extensions":{"io.modelcontextprotocol/tasks":{},"v/x":{}},"other":{}}';
    expect(handshakeHello(capabilities, '{"name":"n","version":"v","more":1.0}')).toBe(
      '{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{"form":{}},"extensions":{"v/x":{}}},"clientInfo":{"name":"n","version":"v","more":1.0}}',
    );
    expect(JSON.parse(handshakeHello('{}', null)).clientInfo).toEqual({ name: 'unnamed', version: '0' });
  });
});

describe('a handshake server for a stateless client', () => {
  const seal = new StateSeal();
  const meta = (more = '', capabilities = '{"elicitation":{},"sampling":{},"roots":{}}') =>
    `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":${capabilities},"io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"}${more}}`;
  const call = (id: RequestId, params = '"name":"t","arguments":{"n":12345678901234567890}', more = '', capabilities?: string) =>
    `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"tools/call","params":{${params},${meta(more, capabilities)}}}`;

  function setUp({ pid = 1 as number | null, now = (): number => 0, client = 'ann' } = {}) {
    const server = scripted('handshake', pid);
    const heard: Message[] = [];
    const view = new AsStateless(server.upstream, { client, seal, now, patienceMs: 1000 });
    view.listen(
      (message) => void heard.push(message),
      () => {},
    );
    return { ...server, view, heard };
  }
  const question = (id: RequestId, method = 'elicitation/create', params = '{"message":"who?","requestedSchema":{},"elicitationId":"e"}') =>
    `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"${method}","params":${params}}`;
  const stateOf = (reply: Message) => (reply.value.result as { requestState: string }).requestState;

  test('requests leave without the envelope, other members untouched; results gain what this era has', async () => {
    const { view, requests } = setUp();
    const reply = view.request(call(5, '"name":"t", "x":[ ]', ',"traceparent":"00-1","v/own":1.0'), 5);
    await turn();
    expect(requests[0]?.text).toBe(
      `{"jsonrpc":"2.0","id":${JSON.stringify(requests[0]?.value.id)},"method":"tools/call","params":{"name":"t", "x":[ ],"_meta":{"traceparent":"00-1","v/own":1.0}}}`,
    );
    requests[0]?.reply('"result":{"content":[ ],"big":12345678901234567890},"more":1');
    expect((await reply).text).toBe(
      '{"jsonrpc":"2.0","id":5,"result":{"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"old","version":"1", "extra":1.0}},"resultType":"complete","content":[ ],"big":12345678901234567890},"more":1}',
    );
  });

  test.each([
    ['resources/read', '"result":{"contents":[]}', { ttlMs: 0, cacheScope: 'private', resultType: 'complete' }],
    ['tools/call', '"result":{"resultType":"input_required"}', { resultType: 'complete' }],
  ])('%s: a result says how long it may be kept, and what it is', async (method, rest, result) => {
    const { view, requests } = setUp();
    const reply = view.request(call(1).replace('tools/call', method), 1);
    await turn();
    requests[0]?.reply(rest);
    expect((await reply).value.result).toMatchObject(result);
  });

  test('what this era does not have is answered here: discovery, tasks', async () => {
    const { view, requests } = setUp();
    expect((await view.request(call(1).replace('tools/call', 'server/discover'), 1)).text).toContain('"supportedVersions":["2026-07-28"]');
    expect((await view.request(call(2).replace('tools/call', 'tasks/get'), 2)).value.error).toMatchObject({ code: -32601 });
    expect(requests).toEqual([]);
  });

  test('-32002 is -32602 here, with its data', async () => {
    const { view, requests } = setUp();
    const reply = view.request(call(1).replace('tools/call', 'resources/read'), 1);
    await turn();
    requests[0]?.reply('"error":{"code":-32002,"message":"no","data":{"uri":"x"}}');
    expect((await reply).value.error).toEqual({ code: -32602, message: 'no', data: { uri: 'x' } });
  });

  test('-32042 sends the user to a page by a need for input, and the call is made anew after a yes', async () => {
    const { view, requests } = setUp();
    const url = '{"elicitation":{"url":{}}}';
    const error =
      '"error":{"code":-32042,"message":"go","data":{"elicitations":[{"mode":"url","elicitationId":"e1","url":"https://x.test/","message":"sign in"}]}}';
    const first = view.request(call(1, '"name":"t"', '', url), 1);
    await turn();
    requests[0]?.reply(error);
    const need = await first;
    expect(need.value.result).toMatchObject({
      inputRequests: { u1: { method: 'elicitation/create', params: { mode: 'url', url: 'https://x.test/', message: 'sign in' } } },
    });
    // In quotes: the sealed state beside it may hold any two letters.
    expect(need.text).not.toContain('"e1"');
    const again = (action: string, id: number) =>
      view.request(call(id, `"name":"t","requestState":"${stateOf(need)}","inputResponses":{"u1":{"action":"${action}"}}`, '', url), id);
    expect((await again('decline', 2)).failed).toBe(true);
    const second = again('accept', 3);
    await turn();
    requests[1]?.reply('"result":{"content":[]}');
    expect((await second).value.result).toMatchObject({ resultType: 'complete' });
    const unable = view.request(call(4), 4);
    await turn();
    requests[2]?.reply(error);
    expect((await unable).value.error).toMatchObject({ code: -32021, data: { requiredCapabilities: { elicitation: { url: {} } } } });
  });

  test('questions that come together are one need for input; answers go back to the ids the server gave', async () => {
    const { view, requests, notified, say } = setUp();
    const first = view.request(call(1), 1);
    await turn();
    say(question('q-1'));
    say(question(9, 'sampling/createMessage', '{"messages":[ ],"maxTokens":1}'));
    await turn();
    const need = await first;
    expect((need.value.result as { inputRequests: object }).inputRequests).toEqual({
      q1: { method: 'elicitation/create', params: { message: 'who?', requestedSchema: {} } },
      q2: { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } },
    });
    expect(need.text).toContain('"params":{"messages":[ ],"maxTokens":1}');
    const answers = '"inputResponses":{"q2":{"role":"assistant","n":1.0},"q1":{"action":"accept"},"q7":{}}';
    const second = view.request(
      call(2, `"name":"t","arguments":{"n":12345678901234567890},"requestState":"${stateOf(need)}",${answers}`),
      2,
    );
    await turn();
    expect(notified.map(({ id, result }) => [id, result])).toEqual([
      [9, { role: 'assistant', n: 1 }],
      ['q-1', { action: 'accept' }],
    ]);
    requests[0]?.reply('"result":{"content":[1]}');
    expect(await second).toMatchObject({ id: 2, value: { result: { content: [1] } } });
    expect(requests).toHaveLength(1);
  });

  test('what was not answered is asked again', async () => {
    const { view, notified, say } = setUp();
    const first = view.request(call(1), 1);
    await turn();
    say(question(1));
    say(question(2, 'roots/list', '{}'));
    await turn();
    const again = view.request(
      call(
        2,
        `"name":"t","arguments":{"n":12345678901234567890},"requestState":"${stateOf(await first)}","inputResponses":{"q1":{"action":"decline"}}`,
      ),
      2,
    );
    await turn();
    expect(Object.keys((await again).value.result as object)).toContain('requestState');
    expect(((await again).value.result as { inputRequests: object }).inputRequests).toEqual({ q2: { method: 'roots/list', params: {} } });
    expect(notified).toHaveLength(1);
  });

  test('a state is good for its client, its request, its time and one round', async () => {
    let now = 0;
    const { view, say } = setUp({ now: () => now });
    const first = view.request(call(1), 1);
    await turn();
    say(question(1));
    await turn();
    const state = stateOf(await first);
    const code = async (text: string, through = view) =>
      ((await through.request(text, 2)).value.error as { code?: number } | undefined)?.code;
    const retry = (params: string) => call(2, `${params},"requestState":"${state}","inputResponses":{}`);
    const same = '"name":"t","arguments":{"n":12345678901234567890}';
    expect(await code(retry('"name":"t","arguments":{"n":12345678901234567891}'))).toBe(-32602);
    expect(await code(retry('"name":"u","arguments":{"n":12345678901234567890}'))).toBe(-32602);
    expect(await code(retry(same), setUp({ client: 'bob' }).view)).toBe(-32602);
    expect(await code(call(2, `${same},"requestState":"${state}x","inputResponses":{}`))).toBe(-32602);
    expect(new StateSeal().open(state)).toBeNull();
    const used = view.request(retry(same), 3);
    await turn();
    expect(await code(retry(same))).toBe(-32602);
    now = 5000;
    expect(await code(call(4, `${same},"requestState":"${stateOf(await used)}","inputResponses":{}`))).toBe(-32602);
  });

  test('a client that never comes back has said no, and the call is cancelled', async () => {
    const { view, requests, notified, say } = setUp();
    const first = view.request(call(1), 1);
    await turn();
    say(question(1));
    say(question(2, 'sampling/createMessage', '{}'));
    await turn();
    await first;
    await vi.advanceTimersByTimeAsync(1001);
    expect(notified).toEqual([
      { jsonrpc: '2.0', id: 1, result: { action: 'cancel' } },
      { jsonrpc: '2.0', id: 2, error: { code: -32603, message: 'The client did not answer.' } },
      {
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId: requests[0]?.value.id, reason: 'the client did not answer' },
      },
    ]);
  });

  test('where nothing says which call a question belongs to, one runs at a time; a parked one does not hold the others', async () => {
    const { view, requests, say } = setUp();
    const one = view.request(call(1), 1);
    const two = view.request(call(2, '"name":"u"'), 2);
    await turn();
    expect(requests).toHaveLength(1);
    say(question(1));
    await turn();
    await one;
    await turn();
    expect(requests).toHaveLength(2);
    say(question(2));
    await turn();
    expect((await two).value.result).toMatchObject({ resultType: 'input_required' });
    const silent = setUp();
    void silent.view.request(call(1, '"name":"t"', '', '{"roots":{}}'), 1);
    void silent.view.request(call(2, '"name":"t"', '', '{"roots":{}}'), 2);
    await turn();
    expect(silent.requests, 'a client that cannot be asked waits for nobody').toHaveLength(2);
  });

  test('where the transport says it, calls run at once and each question is its own call’s', async () => {
    const { view, requests } = setUp({ pid: null });
    const [one, two] = [view.request(call(1), 1), view.request(call(2, '"name":"u"'), 2)];
    await turn();
    requests[1]?.options.onMessage?.(parseMessage(question(7)));
    requests[0]?.reply('"result":{}');
    await turn();
    expect((await one).value.result).toMatchObject({ resultType: 'complete' });
    expect((await two).value.result).toMatchObject({ resultType: 'input_required' });
  });

  test('roots that a server reads at its start come with the first call; any other question outside of one is refused', async () => {
    const { view, notified, say } = setUp();
    say(question('early', 'roots/list', '{}'));
    say(question('bad'));
    say('{"jsonrpc":"2.0","id":"p","method":"ping"}');
    expect(notified).toMatchObject([
      { id: 'bad', error: { code: -32603 } },
      { id: 'p', result: {} },
    ]);
    const first = view.request(call(1), 1);
    await turn();
    await turn();
    expect((await first).value.result).toMatchObject({ inputRequests: { q1: { method: 'roots/list' } } });
  });

  test('a withdrawn call is cancelled at the server, and what it had asked is answered', async () => {
    const { view, requests, notified, say } = setUp();
    const gone = new AbortController();
    const first = view.request(call(1, '"name":"t"', '', '{}'), 1, { signal: gone.signal });
    first.catch(() => {});
    await turn();
    gone.abort();
    await expect(first).rejects.toThrow('withdrew');
    expect(notified).toMatchObject([{ method: 'notifications/cancelled', params: { requestId: requests[0]?.value.id } }]);
    say(question('late'));
    expect(notified.at(-1)).toMatchObject({ id: 'late', error: {} });
  });

  test('progress has the token of the present round, and none is made up', async () => {
    const { view, heard, say } = setUp();
    const progress = (n: number) =>
      say(`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"t1","progress":${n}}}`);
    const first = view.request(call(1, '"name":"t"', ',"progressToken":"t1"'), 1);
    await turn();
    progress(1);
    say(question(1));
    await turn();
    progress(2);
    const second = view.request(
      call(2, `"name":"t","requestState":"${stateOf(await first)}","inputResponses":{"q1":{}}`, ',"progressToken":44'),
      2,
    );
    second.catch(() => {});
    await turn();
    progress(3);
    expect(heard.map(({ params }) => [params?.progressToken, params?.progress])).toEqual([
      ['t1', 1],
      [44, 3],
    ]);
  });

  test('a level is set once for the most talkative request; none is set for nobody', async () => {
    const { view, asked } = setUp();
    const level = (name: string) => `,"io.modelcontextprotocol/logLevel":"${name}"`;
    for (const more of ['', level('warning'), level('error'), level('debug'), level('info')])
      void view.request(call(1, '"name":"t"', more, '{}'), 1);
    await turn();
    expect(asked).toEqual(['logging/setLevel {"level":"warning"}', 'logging/setLevel {"level":"debug"}']);
  });

  test('a resource is subscribed to once however many listen, and let go with the last', async () => {
    const { view, asked, heard, say } = setUp();
    const listen = (id: string) => {
      const gone = new AbortController();
      const notifications = '"notifications":{"resourceSubscriptions":["x://1"]}';
      view.request(call(id, notifications).replace('tools/call', 'subscriptions/listen'), id, { signal: gone.signal }).catch(() => {});
      return gone;
    };
    const [one, two] = [listen('l1'), listen('l2')];
    say('{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"x://1"}}');
    say('{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"y://1"}}');
    say('{"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":{"elicitationId":"e"}}');
    say('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');
    expect(
      heard.map(({ method, params }) => [
        method,
        (params?._meta as Record<string, unknown> | undefined)?.['io.modelcontextprotocol/subscriptionId'],
      ]),
    ).toEqual([
      ['notifications/resources/updated', 'l1'],
      ['notifications/resources/updated', 'l2'],
      ['notifications/tools/list_changed', undefined],
    ]);
    one.abort();
    two.abort();
    expect(asked).toEqual(['resources/subscribe {"uri":"x://1"}', 'resources/unsubscribe {"uri":"x://1"}']);
  });
});

describe('a stateless server for a handshake client', () => {
  const hello =
    '{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{"url":{}},"tasks":{"list":{}},"sampling":{ }},"clientInfo":{"name":"c","version":"1.0"}}';
  function setUp() {
    const server = scripted('stateless');
    const heard: Message[] = [];
    const view = new AsHandshake(server.upstream, () => hello);
    view.listen(
      (message) => void heard.push(message),
      () => {},
    );
    return { ...server, view, heard };
  }
  const call = (id: RequestId, params = '{"name":"t"}', method = 'tools/call') =>
    `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"${method}","params":${params}}`;
  const need = (requests: string, state?: string) =>
    `"result":{"resultType":"input_required","inputRequests":${requests}${state === undefined ? '' : `,"requestState":${state}`}}`;

  test('every request carries the envelope, with the client’s own words; what it had in _meta stays', async () => {
    const { view, requests } = setUp();
    await view.ask('logging/setLevel', '{"level":"notice"}');
    void view.request(call(3, '{"name":"t", "arguments":{"n":12345678901234567890},"_meta":{"progressToken":3,"v/own":1.0}}'), 3);
    void view.request('{"jsonrpc":"2.0","id":4,"method":"completion/complete"}', 4);
    const envelope =
      '"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{"url":{}},"sampling":{ }},' +
      '"io.modelcontextprotocol/clientInfo":{"name":"c","version":"1.0"},"io.modelcontextprotocol/logLevel":"notice"';
    expect(requests.map(({ text }) => text)).toEqual([
      `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"t", "arguments":{"n":12345678901234567890},"_meta":{${envelope},"progressToken":3,"v/own":1.0}}}`,
      `{"params":{"_meta":{${envelope}}},"jsonrpc":"2.0","id":4,"method":"completion/complete"}`,
    ]);
    requests[0]?.reply('"result":{"resultType":"complete","content":[ ]},"more":1');
  });

  test('what the other era does not have is answered here: ping, levels, subscriptions, tasks', async () => {
    const { view, requests } = setUp();
    for (const method of ['ping', 'logging/setLevel'])
      expect((await view.request(call(1, '{"level":"info"}', method), 1)).value.result).toEqual({});
    expect((await view.request(call(1, '{"taskId":"x"}', 'tasks/get'), 1)).value.error).toMatchObject({ code: -32601 });
    expect(requests).toEqual([]);
  });

  test('a need for input becomes requests; the answers go back under their keys, the state byte for byte', async () => {
    const { view, requests, heard } = setUp();
    const reply = view.request(call(1, '{"name":"t","arguments":{"z":1.0}}'), 1);
    await turn();
    requests[0]?.reply(
      need(
        '{"k\\u00e4":{"method":"elicitation/create","params":{"mode":"url","url":"https://x.test/","message":"m"}},"s":{"method":"sampling/createMessage","params":{"n":1.0}}}',
        '"a\\u0062 +/="',
      ),
    );
    await turn();
    expect(heard.map(({ method, params }) => [method, params])).toEqual([
      ['elicitation/create', { mode: 'url', url: 'https://x.test/', message: 'm', elicitationId: heard[0]?.id }],
      ['sampling/createMessage', { n: 1 }],
    ]);
    view.notify(`{"jsonrpc":"2.0","id":${JSON.stringify(heard[1]?.id)},"result":{"model":"m", "v":1.0}}`);
    view.notify(`{"jsonrpc":"2.0","id":${JSON.stringify(heard[0]?.id)},"result":{"action":"accept"}}`);
    await turn();
    const retry = requests[1];
    expect(retry?.value.id).not.toBe(1);
    expect(retry?.text).toContain('"inputResponses":{"kä":{"action":"accept"},"s":{"model":"m", "v":1.0}}');
    expect(retry?.text).toContain('"requestState":"a\\u0062 +/="');
    expect(retry?.text).toContain('"arguments":{"z":1.0}');
    retry?.reply('"result":{"resultType":"complete","content":[ ]}');
    expect((await reply).text).toBe('{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[ ]}}');
    expect(heard.at(-1)).toMatchObject({ method: 'notifications/elicitation/complete', params: { elicitationId: heard[0]?.id } });
  });

  test('without a state there is none in the next round; a form the client fails at was not filled in', async () => {
    const { view, requests, heard } = setUp();
    void view.request(call(1), 1);
    await turn();
    requests[0]?.reply(need('{"f":{"method":"elicitation/create","params":{"message":"m"}}}'));
    await turn();
    view.notify(`{"jsonrpc":"2.0","id":${JSON.stringify(heard[0]?.id)},"error":{"code":-32603,"message":"broke"}}`);
    await turn();
    expect(requests[1]?.value.params).toMatchObject({ inputResponses: { f: { action: 'cancel' } } });
    expect(requests[1]?.value.params).not.toHaveProperty('requestState');
  });

  test('a client that will not be asked ends the call with its own error', async () => {
    const { view, requests, heard } = setUp();
    const reply = view.request(call(1), 1);
    await turn();
    requests[0]?.reply(need('{"s":{"method":"sampling/createMessage","params":{}}}'));
    await turn();
    view.notify(`{"jsonrpc":"2.0","id":${JSON.stringify(heard[0]?.id)},"error":{"code":-1,"message":"no","data":[1.0]}}`);
    expect((await reply).text).toBe('{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no","data":[1.0]}}');
  });

  test('a server that never has enough, and one that answers with what this era does not have, fail the call', async () => {
    const { view, requests } = setUp();
    const endless = view.request(call(1), 1);
    for (let round = 0; round <= 8; round++) {
      await turn();
      requests.at(-1)?.reply(need('{}', '"s"'));
    }
    expect((await endless).value.error).toMatchObject({ code: -32603, message: expect.stringContaining('8 times') });
    expect(requests).toHaveLength(9);
    const task = view.request(call(2), 2);
    await turn();
    requests.at(-1)?.reply('"result":{"resultType":"task","taskId":"x"}');
    expect((await task).failed).toBe(true);
  });

  test('a withdrawn call takes its questions back', async () => {
    const { view, requests, heard } = setUp();
    const gone = new AbortController();
    const reply = view.request(call(1), 1, { signal: gone.signal });
    reply.catch(() => {});
    await turn();
    requests[0]?.reply(need('{"s":{"method":"roots/list"}}'));
    await turn();
    gone.abort();
    await expect(reply).rejects.toThrow('withdrew');
    expect(heard.at(-1)).toMatchObject({ method: 'notifications/cancelled', params: { requestId: heard[0]?.id } });
  });

  test('a resource that is not there has the code of this era', async () => {
    const { view, requests } = setUp();
    const reply = view.request(call(1, '{"uri":"x"}', 'resources/read'), 1);
    await turn();
    requests[0]?.reply('"error":{"code":-32602,"message":"no","data":{"uri":"x"}}');
    expect((await reply).value.error).toEqual({ code: -32002, message: 'no', data: { uri: 'x' } });
  });

  test('subscriptions are one listen, opened anew when they change and again when the server ends it; notes lose its id', async () => {
    const { view, requests, heard, say } = setUp();
    const subscribe = (uri: string, how = 'subscribe') => view.request(call(1, `{"uri":"${uri}"}`, `resources/${how}`), 1);
    const listens = () => requests.filter(({ value }) => value.method === 'subscriptions/listen');
    const watched = () =>
      listens().map(({ value, options }) => [
        (value.params as { notifications: { resourceSubscriptions: string[] } }).notifications.resourceSubscriptions,
        options.signal?.aborted,
      ]);
    await Promise.all([subscribe('x://1'), subscribe('x://2')]);
    await turn();
    await subscribe('x://1', 'unsubscribe');
    await turn();
    expect(watched()).toEqual([
      [['x://1', 'x://2'], true],
      [['x://2'], false],
    ]);
    const id = JSON.stringify(listens()[1]?.value.id);
    say(
      `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":${id}}}}`,
    );
    say(
      `{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"x://2","_meta":{"io.modelcontextprotocol/subscriptionId":${id}}}}`,
    );
    expect(heard.map(({ text }) => text)).toEqual([
      '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"x://2"}}',
    ]);
    listens()[1]?.reply('"result":{"resultType":"complete"}');
    await vi.advanceTimersByTimeAsync(1001);
    expect(listens()).toHaveLength(3);
    await subscribe('x://2', 'unsubscribe');
    await turn();
    expect(watched().at(-1)?.[1]).toBe(true);
  });
});
