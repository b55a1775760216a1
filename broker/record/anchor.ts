// Keeps the log's length and head in a place the log's file is not (the vault), and compares with it at start: a chain alone
// does not notice that its end is missing.
import { closeSync, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';

export interface Anchor {
  readonly seq: number;
  readonly head: string;
  /** Generation of the rules the log last named. */
  readonly generation: number;
}

export interface Comparison {
  /** `tail`: entries after the anchor, as a crash leaves them. `unanchored`: there are entries and no anchor. */
  readonly kind: 'match' | 'tail' | 'unanchored' | 'rollback' | 'rewritten';
  /** Entries after the anchor. */
  readonly after: number;
  /** In words; null where nothing is wrong. */
  readonly problem: string | null;
}

export function compare(anchor: Anchor | null, log: Anchor, hashAt: (seq: number) => string | null): Comparison {
  if (anchor === null) {
    const after = log.seq;
    return after === 0
      ? { kind: 'match', after, problem: null }
      : { kind: 'unanchored', after, problem: `the log has ${after} entries, but nothing outside it says how many there should be` };
  }
  const after = log.seq - anchor.seq;
  if (after < 0) {
    return {
      kind: 'rollback',
      after,
      problem: `the log ends at entry ${log.seq}, it had ${anchor.seq}: its end was cut or an older copy put back`,
    };
  }
  if (anchor.seq > 0 && hashAt(anchor.seq) !== anchor.head) {
    return { kind: 'rewritten', after, problem: `entry ${anchor.seq} is not the one that was there before: the log was rewritten` };
  }
  if (log.generation < anchor.generation) {
    return { kind: 'rewritten', after, problem: `the log names rules ${log.generation}, it named ${anchor.generation} before` };
  }
  return { kind: after === 0 ? 'match' : 'tail', after, problem: null };
}

const everyEntries = 64;
const everyMs = 5000;
/** A burst makes one anchor of many, so that the vault is not asked hundreds of times a second. */
const apartMs = 200;

export interface AnchoringOptions {
  readonly place: () => Anchor;
  readonly store: (anchor: Anchor) => Promise<void> | void;
  /** Side file of the database that holds what was written last. */
  readonly wal: string | null;
  /** The anchor could not be stored (once, until it can again), or could again. */
  readonly onLate: (error: unknown) => void;
  readonly onKept: () => void;
}

export class Anchoring {
  readonly #options: AnchoringOptions;
  #stored: Anchor | null = null;
  #since = 0;
  #running: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #late = false;
  #lastAt = 0;
  /** While the log does not agree with its anchor, a new one would destroy the only proof of that. */
  paused = false;

  constructor(options: AnchoringOptions) {
    this.#options = options;
  }

  /** What the log must at least reach: the last anchor stored or found. */
  get floor(): Anchor | null {
    return this.#stored;
  }
  set floor(anchor: Anchor | null) {
    this.#stored = anchor;
  }

  /** To be called after each write. */
  wrote(entries: number): void {
    this.#since += entries;
    if (this.paused) return;
    if (this.#since >= everyEntries && this.#running === null && !this.#late) {
      const wait = this.#lastAt + apartMs - performance.now();
      if (wait <= 0) {
        void this.now();
        return;
      }
      this.#schedule(wait, true);
    } else this.#schedule(everyMs, false);
  }

  #soon = false;
  #schedule(ms: number, soon: boolean): void {
    if (this.#timer !== null && (!soon || this.#soon)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#soon = soon;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.now();
    }, ms).unref();
  }

  /** Anchors what is written now. Never rejects; resolves when it is stored or known to have failed. */
  now(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#since > 0 && !this.paused) this.#schedule(everyMs, false);
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    const { place, store, wal, onLate, onKept } = this.#options;
    this.#since = 0;
    this.#lastAt = performance.now();
    try {
      const anchor = place();
      if (wal !== null) await syncFile(wal);
      await store(anchor);
      this.#stored = anchor;
      if (this.#late) onKept();
      this.#late = false;
    } catch (error) {
      this.#since += 1;
      if (!this.#late) onLate(error);
      this.#late = true;
    }
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

const sync = promisify(fdatasync);

/**
 * An anchor may only name what a power cut leaves behind, or that would look like a rollback. Off the event loop; the side file
 * carries no SQLite locks, so closing it releases none.
 */
async function syncFile(path: string): Promise<void> {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    await sync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
