// The tray's own line to a real broker: what it shows, and that it can only make things stricter.
import { MessageChannel } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lastWords, questionWords } from '../../broker/start/desktop-words.ts';
import type { Face } from '../../broker/start.ts';
import type { Contract } from '../../shared/contract.ts';
import type { Approval, Entry } from '../../shared/vocabulary.ts';
import { attempt, until } from '../support/attempt.ts';
import { type Den, named, openDen } from '../support/imps.ts';
import { type Connected, connectClient } from '../support/sdk-client.ts';

let den: Den;
let connected: Connected;
let face: Face | null = null;
const end = new AbortController();
let line: ReturnType<Den['broker']['desktop']>;
const shows = (what: string, test: (now: Face) => boolean) => until(what, async () => face !== null && test(face));

beforeAll(async () => {
  den = await openDen();
  await den.add('files', { tools: named('read', 'write') });
  connected = await connectClient(await den.pair('sdk', 'all', 60), 'http', 'files', { capabilities: {} });
  line = den.broker.desktop();
  void line
    .watch((now) => {
      face = now;
    }, end.signal)
    .catch(() => {});
  await shows('a first face', () => true);
}, 60_000);
afterAll(async () => {
  end.abort();
  await connected?.close();
  await den?.close();
});

test('a question shows, and a no from the tray refuses it once, under its own name in the log', async () => {
  const made = attempt(connected.client, 'read', {});
  await shows('one question', ({ waiting }) => waiting.length === 1);
  const [question] = face?.waiting ?? [];
  expect(question?.words).toBe('sdk wants to use read of files');
  await line.act({ act: 'deny', id: question?.id, nonce: question?.nonce });
  await made.done;
  expect(made.words).toContain('The operator refused it');
  await shows('the outcome', ({ waiting, last }) => waiting.length === 0 && last[0]?.includes('sdk, files: read, refused') === true);
  const [denied] = (await den.log()).filter(({ type }) => type === 'denied');
  expect(denied).toMatchObject({ decidedBy: 'operator (tray)', for: 'once' });
});

test('a pause refuses what waits and what comes, lifts no rule, and ends by itself', async () => {
  const waiting = attempt(connected.client, 'read', { n: 1 });
  await den.questions(1);
  await line.act({ act: 'pause', for: '15m' });
  await waiting.done;
  expect(waiting.words).toContain('paused');
  await den.allow('sdk', 'files', 'tool:write');
  const refused = attempt(connected.client, 'write', {});
  await refused.done;
  expect(refused.words).toContain('paused');
  expect(den.calls('files', 'write')).toEqual([]);
  await shows(
    'the pause',
    ({ icon, tip, open }) => icon === 'locked' && tip.startsWith('Everything is refused until') && /End the pause/.test(open),
  );
  expect((await den.api.setting.list()).pause).toBe((await den.api.status()).pausedUntil);
  expect(face?.acts.map(({ act }) => act)).toEqual([{ act: 'lock' }]);
  den.skip(15 * 60_000 + 1);
  expect((await den.api.status()).pausedUntil).toBe(null);
  const passed = attempt(connected.client, 'write', {});
  await passed.done;
  expect(passed.result, passed.words).toBe('answered');
});

test('the operator ends a pause before its time', async () => {
  await line.act({ act: 'pause', for: '1h' });
  await den.api.setting.set({ key: 'pause', value: 'off' });
  const passed = attempt(connected.client, 'write', {});
  await passed.done;
  expect(passed.result, passed.words).toBe('answered');
  await expect(den.api.setting.set({ key: 'pause', value: '3d' })).rejects.toThrow(/pause cannot be/);
});

test('being away is said, and refuses what would be asked; what was allowed before still passes', async () => {
  await shows('watching', ({ acts }) => acts.some(({ act }) => JSON.stringify(act) === '{"act":"away","for":"1h"}'));
  await line.act({ act: 'away', for: '1h' });
  await shows('away', ({ tip, open, acts }) => /away/.test(tip) && /Come back/.test(open) && !acts.some(({ label }) => /away/.test(label)));
  const asked = attempt(connected.client, 'read', { n: 2 });
  await asked.done;
  expect(asked.words).toContain('away');
  const passed = attempt(connected.client, 'write', {});
  await passed.done;
  expect(passed.result, passed.words).toBe('answered');
  await den.api.setting.set({ key: 'away', value: 'off' });
  await shows('back', ({ tip }) => /watching/.test(tip));
});

test.each([
  { act: 'approve', id: 'a', nonce: 'n' },
  { act: 'unlock' },
  { act: 'pause', for: 'off' },
  { act: 'away', for: 'off' },
  { act: 'deny', id: 'a', nonce: 'n', for: 'always' },
  { act: 'lock', reason: 'mine' },
  { act: 'setting.set', key: 'approval.expiry', value: '24h' },
  null,
  'lock',
])('no act but the few: %j', async (act) => {
  await expect(line.act(act)).rejects.toThrow();
});

test('a lockdown begins from the tray, and is lifted elsewhere', async () => {
  await line.act({ act: 'lock' });
  await shows('the lockdown', ({ icon, acts }) => icon === 'locked' && acts.length === 0);
  await den.api.unlock();
  await shows('its end', ({ icon }) => icon === 'quiet');
});

const question = { client: 'cursor', server: 'github', capability: 'tool:create_issue' } as Approval;
test('words hide nothing, run on nowhere, and say nothing where others read them', () => {
  expect(questionWords(question, false)).toBe('cursor wants to use create_issue of github');
  expect(questionWords({ ...question, capability: 'tool:a\u202Eb\u200Bc\nd' }, false)).toBe('cursor wants to use a?b?c?d of github');
  // Notification servers of Linux draw markup.
  expect(questionWords({ ...question, capability: 'tool:<a href="https://x.test">ok</a>' }, false)).not.toMatch(/[<>]/);
  expect(questionWords({ ...question, capability: `tool:${'x'.repeat(500)}` }, false).length).toBeLessThan(120);
  expect(questionWords(question, true)).not.toMatch(/cursor|github|create/);
  const entry = { at: '2026-11-25T10:00:00Z', type: 'outcome', ...question, result: 'expired' } as unknown as Entry;
  expect(lastWords(entry)).toMatch(/^\d\d:00 {2}cursor, github: create_issue, refused, nobody answered$/);
});

test('the operating system is asked only in a window, and only where the operator switched that on', async () => {
  await expect(den.api.operator.proveBySystem()).rejects.toMatchObject({ data: { code: 'refused' } });
  const { port1, port2 } = new MessageChannel();
  den.broker.attach(port1, true);
  port1.start();
  const window = createORPCClient<ContractRouterClient<Contract>>(new RPCLink({ port: port2 }));
  port2.start();
  await expect(window.operator.proveBySystem()).rejects.toMatchObject({ message: 'The operating system is not asked here.' });
  await den.api.setting.set({ key: 'presence.system', value: 'on' });
  // Nobody sits at this machine, so the system says no; a no is never anything else.
  await expect(window.operator.proveBySystem()).rejects.toMatchObject({ message: 'The system did not say that it is you.' });
  expect((await den.log()).filter(({ reason }) => reason === 'operating system')).toEqual([]);
  port2.close();
});
