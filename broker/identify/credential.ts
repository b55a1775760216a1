// A client's credential: a random token that only the client keeps, and the verifier that the broker keeps instead.
// Keys are derived as in RFC 5802 section 3. Salt and iterations are for passwords; a token has 256 random bits.
import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What the broker keeps. It recognises the token and proves the broker to it, and cannot stand in for the client. */
export interface Verifier {
  /** SHA-256 of the client's key, base64url. */
  readonly storedKey: string;
  /** Key of the broker's proof, base64url. */
  readonly serverKey: string;
}

/** Gatehouse token of a client; the prefix lets scanners recognise a leaked one. */
const prefix = 'ght_';

export function mintToken(): string {
  return prefix + randomBytes(32).toString('base64url');
}

/** Text that could be a token of ours; says nothing about whether it is valid. */
export function looksLikeToken(text: string): boolean {
  return /^ght_[A-Za-z0-9_-]{43}$/.test(text);
}

/** RFC 5802 section 3. Only the holder of the token has it. */
export function clientKeyOf(token: string): Buffer {
  return createHmac('sha256', token).update('Client Key').digest();
}

/** RFC 5802 section 3. */
export function serverKeyOf(token: string): Buffer {
  return createHmac('sha256', token).update('Server Key').digest();
}

export function storedKeyOf(clientKey: Buffer): Buffer {
  return hash('sha256', clientKey, 'buffer');
}

export function verifierOf(token: string): Verifier {
  return {
    storedKey: storedKeyOf(clientKeyOf(token)).toString('base64url'),
    serverKey: serverKeyOf(token).toString('base64url'),
  };
}

/** True when the token belongs to the verifier; takes as long for a wrong one. */
export function bearerMatches(token: string, verifier: Verifier): boolean {
  const stored = Buffer.from(verifier.storedKey, 'base64url');
  const found = storedKeyOf(clientKeyOf(token));
  return stored.length === found.length && timingSafeEqual(stored, found);
}
