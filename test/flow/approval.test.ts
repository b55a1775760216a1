// The whole path with the real SDK client and real servers: lists, a call that waits, yes, no, silence, grants, restart, revoke.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Approval, Entry, Grant, Verification } from '../../shared/vocabulary.ts';
import { closeHouse, type House, openHouse, serverEntry } from '../support/house.ts';
import { type Connected, connectClient, type Help, textOf, type Via } from '../support/sdk-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-files-'));
writeFileSync(join(folder, 'notes.txt'), 'milk and bread');
let house: House;
let help: Help;

const pending = () => house.ask<Approval[]>('pending');
const grants = () => house.ask<Grant[]>('grant', 'list');

/** Waits until exactly this many questions are open. */
async function questions(count: number): Promise<Approval[]> {
  for (let tries = 0; tries < 100; tries++) {
    const list = await pending();
    if (list.length === count) return list;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`there were never ${count} questions open, but ${JSON.stringify(await pending())}`);
}

beforeAll(async () => {
  house = await openHouse();
  await house.ask('server', 'add', 'everything', '--accept', '--', process.execPath, serverEntry('everything'));
  await house.ask('server', 'add', 'files', '--accept', '--', process.execPath, serverEntry('filesystem'), folder);
  help = await house.ask<Help>('client', 'add', 'sdk', '--servers', 'all');
}, 90_000);
afterAll(() => closeHouse(house));

async function direct(capabilities: Record<string, object>): Promise<string[]> {
  const client = new Client({ name: 'flow-test', version: '1' }, { capabilities });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [serverEntry('everything')], stderr: 'ignore' }));
  await new Promise((resolve) => setTimeout(resolve, 800));
  const { tools } = await client.listTools();
  await client.close();
  return tools.map((tool) => JSON.stringify(tool)).sort();
}

