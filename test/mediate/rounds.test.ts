// A call that the operator allowed and whose server needed input goes on with that yes: once, the same call, for a quarter of an hour.
import { expect, test } from 'vitest';
import { Rounds } from '../../broker/mediate/rounds.ts';
import type { Allowed } from '../../shared/request.ts';
import { callerOf, clock, requestOf } from '../support/asking.ts';

const yes: Allowed = { kind: 'allow', decidedBy: 'operator', reason: 'r', approval: 'a-1' };
const later = requestOf({ round: 'state-1' });
function setUp(verdict: Allowed = yes) {
  const time = clock();
  const rounds = new Rounds(time.now);
  rounds.needsInput(callerOf(), requestOf(), 'state-1', verdict);
  return { time, rounds };
}

test('it goes on once', () => {
  const { rounds } = setUp();
  expect(rounds.spend(callerOf({ connection: 'c-2' }), later)).toEqual({
    kind: 'allow',
    decidedBy: 'operator',
    reason: 'It goes on with a call that the operator allowed; its server needed input.',
    approval: 'a-1',
  });
  expect(rounds.spend(callerOf(), later)).toBe(null);
});

test.each([
  ['no round', callerOf(), requestOf()],
  ['another state', callerOf(), requestOf({ round: 'state-2' })],
  ['other arguments', callerOf(), requestOf({ round: 'state-1', canonicalDigest: 'c2' })],
  ['another server', callerOf(), requestOf({ round: 'state-1', server: 'mail' })],
  ['another client', callerOf({ client: 'zed' }), later],
  ['another session', callerOf({ session: 's-2' }), later],
])('%s is a new question, and takes nothing away', (_name, caller, request) => {
  const { rounds } = setUp();
  expect(rounds.spend(caller, request)).toBe(null);
  expect(rounds.spend(callerOf(), later)).not.toBe(null);
});

test("only the operator's own yes is carried on: rules are asked anew", () => {
  for (const decidedBy of ['grant:g-1', 'policy:a/1', 'protocol'])
    expect(setUp({ ...yes, decidedBy }).rounds.spend(callerOf(), later)).toBe(null);
  const { approval: _approval, ...unnamed } = yes;
  expect(setUp(unnamed).rounds.spend(callerOf(), later)).not.toHaveProperty('approval');
});

test.each([
  [15 * 60_000 - 1, true],
  [15 * 60_000, false],
])('after %i ms it counts: %s', (ms, counts) => {
  const { time, rounds } = setUp();
  time.at += ms;
  expect(rounds.spend(callerOf(), later) !== null).toBe(counts);
});

test('a new one takes nothing from those that still count, until there are ten thousand', () => {
  const { rounds } = setUp();
  for (let n = 1; n < 10_000; n++) rounds.needsInput(callerOf(), requestOf(), `other-${n}`, yes);
  const round = (name: string) => rounds.spend(callerOf(), requestOf({ round: name }));
  expect(round('state-1')).not.toBe(null);
  rounds.needsInput(callerOf(), requestOf(), 'state-1', yes);
  rounds.needsInput(callerOf(), requestOf(), 'last', yes);
  expect(round('other-1'), 'the oldest went').toBe(null);
  expect(round('other-2')).not.toBe(null);
  expect(round('last')).not.toBe(null);
});
