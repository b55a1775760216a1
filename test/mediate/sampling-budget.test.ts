// What a server may spend of a client's model: so many requests and tokens in one session, and not a token more (T25).
import { expect, test } from 'vitest';
import { SamplingBudget } from '../../broker/mediate/sampling-budget.ts';
import { expectReasoned } from '../support/words.ts';

const limits = { requests: 3, tokens: 1_000 };
const budget = () => new SamplingBudget(() => limits);

test('as many requests as there are, and no more', () => {
  const own = budget();
  for (let n = 0; n < 3; n++) {
    expect(own.refusal('s', 'files', 10)).toBe(null);
    own.spend('s', 'files', 10);
  }
  const refused = own.refusal('s', 'files', 10);
  expect(refused).toMatchObject({ decidedBy: 'budget' });
  expectReasoned(refused as object, 'files', '3 requests of 3 requests');
});

test('as many tokens as there are, to the last', () => {
  const own = budget();
  expect(own.refusal('s', 'files', 1_000)).toBe(null);
  expect(own.refusal('s', 'files', 1_001)).toMatchObject({ decidedBy: 'budget' });
  own.spend('s', 'files', 600);
  expect(own.refusal('s', 'files', 400)).toBe(null);
  expectReasoned(own.refusal('s', 'files', 401) as object, 'files', '600 tokens, and asks for 401 of 1000 tokens');
});

test('one server, and one session, use up nothing of another', () => {
  const own = budget();
  own.spend('s', 'files', 1_000);
  expect(own.refusal('s', 'files', 1)).not.toBe(null);
  expect(own.refusal('s', 'mail', 1)).toBe(null);
  expect(own.refusal('s2', 'files', 1)).toBe(null);
});

test('the limits that count are those of now', () => {
  let most = 1;
  const own = new SamplingBudget(() => ({ requests: most, tokens: 100 }));
  own.spend('s', 'files', 1);
  expect(own.refusal('s', 'files', 1)).not.toBe(null);
  most = 2;
  expect(own.refusal('s', 'files', 1)).toBe(null);
});

test('a thousand are remembered, and who spends now is not the one forgotten', () => {
  const own = budget();
  own.spend('old', 'files', 1_000);
  own.spend('first', 'files', 1_000);
  for (let n = 0; n < 997; n++) own.spend(`s${n}`, 'files', 1);
  own.spend('old', 'files', 0);
  own.spend('one more', 'files', 1);
  expect(own.refusal('first', 'files', 1), 'a thousand').not.toBe(null);
  own.spend('and one', 'files', 1);
  expect(own.refusal('first', 'files', 1), 'the oldest is forgotten').toBe(null);
  expect(own.refusal('old', 'files', 1), 'the one that spent again is not').not.toBe(null);
});
