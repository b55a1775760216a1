// Operator calls over the home's socket: the token signs each call and each answer, and never crosses. Whoever sits in between, or has put
// a socket of their own in the broker's place, gets neither a credential nor a way to change what is asked or answered.
import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a caller sends in place of its token. */
export interface Claim {
  /** Names the credential without giving it away. */
  readonly key: string;
  readonly nonce: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly mac: string;
}

/** A claim is good for this long, in milliseconds; its nonce is remembered longer. */
export const claimMs = 60_000;
export const answerHeader = 'gatehouse-answer';

const scheme = 'Gatehouse-Proof';
const mac = (key: Buffer, ...parts: readonly string[]) => createHmac('sha256', key).update(parts.join('\n')).digest('base64url');

/** What both sides hold: the caller has the token, the broker keeps its SHA-256 and nothing more. */
export const keyOfToken = (token: string): Buffer => hash('sha256', token, 'buffer');
export const nameOfKey = (key: Buffer): string => mac(key, 'gatehouse operator key 1').slice(0, 22);

const requestMac = (key: Buffer, path: string, body: Buffer, { nonce, at }: Pick<Claim, 'nonce' | 'at'>) =>
  mac(key, 'gatehouse operator call 1', nonce, String(at), path, hash('sha256', body));

/** The proof of an answer: to this very call, with this status and this body (`stream` for one that has no end). */
export const answerMac = (key: Buffer, nonce: string, status: number, body: Buffer | 'stream'): string =>
  mac(key, 'gatehouse operator answer 1', nonce, String(status), body === 'stream' ? body : hash('sha256', body));

const equal = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** The `Authorization` of one call, and how its answer is recognised. */
export function signCall(
  token: string,
  path: string,
  body: Buffer,
  now: number,
): { authorization: string; answered(status: number, body: Buffer | 'stream', proof: unknown): boolean } {
  const key = keyOfToken(token);
  const nonce = randomBytes(18).toString('base64url');
  const proof = requestMac(key, path, body, { nonce, at: now });
  return {
    authorization: `${scheme} key="${nameOfKey(key)}", nonce="${nonce}", at="${now}", mac="${proof}"`,
    answered: (status, answer, found) => typeof found === 'string' && equal(found, answerMac(key, nonce, status, answer)),
  };
}

/** Null when the header is none of this kind. */
export function claimIn(header: string | undefined): Claim | null {
  const match = /^Gatehouse-Proof key="([\w-]{22})", nonce="([\w-]{24})", at="([0-9]{1,15})", mac="([\w-]{43})"$/.exec(header ?? '');
  if (!match) return null;
  const [, key = '', nonce = '', at = '', proof = ''] = match;
  return { key, nonce, at: Number(at), mac: proof };
}

export const proves = (claim: Claim, key: Buffer, path: string, body: Buffer): boolean =>
  equal(claim.mac, requestMac(key, path, body, claim));
