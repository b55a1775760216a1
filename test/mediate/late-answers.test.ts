// A yes that came late covers one repeat for ten minutes, and nothing else.
import { expect, test } from 'vitest';
import { LateAnswers } from '../../broker/mediate/late-answers.ts';
import { clock } from '../support/asking.ts';

const answer = { approval: 'a-1', client: 'cursor', server: 'files' };
const minutes = 60_000;

test('once, for the same call', () => {
  const late = new LateAnswers(clock().now);
  late.put('k', answer);
  expect(late.spend('other')).toBe(null);
  expect(late.spend('k')).toBe('a-1');
  expect(late.spend('k')).toBe(null);
});

test.each([
  [0, 'a-1'],
  [10 * minutes - 1, 'a-1'],
  [10 * minutes, null],
  [11 * minutes, null],
])('after %i ms: %s', (later, expected) => {
  const time = clock();
  const late = new LateAnswers(time.now);
  late.put('k', answer);
  time.at += later;
  expect(late.spend('k')).toBe(expected);
});

test('a later answer takes nothing from one that still counts', () => {
  const time = clock();
  const late = new LateAnswers(time.now);
  late.put('old', answer);
  time.at += 5 * minutes;
  late.put('new', { ...answer, approval: 'a-2' });
  expect(late.spend('old')).toBe('a-1');
  time.at += 9 * minutes;
  expect(late.spend('new')).toBe('a-2');
});

test.each<[Parameters<LateAnswers['forget']>[0] | null, string[]]>([
  [{ client: 'cursor' }, ['b']],
  [{ server: 'files' }, ['c']],
  [{ client: 'nobody' }, ['a', 'b', 'c']],
  [null, []],
])('what %j lost is lost for it alone', (whom, left) => {
  const late = new LateAnswers(clock().now);
  late.put('a', answer);
  late.put('b', { ...answer, client: 'zed' });
  late.put('c', { ...answer, client: 'cursor', server: 'mail' });
  if (whom === null) late.clear();
  else late.forget(whom);
  expect(['a', 'b', 'c'].filter((key) => late.spend(key) !== null)).toEqual(left);
});
