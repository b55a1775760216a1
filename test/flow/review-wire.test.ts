// What an outside review found on the wire: servers that end the broker or speak for others, clients that flood or are not let go.
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateMessageRequestSchema, ResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setLevel } from '../../broker/start/requests.ts';
import { bench, params } from '../forward/support.ts';
import { attempt, until } from '../support/attempt.ts';
import { checkout } from '../support/house.ts';
import { type Den, named, openDen } from '../support/imps.ts';
import { within } from '../support/scale.ts';
import { type Connected, connectClient, type Help, type Via } from '../support/sdk-client.ts';

let den: Den;
let help: Help;
const opened: Connected[] = [];
const unhandled: unknown[] = [];
const onUnhandled = (error: unknown) => void unhandled.push(error);

async function connect(server: string | null, { as = help, via = 'http' as Via, capabilities = {} } = {}): Promise<Connected> {
  const connected = await connectClient(as, via, server, { capabilities });
  opened.push(connected);
  return connected;
}

async function tried({ client }: Connected, name: string, input: Record<string, unknown> = {}) {
  const made = attempt(client, name, input);
  await made.done;
  return made;
}

/** A server whose tools the client may all use. */
async function server(name: string, orders: Parameters<Den['add']>[1], more?: Parameters<Den['add']>[2]): Promise<void> {
  await den.add(name, orders, more);
  const known = (await den.api.client.show({ name: 'sdk' })).servers;
  await den.api.client.set({ name: 'sdk', servers: [...known, name] });
  await den.allow('sdk', name, 'tool:*');
}

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  den = await openDen();
  help = await den.pair('sdk', 'all', 0);
});
afterAll(async () => {
  for (const { close } of opened) await close().catch(() => {});
  await den?.close();
  process.removeListener('unhandledRejection', onUnhandled);
});

describe('a server that breaks off does not end the broker, and the next call works', () => {
  test('it says that its tools changed, and exits', async () => {
    await server('quitter', { tools: named('boom', 'a') });
    const one = await connect('quitter');
    expect(await tried(one, 'boom')).toMatchObject({ result: 'failed', code: -32603 });
    await sleep(300);
    expect(await tried(one, 'a')).toMatchObject({ result: 'answered' });
    expect(unhandled).toEqual([]);
  });

  test('it answers a list with an error, first or later', async () => {
    await server('listless', { tools: named('announce', 'a') });
    const one = await connect('listless');
    expect(await tried(one, 'a')).toMatchObject({ result: 'answered' });
    den.order('listless', { listError: 'not today' });
    await tried(one, 'announce');
    await sleep(300);
    expect(await tried(one, 'a')).toMatchObject({ result: 'failed', code: -32603 });
    await den.api.server.restart({ name: 'listless' });
    expect(await tried(one, 'a')).toMatchObject({ result: 'failed', code: -32603 });
    den.order('listless', { tools: named('announce', 'a') });
    expect(await tried(one, 'a')).toMatchObject({ result: 'answered' });
    expect(unhandled).toEqual([]);
  });
});

describe('a client that may not go on', () => {
  const show = async (shown: boolean) => {
    const others = (await den.api.client.show({ name: 'sdk' })).servers.filter((name) => name !== 'nosy');
    await den.api.client.set({ name: 'sdk', servers: shown ? [...others, 'nosy'] : others });
  };
  const stops = {
    'is paused': [() => den.api.client.pause({ name: 'sdk' }), () => den.api.client.resume({ name: 'sdk' })],
    'loses the server': [() => show(false), () => show(true)],
  } as const;
  beforeAll(async () => {
    await server('nosy', { tools: named('ask', 'a') });
    await den.allow('sdk', 'nosy', 'sampling:createMessage');
    await den.api.setting.set({ key: 'sampling.requests', value: '100000' });
  });

  test.each(Object.keys(stops) as (keyof typeof stops)[])(
    'hears nothing and says nothing while it %s; then all works again',
    async (how) => {
      const [stop, goOn] = stops[how];
      const one = await connect(null, { capabilities: { sampling: {}, roots: { listChanged: true } } });
      let asked = 0;
      let answer = () => {};
      const answering = new Promise<void>((resolve) => {
        answer = resolve;
      });
      one.client.setRequestHandler(CreateMessageRequestSchema, async () => {
        asked++;
        await answering;
        return { model: 'm', role: 'assistant' as const, content: { type: 'text' as const, text: 'said too late' } };
      });
      expect(await tried(one, 'nosy__ask')).toMatchObject({ result: 'answered' });
      await until('it is asked', () => asked > 2);
      await one.client.sendRootsListChanged();
      await until('the server is told', () => den.reached('nosy').some(({ method }) => method === 'notifications/roots/list_changed'));

      await stop();
      const [before, heard] = [den.reached('nosy').length, asked];
      answer();
      await one.client.sendRootsListChanged();
      await sleep(700);
      expect(asked).toBe(heard);
      const late = den.reached('nosy').slice(before);
      expect(late.filter(({ method, result }) => method !== undefined || result !== undefined)).toEqual([]);
      expect((await tried(one, 'nosy__a')).result).not.toBe('answered');

      await goOn();
      expect(await tried(one, 'nosy__ask')).toMatchObject({ result: 'answered' });
      await until('it is asked again', () => asked > heard);
      await until('it answers', () => JSON.stringify(den.reached('nosy').slice(before)).includes('said too late'));
      await one.close();
    },
  );
});

