// The broker is killed in the middle of everything, again and again: nothing acknowledged is lost, nothing is left over, no client hangs.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Approval, Entry, Verification } from '../../shared/vocabulary.ts';
import { type Attempt, attempt as attemptBy, until } from '../support/attempt.ts';
import { checkout, closeHouse, type House, openHouse, serverEntry } from '../support/house.ts';
import { operate as operateAt } from '../support/operate.ts';
import { scale, within } from '../support/scale.ts';
import { type Connected, connectClient, type Help } from '../support/sdk-client.ts';

/** On the command line of every server process of this file, and of nothing else. */
const mark = `crash-test-${randomBytes(6).toString('hex')}`;
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-crash-'));
const calls = join(folder, 'calls');
let house: House;
let help: Help;
let connected: Connected;

const operate = <T>(operation: string, input?: object): Promise<T> => operateAt<T>(house.ready, operation, input);
const attempt = (name: string, input: Record<string, unknown>): Attempt => attemptBy(connected.client, name, input);

function serverProcesses(): string[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return rows.filter((row) => row.includes(mark) && !/^\s*\d+\s+Z/.test(row));
}

const entriesSince = (seq: number) => operate<Entry[]>('log/list', { limit: 5000 }).then((all) => all.filter((entry) => entry.seq > seq));
const lines = () => readFileSync(calls, 'utf8').split('\n').length - 1;

beforeAll(async () => {
  writeFileSync(calls, '');
  house = await openHouse();
  const { execPath } = process;
  await house.ask('server', 'add', 'everything', '--accept', '--', execPath, serverEntry('everything'), 'stdio', mark);
  const recorder = join(checkout, 'test', 'support', 'servers', 'recorder.ts');
  await house.ask('server', 'add', 'recorder', '--accept', '--', execPath, recorder, calls, 'stubborn', mark);
  help = await house.ask<Help>('client', 'add', 'sdk', '--servers', 'all');
  for (const tool of ['echo', 'trigger-long-running-operation'])
    await house.ask('grant', 'add', '--client', 'sdk', '--server', 'everything', '--capability', `tool:${tool}`);
  await house.ask('grant', 'add', '--client', 'sdk', '--server', 'recorder', '--capability', 'tool:*');
  connected = await connectClient(help, 'connector', null, { capabilities: {} });
}, 90_000);
afterAll(async () => {
  await connected?.close();
  await closeHouse(house);
  rmSync(folder, { recursive: true, force: true });
});

const rounds = scale(6, 50);

