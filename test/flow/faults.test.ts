// What breaks below the broker, one thing at a time: a clear no or a clear error, never a call let through, and all is well again afterwards.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Broker, start } from '../../broker/start.ts';
import type { Approval, Entry, Grant, Verification } from '../../shared/vocabulary.ts';
import { type Attempt, attempt, until } from '../support/attempt.ts';
import { checkout, newHome } from '../support/house.ts';
import { operate as operateAt } from '../support/operate.ts';
import { type Connected, connectClient, type Help } from '../support/sdk-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-faults-'));
const home = newHome();
const broken = new Set<string>();
const reported: unknown[] = [];
let broker: Broker;
let help: Help;
let connected: Connected;

const operate = <T>(operation: string, input?: object): Promise<T> => operateAt<T>(broker.ready, operation, input);
const call = (name: string, input: Record<string, unknown> = {}, by: Connected = connected): Attempt => attempt(by.client, name, input);
/** Calls that reached a server, by the names it wrote down. */
const reached = (server: string): string[] => readFileSync(join(folder, server), 'utf8').split('\n').slice(0, -1);
const approvals = () => operate<Approval[]>('approval/list');
const grant = (server: string, capability: string) =>
  operate('grant/add', { client: 'sdk', server, capability }) as Promise<{ grant: Grant }>;

async function answered(name: string, input: Record<string, unknown> = {}): Promise<string> {
  const made = call(name, input);
  await made.done;
  expect(made.result, made.words).toBe('answered');
  return made.words;
}

async function question(): Promise<{ id: string; nonce: string }> {
  await until('one question', async () => (await approvals()).length === 1);
  const [{ id, nonce }] = (await approvals()) as [Approval];
  return { id, nonce };
}

async function begin(): Promise<void> {
  broker = await start({
    home,
    vault: 'sealed-file',
    passphrase: 'correct horse',
    operator: true,
    prove: async () => null,
    report: (error) => void reported.push(error),
    faults: {
      check(point) {
        if (broken.has(point)) throw new Error(`${point} does not work today`);
      },
    },
  });
}

beforeAll(async () => {
  await begin();
  await operate('secret/set', { name: 'key', value: 'sesame-open-4711' });
  const recorder = join(checkout, 'test', 'support', 'servers', 'recorder.ts');
  for (const name of ['one', 'two', 'keyed']) {
    writeFileSync(join(folder, name), '');
    const secretEnv = name === 'keyed' ? { API_KEY: 'key' } : {};
    await operate('server/add', { name, command: process.execPath, args: [recorder, join(folder, name)], secretEnv, accept: true });
  }
  help = await operate<Help>('client/add', { name: 'sdk', servers: 'all' });
  await grant('one', 'tool:note');
  await grant('two', 'tool:*');
  await grant('keyed', 'tool:environment');
  connected = await connectClient(help, 'http', null, { capabilities: {} });
  expect(await answered('one__note')).toBe('note');
  expect(await answered('two__note')).toBe('note');
}, 60_000);
afterEach(() => broken.clear());
afterAll(async () => {
  await connected?.close();
  await broker?.stop();
  for (const path of [folder, home]) rmSync(path, { recursive: true, force: true });
});

describe('the log cannot be written', () => {
  test('nothing is forwarded, with or without a grant, and the error says why', async () => {
    const before = reached('one').length;
    broken.add('log.append');
    const calls = [call('one__note'), call('one__slow'), call('two__note'), ...Array.from({ length: 20 }, () => call('one__note'))];
    await Promise.all(calls.map((made) => made.done));
    for (const made of calls) expect(made).toMatchObject({ result: 'failed', code: -32603, words: expect.stringContaining('log') });
    expect(await approvals()).toEqual([]);
    expect(reached('one').length).toBe(before);
    broken.clear();
    expect(await answered('one__note')).toBe('note');
    expect(reached('one').length).toBe(before + 1);
  });

  test.each(['once', '1h'])(
    'a yes for %s that cannot be written down is none; the question stays, and a later yes counts',
    async (length) => {
      const before = reached('one').length;
      const made = call('one__notify');
      const asked = await question();
      broken.add('log.append');
      await expect(operate('approval/approve', { ...asked, for: length })).rejects.toThrow(/log/);
      await sleep(300);
      expect(made.result).toBe('open');
      expect(reached('one').length).toBe(before);
      expect((await operate<Grant[]>('grant/list')).filter((one) => one.capability === 'tool:notify')).toEqual([]);
      broken.clear();
      await operate('approval/approve', { ...(await question()), for: 'once' });
      await made.done;
      expect(made).toMatchObject({ result: 'answered', words: 'notify' });
      expect(reached('one').length).toBe(before + 1);
    },
  );

  test('a reply that cannot be written down is not handed out; the log says afterwards that its end is not known', async () => {
    const made = call('two__slow', { ms: 500 });
    const before = reached('two').length;
    await until('the call is at its server', () => reached('two').length > before);
    broken.add('log.append');
    await made.done;
    expect(made).toMatchObject({ result: 'failed', code: -32603 });
    broken.clear();
    expect(await operate<Verification>('log/verify')).toMatchObject({ ok: true });
  });

  test('no server, client or grant can be made, and none is', async () => {
    broken.add('log.append');
    await expect(grant('one', 'tool:*')).rejects.toThrow(/log/);
    await expect(operate('client/add', { name: 'other', servers: 'all' })).rejects.toThrow(/log/);
    broken.clear();
    expect((await operate<Grant[]>('grant/list')).some((one) => one.capability === 'tool:*' && one.server === 'one')).toBe(false);
    expect((await operate<{ name: string }[]>('client/list')).map(({ name }) => name)).toEqual(['sdk']);
  });
});

