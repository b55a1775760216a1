// Questions before the operator: equal ones join, one yes lets one through, silence is a no.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Approvals } from '../../broker/mediate/approvals.ts';
import { Gathered } from '../../broker/mediate/gathered.ts';
import type { Presentation } from '../../broker/mediate/question.ts';
import type { Caller, ServerRequest } from '../../shared/request.ts';

const caller: Caller = { client: 'cursor', session: 's-1', connection: 'c-1', folder: '/work', via: 'connector' };
const shown: Presentation = { risk: 'low', reasons: [], widths: [], claim: {}, alwaysOffered: false };
const request = (canonicalDigest = 'c1', server = 'files'): ServerRequest => ({
  message: { text: '', kind: 'request', id: 1, method: 'tools/call', value: {} },
  server,
  outgoing: '',
  capability: 'tool:read_file',
  mediated: true,
  argumentsText: '{"path":"a"}',
  digest: 'd1',
  canonicalDigest,
});
const never = new AbortController().signal;

function setUp(expiryMs = 900_000) {
  const ended: string[] = [];
  const world = { away: false, flooded: [] as string[] };
  const gathered = new Gathered(Date.now);
  const approvals = new Approvals({
    allowed: () => {},
    now: Date.now,
    expiryMs: () => expiryMs,
    changed: () => {},
    away: () => world.away,
    gathered,
    flooded: (client) => void world.flooded.push(client),
    ended: (id, _caller, _request, how) => ended.push(`${id} ${how}`),
  });
  const ask = (options: { request?: ServerRequest; caller?: Caller; waitMs?: number; gone?: AbortSignal } = {}) => {
    const { approval, verdict } = approvals.ask(
      options.caller ?? caller,
      options.request ?? request(),
      shown,
      options.waitMs ?? 45_000,
      options.gone ?? never,
    );
    const call = { approval, verdict, result: null as null | Awaited<typeof verdict> };
    void verdict.then((result) => {
      call.result = result;
    });
    return call;
  };
  return { approvals, ask, ended, world, gathered };
}
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('five equal calls share one question; one yes for once lets exactly one through', async () => {
  const { approvals, ask } = setUp();
  const calls = Array.from({ length: 5 }, () => ask());
  expect(approvals.list()).toHaveLength(1);
  expect(approvals.list()[0]?.waiting).toBe(5);
  approvals.allow(calls[0]?.approval as string, 'operator', 'one');
  await settled();
  expect(calls.map((call) => call.result?.kind ?? null)).toEqual(['allow', null, null, null, null]);
  const [left] = approvals.list();
  expect(left?.waiting).toBe(4);
  expect(left?.id, 'an answer is given once').not.toBe(calls[0]?.approval);
  expect(() => approvals.allow(calls[0]?.approval as string, 'operator', 'one')).toThrow('There is no open question');
});

test('"all" lets every waiting call through, and none that comes later', async () => {
  const { approvals, ask } = setUp();
  const calls = Array.from({ length: 3 }, () => ask());
  approvals.allow(calls[0]?.approval as string, 'operator', 'all');
  await settled();
  expect(calls.map((call) => call.result?.kind)).toEqual(['allow', 'allow', 'allow']);
  const later = ask();
  await settled();
  expect(later.result).toBe(null);
});

test('one no refuses all that share the question', async () => {
  const { approvals, ask } = setUp();
  const calls = [ask(), ask()];
  approvals.deny(calls[0]?.approval as string, 'not today');
  await settled();
  for (const call of calls) expect(call.result).toMatchObject({ kind: 'deny', result: 'denied', decidedBy: 'operator' });
  expect(approvals.list()).toEqual([]);
});

describe('a client that stops waiting', () => {
  test('is told that the question stands; a late yes covers one repeat in the same session, once', async () => {
    const { approvals, ask } = setUp();
    const first = ask();
    await vi.advanceTimersByTimeAsync(45_000);
    expect(first.result).toMatchObject({ kind: 'deny', result: 'open' });
    approvals.allow(first.approval, 'operator', 'one');

    const elsewhere = ask({ caller: { ...caller, session: 's-2' } });
    const other = ask({ request: request('c2') });
    const repeat = ask();
    const again = ask();
    await settled();
    expect(elsewhere.result, 'another session').toBe(null);
    expect(other.result, 'other content').toBe(null);
    expect(repeat.result).toMatchObject({ kind: 'allow' });
    expect(again.result, 'a second repeat').toBe(null);
  });

  test('the late yes is worth nothing after 10 minutes', async () => {
    const { approvals, ask } = setUp();
    const first = ask();
    await vi.advanceTimersByTimeAsync(45_000);
    approvals.allow(first.approval, 'operator', 'one');
    await vi.advanceTimersByTimeAsync(600_001);
    const repeat = ask();
    await settled();
    expect(repeat.result).toBe(null);
  });

  test('a repeat while the question is open joins it, and the third is told to stop', async () => {
    const { approvals, ask } = setUp();
    const advice: string[] = [];
    for (let i = 0; i < 3; i++) {
      const call = ask();
      await vi.advanceTimersByTimeAsync(45_000);
      expect(approvals.list()).toHaveLength(1);
      advice.push(call.result?.kind === 'deny' ? call.result.advice : '');
    }
    expect(advice[1]).not.toContain('Stop here');
    expect(advice[2]).toContain('Stop here');
  });
});

