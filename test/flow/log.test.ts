// A long log made by real calls: it verifies, one changed byte is found and named, and a broker over such a file starts locked.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Approval, Entry, Verification } from '../../shared/vocabulary.ts';
import { attempt, until } from '../support/attempt.ts';
import { checkout, closeHouse, type House, launcher, openHouse } from '../support/house.ts';
import { operate as operateAt } from '../support/operate.ts';
import { scale } from '../support/scale.ts';
import { type Connected, connectClient, type Help } from '../support/sdk-client.ts';
import { start } from '../support/started.ts';

const entries = scale(2_000, 10_000);
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-log-'));
let house: House;
let connected: Connected;

const operate = <T>(operation: string, input?: object): Promise<T> => operateAt<T>(house.ready, operation, input);
const audit = () => join(house.home, 'audit.db');
const sql = (text: string) => execFileSync('sqlite3', [audit(), text], { encoding: 'utf8' }).trim();
const length = async () => (await operate<Entry[]>('log/list', { limit: 1 }))[0]?.seq ?? 0;

async function verifyFile(): Promise<{ code: number | null; verification: Verification }> {
  const ran = await house.cli(['log', 'verify', audit(), '--json'], { token: null });
  return { code: ran.code, verification: JSON.parse(ran.stdout) as Verification };
}

beforeAll(async () => {
  house = await openHouse();
  writeFileSync(join(folder, 'calls'), '');
  const recorder = join(checkout, 'test', 'support', 'servers', 'recorder.ts');
  await operate('server/add', { name: 'one', command: process.execPath, args: [recorder, join(folder, 'calls')], accept: true });
  const help = await operate<Help>('client/add', { name: 'sdk', servers: ['one'] });
  await operate('client/add', { name: 'idle', servers: ['one'] });
  await operate('grant/add', { client: 'sdk', server: 'one', capability: 'tool:note' });
  connected = await connectClient(help, 'connector', 'one', { capabilities: {} });
}, 60_000);
afterAll(async () => {
  await connected?.close();
  await closeHouse(house);
  rmSync(folder, { recursive: true, force: true });
});

test(`after ${entries} entries of real calls the log verifies, while it runs and as a file`, { timeout: 300_000 }, async () => {
  const began = performance.now();
  let calls = 0;
  let long = 0;
  const lane = async () => {
    while (long < entries) {
      const call = attempt(connected.client, 'note', { number: ++calls, text: `call ${calls} of many` });
      await call.done;
      expect(call.result, call.words).toBe('answered');
      if (calls % 50 === 0) long = await length();
    }
  };
  await Promise.all(Array.from({ length: 16 }, lane));
  const tookMs = performance.now() - began;
  const verifying = performance.now();
  const verification = await house.ask<Verification>('log', 'verify');
  console.log(`${calls} calls, ${long} entries in ${tookMs.toFixed(0)} ms; verified in ${(performance.now() - verifying).toFixed(0)} ms`);
  expect(verification).toMatchObject({ ok: true, problems: [] });
  expect(verification.entries).toBeGreaterThanOrEqual(entries);
  expect(verification.head).toMatch(/^[0-9a-f]{64}$/);
  expect((await house.cli(['log', 'verify'])).stdout).toContain('The log is whole');
  expect(await verifyFile(), 'a file needs no broker, and may be in use').toMatchObject({ code: 0, verification: { ok: true } });
});

