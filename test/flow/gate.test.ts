// What two readers could understand differently is refused by a real broker, on either door, with an error and an entry; everything lives on.
// And a client that is refused again and again: quick refusals, few entries, and what is allowed still goes through.
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/attempt.ts';
import { type Den, named, openDen } from '../support/imps.ts';
import { lineByLine } from '../support/lines.ts';
import { cleanEnvironment } from '../support/run.ts';
import { type Connected, connectClient, type Help, textOf } from '../support/sdk-client.ts';

let den: Den;
let help: Help;

const call = (id: number | string, args: string) =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"tools/call","params":{"name":"a","arguments":${args}}}`;

/** Issue item 2 and security.md T17, each as bytes. */
const ambiguous: Record<string, string | Buffer> = {
  'a byte order mark': `\ufeff${call(1, '{}')}`,
  'bytes that are no UTF-8': Buffer.concat([
    Buffer.from(call(1, '{"x":"')).subarray(0, -3),
    Buffer.from([0xc3, 0x28]),
    Buffer.from('"}}}'),
  ]),
  'an overlong form': Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":1,"method":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
  'a key twice': '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}',
  'a key twice after unescaping': '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","n\\u0061me":"b"}}',
  'a key twice deep inside': call(1, '{"x":[{"y":1,"y":2}]}'),
  'a __proto__ key': call(1, '{"__proto__":{"admin":true}}'),
  'an escaped __proto__ key': call(1, '{"\\u005f_proto__":1}'),
  'a lone surrogate in a key': call(1, '{"\\ud800":1}'),
  'NUL in a key': call(1, '{"a\\u0000":1}'),
  'a name in other capitals beside it': '{"jsonrpc":"2.0","id":1,"method":"tools/call","Method":"ping","params":{"name":"a"}}',
  'a parameter that looks like another': '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","NAME":"b"}}',
  'depth 65': call(1, `${'['.repeat(65)}${']'.repeat(65)}`),
  'depth 200,000': `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`,
  'a batch': `[${call(1, '{}')}]`,
  'an id of null': call('@', '{}').replace('"@"', 'null'),
  'an id with a fraction': call('@', '{}').replace('"@"', '1.5'),
  'an id beyond 2^53': call('@', '{}').replace('"@"', '9007199254740993'),
  'no version': '{"id":1,"method":"ping"}',
  'another version': '{"jsonrpc":"1.0","id":1,"method":"ping"}',
  'a method and a result': '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}',
  'a result and an error': '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"x"}}',
  'parameters in an array': '{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}',
  'a number with a leading zero': call(1, '{"x":01}'),
  NaN: call(1, '{"x":NaN}'),
  'a comment': `${call(1, '{}')} // hello`,
  'a comma at the end': call(1, '{"x":1,}'),
  'single quotes': "{'jsonrpc':'2.0'}",
  'two values': `${call(1, '{}')}${call(2, '{}')}`,
  'half a value': call(1, '{"x":"').slice(0, -3),
  'nothing but white space and a brace': ' \t }',
};

beforeAll(async () => {
  den = await openDen();
  await den.add('tools', { tools: named('a', 'b') });
  help = await den.pair('rough', ['tools'], 0);
  await den.allow('rough', 'tools', 'tool:a');
}, 60_000);
afterAll(() => den?.close());

const refusals = async (since: number) =>
  (await den.log(since)).filter(({ type, decidedBy }) => type === 'refused' && decidedBy === 'hygiene');

