// Counts what happened in slots of five minutes, so that a chart of the whole log reads a few rows and never the log.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';

/** Length of a slot, ms. */
const slotMs = 300_000;
/** Entries counted in one transaction. */
const batch = 2000;
/** Lengths of a bar, in slots: 5 min, 15 min, 30 min, 1 h, 3 h, 6 h, 12 h, then days and weeks. */
const steps = [1, 3, 6, 12, 36, 72, 144, 288, 2016, 8064];
/** Pairs of client and server that are named. */
const mostFlows = 20;

export interface TallyFilter {
  /** ISO 8601; from the first entry, and up to now, where not given. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly client?: string | undefined;
  readonly server?: string | undefined;
  /** At most so many bars. */
  readonly bars?: number | undefined;
}

interface Counts {
  readonly calls: number;
  /** Put before the operator. */
  readonly asked: number;
  /** Refused by whoever, or not answered. */
  readonly refused: number;
  readonly failed: number;
}

export interface Tally {
  /** Start of the first bar, and length of each, ms. */
  readonly from: string;
  readonly stepMs: number;
  readonly bars: readonly Counts[];
  /** The busiest first. */
  readonly flows: readonly (Counts & { readonly client: string; readonly server: string })[];
}

export class Tallies {
  readonly #db: DatabaseSync;
  #filledTo: number;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#filledTo = Number(db.prepare("SELECT value FROM mark WHERE name = 'tallied'").get()?.value ?? 0);
  }

  /** Everything up to this seq is counted. */
  get filledTo(): number {
    return this.#filledTo;
  }

  /** To be called in the transaction that filled the shelf up to `seq`; true when there is more to count. */
  fill(seq: number): boolean {
    const to = Math.min(seq, this.#filledTo + batch);
    if (to <= this.#filledTo) return false;
    this.#db
      .prepare(
        `INSERT INTO tally (slot, client, server, calls, asked, refused, failed)
         SELECT slot, client, server, sum(type <> 'outcome'), sum(type = 'asked' AND verdict = 'ask'),
           sum(type = 'refused' OR result IN ('denied', 'expired')), sum(result IN ('error', 'interrupted'))
         FROM (
           SELECT e.at / ${slotMs} AS slot, coalesce(s.client, '') AS client, coalesce(s.server, '') AS server, e.type AS type,
             coalesce(s.verdict, '') AS verdict,
             coalesce(CASE WHEN e.type = 'outcome' AND json_valid(e.body) THEN json_extract(e.body, '$.result') END, '') AS result
           FROM shelf s CROSS JOIN entry e ON e.seq = s.seq
           WHERE s.seq > :from AND s.seq <= :to AND e.type IN ('asked', 'outcome', 'refused')
         )
         WHERE true GROUP BY slot, client, server
         ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, asked = asked + excluded.asked,
           refused = refused + excluded.refused, failed = failed + excluded.failed`,
      )
      .run({ from: this.#filledTo, to });
    this.#db.prepare("INSERT OR REPLACE INTO mark (name, value) VALUES ('tallied', ?)").run(to);
    return to < seq;
  }

  /** To be called once that transaction stands. */
  kept(seq: number): void {
    this.#filledTo = Math.max(this.#filledTo, Math.min(seq, this.#filledTo + batch));
  }

  read(filter: TallyFilter, now: number): Tally {
    const first = Number(this.#db.prepare('SELECT min(slot) AS slot FROM tally').get()?.slot ?? Math.floor(now / slotMs));
    const last = Math.floor((filter.until === undefined ? now : Date.parse(filter.until)) / slotMs);
    const since = filter.since === undefined ? first : Math.floor(Date.parse(filter.since) / slotMs);
    const most = filter.bars ?? 72;
    const fits = (step: number) => Math.floor(last / step) - Math.floor(since / step) < most;
    let step = steps.find(fits) ?? steps.at(-1) ?? 1;
    while (!fits(step)) step *= 2;
    const start = Math.floor(since / step);
    // A bound number is a real number to SQLite, and would not divide into whole bars.
    const values: Record<string, SQLInputValue> = { since: start * step, last };
    const where = ['slot >= :since', 'slot <= :last'];
    for (const name of ['client', 'server'] as const) {
      const value = filter[name];
      if (value === undefined) continue;
      where.push(`${name} = :${name}`);
      values[name] = value;
    }
    const sums = 'sum(calls) AS calls, sum(asked) AS asked, sum(refused) AS refused, sum(failed) AS failed';
    const from = `FROM tally WHERE ${where.join(' AND ')}`;
    const bars: Counts[] = Array.from({ length: Math.max(1, Math.floor(last / step) - start + 1) }, () => ({
      calls: 0,
      asked: 0,
      refused: 0,
      failed: 0,
    }));
    for (const row of this.#db.prepare(`SELECT slot / ${step} AS bar, ${sums} ${from} GROUP BY bar`).all(values))
      bars[Number(row.bar) - start] = countsOf(row);
    const flows = this.#db
      .prepare(
        `SELECT client, server, ${sums} ${from} AND client <> '' AND server <> '' GROUP BY client, server ORDER BY calls DESC LIMIT ${mostFlows}`,
      )
      .all(values)
      .map((row) => ({ client: String(row.client), server: String(row.server), ...countsOf(row) }));
    return { from: new Date(start * step * slotMs).toISOString(), stepMs: step * slotMs, bars, flows };
  }
}

const countsOf = (row: { [column: string]: unknown }): Counts => ({
  calls: Number(row.calls),
  asked: Number(row.asked),
  refused: Number(row.refused),
  failed: Number(row.failed),
});