test.each([100_000, 8_000])('an address of %d slashes against a template with three variables is answered at once', async (length) => {
  const name = `paths-${length}`;
  await server(name, { templates: ['x://{a}/{b}/{c}/end'] });
  await server(`${name}-2`, { templates: ['y://{a}'] });
  const one = await connect(null);
  const read = (uri: string) => one.client.readResource({ uri }).catch((error: Error & { code?: number }) => error.code ?? error.message);
  await read('x://a/b');
  const began = performance.now();
  expect(await read(`x://${'/'.repeat(length)}`)).toBe(-32002);
  expect(performance.now() - began).toBeLessThan(within(200));
});

test('300 cancelled calls leave a session over HTTP working', async () => {
  await server('silent', { tools: named('never', 'a') });
  const one = await connect('silent');
  const cancelled = () => den.reached('silent').filter(({ method }) => method === 'notifications/cancelled');
  // A round of few at a time: the door takes 256 sockets, and the SDK opens one for each message under way.
  for (let sent = 0; sent < 300; sent += 30) {
    const gone = new AbortController();
    const never = (n: number) => one.client.callTool({ name: 'never', arguments: { n } }, undefined, { signal: gone.signal });
    const calls = Array.from({ length: 30 }, (_, n) => never(sent + n).catch((error: Error) => error.message));
    await until('they are at the server', () => den.calls('silent', 'never').length === sent + 30);
    gone.abort('enough');
    for (const words of await Promise.all(calls)) expect(words).toContain('enough');
    await until('the server was told', () => cancelled().length === sent + 30);
  }
  expect(await tried(one, 'a')).toMatchObject({ result: 'answered' });
  expect(await one.client.ping()).toEqual({});
});

describe('one server of a connection cannot speak for another', () => {
  let one: Connected;
  beforeAll(async () => {
    for (const name of ['hers', 'his']) await server(name, { tools: named('never', 'progress', 'task', 'a') });
    one = await connect(null);
  });

  test('progress with the token of a call at another server does not reach the client', async () => {
    const seen: number[] = [];
    const gone = new AbortController();
    const call = one.client
      .callTool({ name: 'hers__never', arguments: {} }, undefined, {
        onprogress: ({ progress }) => void seen.push(progress),
        signal: gone.signal,
      })
      .catch(() => {});
    await until('the call is at its server', () => den.calls('hers', 'never').length === 1);
    const sent = den.reached('hers').find(({ method }) => method === 'tools/call');
    const token = (sent?.params?._meta as { progressToken?: unknown } | undefined)?.progressToken;
    expect(token).toBeDefined();
    expect(await tried(one, 'his__progress', { token, progress: 66 })).toMatchObject({ result: 'answered' });
    expect(await tried(one, 'hers__progress', { token, progress: 7 })).toMatchObject({ result: 'answered' });
    await until('its own progress arrives', () => seen.length > 0);
    await sleep(100);
    expect(seen).toEqual([7]);
    gone.abort();
    await call;
  });

  test('a task id that one server gave out stays its own, whatever another says', async () => {
    for (const name of ['hers__task', 'his__task']) await one.client.callTool({ name, arguments: { taskId: 'task-1' } });
    const task = await one.client.request({ method: 'tasks/get', params: { taskId: 'task-1' } }, ResultSchema);
    expect(task).toMatchObject({ taskId: 'task-1', by: 'hers' });
    expect(den.reached('his').filter(({ method }) => method === 'tasks/get')).toEqual([]);
  });
});

