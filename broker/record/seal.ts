// Bodies on the disk are sealed: AES-256-GCM under a random key for each day, which is kept wrapped under the vault's key.
// Forgetting a day's bodies is deleting its key; the chain over the sealed form stays whole.
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** 96-bit random nonces: safe far beyond the 2^32 bodies a day. */
const nonceBytes = 12;
const tagBytes = 16;

export function seal(key: KeyObject, context: string, plain: Buffer): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** @throws when `sealed` is not what this key sealed in this context */
export function unseal(key: KeyObject, context: string, sealed: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < nonceBytes + tagBytes) throw new Error('the sealed text is too short');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
}

export class DaySeals {
  readonly #db: DatabaseSync;
  // Key objects, because a Buffer is made into one anew for every cipher, which costs more than a short body's sealing.
  readonly #sealKey: KeyObject;
  readonly #keys = new Map<string, KeyObject>();

  constructor(db: DatabaseSync, sealKey: Buffer) {
    this.#db = db;
    this.#sealKey = createSecretKey(sealKey);
  }

  /**
   * `day`: YYYY-MM-DD. `context`: what the body belongs to; it opens nowhere else. To be called outside a transaction: a day's
   * key must be on the disk before anything is sealed under it, also when what was sealed is rolled back.
   */
  seal(day: string, context: string, text: string): string {
    return seal(this.#keyOf(day) ?? this.#newKey(day), `gatehouse.body.v1|${day}|${context}`, Buffer.from(text));
  }

  /** @throws when the key is gone or the sealed text is not the one that was written */
  open(day: string, context: string, sealed: string): string {
    const key = this.#keyOf(day);
    if (key === null) throw new Error(`the key of ${day} is gone`);
    return unseal(key, `gatehouse.body.v1|${day}|${context}`, sealed).toString();
  }

  has(day: string): boolean {
    try {
      return this.#keyOf(day) !== null;
    } catch {
      return false;
    }
  }

  #keyOf(day: string): KeyObject | null {
    const known = this.#keys.get(day);
    if (known) return known;
    const found = this.#db.prepare('SELECT wrapped FROM day_key WHERE day = ?').get(day);
    if (!found) return null;
    const key = createSecretKey(unseal(this.#sealKey, `gatehouse.day-key.v1|${day}`, String(found.wrapped)));
    this.#keys.set(day, key);
    return key;
  }

  #newKey(day: string): KeyObject {
    const bytes = randomBytes(32);
    const key = createSecretKey(bytes);
    this.#db
      .prepare('INSERT INTO day_key (day, wrapped) VALUES (?, ?)')
      .run(day, seal(this.#sealKey, `gatehouse.day-key.v1|${day}`, bytes));
    this.#keys.set(day, key);
    return key;
  }
}
