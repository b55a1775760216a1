// Toxic flows: private, then a stranger's words, then a way out; over reconnects and within eight hours, and never by what the call itself brings.
import { describe, expect, test } from 'vitest';
import { completes, gathered, labelsHeld, type Step, stepsOf, withCall } from '../../broker/mediate/flows.ts';
import type { Label } from '../../shared/vocabulary.ts';

const hour = 3_600_000;
const now = Date.parse('2026-11-26T12:00:00.000Z');
const ago = (ms: number) => new Date(now - ms).toISOString();
const step = (label: Label, session = 's-1', msAgo = 60_000, what = `read ${label}`): Step => ({
  at: ago(msAgo),
  session,
  server: 'files',
  capability: 'tool:read',
  what,
  label,
});
const told = (steps: readonly Step[] | null) => steps?.map(({ label, session }) => `${label} ${session}`) ?? null;

describe('what completes a flow', () => {
  test.each<[string, Step[], Label[], boolean]>([
    ['both held, and it goes out', [step('private'), step('untrusted')], ['outward'], true],
    ['the other order', [step('untrusted'), step('private')], ['outward'], true],
    ['among other labels', [step('private'), step('untrusted')], ['private', 'outward', 'destructive'], true],
    ['both held, and it stays', [step('private'), step('untrusted')], ['private', 'untrusted', 'destructive'], false],
    ['nothing of a stranger', [step('private')], ['outward'], false],
    ['nothing private', [step('untrusted')], ['outward'], false],
    ['nothing at all', [], ['outward'], false],
    ['what it brings itself comes after what goes out', [step('private')], ['outward', 'untrusted'], false],
    ['another session of the client, an hour ago', [step('private', 's-0', hour), step('untrusted')], ['outward'], true],
    ['spread over three drop-in connections', [step('private', 's-a', hour), step('untrusted', 's-b', hour)], ['outward'], true],
    ['another session, eight hours ago to the moment', [step('private', 's-0', 8 * hour), step('untrusted')], ['outward'], true],
    ['another session, longer ago', [step('private', 's-0', 8 * hour + 1), step('untrusted')], ['outward'], false],
    ['this session, however long ago', [step('private', 's-1', 90 * hour), step('untrusted')], ['outward'], true],
  ])('%s', (_name, steps, labels, expected) => {
    expect(completes(steps, 's-1', labels, now) !== null).toBe(expected);
  });

  test('the way there is told, oldest first', () => {
    const steps = [step('untrusted', 's-1', 1_000), step('private', 's-1', 5_000)];
    expect(told(completes(steps, 's-1', ['outward'], now))).toEqual(['private s-1', 'untrusted s-1']);
    expect(told(completes([...steps].reverse(), 's-1', ['outward'], now))).toEqual(['private s-1', 'untrusted s-1']);
  });

  test('labels only grow: what is kept is what is private and what a stranger wrote', () => {
    expect(gathered).toEqual(['private', 'untrusted']);
    expect(labelsHeld([step('untrusted', 's-1', 1_000), step('private', 's-1', 5_000)], 's-1', now)).toEqual(['private', 'untrusted']);
    expect(labelsHeld([step('private', 's-0', 9 * hour)], 's-1', now)).toEqual([]);
  });
});

describe('one step for each label', () => {
  test("the session's own, wherever it stands", () => {
    const [own, other] = [step('private', 's-1', 5_000), step('private', 's-0', 1_000)];
    expect(told(stepsOf([own, other], 's-1', now))).toEqual(['private s-1']);
    expect(told(stepsOf([other, own], 's-1', now))).toEqual(['private s-1']);
  });
  test('the last of several of its own, and of several of others', () => {
    const [first, last] = [step('private', 's-1', 9_000, 'first'), step('private', 's-1', 1_000, 'last')];
    expect(stepsOf([first, last], 's-1', now).map(({ what }) => what)).toEqual(['last']);
    const [before, after] = [step('private', 's-0', 9_000, 'before'), step('private', 's-9', 1_000, 'after')];
    expect(stepsOf([before, after], 's-1', now).map(({ what }) => what)).toEqual(['after']);
  });
});

describe('the trail', () => {
  const call = { session: 's-1', server: 'mail', capability: 'tool:list', what: 'looked at', object: 'inbox' };

  test('a call writes down what it touches, with when', () => {
    expect(withCall([], call, ['private', 'outward', 'destructive'], now)).toEqual([{ ...call, label: 'private', at: ago(0) }]);
    expect(told(withCall([step('private')], call, ['untrusted'], now))).toEqual(['private s-1', 'untrusted s-1']);
    expect(told(withCall([], call, ['untrusted', 'private'], now))).toEqual(['private s-1', 'untrusted s-1']);
  });

  test('nothing new is not written again, until half an hour went by', () => {
    expect(withCall([], call, ['outward'], now)).toBe(null);
    expect(withCall([], call, [], now)).toBe(null);
    expect(withCall([step('private', 's-1', 30 * 60_000)], call, ['private'], now)).toBe(null);
    const again = withCall([step('private', 's-1', 30 * 60_000 + 1)], call, ['private'], now);
    expect(again).toEqual([{ ...call, label: 'private', at: ago(0) }]);
  });

  test('what is inherited becomes its own, so that it stays when the eight hours are over', () => {
    const trail = withCall([step('private', 's-0', 7 * hour)], call, [], now) as Step[];
    expect(told(trail)).toEqual(['private s-0', 'private s-1']);
    const later = now + 5 * hour;
    expect(labelsHeld(trail, 's-1', later)).toEqual(['private']);
    expect(labelsHeld(trail, 's-2', later), 'but it is no newer for others').toEqual([]);
    expect(trail[1]?.at).toBe(ago(7 * hour));
  });

  test('an inherited label met anew is the newer step', () => {
    const trail = withCall([step('private', 's-0', 7 * hour)], call, ['private'], now) as Step[];
    expect(told(trail)).toEqual(['private s-0', 'private s-1']);
    expect(trail[1]?.at).toBe(ago(0));
  });

  test('a label of another session that is met again here takes nothing from the other', () => {
    const trail = withCall([step('private', 's-0', 1_000), step('untrusted', 's-1')], call, ['untrusted'], now) as Step[];
    expect(told(trail)).toEqual(['private s-0', 'untrusted s-1', 'private s-1']);
  });

  test('old steps of other sessions go, its own stay', () => {
    const old = [step('private', 's-0', 8 * hour + 1), step('untrusted', 's-9', 8 * hour), step('private', 's-1', 20 * hour)];
    expect(told(withCall(old, call, ['private'], now))).toEqual(['untrusted s-9', 'untrusted s-1', 'private s-1']);
  });

  test('it stays short, and the newest are kept', () => {
    const many = Array.from({ length: 80 }, (_, at) => step('private', `s-x${at}`, 1_000));
    const trail = withCall(many, call, ['private'], now) as Step[];
    expect(trail).toHaveLength(64);
    expect(trail.at(-1)).toMatchObject({ session: 's-1', label: 'private' });
  });
});