test('a yes that was stored as a grant leaves no late answer behind: revoking the grant must ask again', async () => {
  const { approvals, ask } = setUp();
  const first = ask();
  await vi.advanceTimersByTimeAsync(45_000);
  approvals.allow(first.approval, 'operator', 'all', 'none');
  const repeat = ask();
  await settled();
  expect(repeat.result).toBe(null);
});

test('a client that may not go on, and a server that is not what it was, lose late answers', async () => {
  for (const whom of [{ client: 'cursor' }, { server: 'files' }]) {
    const { approvals, ask } = setUp();
    const first = ask();
    await vi.advanceTimersByTimeAsync(45_000);
    approvals.allow(first.approval, 'operator', 'one');
    approvals.forget(whom);
    const repeat = ask();
    await settled();
    expect(repeat.result).toBe(null);
  }
});

test("one client cannot fill the operator's list, nor the memory", async () => {
  const { approvals, ask } = setUp();
  const calls = Array.from({ length: 60 }, (_, at) => ask({ request: request(`c${at}`) }));
  await settled();
  expect(approvals.size).toBe(50);
  expect(calls.at(-1)?.result).toMatchObject({ kind: 'deny', decidedBy: 'budget' });
  const other = ask({ caller: { ...caller, client: 'zed' } });
  await settled();
  expect(other.result, 'another client is not touched').toBe(null);
});

