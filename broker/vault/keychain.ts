// The vault in the operating system's keychain: long values in pieces, and never a mix of two values whatever dies in between.

import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatehouseError } from '../../shared/errors.ts';
import { Sensitive } from './sensitive.ts';
import { type Step, Turns } from './turns.ts';
import type { Faults, Vault } from './vault.ts';

/** The part of keytar this stands on. `findCredentials` is left out on purpose: it loads every value to list names, and dies of a null
 * pointer on an item that any other program of this user may put there. The list of names is an item of our own instead. */
export interface KeychainStore {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

/** Windows keeps at most 2,560 bytes in one credential; the rest is room for our own mark. */
const pieceBytes = 2000;
const index = '#index';

type Slot = 'a' | 'b';
/** What stands in the keychain for one name. Pieces of a slot always are a gapless run from 0: written upwards, deleted downwards. */
interface Standing {
  /** The slot the head points to; null when the head holds the value itself or is missing. */
  slot: Slot | null;
  pieces: Record<Slot, number>;
}

const headText = (slot: Slot, count: number, digest: string) => `+${slot}.${count}.${digest}`;
const digestOf = (value: string) => createHash('sha256').update(value).digest('hex');

/** Cuts at most `bytes` of UTF-8 a piece, between characters. */
function cut(value: string, bytes: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let size = 0;
  for (const character of value) {
    const length = Buffer.byteLength(character);
    if (size + length > bytes) {
      pieces.push(piece);
      piece = '';
      size = 0;
    }
    piece += character;
    size += length;
  }
  pieces.push(piece);
  return pieces;
}

function readHead(head: string | null): { slot: Slot; count: number; digest: string } | null {
  const match = /^\+([ab])\.([1-9][0-9]{0,3})\.([0-9a-f]{64})$/.exec(head ?? '');
  return match === null ? null : { slot: match[1] as Slot, count: Number(match[2]), digest: match[3] as string };
}

export class Keychain implements Vault {
  readonly kind = 'keychain';
  readonly #store: KeychainStore;
  readonly #service: string;
  readonly #faults: Faults;
  readonly #turns: Turns;
  /** What we know to stand there, so that a small value costs one call. Forgotten before every change, learnt again after it. */
  readonly #standing = new Map<string, Standing>();
  #names: Set<string> | null = null;

  /** `waitMs`: how long one operation may take before it is refused as `unavailable`, in milliseconds. Call `begin` before the rest. */
  constructor(store: KeychainStore, homeId: string, faults: Faults, waitMs = 10_000) {
    this.#store = store;
    this.#service = `Gatehouse ${homeId}`;
    this.#faults = faults;
    this.#turns = new Turns(waitMs, () =>
      unavailable(`The keychain did not answer within ${waitMs / 1000} s.`, 'Unlock it, then try again'),
    );
  }

