// As Claude Desktop uses it: entries probed by a sibling, a bare PATH, a cut-off, a person who stops a call, one entry started anew, and a
// broker that dies under all of it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Approval, Entry } from '../../shared/vocabulary.ts';
import { until } from '../support/attempt.ts';
import { type ClaudeDesktop, claudeDesktop, type Running } from '../support/claude-desktop.ts';
import { checkout, closeHouse, type House, openHouse } from '../support/house.ts';
import { operate as operateAt } from '../support/operate.ts';
import { scale } from '../support/scale.ts';

const user = mkdtempSync(join(tmpdir(), 'gatehouse-desktop-'));
const path = join(user, '.config', 'Claude', 'claude_desktop_config.json');
const server = join(checkout, 'test', 'support', 'servers', 'curious.ts');
/** The application's is 60,000 ms. Shorter here, with the waiting time below it in the same proportion. */
const cutOffMs = scale(6000, 60_000);
const waitSeconds = scale(2, 45);
let house: House;
let desktop: ClaudeDesktop;

const operate = <T>(operation: string, input?: object): Promise<T> => operateAt<T>(house.ready, operation, input);
const waiting = async (): Promise<Approval[]> => operate('approval/list');
const only = async (words: string): Promise<Approval> => {
  await until(words, async () => (await waiting()).length === 1);
  return (await waiting())[0] as Approval;
};
const deny = ({ id, nonce }: Approval) => operate('approval/deny', { id, nonce });
const entry = (name: string): Running => {
  const found = desktop.running.get(name);
  if (!found) throw new Error(`${name} does not run`);
  return found;
};
const lengthOfHome = { key: 'HOME' };

beforeAll(async () => {
  mkdirSync(join(user, '.config', 'Claude'), { recursive: true });
  const plain = (name: string) => ({ command: process.execPath, args: [server, name] });
  writeFileSync(path, JSON.stringify({ mcpServers: { Notes: plain('n1'), 'My mail': plain('n2') } }, null, 2));
  house = await openHouse();
  const env = { HOME: user, XDG_CONFIG_HOME: join(user, '.config') };
  for (const words of [['import'], ['install', 'claude-desktop']]) {
    const ran = await house.cli([...words, '--json'], { env });
    expect([ran.code, ran.stderr]).toEqual([0, '']);
  }
  await operate('client/set', { name: 'claude-desktop', waitSeconds });
  // As the operator keeps them, and not as the test was started.
  expect(readFileSync(path, 'utf8')).toContain('"connect"');
  desktop = await claudeDesktop(path, user, cutOffMs);
}, 120_000);
afterAll(async () => {
  await desktop?.quit();
  await closeHouse(house);
  rmSync(user, { recursive: true });
});

test('each entry lists under its own name, with a probe beside it, a bare PATH and no server started for that', async () => {
  expect([...desktop.running.keys()].sort()).toEqual(['My mail', 'Notes']);
  for (const name of desktop.running.keys()) expect(await entry(name).tools()).toEqual(['env', 'say', 'look', 'signal']);
  const sessions = await operate<{ client: string; connections: number }[]>('session/list');
  expect(sessions.every(({ client }) => client === 'claude-desktop')).toBe(true);
  expect(await waiting()).toEqual([]);
}, 60_000);

test('a call waits, is answered below the cut-off, and its repeat goes through on the late yes', async () => {
  const first = entry('Notes').call('env', lengthOfHome);
  const question = await only('a question');
  expect([question.client, question.server, question.capability]).toEqual(['claude-desktop', 'notes', 'tool:env']);
  // Nobody answers: the client gets words before it gives up by itself.
  const late = await first;
  expect(late.isError).toBe(true);
  expect(late.text).toContain(question.id);
  await operate('approval/approve', { id: question.id, nonce: question.nonce, for: 'once' });
  const repeat = await entry('Notes').call('env', lengthOfHome);
  expect([repeat.isError, repeat.text]).toEqual([false, expect.stringMatching(/^[0-9]+ [0-9a-f]{64}$|[0-9]+ [0-9a-f]{64}/)]);
  // And one that is answered in time.
  const quick = entry('Notes').call('env', { key: 'USER' });
  await deny(await only('a second question'));
  expect(await quick).toMatchObject({ isError: true, text: expect.stringContaining('Denied by Gatehouse') });
}, 180_000);

test('a person who stops the call takes the question back', async () => {
  const stop = new AbortController();
  const stopped = entry('My mail').call('say', { text: 'x' }, stop.signal);
  stopped.catch(() => {});
  const { id } = await only('a question');
  stop.abort('the person pressed stop');
  await expect(stopped).rejects.toThrow(/pressed stop/);
  await until('it is withdrawn', async () => (await waiting()).length === 0);
  const outcomes = (await operate<Entry[]>('log/list', { limit: 50 })).filter((one) => one.approval === id && one.type === 'outcome');
  expect(outcomes.map(({ result }) => result)).toEqual(['withdrawn']);
}, 60_000);

test('one entry started anew leaves the others and their questions alone', async () => {
  const held = entry('Notes').call('look', {});
  const question = await only('a question of the other entry');
  const before = entry('My mail').pid;
  const again = await desktop.restart('My mail');
  expect(again.pid).not.toBe(before);
  expect(await again.tools()).toHaveLength(4);
  expect((await waiting()).map(({ id }) => id)).toEqual([question.id]);
  await deny(question);
  expect((await held).isError).toBe(true);
}, 120_000);

test('a broker that dies and comes back: the entries that run go on, calls in flight end in words', async () => {
  const cut = entry('Notes')
    .call('env', lengthOfHome)
    .then(
      (answer) => answer.text,
      (thrown: Error) => thrown.message,
    );
  await only('a question');
  const pids = [...desktop.running.values()].map(({ pid }) => pid);
  await house.kill();
  expect(await cut).toMatch(/Gatehouse|broker/);
  // Without a broker: words a model can read, and soon.
  await expect(entry('Notes').call('env', lengthOfHome)).rejects.toThrow(/Gatehouse is not running/);
  house = await openHouse({ home: house.home });
  await operate('grant/add', {
    client: 'claude-desktop',
    server: 'notes',
    capability: 'tool:env',
    match: 'any',
    for: '15m',
    effect: 'allow',
  });
  await until('the entry answers again', async () => {
    const answer = await entry('Notes')
      .call('env', lengthOfHome)
      .catch(() => null);
    return answer?.isError === false;
  });
  for (const name of desktop.running.keys()) expect(await entry(name).tools()).toHaveLength(4);
  expect([...desktop.running.values()].map(({ pid }) => pid)).toEqual(pids);
}, 120_000);
