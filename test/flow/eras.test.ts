// Any client with any server: real peers of both eras through a broker, and what one era says reaches the other.
import { join } from 'node:path';
import { CreateMessageRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/attempt.ts';
import { checkout } from '../support/house.ts';
import { type Den, openDen } from '../support/imps.ts';
import { connectModern, type Mode, type Modern } from '../support/modern-client.ts';
import { connectClient, type Help, textOf, type Via } from '../support/sdk-client.ts';

let den: Den;
let help: Help;
const opened: { close(): Promise<void> }[] = [];
const servers = ['handshake', 'stateless'] as const;

async function connect(via: Via, server: string | null, mode: Mode, capabilities?: Parameters<typeof connectModern>[4]): Promise<Modern> {
  const connected = await connectModern(help, via, server, mode, capabilities);
  opened.push(connected);
  return connected;
}

beforeAll(async () => {
  den = await openDen();
  for (const era of servers) {
    const args = [join(checkout, 'test', 'conformance', 'fixtures', 'serve.ts'), era, 'stdio'];
    await den.api.server.add({ name: era, command: process.execPath, args, accept: true });
  }
  help = await den.pair('eras', 'all', 5);
  for (const era of servers) await den.allow('eras', era, 'tool:*', 'resource:*', 'template:*', 'prompt:*', 'sampling:*', 'elicitation:*');
});
afterAll(async () => {
  for (const { close } of opened) await close().catch(() => {});
  await den?.close();
});

/** Entries of what the servers asked, each with how it ended. */
const asked = async (since: number) => {
  const entries = await den.log(since);
  return entries
    .filter(({ type, direction }) => type === 'asked' && direction === 'server-to-client')
    .map(({ seq, capability }) => [capability, entries.find((entry) => entry.asked === seq)?.result ?? 'open'])
    .reverse();
};

describe.each(servers)('in front of a %s server', (server) => {
  describe.each(['legacy', 'pinned'] as const)('a client in mode %s', (mode) => {
    // Every mode over every transport: test/flow's real peers. Here one of each is enough.
    const via = mode === 'legacy' ? 'connector' : 'http';
    test(`lists, calls, reads, gets prompts and completes over ${via}`, async () => {
      const { client } = await connect(via, server, mode);
      expect((await client.listTools()).tools.length).toBeGreaterThan(10);
      expect(textOf(await client.callTool({ name: 'test_simple_text', arguments: {} }))).toContain('text');
      expect((await client.readResource({ uri: 'test://static-text' })).contents).toHaveLength(1);
      expect((await client.getPrompt({ name: 'test_simple_prompt' })).messages).toHaveLength(1);
      const ref = { type: 'ref/prompt' as const, name: 'test_prompt_with_arguments' };
      expect((await client.complete({ ref, argument: { name: 'arg1', value: 't' } })).completion.values).toEqual(['test', 'testing']);
      // This client calls it so in both eras; the wire says -32002 in the older one.
      await expect(client.readResource({ uri: 'test://nothing-here' })).rejects.toMatchObject({ code: -32602 });
    });

    test('hears progress and log messages of its own call', async () => {
      const { client } = await connect('http', server, mode);
      const progress: number[] = [];
      const logged: unknown[] = [];
      client.setNotificationHandler('notifications/message', ({ params }) => void logged.push(params.data));
      const onprogress = (note: { progress: number }) => void progress.push(note.progress);
      await client.callTool({ name: 'test_tool_with_progress', arguments: {} }, { onprogress });
      expect(progress).toEqual([0, 50, 100]);
      if (mode === 'legacy') await client.setLoggingLevel('info');
      const meta = { _meta: { 'io.modelcontextprotocol/logLevel': 'info' } };
      await client.callTool({ name: 'test_tool_with_logging', arguments: {}, ...(mode === 'pinned' ? meta : {}) });
      await until('the messages are there', () => logged.length >= 3);
      expect(logged).toHaveLength(3);
    });
  });
});

describe('a handshake client, a stateless server that needs input', () => {
  test.each(['connector', 'http'] as const)('is asked in its own way, over %s', async (via) => {
    const { client, asked: heard } = await connect(via, 'stateless', 'legacy');
    const since = await den.newest();
    const call = async (name: string) => textOf(await client.callTool({ name: `test_input_required_result_${name}`, arguments: {} }));
    expect(await call('elicitation')).toBe('Hello, Ann!');
    expect(await call('sampling')).toBe('The model says: a sampled answer');
    expect(await call('list_roots')).toBe('Folders: file:///work');
    expect(await call('request_state')).toBe('state-ok');
    expect(await call('multi_round')).toBe('Both steps are done.');
    expect(await call('multiple_inputs')).toBe('All three answers came.');
    expect(heard.toSorted()).toEqual([...Array(5).fill('elicitation'), ...Array(2).fill('roots'), ...Array(2).fill('sampling')]);
    expect((await asked(since)).every(([, result]) => result === 'ok')).toBe(true);
    const prompt = await client.getPrompt({ name: 'test_input_required_result_prompt' }).catch((error: Error) => error);
    // Its form asks for another field than this client fills in, so it never comes to an end and is ended.
    expect(prompt).toMatchObject({ message: expect.stringContaining('without coming to an end') });
  });

  test('fails the call where the client fails, and says what the client said', async () => {
    const connected = await connectClient(help, 'http', 'stateless', { capabilities: { sampling: {} } });
    opened.push(connected);
    connected.client.setRequestHandler(CreateMessageRequestSchema, () => {
      throw Object.assign(new Error('no model today'), { code: -1 });
    });
    const failed = await connected.client
      .callTool({ name: 'test_input_required_result_sampling', arguments: {} })
      .catch((error: Error) => error);
    expect(failed).toMatchObject({ message: expect.stringContaining('no model today') });
  });

  test('hears of a resource it subscribed to no more than the server says, and of changed lists', async () => {
    const { client } = await connect('http', 'stateless', 'legacy');
    let changes = 0;
    client.setNotificationHandler('notifications/tools/list_changed', () => void changes++);
    await client.subscribeResource({ uri: 'test://watched-resource' });
    await client.callTool({ name: 'test_trigger_tool_change', arguments: {} });
    await until('it hears', () => changes > 0);
    await client.unsubscribeResource({ uri: 'test://watched-resource' });
  });
});

describe('a stateless client, a handshake server that asks', () => {
  test.each(['connector', 'http'] as const)('gets results that need input, and its answers go back, over %s', async (via) => {
    const { client, asked: heard } = await connect(via, 'handshake', 'pinned');
    const since = await den.newest();
    const call = async (name: string, input: Record<string, unknown>) => textOf(await client.callTool({ name, arguments: input }));
    expect(await call('test_sampling', { prompt: 'hello' })).toBe('LLM response: a sampled answer');
    expect(await call('test_elicitation', { message: 'who?' })).toBe('User response: accept, content: {"name":"Ann"}');
    expect(heard).toEqual(['sampling', 'elicitation']);
    expect(await asked(since)).toEqual([
      ['sampling:createMessage', 'ok'],
      ['elicitation:form', 'ok'],
    ]);
    // The later rounds are requests of their own in the log, and say so.
    const rounds = (await den.log(since)).filter(({ type, round }) => type === 'asked' && round !== undefined);
    expect(rounds.map(({ capability }) => capability).toSorted()).toEqual(['tool:test_elicitation', 'tool:test_sampling']);
  });

  test('calls at once do not cross: each question reaches a call, and each call its own reply', async () => {
    const { client } = await connect('http', 'handshake', 'pinned');
    const words = Array.from({ length: 8 }, (_, n) => `message ${n}`);
    const all = await Promise.all([
      ...words.map((message) => client.callTool({ name: 'test_elicitation', arguments: { message } })),
      ...words.map(() => client.callTool({ name: 'test_simple_text', arguments: {} })),
    ]);
    for (const [n, result] of all.entries()) expect(textOf(result)).toContain(n < words.length ? 'User response: accept' : 'text');
  });
});

describe('a later round goes on with the yes of the operator to its call, once', () => {
  const url = () => `${help.http.url}/s/handshake`;
  let count = 0;
  async function post(input: Record<string, unknown>, more: object = {}) {
    const body = {
      jsonrpc: '2.0',
      id: ++count,
      method: 'tools/call',
      params: {
        name: 'test_elicitation',
        arguments: input,
        ...more,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
        },
      },
    };
    const response = await fetch(url(), {
      method: 'POST',
      headers: {
        ...help.http.headers,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'test_elicitation',
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return JSON.parse(text.startsWith('{') ? text : ([...text.matchAll(/^data: (.*)$/gm)].at(-1)?.[1] ?? 'null'));
  }

  test('other arguments are a new question, a used state is dead, and a strange one never lived', async () => {
    for (const { id, capability } of await den.api.grant.list()) if (capability === 'tool:*') await den.api.grant.revoke({ id });
    const answer = async () => {
      const [question] = await den.questions(1);
      await den.api.approval.approve({ id: question?.id ?? '', nonce: question?.nonce ?? '', for: 'once' });
    };
    const first = post({ message: 'who?' });
    await answer();
    const { result } = await first;
    expect(result).toMatchObject({ resultType: 'input_required' });
    const [key = ''] = Object.keys(result.inputRequests);
    const { requestState } = result;
    const inputResponses = { [key]: { action: 'accept', content: { name: 'Bea' } } };

    const other = post({ message: 'who else?' }, { requestState, inputResponses });
    await answer();
    expect((await other).error).toMatchObject({ code: -32602, message: expect.stringContaining('requestState') });

    const second = await post({ message: 'who?' }, { requestState, inputResponses });
    expect(textOf(second.result)).toContain('Bea');
    expect(await den.api.approval.list()).toEqual([]);

    const again = post({ message: 'who?' }, { requestState, inputResponses });
    await answer();
    expect((await again).error).toMatchObject({ code: -32602 });
    const strange = post({ message: 'who?' }, { requestState: `${requestState.slice(0, -2)}AA`, inputResponses });
    await answer();
    expect((await strange).error).toMatchObject({ code: -32602 });
  });
});

test('the log verifies', async () => {
  expect(await den.api.log.verify()).toMatchObject({ ok: true, problems: [] });
});
