// What the log tells of the last yes: the newest request that an answer let through, not one that a grant did.
import { expect, test } from 'vitest';
import { lastAllowed } from '../../broker/start/last-allowed.ts';
import type { Entry } from '../../shared/vocabulary.ts';

const entry = (seq: number, more: Partial<Entry>) => ({ seq, at: `t${seq}`, hash: '', type: 'outcome', ...more }) as Entry;
const log = (entries: Entry[], request: string | null = '{"x":1}') => ({
  list: () => entries,
  get: (seq: number) => ({ entry: entry(seq, {}), related: [], request: request === null ? null : `${request} of ${seq}`, reply: null }),
});
const last = (entries: Entry[], request?: string | null) => lastAllowed(log(entries, request), 'c', 's', 'tool:a');

test('the newest that the operator let through, or none', () => {
  const granted = entry(9, { decidedBy: 'grant:g-1' });
  const yes = entry(7, { decidedBy: 'operator', approval: 'a-2' });
  expect(last([granted, entry(8, { type: 'asked', decidedBy: 'operator', approval: 'a-3' }), yes, entry(3, { ...yes, seq: 3 })])).toEqual({
    at: 't7',
    argumentsText: '{"x":1} of 7',
  });
  expect(last([granted])).toBeNull();
  expect(last([entry(6, { decidedBy: 'operator' })])).toBeNull();
  expect(last([yes], null)).toBeNull();
});