test('2,000 unknown notifications make at most 60 entries in a minute, and the next one says how many there were', async () => {
  await server('calm', { tools: named('a') });
  const one = await connect('calm');
  const refused = async (since: number) => (await den.log(since)).filter(({ type }) => type === 'refused');
  // A minute of its own.
  den.skip(61_000);
  const since = await den.newest();
  for (let n = 0; n < 2_000; n += 20)
    await Promise.all(Array.from({ length: 20 }, () => one.client.notification({ method: `notifications/${'x'.repeat(200)}` } as never)));
  await one.client.ping();
  expect(await refused(since)).toHaveLength(60);
  den.skip(61_000);
  await one.client.notification({ method: 'notifications/one-more' } as never);
  await one.client.ping();
  const [last, ...others] = await refused(since);
  expect(others).toHaveLength(60);
  expect(last).toMatchObject({ method: 'notifications/one-more', unreported: 1_940 });
});

describe('logging/setLevel on a connection with several servers', () => {
  const levels = (name: string) =>
    den
      .reached(name)
      .filter(({ method }) => method === 'logging/setLevel')
      .map((message) => message.params?.level);

  test('reaches servers that run and servers that start later, and nothing is wrong with it', async () => {
    for (const name of ['early', 'later']) await server(name, { tools: named('a') });
    const one = await connect(null);
    await tried(one, 'early__a');
    const since = await den.newest();
    for (const level of ['debug', 'warning', 'info'] as const) await one.client.setLoggingLevel(level);
    await until('the running one has them', () => levels('early').length === 3);
    expect(levels('early')).toEqual(['debug', 'warning', 'info']);
    expect(await tried(one, 'later__a')).toMatchObject({ result: 'answered' });
    await until('the later one has the last', () => levels('later').length === 1);
    expect(levels('later')).toEqual(['info']);
    await sleep(200);
    expect((await den.log(since)).filter(({ type }) => type === 'server.protocol-error')).toEqual([]);
  });

  test('does not keep a server from being stopped when it is idle', async () => {
    const { pool } = bench({ idleMs: 500 });
    den.order('idle', { tools: [] });
    const args = [join(checkout, 'test', 'support', 'servers', 'imp.ts'), den.folder, 'idle'];
    const launch = { server: 'idle', era: null, command: process.execPath, args, cwd: den.folder, env: {}, secretEnv: {} };
    const upstream = await pool.upstream({ connection: 'c', session: 's' }, launch, params);
    for (const level of ['debug', 'info']) setLevel(upstream, JSON.stringify({ level }));
    expect(upstream.inFlight).toBe(2);
    await until('it answered', () => upstream.inFlight === 0);
    await until('it is stopped', () => pool.processes('idle').length === 0);
    await pool.close();
  });
});

test('two connections of one client process count as two, also after a long quiet, and as none when both left', async () => {
  const as = await den.pair('pairs', ['calm'], 0);
  await den.allow('pairs', 'calm', 'tool:a');
  const two = await Promise.all([1, 2].map(() => connect('calm', { as, via: 'connector' })));
  const counted = async () =>
    (await den.api.session.list()).filter(({ client }) => client === 'pairs').map(({ connections }) => connections);
  expect(await counted()).toEqual([2]);
  den.skip(31 * 60_000);
  await den.allow('pairs', 'calm', 'tool:a');
  for (const one of two) expect(await tried(one, 'a')).toMatchObject({ result: 'answered' });
  expect(await counted()).toEqual([2]);
  expect(await den.api.client.show({ name: 'pairs' })).toMatchObject({ connections: 2 });
  await two[0]?.close();
  await until('one left', async () => (await counted())[0] === 1);
  await two[1]?.close();
  await until('both left', async () => (await counted())[0] === 0);
  expect(await counted()).toEqual([0]);
});

test('what a client is told of a server that crashed or cannot start holds nothing that it printed, and no path', async () => {
  const words = 'cannot read /home/ann/.ssh/id_ed25519 with token ghp_4711';
  const program = join(den.folder, 'program');
  symlinkSync(process.execPath, program);
  await server('frail', { tools: named('crash') }, { command: program });
  const told: string[] = [];
  const tell = async (input: Record<string, unknown> = {}) => {
    const made = await tried(await connect('frail'), 'crash', input);
    expect(made).toMatchObject({ result: 'failed', code: -32603, words: expect.stringContaining('frail') });
    told.push(made.words);
  };
  await tell({ words });
  expect((await den.api.server.logs({ name: 'frail' })).lines.at(-1)?.text, 'the operator can read it').toBe(words);
  den.order('frail', { dyingWords: words });
  await tell();
  rmSync(program);
  await tell();
  expect(told.join('\n')).not.toMatch(/ghp_4711|id_ed25519|cannot read|ENOENT|exited|\/[a-z]+\//);
  expect(told[0]).toContain('ended while it worked on this');
  for (const text of told.slice(1)) expect(text).toContain('could not be started');
});

test('after all this the log verifies', async () => {
  expect(await den.api.log.verify()).toMatchObject({ ok: true, problems: [] });
  expect(unhandled).toEqual([]);
});
