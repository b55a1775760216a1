// Tasks of the stateless era: what they ask and bring later is decided and recorded like any call, and stays with its client.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/attempt.ts';
import { checkout } from '../support/house.ts';
import { type Den, openDen } from '../support/imps.ts';
import type { Help } from '../support/sdk-client.ts';

let den: Den;
let [ann, bea] = [null, null] as unknown as [Help, Help];
let count = 0;

beforeAll(async () => {
  den = await openDen();
  const args = [join(checkout, 'test', 'support', 'servers', 'jobs.ts')];
  await den.api.server.add({ name: 'jobs', command: process.execPath, args, accept: true });
  [ann, bea] = [await den.pair('ann', 'all', 5), await den.pair('bea', 'all', 5)];
  for (const client of ['ann', 'bea']) await den.allow(client, 'jobs', 'tool:start', 'elicitation:form');
});
afterAll(() => den?.close());

const declared = { elicitation: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } };

/** One request; `heard` gets what comes before the reply. */
async function post(
  help: Help,
  method: string,
  params: Record<string, unknown>,
  heard: (message: Record<string, unknown>) => void = () => {},
) {
  const name = params.name ?? params.taskId;
  const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': declared };
  const response = await fetch(`${help.http.url}/s/jobs`, {
    method: 'POST',
    headers: {
      ...help.http.headers,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: ++count, method, params: { ...params, _meta } }),
  });
  if (response.headers.get('content-type') === 'application/json') return (await response.json()) as Record<string, never>;
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const [, data] = /^data: (.*)$/m.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (data === undefined) continue;
      const message = JSON.parse(data) as Record<string, unknown>;
      if ('method' in message) heard(message);
      else return message as Record<string, never>;
    }
  }
  throw new Error('the stream ended without a reply');
}

test('a task asks, is answered, completes; its client hears of it, another client knows nothing of it', async () => {
  const since = await den.newest();
  const made = await post(ann, 'tools/call', { name: 'start', arguments: {} });
  expect(made.result).toMatchObject({ resultType: 'task', taskId: 'job-1', status: 'working' });
  expect((await post(ann, 'tasks/get', { taskId: 'job-1' })).result).toMatchObject({
    status: 'input_required',
    inputRequests: { word: {} },
  });
  for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel'])
    expect((await post(bea, method, { taskId: 'job-1', inputResponses: {} })).error).toMatchObject({ code: -32602 });

  const notes: Record<string, unknown>[] = [];
  const listening = post(ann, 'subscriptions/listen', { notifications: { taskIds: ['job-1', 'job-2'] } }, (note) => void notes.push(note));
  listening.catch(() => {});
  await until('it is acknowledged', () => notes.length === 1);
  expect(notes[0]).toMatchObject({ params: { notifications: { taskIds: ['job-1'] } } });
  // The server's own acknowledgement is not passed on, so its request is looked for where it was written down.
  await until('the server is listened to', async () => (await den.log(since)).some(({ method }) => method === 'subscriptions/listen'));
  const inputResponses = { word: { action: 'accept', content: { word: 'plum' } } };
  await post(ann, 'tasks/update', { taskId: 'job-1', inputResponses });
  await until('the note came', () => notes.length === 2);
  expect(notes[1]).toMatchObject({ method: 'notifications/tasks', params: { status: 'completed', taskId: 'job-1' } });
  const done = await post(ann, 'tasks/get', { taskId: 'job-1' });
  expect(done.result).toMatchObject({ status: 'completed', result: { content: [{ text: 'the word is plum' }] } });

  const entries = await den.log(since);
  const asked = entries.filter(({ type, method }) => type === 'asked' && method !== 'subscriptions/listen').reverse();
  expect(asked.map(({ method, capability }) => [method, capability])).toEqual([
    ['tools/call', 'tool:start'],
    ['tasks/get', 'tool:start'],
    ['elicitation/create', 'elicitation:form'],
    ['tasks/update', 'tool:start'],
    ['tasks/get', 'tool:start'],
  ]);
  for (const { seq } of asked) expect(entries.find((entry) => entry.asked === seq)).toMatchObject({ result: 'ok' });
});

test('a task’s late result does not pass a client that is paused', async () => {
  const made = await post(ann, 'tools/call', { name: 'start', arguments: {} });
  expect(made.result).toMatchObject({ taskId: 'job-2' });
  await den.api.client.pause({ name: 'ann' });
  expect((await post(ann, 'tasks/get', { taskId: 'job-2' })).error).toMatchObject({ code: -1 });
  await den.api.client.resume({ name: 'ann' });
});
