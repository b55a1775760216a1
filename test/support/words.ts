// What every refusal must do for whoever reads it: say why, and say what may be done (interface.md, "What a client sees").
import { expect } from 'vitest';

/** A sentence: it begins like one, ends like one, and nothing in it was left out. */
export const sentence = /^(?!.*(?:undefined|null|NaN|\[object))[\p{Lu}"'`\p{L}].{6,}[.!?"]$/su;

/** The no says why and what to do; `names` are what its reason must speak of. */
export function expectReasoned(verdict: object, ...names: string[]): void {
  expect(verdict).toMatchObject({
    kind: 'deny',
    result: 'denied',
    reason: expect.stringMatching(sentence),
    advice: expect.stringMatching(sentence),
  });
  for (const name of names) expect((verdict as { reason: string }).reason).toContain(name);
}
