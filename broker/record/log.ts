// The log: every entry is chained and durable before the call returns, or the call throws and nothing was written.
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { canonicalJson } from '../../shared/canonical-json.ts';
import { GatehouseError } from '../../shared/errors.ts';
import type { Entry, EntryBody, Verification } from '../../shared/vocabulary.ts';
import { type Anchor, Anchoring, type Comparison, compare } from './anchor.ts';
import { Bodies, type Part } from './bodies.ts';
import { chainHash, columnsOf, genesis } from './chain.ts';
import { type Facts, keptFacts } from './facts.ts';
import { Feed } from './feed.ts';
import type { Mask } from './mask.ts';
import { type LogFilter, LogQuery, passes } from './query.ts';
import { DaySeals } from './seal.ts';
import { Shelf, type Tally, type TallyFilter } from './shelf.ts';
import { type Progress, verifyDatabase } from './verify.ts';

/** Where the migrations of `audit.db` are. */
export const logMigrations = join(import.meta.dirname, 'migrations');

export interface LogOptions {
  /** `audit.db`, opened in WAL mode and migrated with `logMigrations`; `close()` closes it. */
  readonly db: DatabaseSync;
  /** 32 bytes from the vault; bodies are sealed under it. */
  readonly sealKey: Buffer;
  /** ms since 1970. */
  readonly clock: () => number;
  readonly faults: { check(point: string): void };
  readonly mask: Mask;
  /** Keeps the anchor outside the file. May fail: a late anchor is an entry, not a stop. */
  readonly anchor?: (anchor: Anchor) => Promise<void> | void;
  /** Told about what went wrong beside the log (a listener, the search index). Must not throw. */
  readonly report?: (error: unknown) => void;
}

export interface LogRules {
  readonly generation: number;
  readonly digest: string;
}

export interface Shown {
  readonly entry: Entry;
  /** Entries of the same request or approval, oldest first. */
  readonly related: Entry[];
  /** Masked, at most 64 KiB; null where none was kept or its day was pruned. */
  readonly request: string | null;
  readonly reply: string | null;
}

/** What is written throws GatehouseError `unavailable` when it cannot be. Everything is synchronous unless it says otherwise. */
export interface Log {
  readonly head: { readonly seq: number; readonly hash: string };
  append(body: EntryBody): Entry;
  /** Identity, capability, digest and shape; the request itself follows masked and sealed, in the same transaction. */
  asked(facts: Facts, requestText: string): Entry;
  /** Takes who and what from `asked`; `facts` says how it ended. */
  outcome(asked: Entry, facts: Facts, replyText: string | null): Entry;
  /** Newest first; with `after`, oldest first. Bodies are not entries for people and not listed. */
  list(filter?: LogFilter): Entry[];
  get(seq: number): Shown | null;
  tally(filter: TallyFilter): Tally;
  /** New entries that pass `filter`, a moment after they are written. Returns how to stop. */
  subscribe(listener: (entry: Entry) => void, filter?: LogFilter): () => void;
  /** Runs beside the traffic, in slices. */
  verify(onProgress?: Progress): Promise<Verification>;
  /** To be called once at start, before any request: what a crash cut off gets its outcome. Returns those outcomes. */
  markInterrupted(): Entry[];
  lastRules(): LogRules | null;
  /** To be called once at start, with what the vault holds. Verify also holds the log against it from then on. */
  compareAnchor(anchor: Anchor | null): Comparison;
  /**
   * Anchors what is written now: at the start of a new home, and when the operator accepts a log that did not agree with its anchor
   * (until then none is stored, so that the disagreement is still there at the next start).
   */
  anchorNow(): Promise<void>;
  close(): Promise<void>;
}

/** How long closing waits for the vault, in ms. */
const lastAnchorMs = 2000;
const identity = ['client', 'server', 'capability', 'session', 'approval', 'via', 'connection'] as const;

