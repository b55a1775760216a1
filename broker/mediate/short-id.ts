// Ids of questions and grants that a person can read out and type.
import { randomBytes } from 'node:crypto';

const alphabet = 'abcdefghjkmnpqrstvwxyz23456789';

/** About 39 bits: unique among what is open or kept, no credential. */
export function shortId(prefix: string): string {
  return `${prefix}-${Array.from(randomBytes(8), (byte) => alphabet[byte % alphabet.length]).join('')}`;
}
