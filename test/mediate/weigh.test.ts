// What labels and a completed flow add to a question: they raise it, and never lower it.
import { describe, expect, test } from 'vitest';
import type { Step } from '../../broker/mediate/flows.ts';
import type { Presentation } from '../../broker/mediate/question.ts';
import { atLeast, type Touch, weighed } from '../../broker/mediate/weigh.ts';
import type { Label } from '../../shared/vocabulary.ts';

const shown: Presentation = { risk: 'low', reasons: [], widths: [], claim: {}, alwaysOffered: true };
const step: Step = {
  at: '2026-11-26T12:00:00.000Z',
  session: 's',
  server: 'files',
  capability: 'tool:read',
  what: 'read',
  object: 'a.txt',
  label: 'private',
};
const path = [step, { ...step, object: undefined, label: 'untrusted' as const }];
const weigh = (labels: Label[], more: Partial<Touch> = {}, of: Partial<Presentation> = {}) =>
  weighed({ ...shown, ...of }, { labels, path: null, now: { what: 'send', object: 'x@y.z' }, runs: false, ...more });

test('a risk is raised and never lowered', () => {
  const ranks = ['low', 'medium', 'high', 'critical'] as const;
  for (const [at, risk] of ranks.entries())
    for (const [least, other] of ranks.entries()) expect(atLeast(risk, other)).toBe(ranks[Math.max(at, least)]);
});

test.each<[Label[], Partial<Touch>, Partial<Presentation>, Presentation['risk'], Presentation['alarm'], boolean]>([
  [[], {}, {}, 'low', undefined, true],
  [['private'], {}, {}, 'low', undefined, true],
  [['untrusted', 'private'], {}, {}, 'low', undefined, true],
  [['outward'], {}, {}, 'medium', 'leaves', false],
  [['destructive'], {}, {}, 'medium', 'destroys', false],
  [['destructive'], { runs: true }, {}, 'medium', 'runs', false],
  [['outward', 'destructive'], {}, {}, 'medium', 'leaves', false],
  [['controls-screen'], {}, {}, 'medium', undefined, false],
  [['private'], { runs: true }, {}, 'low', undefined, true],
  [['outward'], {}, { risk: 'critical' }, 'critical', 'leaves', false],
  [['outward'], {}, { alarm: 'changed' }, 'medium', 'changed', false],
  [['private'], {}, { alarm: 'changed' }, 'low', 'changed', true],
  [['private'], {}, { alarm: 'changed', risk: 'high' }, 'high', 'changed', true],
  [['private'], {}, { alwaysOffered: false }, 'low', undefined, false],
  [['outward'], { path }, {}, 'high', 'leaves', false],
  [[], { path }, { risk: 'critical' }, 'critical', 'leaves', true],
])('%j, %j over %j', (labels, more, of, risk, alarm, always) => {
  const { reasons: _reasons, ...rest } = weigh(labels, more, of);
  expect(rest).toMatchObject({ risk, alwaysOffered: always, labels });
  expect(rest.alarm).toBe(alarm);
});

describe('reasons', () => {
  const goes = 'It reaches the outside world';
  const changes = 'It can change or delete things';
  const flow = 'This session has read private data and the words of strangers, and this goes out';
  test.each<[Label[], Partial<Touch>, string[], string[]]>([
    [['private', 'untrusted'], {}, [], []],
    [['outward'], {}, [], [goes]],
    [['destructive'], {}, [], [changes]],
    [['destructive'], {}, ['This cannot be undone'], ['This cannot be undone']],
    [['destructive'], {}, ['It Deletes a file'], ['It Deletes a file']],
    [['destructive'], {}, ['It is large'], [changes, 'It is large']],
    [['outward'], {}, [goes], [goes]],
    [['controls-screen'], {}, [], ['It can click and type in your place']],
    [['outward'], { path }, ['It is large'], [flow, 'It is large']],
  ])('%j %j %j', (labels, more, before, after) => {
    expect(weigh(labels, more, { reasons: before }).reasons).toEqual(after);
  });
});

test('the path that led there is shown, this call at its end, and a yes answers the flow', () => {
  const { path: shownPath, answers } = weigh(['outward'], { path }, { answers: ['policy:a/1'] });
  expect(answers).toEqual(['policy:a/1', 'flow']);
  expect(shownPath).toEqual([
    { at: step.at, what: 'read', object: 'a.txt', label: 'private' },
    { at: step.at, what: 'read', label: 'untrusted' },
    { at: null, what: 'send', object: 'x@y.z', label: 'outward' },
  ]);
  expect(weigh(['outward'], { path }).answers).toEqual(['flow']);
  expect(Object.keys(weigh(['outward']))).not.toContain('path');
  expect(Object.keys(weigh(['outward']))).not.toContain('answers');
});
