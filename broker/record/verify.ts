// Reads the whole chain and names every entry that is not as it was written.
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import type { Verification } from '../../shared/vocabulary.ts';
import type { Anchor } from './anchor.ts';
import { chainHash, columnsOf, entryColumns, genesis, shelfColumns } from './chain.ts';

const columnNames = [...entryColumns, ...shelfColumns];

export type Progress = (done: number, total: number) => void;

interface Row {
  readonly [column: string]: unknown;
}

/** Follows the chain one entry at a time. An entry is judged when the next one is known: only that tells body from hash. */
class ChainCheck {
  readonly problems: { seq: number; problem: string }[] = [];
  /** First sealed body of each day. */
  readonly days = new Map<string, number>();
  entries = 0;
  head = genesis;
  readonly #shelved: number;
  #expectedSeq = 1;
  #link = genesis;
  #held: { seq: number; hash: string; computed: string } | null = null;

  constructor(shelved: number) {
    this.#shelved = shelved;
  }

  readonly #found = (seq: number, problem: string) => this.problems.push({ seq, problem });

  add(row: Row): void {
    const seq = Number(row.seq);
    const { prev, hash, body } = row;
    if (typeof prev !== 'string' || typeof hash !== 'string' || typeof body !== 'string') {
      this.#judge(null);
      this.#found(seq, 'is not text any more');
      this.#expectedSeq = seq + 1;
      this.#link = String(hash);
      return;
    }
    this.#judge(prev);
    const gap = seq !== this.#expectedSeq;
    if (gap) {
      const last = seq - 1;
      this.#found(this.#expectedSeq, last > this.#expectedSeq ? `entries ${this.#expectedSeq} to ${last} are missing` : 'is missing');
    }
    let computed = chainHash(prev, body);
    if (!gap && prev !== this.#link) {
      if (chainHash(this.#link, body) === hash) {
        this.#found(seq, 'its link to the entry before was changed');
        computed = hash;
      } else this.#found(seq, `does not follow entry ${seq - 1} as it is now: one of the two was replaced`);
    }
    this.#held = { seq, hash, computed };
    this.#link = hash;
    this.#expectedSeq = seq + 1;
    this.entries++;
    this.head = hash;
    this.#columns(seq, row, body);
  }

  #judge(nextPrev: string | null): void {
    const held = this.#held;
    this.#held = null;
    if (held === null || held.hash === held.computed) return;
    if (nextPrev === held.computed) {
      this.#found(held.seq, 'its hash was changed');
      this.#link = held.computed;
    } else this.#found(held.seq, nextPrev === held.hash ? 'its text was changed' : 'its text or its hash was changed');
  }

  #columns(seq: number, row: Row, body: string): void {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      parsed = null;
    }
    if (typeof parsed !== 'object' || parsed === null) {
      this.#found(seq, 'its text is not an entry');
      return;
    }
    const expected = columnsOf(parsed as Row);
    const day = String((parsed as Row).day);
    if (expected.type === 'body' && !this.days.has(day)) this.days.set(day, seq);

    // The newest entries may not be on the shelf yet; they are put there when next it is used.
    const names = seq <= this.#shelved ? columnNames : entryColumns;
    const wrong = names.filter((name) => row[name] !== expected[name]);
    if (wrong.length > 0) this.#found(seq, `the column ${wrong.join(', ')} says something else than its text`);
  }

  end(anchor: Anchor | null): void {
    this.#judge(null);
    if (anchor !== null && this.#expectedSeq <= anchor.seq) {
      this.#found(this.#expectedSeq, `entries ${this.#expectedSeq} to ${anchor.seq} are missing at the end`);
    }
  }
}

/** Rows read in one go; the event loop gets its turn between two. */
const page = 400;
/** Problems beyond this are counted, not listed. */
const listed = 1000;

export interface VerifyOptions {
  /** What the log must at least reach. */
  readonly anchor?: Anchor | null;
  /** Whether the bodies of a day can be opened, where there are keys. */
  readonly hasKey?: (day: string) => boolean;
  readonly onProgress?: Progress | undefined;
}

/** Verifies what `db` holds now, in slices of a few ms. */
export async function verifyDatabase(
  db: DatabaseSync,
  { anchor = null, hasKey = () => true, onProgress }: VerifyOptions,
): Promise<Verification> {
  const end = Number(db.prepare('SELECT max(seq) AS seq FROM entry').get()?.seq ?? 0);
  // Counting them would read them all; an unbroken log has as many as its last seq says.
  const total = end;
  const shelved = Number(db.prepare('SELECT max(seq) AS seq FROM shelf').get()?.seq ?? 0);
  const read = db.prepare(
    `SELECT e.seq, ${columnNames.join(', ')}, prev, hash, body FROM entry e LEFT JOIN shelf s ON s.seq = e.seq
     WHERE e.seq > ? AND e.seq <= ? ORDER BY e.seq LIMIT ${page}`,
  );

  const check = new ChainCheck(shelved);
  let seq = Number.MIN_SAFE_INTEGER;
  let done = 0;
  for (;;) {
    const rows = read.all(seq, end);
    for (const row of rows) {
      check.add(row);
      if (anchor !== null && row.seq === anchor.seq && row.hash !== anchor.head) {
        check.problems.push({ seq: anchor.seq, problem: 'is not the entry that was anchored outside the log' });
      }
    }
    const last = rows.at(-1);
    if (!last) break;
    seq = Number(last.seq);
    done += rows.length;
    onProgress?.(done, total);
    await turn();
  }
  check.end(anchor);
  const { problems } = check;
  for (const [day, first] of check.days) {
    if (!hasKey(day))
      problems.push({ seq: first, problem: `the key of ${day} is gone or changed: its requests and replies cannot be read` });
  }
  const more = problems.length - listed;
  return {
    ok: problems.length === 0,
    entries: check.entries,
    head: check.head,
    problems: more > 0 ? [...problems.slice(0, listed), { seq: end, problem: `and ${more} more` }] : problems,
  };
}