/** @throws when `db` cannot be read */
export function openLog({ db, sealKey, clock, faults, mask, anchor = () => {}, report = () => {} }: LogOptions): Log {
  // Checkpoints sync the disk; fewer of them, so that a call rarely meets one.
  db.exec('PRAGMA wal_autocheckpoint = 4000');
  const last = db.prepare('SELECT seq, at, hash FROM entry ORDER BY seq DESC LIMIT 1').get();
  let seq = Number(last?.seq ?? 0);
  let head = String(last?.hash ?? genesis);
  let lastAt = Number(last?.at ?? 0);
  const markOf = (name: string) => Number(db.prepare('SELECT value FROM mark WHERE name = ?').get(name)?.value ?? 0);
  const setMark = db.prepare('INSERT OR REPLACE INTO mark (name, value) VALUES (?, ?)');
  let steps = markOf('steps');
  let rules = readRules(db);
  let closed = false;

  const insert = db.prepare('INSERT INTO entry (seq, type, at, generation, prev, hash, body) VALUES (?, ?, ?, ?, ?, ?, ?)');
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const seals = new DaySeals(db, sealKey);
  const bodies = new Bodies(seals, mask);
  const shelf = new Shelf(db, report);
  shelf.schedule();
  const query = new LogQuery(db, shelf, () => steps === 0);
  const feed = new Feed(report);
  /** Requests whose outcome is not written yet, oldest first. */
  const open = new Set<number>();
  let checked = false;

  /** Only saves the next start some reading; before markInterrupted nobody knows what is open. */
  const markSettled = () => {
    try {
      if (checked) setMark.run('settled', (open.values().next().value ?? seq + 1) - 1);
    } catch (error) {
      report(error);
    }
  };

  const anchoring = new Anchoring({
    place: () => {
      markSettled();
      return { seq, head, generation: rules?.generation ?? 0 };
    },
    store: anchor,
    wal: db.location() === null ? null : `${db.location()}-wal`,
    onLate: (error) => tell({ type: 'anchor.late', reason: error instanceof Error ? error.message : String(error) }),
    onKept: () => tell({ type: 'anchor.kept' }),
  });

  const tell = (body: EntryBody) => {
    try {
      write([body]);
    } catch (error) {
      report(error);
    }
  };

  /** Writes all or none, chained in this order. Each body is what will be hashed, but for its time. */
  function write(all: readonly Facts[]): Entry[] {
    try {
      if (closed) throw new Error('it is closed');
      faults.check('log.append');
      const at = clock();
      const time = new Date(at).toISOString();
      const entries: Entry[] = [];
      let [nextSeq, prev] = [seq, head];
      const back = at < lastAt;
      if (all.length > 1 || back) begin.run();
      if (back) setMark.run('steps', steps + 1);
      for (const facts of all) {
        const body = { ...facts, at: time } as unknown as Entry;
        const text = canonicalJson(body);
        const hash = chainHash(prev, text);
        const { type, generation } = columnsOf(body);
        nextSeq++;
        insert.run(nextSeq, type, at, generation, prev, hash, text);
        prev = hash;
        body.seq = nextSeq;
        body.hash = hash;
        entries.push(body);
      }
      if (db.isTransaction) commit.run();
      // Only now is it true.
      seq = nextSeq;
      head = prev;
      lastAt = at;
      if (back) steps++;
      for (const entry of entries) {
        if (entry.rules !== undefined) rules = entry.rules as LogRules;
        if (entry.type !== 'body') feed.publish(entry);
      }
      shelf.schedule();
      anchoring.wrote(entries.length);
      return entries;
    } catch (cause) {
      throw notWritten(db, cause);
    }
  }

  /** The second time covers what was written while the first ran. */
  const anchorEnd = async () => {
    await anchoring.now();
    if (anchoring.floor !== null && anchoring.floor.seq < seq) await anchoring.now();
  };

  const append = (body: Facts): Entry => write([keptFacts(body, mask)])[0] as Entry;

  /** A body that cannot be sealed is an entry that cannot be written. */
  const bodyRecord = (part: Part, asked: number, text: string) => {
    try {
      return bodies.record(part, asked, text, clock());
    } catch (cause) {
      throw notWritten(db, cause);
    }
  };

  const openBody = (records: readonly Entry[], part: Part): string | null => {
    try {
      return bodies.open(records, part);
    } catch (error) {
      report(error);
      return null;
    }
  };

  return {
    get head() {
      return { seq, hash: head };
    },
    append,
    asked(facts, requestText) {
      const body = bodyRecord('request', seq + 1, requestText);
      const first = { ...keptFacts(facts, mask), type: 'asked', bytes: body.bytes };
      const entry = write([first, body])[0] as Entry;
      open.add(entry.seq);
      return entry;
    },
    outcome(asked, facts, replyText) {
      const known = Object.fromEntries(identity.map((name) => [name, asked[name]]));
      const durationMs = Math.max(0, clock() - Date.parse(asked.at));
      const first = { ...keptFacts({ ...known, durationMs, ...facts }, mask), type: 'outcome', asked: asked.seq };
      const reply = replyText === null ? [] : [bodyRecord('reply', asked.seq, replyText)];
      const entry = write([first, ...reply])[0] as Entry;
      open.delete(asked.seq);
      return entry;
    },
    list: (filter = {}) => query.list(filter),
    get(wanted) {
      const entry = query.entry(wanted);
      if (entry === null) return null;
      const records = query.bodies(entry.asked ?? entry.seq);
      return { entry, related: query.related(entry), request: openBody(records, 'request'), reply: openBody(records, 'reply') };
    },
    tally: (filter) => shelf.tally(filter, clock()),
    subscribe: (listener, filter = {}) =>
      feed.subscribe((entry) => {
        if (passes(entry, filter)) listener(entry);
      }, seq),
    verify: (onProgress) => verifyDatabase(db, { anchor: anchoring.floor, hasKey: (day) => seals.has(day), onProgress }),
    markInterrupted() {
      const outcomes = query
        .withoutOutcome(markOf('settled'))
        .filter(({ seq: asked }) => !open.has(asked))
        .map((asked) => {
          const known = Object.fromEntries(identity.map((name) => [name, asked[name]]));
          return append({ ...known, type: 'outcome', asked: asked.seq, result: 'interrupted', reason: 'the broker ended before this did' });
        });
      checked = true;
      return outcomes;
    },
    lastRules: () => rules,
    compareAnchor(found) {
      const hashAt = (at: number) => query.entry(at)?.hash ?? null;
      if (found !== null) anchoring.floor = found;
      const comparison = compare(found, { seq, head, generation: rules?.generation ?? 0 }, hashAt);
      anchoring.paused = comparison.problem !== null;
      return comparison;
    },
    async anchorNow() {
      anchoring.paused = false;
      await anchoring.now();
    },
    async close() {
      if (closed) return;
      anchoring.stop();
      if (!anchoring.paused) await Promise.race([anchorEnd(), pause(lastAnchorMs, undefined, { ref: false })]);
      anchoring.stop();
      closed = true;
      shelf.stop();
      try {
        shelf.catchUp();
      } catch (error) {
        report(error);
      }
      db.close();
    },
  };
}

function readRules(db: DatabaseSync): LogRules | null {
  const row = db.prepare('SELECT body FROM entry WHERE generation IS NOT NULL ORDER BY seq DESC LIMIT 1').get();
  if (!row) return null;
  try {
    return (JSON.parse(String(row.body)) as { rules?: LogRules }).rules ?? null;
  } catch {
    return null;
  }
}

function notWritten(db: DatabaseSync, cause: unknown): GatehouseError {
  if (db.isOpen && db.isTransaction) db.exec('ROLLBACK');
  if (cause instanceof GatehouseError) return cause;
  return new GatehouseError(
    'unavailable',
    `The log could not be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
    'Nothing is forwarded until it can be. Look at free space in the home folder and at other programs that hold audit.db.',
    { cause },
  );
}
