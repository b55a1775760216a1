// Questions before the operator: equal ones join, one yes lets one through, silence is a no.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Approvals } from '../../broker/mediate/approvals.ts';
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
  const approvals = new Approvals({
    now: Date.now,
    expiryMs: () => expiryMs,
    changed: () => {},
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
  return { approvals, ask, ended };
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
  for (const of of [{ client: 'cursor' }, { server: 'files' }]) {
    const { approvals, ask } = setUp();
    const first = ask();
    await vi.advanceTimersByTimeAsync(45_000);
    approvals.allow(first.approval, 'operator', 'one');
    approvals.forget(of);
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