describe.each<Via>(['connector', 'http'])('through %s', (via) => {
  let connected: Connected;
  beforeAll(async () => {
    connected = await connectClient(help, via, 'everything', { cwd: folder });
  });
  afterAll(() => connected.close());

  test.each([
    ['everything', { sampling: {}, elicitation: {}, roots: {} }, 16],
    ['nothing', {}, 13],
    ['sampling alone', { sampling: {} }, 14],
  ])('a client that declares %s sees exactly the tools the server itself would show it', async (_name, capabilities, count) => {
    const own = await connectClient(help, via, 'everything', { capabilities });
    const { tools } = await own.client.listTools();
    expect(tools.map((tool) => JSON.stringify(tool)).sort()).toEqual(await direct(capabilities));
    expect(tools).toHaveLength(count);
    await own.close();
  });

  test('resources, templates and prompts are all there', async () => {
    expect((await connected.client.listResources()).resources.length).toBeGreaterThan(5);
    expect((await connected.client.listResourceTemplates()).resourceTemplates).toHaveLength(2);
    expect((await connected.client.listPrompts()).prompts).toHaveLength(4);
  });

  test('a call waits; approve lets exactly that call through', async () => {
    const call = connected.client.callTool({ name: 'echo', arguments: { message: `first ${via}` } });
    const [question] = await questions(1);
    expect(question).toMatchObject({
      client: 'sdk',
      server: 'everything',
      capability: 'tool:echo',
      arguments: { message: `first ${via}` },
      risk: 'low',
    });
    await house.ask('approve', question?.id as string);
    expect(textOf(await call)).toBe(`Echo: first ${via}`);

    const again = connected.client.callTool({ name: 'echo', arguments: { message: `first ${via}` } });
    const [second] = await questions(1);
    await house.ask('deny', second?.id as string, '--reason', 'enough');
    const denied = await again;
    expect(denied.isError).toBe(true);
    expect(textOf(denied)).toMatch(/Denied by Gatehouse.*operator.*"enough"/s);
  });

  test('resources and prompts are asked too, and a no is an error that says so', async () => {
    const uri = 'demo://resource/static/document/architecture.md';
    const read = connected.client.readResource({ uri });
    const [question] = await questions(1);
    expect(question?.capability).toBe(`resource:${uri}`);
    await house.ask('approve', question?.id as string);
    expect((await read).contents).toHaveLength(1);

    const prompt = connected.client.getPrompt({ name: 'simple-prompt' }).catch((error: unknown) => error);
    const [other] = await questions(1);
    expect(other?.capability).toBe('prompt:simple-prompt');
    await house.ask('deny', other?.id as string);
    expect(await prompt).toMatchObject({ code: -1, data: { gatehouse: { verdict: 'deny', approval: other?.id } } });
  });

  test('what a server asks of the client is asked, granted and recorded like any request; folders are told', async () => {
    await house.ask('grant', 'add', '--client', 'sdk', '--server', 'everything', '--capability', 'tool:*', '--for', '1h');
    const sampling = connected.client.callTool({ name: 'trigger-sampling-request', arguments: { prompt: 'hello', maxTokens: 10 } });
    const [question] = await questions(1);
    expect(question).toMatchObject({
      client: 'sdk',
      server: 'everything',
      capability: 'sampling:createMessage',
      arguments: { maxTokens: 10 },
    });
    await house.ask('approve', question?.id as string);
    expect(textOf(await sampling)).toContain('a sampled answer');
    await house.ask('grant', 'add', '--client', 'sdk', '--server', 'everything', '--capability', 'elicitation:form', '--for', '1h');
    await connected.client.callTool({ name: 'trigger-elicitation-request', arguments: {} });
    const roots = await connected.client.callTool({ name: 'get-roots-list', arguments: {} });
    expect(textOf(roots)).toContain(folder);
    expect(new Set(connected.asked)).toEqual(new Set(['sampling', 'elicitation', 'roots']));
    const log = await house.ask<Entry[]>('log', '--limit', '60');
    for (const capability of ['sampling:createMessage', 'elicitation:form', 'roots:list']) {
      const asked = log.find((entry) => entry.type === 'asked' && entry.capability === capability);
      expect(asked, capability).toBeDefined();
      expect(log.find((entry) => entry.type === 'outcome' && entry.asked === asked?.seq)).toMatchObject({ result: 'ok' });
    }
    for (const grant of await grants()) await house.ask('grant', 'revoke', grant.id);
  });

  test('what a client may not see looks like what does not exist', async () => {
    const unknown = await connected.client.callTool({ name: 'no_such_tool', arguments: {} }).catch((error: unknown) => error);
    expect(unknown).toMatchObject({ code: -32602 });
  });
});

test('nobody answers: the model is told that the question stands, and a late yes covers the repeat, once', async () => {
  await house.ask('client', 'set', 'sdk', '--wait', '1');
  const { client, close } = await connectClient(help, 'connector', 'everything');
  const call = { name: 'get-sum', arguments: { a: 2, b: 3 } };
  const first = await client.callTool(call);
  expect(first.isError).toBe(true);
  expect(textOf(first)).toMatch(/Approval a-\w+ is still open/);
  const [question] = await questions(1);
  await house.ask('approve', question?.id as string);
  expect(textOf(await client.callTool({ ...call, arguments: { b: 3, a: 2 } }))).toContain('5');
  expect(textOf(await client.callTool(call))).toContain('still open');
  const [left] = await questions(1);
  await house.ask('deny', left?.id as string);
  await house.ask('client', 'set', 'sdk', '--wait', '45');
  await close();
});