test(`killed ${rounds} times in mid-call`, { timeout: 60_000 + rounds * 20_000 }, async () => {
  const port = new URL(house.ready.mcp).port;
  let slowest = 0;
  for (let round = 0; round < rounds; round++) {
    const said = `round ${round}`;
    // Works: the client of the first round is still the same, and knows of no restart.
    const greeting = attempt('everything__echo', { message: said });
    await greeting.done;
    expect(greeting, said).toMatchObject({ result: 'answered', words: `Echo: ${said}` });
    const [newest] = await operate<Entry[]>('log/list', { limit: 1 });
    const since = newest?.seq ?? 0;

    const waiting = [0, 1].map((n) => attempt('everything__get-sum', { a: round, b: n }));
    const before = lines();
    const atServer = [
      attempt('everything__trigger-long-running-operation', { duration: 60, steps: 2 }),
      attempt('recorder__hang', {}),
      attempt('recorder__hang', {}),
    ];
    await until('two questions', async () => (await operate<Approval[]>('approval/list')).length === 2);
    await until('two calls at the recorder', () => lines() === before + 2);
    const seen = await entriesSince(since);
    await until('the long call is at its server', async () =>
      (await entriesSince(since)).some((entry) => entry.type === 'asked' && entry.capability?.includes('long-running')),
    );
    expect(serverProcesses().length, said).toBeGreaterThanOrEqual(2);

    // Calls that are just answered, or about to be; the moment differs from round to round.
    const burst = Array.from({ length: 24 }, (_, n) => attempt('everything__echo', { message: `${said} ${n}` }));
    if (round % 3 === 0) await burst[0]?.done;
    else if (round % 3 === 1) await sleep(round % 7);
    else await Promise.all(burst.map((call) => call.done));
    const killedAt = performance.now();
    process.kill(house.ready.pid, 'SIGKILL');
    const all = [...waiting, ...atServer, ...burst];
    const late = sleep(5_000, undefined, { ref: false }).then(() => {
      throw new Error(
        `${said}: still open 5 s after the broker died: ${all.filter(({ result }) => result === 'open').map(({ name }) => name)}`,
      );
    });
    await Promise.race([Promise.all(all.map((call) => call.done)), late]);
    const tookMs = performance.now() - killedAt;
    slowest = Math.max(slowest, tookMs);
    expect(tookMs, `${said}: ms until every call in flight had ended`).toBeLessThan(2_000);
    for (const call of [...waiting, ...atServer])
      expect(call, said).toMatchObject({ result: 'failed', words: expect.stringContaining('Gatehouse stopped') });
    for (const call of burst) expect(call.result, said).toMatch(/^(answered|failed)$/);
    const answered = burst.filter((call) => call.result === 'answered').length;

    await house.kill().catch(() => {});
    house = await openHouse({ home: house.home });
    expect(serverProcesses(), `${said}: left over`).toEqual([]);
    expect(new URL(house.ready.mcp).port, `${said}: port`).toBe(port);
    expect(await operate<Verification>('log/verify'), said).toMatchObject({ ok: true, problems: [] });

    const entries = await entriesSince(since);
    for (const { seq, hash } of seen) expect(entries.find((entry) => entry.seq === seq)?.hash, `${said}: entry ${seq}`).toBe(hash);
    const asked = entries.filter((entry) => entry.type === 'asked');
    const outcomes = new Map(asked.map((entry) => [entry.seq, [] as Entry[]]));
    for (const entry of entries) if (entry.type === 'outcome') outcomes.get(entry.asked as number)?.push(entry);
    for (const [seq, found] of outcomes) expect(found, `${said}: outcomes of ${seq}`).toHaveLength(1);
    const resultsOf = (capability: string) =>
      asked.filter((entry) => entry.capability === capability).map((entry) => outcomes.get(entry.seq)?.[0]?.result);
    expect(resultsOf('tool:get-sum'), said).toEqual(['interrupted', 'interrupted']);
    expect(resultsOf('tool:trigger-long-running-operation'), said).toEqual(['interrupted']);
    expect(resultsOf('tool:hang'), said).toEqual(['interrupted', 'interrupted']);
    const echoes = resultsOf('tool:echo');
    expect(echoes.filter((result) => result === 'ok').length, `${said}: every answered echo`).toBeGreaterThanOrEqual(answered);
    for (const result of echoes) expect(result, said).toMatch(/^(ok|interrupted)$/);
    expect(await operate<Approval[]>('approval/list'), `${said}: questions do not outlive the broker`).toEqual([]);
  }
  console.log(`${rounds} kills; the slowest end of the calls in flight took ${slowest.toFixed(0)} ms`);
});

test('SIGTERM: what waits is denied, outcomes are written, servers end, exit 0 within 5 s', async () => {
  const [newest] = await operate<Entry[]>('log/list', { limit: 1 });
  const since = newest?.seq ?? 0;
  const waiting = attempt('everything__get-sum', { a: 1, b: 1 });
  const atServer = [attempt('everything__trigger-long-running-operation', { duration: 60, steps: 2 }), attempt('recorder__hang', {})];
  const before = lines();
  await until('one question', async () => (await operate<Approval[]>('approval/list')).length === 1);
  await until('the call is at the recorder', () => lines() > before);
  await until('both servers run', () => serverProcesses().length === 2);

  const began = performance.now();
  expect(await house.stop()).toBe(0);
  expect(performance.now() - began).toBeLessThan(within(5_000));
  expect(serverProcesses()).toEqual([]);
  await Promise.all([waiting, ...atServer].map((call) => call.done));
  expect(waiting).toMatchObject({ result: 'refused', words: expect.stringMatching(/Denied by Gatehouse.*stopping/s) });
  for (const call of atServer) expect(call.result).toBe('failed');

  house = await openHouse({ home: house.home });
  const entries = await entriesSince(since);
  const resultOf = (capability: string) => {
    const asked = entries.find((entry) => entry.type === 'asked' && entry.capability === capability);
    return entries.filter((entry) => entry.type === 'outcome' && entry.asked === asked?.seq).map((entry) => entry.result);
  };
  expect(resultOf('tool:get-sum')).toEqual(['denied']);
  expect(resultOf('tool:trigger-long-running-operation')).toEqual(['error']);
  expect(resultOf('tool:hang')).toEqual(['error']);
  expect(entries.map((entry) => entry.type)).toContain('broker.stopped');
  expect(await operate<Verification>('log/verify')).toMatchObject({ ok: true, problems: [] });
});