test('log, its filters, and log show', async () => {
  const refused = attempt(connected.client, 'slow', { ms: 5, note: 'please-find-me' });
  await until('its question', async () => (await operate<Approval[]>('approval/list')).length === 1);
  const [question] = await house.ask<Approval[]>('pending');
  await house.ask('deny', question?.id as string, '--reason', 'not on a monday');
  await refused.done;
  expect(refused.result).toBe('refused');

  const newest = await house.ask<Entry[]>('log', '--limit', '5');
  expect(newest).toHaveLength(5);
  expect(newest.map((entry) => entry.seq)).toEqual([...newest.map((entry) => entry.seq)].sort((a, b) => b - a));
  const bySdk = await house.ask<Entry[]>('log', '--client', 'sdk', '--capability', 'tool:slow');
  expect(new Set(bySdk.map((entry) => entry.type))).toEqual(new Set(['asked', 'denied', 'outcome']));
  for (const entry of bySdk) expect(entry).toMatchObject({ client: 'sdk', capability: 'tool:slow', server: 'one' });
  expect((await house.ask<Entry[]>('log', '--client', 'idle')).every((entry) => entry.client === 'idle')).toBe(true);
  expect(await house.ask<Entry[]>('log', '--server', 'nobody')).toEqual([]);
  const denied = await house.ask<Entry[]>('log', '--verdict', 'deny');
  expect(denied.length).toBeGreaterThan(0);
  expect(denied.every((entry) => entry.verdict === 'deny')).toBe(true);
  expect((await house.ask<Entry[]>('log', '--search', 'monday')).map((entry) => entry.type)).toContain('denied');
  expect(await house.ask<Entry[]>('log', '--until', '2020-01-01')).toEqual([]);
  expect((await house.ask<Entry[]>('log', '--since', '1h', '--limit', '3')).length).toBe(3);

  const asked = bySdk.find((entry) => entry.type === 'asked') as Entry;
  const shown = await house.ask<{ entry: Entry; related: Entry[]; request: string }>('log', 'show', String(asked.seq));
  expect(shown.entry).toEqual(asked);
  expect(JSON.parse(shown.request)).toEqual({ ms: 5, note: 'please-find-me' });
  expect(shown.related.map((entry) => entry.type)).toContain('outcome');
  const inWords = await house.cli(['log', 'show', String(asked.seq)]);
  expect(inWords).toMatchObject({ code: 0, stdout: expect.stringContaining('please-find-me') });
  expect((await house.cli(['log', 'show', '99999999'])).code).toBe(1);
  expect((await house.cli(['log', '--since', 'yesterday'])).code).toBe(2);
  expect((await house.cli(['log'], { token: null })).code).toBe(4);
});

test('log --follow prints each entry as it is written, one object a line', async () => {
  const env = { GATEHOUSE_HOME: house.home, GATEHOUSE_OPERATOR_TOKEN: house.ready.operatorToken ?? '' };
  const following = start(['node', launcher, 'log', '--follow', '--client', 'sdk', '--limit', '1', '--json'], env);
  await following.line();
  const call = attempt(connected.client, 'note', { number: -1 });
  const first = await following.line();
  const second = await following.line();
  await call.done;
  expect(first).toMatchObject({ type: 'asked', client: 'sdk', capability: 'tool:note', verdict: 'allow' });
  expect(second).toMatchObject({ type: 'outcome', asked: first.seq, result: 'ok' });
  following.child.kill('SIGINT');
  expect((await following.ended).code).toBe(0);
});

test('one byte changed with sqlite3 is found and named; a broker over it starts locked, and the mended file is whole again', async () => {
  expect(await house.stop()).toBe(0);
  expect(await verifyFile()).toMatchObject({ code: 0, verification: { ok: true, problems: [] } });
  const [seq = '', body = ''] = sql(
    `SELECT seq, body FROM entry WHERE type = 'outcome' AND seq > ${entries / 2} ORDER BY seq LIMIT 1`,
  ).split(/\|(.*)/s);
  const at = body.indexOf('"result":"ok"') + '"result":"o'.length;
  expect(at).toBeGreaterThan(20);
  sql(`UPDATE entry SET body = substr(body, 1, ${at}) || 'h' || substr(body, ${at + 2}) WHERE seq = ${seq}`);
  expect(sql(`SELECT length(body) FROM entry WHERE seq = ${seq}`)).toBe(String(body.length));

  const { code, verification } = await verifyFile();
  expect(code).toBe(4);
  expect(verification).toMatchObject({ ok: false, problems: [{ seq: Number(seq) }] });
  const inWords = await house.cli(['log', 'verify', audit()], { token: null });
  expect(inWords).toMatchObject({ code: 4, stdout: expect.stringMatching(new RegExp(`DOES NOT VERIFY[^]*\\b${seq}\\b`)) });

  house = await openHouse({ home: house.home });
  const status = async () => await operate<{ locked: boolean; lockedReason: string | null }>('status');
  await until('it is locked', async () => (await status()).locked);
  expect((await status()).lockedReason).toContain(seq);
  const call = attempt(connected.client, 'note', { number: -2 });
  await call.done;
  expect(call.result).not.toBe('answered');
  const verified = await house.cli(['log', 'verify', '--json']);
  expect(verified.code).toBe(4);
  expect((JSON.parse(verified.stdout) as Verification).problems).toMatchObject([{ seq: Number(seq) }]);

  // The operator looks at it and goes on: these faults lock no more, and any other would.
  await house.ask('unlock');
  await house.stop();
  house = await openHouse({ home: house.home });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(await status()).toMatchObject({ locked: false });
  await house.stop();

  sql(`UPDATE entry SET body = substr(body, 1, ${at}) || 'k' || substr(body, ${at + 2}) WHERE seq = ${seq}`);
  house = await openHouse({ home: house.home });
  expect(await operate<Verification>('log/verify')).toMatchObject({ ok: true, problems: [] });
});