  /**
   * Proves that the keychain answers for this home. A locked keychain says of its items that they are not there, so "nothing" is never
   * taken for an answer: an index is made only for a new home (`create`), and a missing one is `unavailable`.
   */
  async begin(create: boolean): Promise<void> {
    await this.#turns.take(async (step) => {
      const text = await (create ? this.#read(step, index) : this.#readExpected(step, index));
      if (text === null && !create) {
        throw unavailable('The keychain holds nothing for this home: it is locked, or was emptied.', 'Unlock it, then try again');
      }
      if (text === null) await this.#write(step, index, '');
    });
  }

  async get(name: string, expected = false): Promise<Sensitive | null> {
    this.#faults.check('vault.get');
    return await this.#turns.take(async (step) => {
      let value = await this.#read(step, name);
      if (value === null && (expected || (await this.#known(step)).has(name))) value = await this.#readExpected(step, name);
      if (value === null && (await this.#known(step)).has(name)) {
        throw unavailable(`The keychain does not give out ${name}, which is kept there: it is locked now.`, 'Unlock it, then try again');
      }
      return value === null ? null : new Sensitive(value);
    });
  }

  async set(name: string, value: Sensitive): Promise<void> {
    this.#faults.check('vault.set');
    const text = value.reveal();
    // The keychains take C strings of UTF-8; anything else would come back as something else.
    if (text.includes('\0') || !text.isWellFormed()) {
      throw new GatehouseError(
        'usage',
        'The keychain cannot hold this value: it is not plain text.',
        'Encode it (base64) and set it again.',
      );
    }
    await this.#turns.take(async (step) => {
      const names = await this.#known(step);
      await this.#write(step, name, text);
      // Listed when it is there: a listed name without a value means a locked keychain, and nothing else.
      if (!names.has(name)) await this.#list(step, new Set([...names, name]));
    });
  }

  async remove(name: string): Promise<boolean> {
    this.#faults.check('vault.set');
    return await this.#turns.take(async (step) => {
      const names = await this.#known(step);
      if (names.has(name)) await this.#list(step, new Set([...names].filter((other) => other !== name)));
      const standing = await this.#survey(step, name);
      this.#standing.delete(name);
      const existed = await this.#call(step, () => this.#store.deletePassword(this.#service, name));
      for (const slot of ['a', 'b'] as const) await this.#shorten(step, name, slot, standing.pieces[slot], 0);
      return existed;
    });
  }

  async names(): Promise<string[]> {
    this.#faults.check('vault.get');
    return await this.#turns.take(async (step) => [...(await this.#known(step))].sort());
  }

  async close(): Promise<void> {
    // Short, because a broker that stops must not wait for a keychain that hangs.
    await this.#turns.settled(1000);
    this.#standing.clear();
    this.#names = null;
  }

  /** A keyring under load has been seen to say for a moment that an item is not there. What must be there is asked for again. */
  async #readExpected(step: Step, name: string): Promise<string | null> {
    for (const pause of [0, 100, 200, 400]) {
      if (pause > 0) await sleep(pause);
      const value = await this.#read(step, name);
      if (value !== null) return value;
    }
    return null;
  }

  async #read(step: Step, name: string): Promise<string | null> {
    const head = await this.#call(step, () => this.#store.getPassword(this.#service, name));
    if (head === null) return null;
    if (head.startsWith('=')) return head.slice(1);
    const long = readHead(head);
    if (long === null) throw damaged(name);
    let value = '';
    for (let at = 0; at < long.count; at++) {
      const piece = await this.#call(step, () => this.#store.getPassword(this.#service, `${name}#${long.slot}.${at}`));
      if (piece === null) throw damaged(name);
      value += piece;
    }
    if (digestOf(value) !== long.digest) throw damaged(name);
    return value;
  }

  /** The head is written last and points to the slot that was not in use, so until that moment the old value is whole. */
  async #write(step: Step, name: string, value: string): Promise<void> {
    const before = this.#standing.get(name) ?? (await this.#survey(step, name));
    this.#standing.delete(name);
    const put = (account: string, text: string) => this.#call(step, () => this.#store.setPassword(this.#service, account, text));
    const short = Buffer.byteLength(value) <= pieceBytes;
    const pieces = short ? [] : cut(value, pieceBytes);
    const slot: Slot = before.slot === 'a' ? 'b' : 'a';
    for (const [at, piece] of pieces.entries()) await put(`${name}#${slot}.${at}`, piece);
    await put(name, short ? `=${value}` : headText(slot, pieces.length, digestOf(value)));
    const other: Slot = slot === 'a' ? 'b' : 'a';
    try {
      await this.#shorten(step, name, slot, Math.max(before.pieces[slot], pieces.length), pieces.length);
      await this.#shorten(step, name, other, before.pieces[other], 0);
    } catch {
      // The value is kept. What is left of the old one goes with the next change, which looks for itself what stands there.
      return;
    }
    const left: Standing = { slot: short ? null : slot, pieces: { a: 0, b: 0 } };
    left.pieces[slot] = pieces.length;
    this.#standing.set(name, left);
  }

  /** Counts what stands there, so that what an earlier crash left behind is found. */
  async #survey(step: Step, name: string): Promise<Standing> {
    const head = readHead(await this.#call(step, () => this.#store.getPassword(this.#service, name)));
    const pieces = { a: 0, b: 0 };
    for (const slot of ['a', 'b'] as const) {
      const there = async (at: number) =>
        (await this.#call(step, () => this.#store.getPassword(this.#service, `${name}#${slot}.${at}`))) !== null;
      while (await there(pieces[slot])) pieces[slot]++;
    }
    return { slot: head?.slot ?? null, pieces };
  }

  async #shorten(step: Step, name: string, slot: Slot, from: number, to: number): Promise<void> {
    for (let at = from - 1; at >= to; at--) {
      await this.#call(step, () => this.#store.deletePassword(this.#service, `${name}#${slot}.${at}`));
    }
  }

  async #known(step: Step): Promise<Set<string>> {
    if (this.#names !== null) return this.#names;
    const text = await this.#readExpected(step, index);
    if (text === null)
      throw unavailable('The keychain does not give out what this home keeps there: it is locked now.', 'Unlock it, then try again');
    this.#names = new Set(text === '' ? [] : text.split('\n'));
    return this.#names;
  }

  async #list(step: Step, names: Set<string>): Promise<void> {
    this.#names = null;
    await this.#write(step, index, [...names].join('\n'));
    this.#names = names;
  }

  /** Whatever the keychain throws is the same to a person: it did not answer. Its words hold no value of ours. */
  async #call<T>(step: Step, call: () => Promise<T>): Promise<T> {
    try {
      return await step(call);
    } catch (cause) {
      if (cause instanceof GatehouseError) throw cause;
      throw unavailable(`The keychain refused: ${(cause as Error).message}.`, 'Start and unlock it, then try again', cause);
    }
  }
}

function unavailable(message: string, hint: string, cause?: unknown): GatehouseError {
  return new GatehouseError('unavailable', message, `${hint}; where there is none, start a new home with --vault sealed-file.`, { cause });
}

function damaged(name: string): GatehouseError {
  return new GatehouseError(
    'failed',
    `The keychain's item for ${name} is damaged: parts of it are missing or were changed by another program.`,
    'Set it again, or run "gatehouse recover" when it is one of the broker\'s own keys.',
  );
}

/** keytar, loaded only now: a native module that does not load must be a sentence, not a crash at start. */
export async function systemKeychain(): Promise<KeychainStore> {
  try {
    return (await import('keytar')).default;
  } catch (cause) {
    throw unavailable('The keychain module does not load on this system.', 'Run "npm ci" again (on Linux, libsecret is needed)', cause);
  }
}
