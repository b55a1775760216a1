// Reads the log for people: newest first, filtered, one entry with what belongs to it.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Entry } from '../../shared/vocabulary.ts';
import { foundBySearch, matchOf } from './search.ts';
import type { Shelf } from './shelf.ts';

export interface LogFilter {
  readonly client?: string | undefined;
  readonly server?: string | undefined;
  readonly capability?: string | undefined;
  readonly verdict?: string | undefined;
  /** ISO 8601, both inclusive. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** Words that must occur in the facts, each as the beginning of a word. */
  readonly search?: string | undefined;
  /** Entries with a smaller seq. */
  readonly before?: number | undefined;
  /** Entries with a larger seq, oldest first. */
  readonly after?: number | undefined;
  /** 200 when not given. */
  readonly limit?: number | undefined;
}

const exact = ['client', 'server', 'capability', 'verdict'] as const;

/** Entries that may belong to one; more would be a flood, not an explanation. */
const relatedLimit = 50;

/** An entry as everyone sees it. A body that was edited into something unreadable is shown as such. */
export function entryOf(row: { [column: string]: unknown }): Entry {
  const [seq, hash, text] = [Number(row.seq), String(row.hash), String(row.body)];
  try {
    return { ...(JSON.parse(text) as Entry), seq, hash };
  } catch {
    return { seq, hash, at: new Date(Number(row.at)).toISOString(), type: 'unreadable', reason: 'this entry was edited' };
  }
}

/** Whether an entry that was just written passes `filter` (`before` and `limit` aside). */
export function passes(entry: Entry, filter: LogFilter): boolean {
  if (exact.some((name) => filter[name] !== undefined && entry[name] !== filter[name])) return false;
  const at = Date.parse(entry.at);
  if (filter.since !== undefined && at < Date.parse(filter.since)) return false;
  if (filter.until !== undefined && at > Date.parse(filter.until)) return false;
  if (filter.after !== undefined && entry.seq <= filter.after) return false;
  return filter.search === undefined || foundBySearch(filter.search, entry);
}

export class LogQuery {
  readonly #db: DatabaseSync;
  readonly #shelf: Shelf;
  /** False when the clock has gone back once: then seq and time are not in the same order. */
  readonly #inOrder: () => boolean;

  constructor(db: DatabaseSync, shelf: Shelf, inOrder: () => boolean) {
    this.#db = db;
    this.#shelf = shelf;
    this.#inOrder = inOrder;
  }

  list(filter: LogFilter): Entry[] {
    const where: string[] = ["e.type <> 'body'"];
    const values: SQLInputValue[] = [];
    const add = (condition: string, value: SQLInputValue) => {
      where.push(condition);
      values.push(value);
    };
    let from = 'entry e';
    let seq = 'e.seq';
    const match = filter.search === undefined ? null : matchOf(filter.search);

    const named = exact.filter((name) => filter[name] !== undefined);
    if (match !== null || named.length > 0) this.#shelf.catchUp();
    // CROSS JOIN: in this order, whatever SQLite thinks of it.
    if (named.length > 0) {
      from = 'shelf s CROSS JOIN entry e ON e.seq = s.seq';
      seq = 's.seq';
    }
    if (match !== null) {
      from = `facts f ${named.length > 0 ? 'CROSS JOIN shelf s ON s.seq = f.rowid ' : ''}CROSS JOIN entry e ON e.seq = f.rowid`;
      seq = 'f.rowid';
      add('f.facts MATCH ?', match);
    }
    const rarest = named.length > 1 && match === null ? this.#rarest(named, filter) : null;
    for (const name of named) add(`${rarest === null || name === rarest ? '' : '+'}s.${name} = ?`, filter[name] as string);
    if (filter.since !== undefined) {
      const since = Date.parse(filter.since);
      add('e.at >= ?', since);
      if (this.#inOrder()) add(`${seq} >= ?`, this.#firstNotBefore(since));
    }
    if (filter.until !== undefined) {
      const until = Date.parse(filter.until);
      add('e.at <= ?', until);
      if (this.#inOrder()) add(`${seq} < ?`, this.#firstNotBefore(until + 1));
    }
    if (filter.before !== undefined) add(`${seq} < ?`, filter.before);
    if (filter.after !== undefined) add(`${seq} > ?`, filter.after);
    const order = filter.after === undefined ? 'DESC' : 'ASC';
    const sql = `SELECT e.seq, e.at, e.hash, e.body FROM ${from} WHERE ${where.join(' AND ')} ORDER BY ${seq} ${order} LIMIT ?`;
    return this.#db
      .prepare(sql)
      .all(...values, filter.limit ?? 200)
      .map(entryOf);
  }

  entry(seq: number): Entry | null {
    const row = this.#db.prepare('SELECT seq, at, hash, body FROM entry WHERE seq = ?').get(seq);
    return row ? entryOf(row) : null;
  }

  /** Entries of the same request and of the same approval, oldest first, without the bodies. */
  related(entry: Entry): Entry[] {
    const asked = entry.asked ?? entry.seq;
    this.#shelf.catchUp();
    return this.#db
      .prepare(
        `SELECT seq, at, hash, body FROM entry WHERE seq IN (
           SELECT seq FROM shelf WHERE asked = :asked
           UNION SELECT :asked
           UNION SELECT seq FROM shelf WHERE approval = :approval
         ) AND seq <> :own AND type <> 'body' ORDER BY seq LIMIT ${relatedLimit}`,
      )
      .all({ asked, approval: entry.approval ?? null, own: entry.seq })
      .map(entryOf);
  }

  /** Requests after seq `after` that nothing says the end of, oldest first. */
  withoutOutcome(after: number): Entry[] {
    this.#shelf.catchUp();
    return this.#db
      .prepare(
        `SELECT seq, at, hash, body FROM entry a WHERE seq > ? AND type = 'asked'
         AND NOT EXISTS (SELECT 1 FROM shelf s JOIN entry o ON o.seq = s.seq WHERE s.asked = a.seq AND o.type = 'outcome') ORDER BY seq`,
      )
      .all(after)
      .map(entryOf);
  }

  /** The sealed bodies of an `asked` entry. */
  bodies(asked: number): Entry[] {
    this.#shelf.catchUp();
    return this.#db
      .prepare(`SELECT e.seq, at, hash, body FROM shelf s JOIN entry e ON e.seq = s.seq WHERE s.asked = ? AND type = 'body' ORDER BY e.seq`)
      .all(asked)
      .map(entryOf);
  }

  /** Whose 200th newest entry lies furthest back: its index leaves the least to look through. */
  #rarest(named: readonly (typeof exact)[number][], filter: LogFilter): string | null {
    const reach = named.map((name) => {
      const row = this.#db
        .prepare(`SELECT seq FROM shelf WHERE ${name} = ? ORDER BY seq DESC LIMIT 1 OFFSET 200`)
        .get(filter[name] as string);
      return { name, seq: Number(row?.seq ?? 0) };
    });
    return reach.sort((a, b) => a.seq - b.seq)[0]?.name ?? null;
  }

  /** By bisection over seq; needs no index, so that a write keeps one less. */
  #firstNotBefore(at: number): number {
    const bounds = this.#db.prepare('SELECT (SELECT min(seq) FROM entry) AS low, (SELECT max(seq) FROM entry) AS high').get();
    const probe = this.#db.prepare('SELECT seq, at FROM entry WHERE seq >= ? ORDER BY seq LIMIT 1');
    let low = Number(bounds?.low ?? 1);
    let high = Number(bounds?.high ?? 0) + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (Number(probe.get(middle)?.at) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