describe('over the connector', () => {
  test('each is refused with an error, and the next call passes', async () => {
    const args = [...help.stdio.args, '--server', 'tools'];
    const child = spawn(help.stdio.command, args, {
      env: { ...cleanEnvironment(), ...help.stdio.env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    child.stdout.setEncoding('utf8').on(
      'data',
      lineByLine((line) => void lines.push(line)),
    );
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'rough', version: '1' } };
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 'open', method: 'initialize', params })}\n`);
    await until('it is open', () => lines.length === 1);
    const [since, before] = [await den.newest(), den.calls('tools', 'a').length];
    let n = 0;
    for (const [name, bytes] of Object.entries(ambiguous)) {
      lines.length = 0;
      child.stdin.write(Buffer.concat([Buffer.from(bytes), Buffer.from('\n'), Buffer.from(`${call(`ok-${++n}`, `{"n":${n}}`)}\n`)]));
      await until(`both answers to ${name}`, () => lines.length === 2);
      const answers = lines.map((line) => JSON.parse(line) as { id: unknown; error?: { code: number }; result?: unknown });
      const refused = answers.find(({ id }) => id !== `ok-${n}`);
      expect(refused?.error?.code, name).toBeLessThan(0);
      expect(answers.find(({ id }) => id === `ok-${n}`)?.result, name).toBeDefined();
    }
    expect(den.calls('tools', 'a').length - before, 'and only the good ones reached the server').toBe(n);
    expect(await refusals(since)).toHaveLength(n);
    child.stdin.end();
    await new Promise((resolve) => child.once('close', resolve));
  });
});

describe('over HTTP', () => {
  test('each is refused with 400 and an error, and the session lives on', async () => {
    den.skip(61_000);
    const headers: Record<string, string> = {
      ...help.http.headers,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
    const url = `${help.http.url}/s/tools`;
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'rough', version: '1' } };
    const opened = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
    });
    await opened.text();
    headers['mcp-session-id'] = opened.headers.get('mcp-session-id') ?? '';
    const [since, before] = [await den.newest(), den.calls('tools', 'a').length];
    let n = 0;
    for (const [name, bytes] of Object.entries(ambiguous)) {
      const refused = await fetch(url, { method: 'POST', headers, body: bytes as BodyInit });
      expect(refused.status, name).toBe(400);
      expect(((await refused.json()) as { error: { code: number } }).error.code, name).toBeLessThan(0);
      n++;
    }
    const good = await fetch(url, { method: 'POST', headers, body: call('good', '{"x":12345678901234567890}') });
    expect(await good.text()).toContain('"id":"good"');
    expect(den.calls('tools', 'a').length - before).toBe(1);
    expect(await refusals(since)).toHaveLength(n);
    await fetch(url, { method: 'DELETE', headers });
  });

  test('entries of what was refused hold nothing of it', async () => {
    const since = await den.newest();
    const one = { ...help.http.headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    await fetch(help.http.url, { method: 'POST', headers: one, body: '{"my secret 4711":1,"my secret 4711":2}' });
    const [entry] = await refusals(since);
    expect(entry).toMatchObject({ client: 'rough', via: 'http', verdict: 'deny' });
    expect(JSON.stringify(entry)).not.toContain('secret 4711');
  });
});

describe('a client that is refused again and again', () => {
  let one: Connected;
  beforeAll(async () => {
    one = await connectClient(help, 'http', 'tools', { capabilities: {} });
    await den.api.grant.add({ client: 'rough', server: 'tools', capability: 'tool:b', effect: 'deny', for: '1h' });
  });
  afterAll(() => one.close());

  test('leaves few entries, and what it may do still works; after a minute all is as before', async () => {
    den.skip(61_000);
    const since = await den.newest();
    const denied = async (count: number) => {
      const words = new Set<string>();
      for (let sent = 0; sent < count; sent += 50) {
        const calls = Array.from({ length: 50 }, (_, n) => one.client.callTool({ name: 'b', arguments: { n: sent + n } }));
        for (const result of await Promise.all(calls)) {
          expect(result.isError).toBe(true);
          words.add(textOf(result).slice(0, 60));
        }
      }
      return words.size;
    };
    expect(await denied(600), 'told in two ways').toBe(2);
    const entries = await den.log(since);
    const asked = entries.filter(({ type, capability }) => type === 'asked' && capability === 'tool:b');
    expect(asked.length).toBeGreaterThanOrEqual(240);
    expect(asked.length).toBeLessThan(300);
    const quick = entries.filter(({ type, decidedBy }) => type === 'refused' && decidedBy === 'rate');
    expect(quick).toHaveLength(60);
    expect(textOf(await one.client.callTool({ name: 'a', arguments: {} }))).toBe('a {}');

    den.skip(61_000);
    await den.allow('rough', 'tools', 'tool:a');
    expect(textOf(await one.client.callTool({ name: 'b', arguments: {} }))).toContain('refused this before');
  });
});

test('after all this the log verifies', async () => {
  expect(await den.api.log.verify()).toMatchObject({ ok: true, problems: [] });
});