test('five equal calls in flight and one approve for once: exactly one passes', async () => {
  const { client, close } = await connectClient(help, 'connector', 'everything');
  let passed = 0;
  const calls = Array.from({ length: 5 }, async () => {
    const result = await client.callTool({ name: 'echo', arguments: { message: 'five' } });
    if (!result.isError) passed++;
  });
  const [question] = await questions(1);
  for (let tries = 0; tries < 50 && (await pending())[0]?.waiting !== 5; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
  await house.ask('approve', question?.id as string, '--for', 'once');
  await Promise.race(calls);
  const [rest] = await questions(1);
  expect(rest?.waiting).toBe(4);
  expect(passed).toBe(1);
  await house.ask('deny', rest?.id as string);
  await Promise.all(calls);
  expect(passed).toBe(1);
  await close();
});

test('a grant survives a restart, and revoking it asks again', async () => {
  const one = await connectClient(help, 'http', 'files');
  const call = { name: 'read_text_file', arguments: { path: join(folder, 'notes.txt') } };
  const waiting = one.client.callTool(call);
  const [question] = await questions(1);
  const answer = await house.ask<{ grant: Grant; note: string }>('approve', question?.id as string, '--for', 'always', '--match', 'exact');
  expect(answer.note).toContain('30 days');
  expect(textOf(await waiting)).toBe('milk and bread');
  await one.close();

  expect(await house.stop()).toBe(0);
  const port = new URL(help.http.url).port;
  house = await openHouse({ home: house.home });
  expect(new URL(house.ready.mcp).port, 'the port is kept').toBe(port);

  const two = await connectClient(help, 'connector', 'files', { cwd: folder });
  expect(textOf(await two.client.callTool(call))).toBe('milk and bread');
  const [grant] = await grants();
  expect(grant).toMatchObject({ client: 'sdk', server: 'files', capability: 'tool:read_text_file', uses: 1 });
  expect(grant?.lastUsedAt).toBeTruthy();
  const wider = two.client.callTool({ ...call, arguments: { path: folder } });
  const [other] = await questions(1);
  await house.ask('deny', other?.id as string);
  expect((await wider).isError).toBe(true);

  await house.ask('grant', 'revoke', grant?.id as string);
  const asked = two.client.callTool(call);
  const [again] = await questions(1);
  await house.ask('deny', again?.id as string);
  expect((await asked).isError).toBe(true);
  await two.close();
});

test('a paused client gets nothing; a revoked one is out at once; its token is worth nothing', async () => {
  const more = await house.ask<Help>('client', 'add', 'short-lived', '--servers', 'everything');
  const { client, close } = await connectClient(more, 'http', 'everything');
  await house.ask('client', 'pause', 'short-lived');
  await expect(client.listTools()).rejects.toThrow('paused');
  await house.ask('client', 'resume', 'short-lived');
  expect((await client.listTools()).tools.length).toBeGreaterThan(0);
  await house.ask('client', 'revoke', 'short-lived');
  await expect(client.listTools()).rejects.toThrow();
  await expect(connectClient(more, 'http', 'everything')).rejects.toThrow();
  await expect(connectClient(more, 'connector', 'everything')).rejects.toThrow();
  await close();
});

test('several servers on one connection: names carry the server, calls reach the right one', async () => {
  const { client, close } = await connectClient(help, 'connector', null, { cwd: folder });
  const { tools } = await client.listTools();
  expect(tools.map((tool) => tool.name)).toEqual(expect.arrayContaining(['everything__echo', 'files__read_text_file']));
  expect(tools.every((tool) => /^[A-Za-z0-9_-]{1,48}$/.test(tool.name))).toBe(true);
  await house.ask('grant', 'add', '--client', 'sdk', '--server', 'everything', '--capability', 'tool:echo', '--for', '1h');
  expect(textOf(await client.callTool({ name: 'everything__echo', arguments: { message: 'x' } }))).toBe('Echo: x');
  await close();
});

test('lock needs no credential, stops everything, survives a restart; only the operator unlocks', async () => {
  const { client, close } = await connectClient(help, 'connector', 'everything');
  expect((await house.cli(['lock'], { token: null })).code).toBe(0);
  const denied = await client.callTool({ name: 'echo', arguments: { message: 'locked' } });
  expect(denied.isError).toBe(true);
  expect(textOf(denied)).toContain('locked');
  await close();
  expect((await house.cli(['unlock'], { token: null })).code).toBe(4);
  await house.stop();
  house = await openHouse({ home: house.home });
  expect(await house.ask<{ locked: boolean }>('status')).toMatchObject({ locked: true });
  await house.ask('unlock');
  expect(await house.ask<{ locked: boolean }>('status')).toMatchObject({ locked: false });
});

test('after all this the log verifies', async () => {
  expect(await house.ask<Verification>('log', 'verify')).toMatchObject({ ok: true, problems: [] });
});
