// The state that a client carries between two rounds when the broker itself waits for it: nothing a client could read or make up.
// MCP 2026-07-28, basic/patterns/mrtr, server requirements: principal, expiry and request are inside, under authentication.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export interface State {
  /** Names the call that waits. */
  readonly call: string;
  /** Counts its rounds, so that none is answered twice. */
  readonly round: number;
  /** The client it was given to. */
  readonly client: string;
  /** What was asked for: method and parameters, without what changes from round to round. */
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

export class StateSeal {
  /** Of this run alone: what it seals names calls that wait in this process, and ends with it. */
  readonly #key = randomBytes(32);

  seal(state: State): string {
    const nonce = randomBytes(nonceBytes);
    const sealing = createCipheriv(cipher, this.#key, nonce);
    const sealed = Buffer.concat([nonce, sealing.update(JSON.stringify(state), 'utf8'), sealing.final(), sealing.getAuthTag()]);
    return sealed.toString('base64url');
  }

  /** Null for anything this run has not sealed. */
  open(text: string): State | null {
    const sealed = Buffer.from(text, 'base64url');
    if (sealed.length < nonceBytes + tagBytes || sealed.toString('base64url') !== text) return null;
    const opening = createDecipheriv(cipher, this.#key, sealed.subarray(0, nonceBytes));
    opening.setAuthTag(sealed.subarray(-tagBytes));
    try {
      const inside = Buffer.concat([opening.update(sealed.subarray(nonceBytes, -tagBytes)), opening.final()]);
      return JSON.parse(inside.toString('utf8')) as State;
    } catch {
      return null;
    }
  }
}