test('nobody answers: expiry is a no for all, and leaves no rule', async () => {
  const { ask, ended } = setUp(60_000);
  const call = ask({ waitMs: 300_000 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(call.result).toMatchObject({ kind: 'deny', result: 'expired' });
  expect(ended).toEqual([`${call.approval} expired`]);
  const next = ask();
  await settled();
  expect(next.result).toBe(null);
});

test('the last client to leave takes the question along', async () => {
  const { approvals, ask, ended } = setUp();
  const one = new AbortController();
  const two = new AbortController();
  const calls = [ask({ gone: one.signal }), ask({ gone: two.signal })];
  one.abort();
  await settled();
  expect(calls[0]?.result).toMatchObject({ result: 'withdrawn' });
  expect(approvals.list()).toHaveLength(1);
  two.abort();
  await settled();
  expect(approvals.list()).toEqual([]);
  expect(ended).toHaveLength(1);
});

test('an answer to what has changed since it was shown is refused', () => {
  const { approvals, ask } = setUp();
  const { approval } = ask();
  const nonce = approvals.list()[0]?.nonce as string;
  expect(approvals.find(approval, nonce).approval.id).toBe(approval);
  expect(() => approvals.find(approval, 'another')).toThrow('has changed');
});

test('lockdown and shutdown are a no to everything open, and take back unused late answers', async () => {
  const { approvals, ask } = setUp();
  const first = ask();
  await vi.advanceTimersByTimeAsync(45_000);
  approvals.allow(first.approval, 'operator', 'one');
  const waiting = ask({ request: request('c2') });
  approvals.close('lockdown', 'locked', 'stop');
  await settled();
  expect(waiting.result).toMatchObject({ kind: 'deny', decidedBy: 'lockdown' });
  const repeat = ask();
  await settled();
  expect(repeat.result).toBe(null);
});

describe('T22: a client that presses', () => {
  /** Asks, and lets the operator say no. */
  async function refused({ ask, approvals }: ReturnType<typeof setUp>, options: Parameters<ReturnType<typeof setUp>['ask']>[0] = {}) {
    const call = ask(options);
    if (call.approval !== '') approvals.deny(call.approval, undefined);
    await settled();
    return call.result;
  }

  test('three denials of one capability by the operator are a quiet no for a while, whatever the arguments', async () => {
    const world = setUp();
    for (const digest of ['c1', 'c2', 'c3'])
      expect(await refused(world, { request: request(digest) })).toMatchObject({ decidedBy: 'operator' });
    expect(await refused(world, { request: request('c4') })).toMatchObject({ kind: 'deny', result: 'denied', decidedBy: 'quiet' });
    expect(world.approvals.size).toBe(0);
    const other = world.ask({ caller: { ...caller, client: 'zed' } });
    await settled();
    expect(other.result, 'another client is asked about').toBe(null);
    await vi.advanceTimersByTimeAsync(30 * 60_000 + 1);
    expect(await refused(world, { request: request('c5') }), 'after a while it may be asked again').toMatchObject({
      decidedBy: 'operator',
    });
  });

  test('two denials are none; a yes between them begins anew; denials of long ago do not count', async () => {
    const world = setUp();
    await refused(world);
    await refused(world);
    const yes = world.ask();
    world.approvals.allow(yes.approval, 'operator', 'one');
    await settled();
    expect(yes.result).toMatchObject({ kind: 'allow' });
    await refused(world);
    await refused(world);
    await vi.advanceTimersByTimeAsync(31 * 60_000);
    await refused(world);
    const next = world.ask();
    await settled();
    expect(next.result).toBe(null);
  });

  test('expiries, withdrawals and the end of a session are no denials', async () => {
    const { approvals, ask } = setUp(60_000);
    for (let round = 0; round < 4; round++) {
      ask({ waitMs: 300_000 });
      await vi.advanceTimersByTimeAsync(60_000);
      const gone = new AbortController();
      ask({ gone: gone.signal });
      gone.abort();
      approvals.deny(ask().approval, 'this session was ended', false);
      await settled();
    }
    const call = ask();
    await settled();
    expect(call.result).toBe(null);
  });

  test('a flood of different questions is told once, so that its client is paused; equal ones are one', async () => {
    const { ask, world, approvals } = setUp();
    for (let n = 0; n < 300; n++) ask({ request: request('same') });
    expect(world.flooded).toEqual([]);
    const calls = Array.from({ length: 130 }, (_, n) => ask({ request: request(`c${n}`) }));
    await settled();
    expect(world.flooded).toEqual(['cursor']);
    expect(calls.some(({ result }) => result?.kind === 'deny' && result.decidedBy === 'surge')).toBe(true);
    expect(approvals.size).toBe(50);
    for (let minute = 0; minute < 10; minute++) {
      await vi.advanceTimersByTimeAsync(60_001);
      for (let n = 0; n < 20; n++) ask({ request: request(`slow ${minute} ${n}`) });
    }
    expect(world.flooded, 'slowly is no flood').toEqual(['cursor']);
  });
});

describe('away', () => {
  test('asks are refused at once and gathered, equal ones together; nothing is open', async () => {
    const { ask, world, gathered, approvals } = setUp();
    world.away = true;
    const calls = [ask(), ask(), ask({ request: request('c2') })];
    await settled();
    for (const { result } of calls) expect(result).toMatchObject({ kind: 'deny', decidedBy: 'away', result: 'denied' });
    expect(calls[0]?.result).toMatchObject({ reason: 'The operator is away.', advice: expect.stringContaining('other work') });
    expect(approvals.size).toBe(0);
    expect(gathered.list().map(({ times }) => times)).toEqual([2, 1]);
    gathered.forget(gathered.list()[0]?.id ?? '');
    expect(gathered.size).toBe(1);
    world.away = false;
    const back = ask();
    await settled();
    expect(back.result).toBe(null);
  });

  test('what was open before stays open, and its repeats join it', async () => {
    const { ask, world, gathered } = setUp();
    ask();
    world.away = true;
    const repeat = ask();
    await settled();
    expect(repeat.result).toBe(null);
    expect(gathered.size).toBe(0);
  });

  test('a night of different requests keeps the newest 500', () => {
    const { ask, world, gathered } = setUp();
    world.away = true;
    for (let n = 0; n < 600; n++) ask({ request: request(`c${n}`), caller: { ...caller, client: `client-${n % 20}` } });
    expect(gathered.size).toBe(500);
  });
});

test('expiry counts awake time only: a machine that slept for a night finds its question open, with its time still to run', async () => {
  vi.useRealTimers();
  vi.useFakeTimers();
  const { ask, approvals } = setUp(900_000);
  ask({ waitMs: 3_600_000 });
  await vi.advanceTimersByTimeAsync(60_000);
  // Asleep: the clock on the wall goes on, timers do not.
  vi.setSystemTime(Date.now() + 8 * 3_600_000);
  expect(approvals.size).toBe(1);
  expect(Date.parse(approvals.list()[0]?.expiresAt ?? '') - Date.now()).toBe(840_000);
  await vi.advanceTimersByTimeAsync(840_001);
  expect(approvals.size).toBe(0);
});
