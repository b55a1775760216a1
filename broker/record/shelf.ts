// Fills what entries are found by (columns and words) a moment after they are written, so that a call never waits for it.
import type { DatabaseSync } from 'node:sqlite';
import { columnsOf } from './chain.ts';
import { searchText } from './search.ts';
import { Tallies, type Tally, type TallyFilter } from './tally.ts';

export type { Tally, TallyFilter };

/** Entries in one transaction; about 5 ms. */
const batch = 500;
/** How long the event loop waits for it at most, give or take a batch. */
const sliceMs = 10;
const idleMs = 50;

export class Shelf {
  readonly #db: DatabaseSync;
  readonly #report: (error: unknown) => void;
  #filledTo: number;
  #timer: NodeJS.Timeout | null = null;
  readonly tallies: Tallies;

  constructor(db: DatabaseSync, report: (error: unknown) => void) {
    this.#db = db;
    this.#report = report;
    this.tallies = new Tallies(db);
    this.#filledTo = Number(db.prepare('SELECT max(seq) AS seq FROM shelf').get()?.seq ?? 0);
  }

  /** To be called after a write. */
  schedule(ms = idleMs): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      try {
        const until = performance.now() + sliceMs;
        let more = this.#fill();
        while (more !== null && performance.now() < until) more = this.#fill();
        if (more !== null) this.schedule(0);
      } catch (error) {
        this.#report(error);
      }
    }, ms).unref();
  }

  /** Until everything written so far can be found. @throws when it cannot be written */
  catchUp(): void {
    while (this.#fill() === 'rows');
  }

  /** How much happened when, and between whom, up to what was written last. */
  tally(filter: TallyFilter, now: number): Tally {
    while (this.#fill() !== null);
    return this.tallies.read(filter, now);
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  /** One batch; what there may be more of: entries to be found, or only entries to be counted. */
  #fill(): 'rows' | 'counts' | null {
    // A sealed body is long, and of it only `asked` is wanted, which its canonical form has in front.
    const rows = this.#db
      .prepare(`SELECT seq, type, iif(type = 'body', substr(body, 1, 40), body) AS body FROM entry WHERE seq > ? ORDER BY seq LIMIT ?`)
      .all(this.#filledTo, batch);
    const filledTo = Number(rows.at(-1)?.seq ?? this.#filledTo);
    // Nothing new, and all of it counted.
    if (rows.length === 0 && this.tallies.filledTo >= filledTo) return null;
    const put = this.#db.prepare(
      'INSERT OR REPLACE INTO shelf (seq, client, server, capability, verdict, approval, asked) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    const putWords = this.#db.prepare('INSERT OR REPLACE INTO facts (rowid, text) VALUES (?, ?)');
    let more: boolean;
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      for (const row of rows) {
        const [seq, text] = [Number(row.seq), String(row.body)];
        const sealed = row.type === 'body';
        const body = sealed ? { asked: Number(/^\{"asked":([0-9]+),/.exec(text)?.[1]) } : readable(text);
        const c = columnsOf(body);
        put.run(seq, c.client, c.server, c.capability, c.verdict, c.approval, c.asked);
        if (!sealed) putWords.run(seq, searchText(body));
      }
      more = this.tallies.fill(filledTo);
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
    this.#filledTo = filledTo;
    this.tallies.kept(filledTo);
    if (rows.length === batch) return 'rows';
    return more ? 'counts' : null;
  }
}

/** An edited entry must stop verify from passing, not search from working. */
function readable(body: string): { [key: string]: unknown } {
  try {
    return JSON.parse(body) as { [key: string]: unknown };
  } catch {
    return {};
  }
}