describe('the rules cannot be written', () => {
  test('an answer that makes a grant fails with words; there is no grant, nothing passes, and the question stays', async () => {
    const before = reached('one').length;
    const made = call('one__notify');
    const asked = await question();
    broken.add('state.write');
    await expect(operate('approval/approve', { ...asked, for: 'always' })).rejects.toThrow(/not made.*state\.db/);
    await sleep(300);
    expect(made.result).toBe('open');
    expect((await operate<Grant[]>('grant/list')).filter((one) => one.capability === 'tool:notify')).toEqual([]);
    expect(reached('one').length).toBe(before);
    broken.clear();
    await operate('approval/deny', await question());
    await made.done;
    expect(made.result).toBe('refused');
  });

  test('what was granted before still works', async () => {
    broken.add('state.write');
    expect(await answered('one__note')).toBe('note');
  });

  test('revoking and pausing fail with words, and do not pretend', async () => {
    broken.add('state.write');
    await expect(operate('client/pause', { name: 'sdk' })).rejects.toThrow(/not made.*state\.db/);
    expect(await operate<{ state: string }[]>('client/list')).toMatchObject([{ state: 'active' }]);
    broken.clear();
    await operate('client/pause', { name: 'sdk' });
    expect(await operate<{ state: string }[]>('client/list')).toMatchObject([{ state: 'paused' }]);
    await operate('client/resume', { name: 'sdk' });
  });
});

test('the vault does not answer: a server with a secret does not start and says so, others work, and later it starts', async () => {
  broken.add('vault.get');
  const made = call('keyed__environment');
  await made.done;
  expect(made).toMatchObject({ result: 'failed', code: -32603, words: expect.stringMatching(/keyed.*could not be started.*(key|vault)/s) });
  expect(made.words).not.toContain('sesame');
  expect(reached('keyed')).toEqual([]);
  expect(await answered('one__note')).toBe('note');
  broken.clear();
  expect(await answered('keyed__environment')).toContain('sesame-open-4711');
});

test('nothing can be spawned: -32603 with words, servers that run are not touched, and later it starts', async () => {
  const own = await connectClient(help, 'http', null, { capabilities: {} });
  for (const name of ['one__note', 'two__note']) await answered(name);
  const slow = call('two__slow', { ms: 600 });
  broken.add('spawn');
  const made = call('one__note', {}, own);
  await made.done;
  expect(made).toMatchObject({ result: 'failed', code: -32603, words: expect.stringMatching(/one could not be started/) });
  expect(await answered('one__note'), 'the process of the other connection').toBe('note');
  await slow.done;
  expect(slow).toMatchObject({ result: 'answered', words: 'slow' });
  broken.clear();
  const again = call('one__note', {}, own);
  await again.done;
  expect(again.result, again.words).toBe('answered');
  await own.close();
});

test('the crash of one server touches no call of another, nor the same server of another connection', async () => {
  const own = await connectClient(help, 'http', null, { capabilities: {} });
  await grant('one', 'tool:*');
  const hanging = call('one__hang', {}, own);
  await until('the hanging call is at its server', () => reached('one').includes('hang'));
  const others = [call('two__slow', { ms: 2500 }), call('one__slow', { ms: 2500 }), call('two__slow', { ms: 2500 }, own)];
  const crash = call('one__crash', {}, own);
  await Promise.all([crash.done, hanging.done]);
  for (const made of [crash, hanging])
    expect(made).toMatchObject({ result: 'failed', code: -32603, words: expect.stringContaining('one') });
  for (const made of others) expect(made.result).toBe('open');
  await Promise.all(others.map((made) => made.done));
  for (const made of others) expect(made).toMatchObject({ result: 'answered', words: 'slow' });
  const again = call('one__note', {}, own);
  await again.done;
  expect(again.result, again.words).toBe('answered');
  await own.close();
});

test('after all this the log verifies, and the one outcome that could not be written is named at the next start', async () => {
  expect(await operate<Verification>('log/verify')).toMatchObject({ ok: true, problems: [] });
  const open = async () => {
    const entries = await operate<Entry[]>('log/list', { limit: 5000 });
    const ended = new Map(entries.filter((entry) => entry.type === 'outcome').map((entry) => [entry.asked, entry.result]));
    return entries.filter((entry) => entry.type === 'asked' && [undefined, 'interrupted'].includes(ended.get(entry.seq)));
  };
  const [left, ...more] = await open();
  expect(left).toMatchObject({ capability: 'tool:slow', server: 'two' });
  expect(more).toEqual([]);
  await broker.stop();
  await begin();
  expect(await open()).toEqual([left]);
  expect(await operate('log/show', { seq: left?.seq })).toMatchObject({
    related: expect.arrayContaining([expect.objectContaining({ result: 'interrupted' })]),
  });
});
