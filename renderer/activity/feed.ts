// Follows the log: a window of the newest entries in memory, older pages on demand, appended at most once per painted frame.
import type { Entry } from '../../shared/vocabulary.ts';
import { codeOf } from '../data/fault.ts';
import type { Client } from '../transport.ts';

export interface Filter {
  readonly client?: string;
  readonly server?: string;
  readonly verdict?: string;
  readonly search?: string;
  readonly since?: string;
  readonly until?: string;
}

/** A page of older entries. `rows` is null once it was let go: its place and its height stay. */
export interface Page {
  /** Entries with a smaller `seq`. */
  readonly before: number;
  readonly rows: readonly Entry[] | null;
  /** Heads of threads, and other lines, that it was drawn as. */
  readonly heads: number;
  readonly lines: number;
}

export interface FeedState {
  readonly state: 'loading' | 'ready' | 'failed';
  readonly error: unknown;
  /** Newest first, without outcomes. */
  readonly live: readonly Entry[];
  /** Older pages in the order they were read, each newest first. */
  readonly older: readonly Page[];
  /** By the `seq` of the entry they belong to. */
  readonly outcomes: ReadonlyMap<number, Entry>;
  /** Entries that came while the reader was elsewhere in the list. */
  readonly waiting: number;
  readonly end: boolean;
}

/** Rows kept of the live end; older ones are read again when somebody scrolls there. */
export const windowSize = 2000;
const pageSize = 200;
/** Older pages in memory at a time: a million entries are scrolled through, not kept. */
const mostPages = 40;
/** Between two changes of the list, ms: an entry is in view well under 150 ms after it was written. */
const breath = 100;

export class Feed {
  private readonly client: Client;
  private readonly filter: Filter;
  private readonly stop = new AbortController();
  private readonly listeners = new Set<() => void>();
  private current: FeedState = { state: 'loading', error: null, live: [], older: [], outcomes: new Map(), waiting: 0, end: false };
  private incoming: Entry[] = [];
  private held: Entry[] = [];
  private scheduled = false;
  private flushedAt = 0;
  private paused = false;
  private reading = false;
  private oldest: number | null = null;
  private newest = 0;

  constructor(client: Client, filter: Filter) {
    this.client = client;
    this.filter = filter;
  }

  readonly get = (): FeedState => this.current;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Starts reading; returns what ends it. */
  open(): () => void {
    void this.run();
    return () => this.stop.abort();
  }

  /** While paused nothing moves; new entries are counted and shown on `resume`. */
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    const held = this.held;
    this.held = [];
    this.set({ ...this.prepended(held), waiting: 0 });
  }

  /** Reads the page before the oldest entry that was read. */
  async more(): Promise<void> {
    const before = this.oldest ?? this.current.live.at(-1)?.seq;
    if (this.current.end || before === undefined) return;
    await this.read(before, (rows, outcomes, end) => {
      const page: Page = { before, rows, heads: 0, lines: 0 };
      this.set({ ...this.current, older: rows.length > 0 ? [...this.current.older, page] : this.current.older, outcomes, end });
    });
  }

  /** Reads a page again that was let go. */
  async again(index: number): Promise<void> {
    const page = this.current.older[index];
    if (page === undefined || page.rows !== null) return;
    await this.read(page.before, (rows, outcomes) => {
      this.set({ ...this.current, older: this.current.older.map((each) => (each === page ? { ...page, rows } : each)), outcomes });
    });
  }

  /** Lets pages go that are far from the one in view; `sizeOf` says as how many lines one was drawn. */
  keepNear(index: number, sizeOf: (page: Page, outcomes: ReadonlyMap<number, Entry>) => { heads: number; lines: number }): void {
    const { older, outcomes } = this.current;
    if (older.filter((page) => page.rows !== null).length <= mostPages) return;
    const far = (at: number) => Math.abs(at - index) > mostPages / 4;
    const next = older.map((page, at) => (page.rows !== null && far(at) ? { ...page, ...sizeOf(page, outcomes), rows: null } : page));
    // An outcome that stands in a newer page would not come again with this one.
    const gone = new Map(
      older.flatMap((page, at) => (next[at]?.rows === null ? (page.rows ?? []).map((entry) => [entry.seq, page.before]) : [])),
    );
    const kept = [...outcomes].filter(([asked, outcome]) => outcome.seq >= (gone.get(asked) ?? 0));
    this.set({ ...this.current, older: next, outcomes: new Map(kept) });
  }

  private async read(
    before: number,
    done: (rows: readonly Entry[], outcomes: ReadonlyMap<number, Entry>, end: boolean) => void,
  ): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    try {
      const page = await this.client.log.list({ ...this.filter, before, limit: pageSize }, { signal: this.stop.signal });
      const { rows, outcomes } = this.split(page, this.current.outcomes);
      const last = page.at(-1)?.seq;
      if (last !== undefined) this.oldest = Math.min(last, this.oldest ?? last);
      done(rows, outcomes, page.length < pageSize);
    } catch {
      // The page is asked for again by the next scroll; the line's banner says when nobody answers.
    } finally {
      this.reading = false;
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    for (let tries = 0; !signal.aborted; tries += 1) {
      try {
        if (this.current.state !== 'ready') {
          const page = await this.client.log.list({ ...this.filter, limit: pageSize }, { signal });
          this.newest = page[0]?.seq ?? 0;
          this.oldest = page.at(-1)?.seq ?? null;
          const { rows, outcomes } = this.split(page, new Map());
          this.set({ ...this.current, state: 'ready', error: null, live: rows, older: [], outcomes, end: page.length < pageSize });
        }
        for await (const entry of await this.client.log.follow({ ...this.filter, after: this.newest }, { signal })) {
          tries = 0;
          if (entry.seq <= this.newest) continue;
          this.newest = entry.seq;
          this.incoming.push(entry);
          this.schedule();
        }
      } catch (error) {
        if (signal.aborted || codeOf(error) === 'not-verified') return;
        if (this.current.state !== 'ready') this.set({ ...this.current, state: 'failed', error });
      }
      await new Promise((resolve) => setTimeout(resolve, Math.min(8000, 400 * 2 ** tries)));
    }
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const flush = () => {
      if (!this.scheduled) return;
      this.scheduled = false;
      this.flushedAt = performance.now();
      const { rows, outcomes } = this.split(this.incoming.reverse(), this.current.outcomes);
      this.incoming = [];
      if (this.paused) {
        this.held = [...rows, ...this.held].slice(0, windowSize);
        this.set({ ...this.current, outcomes, waiting: this.current.waiting + rows.length });
      } else this.set({ ...this.prepended(rows), outcomes });
    };
    // The first of a rush is shown with the next frame; what follows is gathered, since nobody reads sixty lists a second.
    const wait = this.flushedAt + breath - performance.now();
    if (wait > 0) setTimeout(() => requestAnimationFrame(flush), wait);
    else requestAnimationFrame(flush);
    // A hidden page paints no frames, and must not gather a day of entries for the first one.
    setTimeout(flush, 1000);
  }

  private prepended(rows: readonly Entry[]): FeedState {
    const live = [...rows, ...this.current.live];
    if (live.length <= windowSize) return { ...this.current, live };
    const kept = live.slice(0, windowSize);
    const oldest = kept.at(-1)?.seq ?? 0;
    const outcomes = new Map([...this.current.outcomes].filter(([asked]) => asked >= oldest));
    this.oldest = null;
    return { ...this.current, live: kept, older: [], outcomes, end: false };
  }

  /** With a filter an outcome may match where its question did not; then it stands for itself. */
  private split(page: readonly Entry[], known: ReadonlyMap<number, Entry>): { rows: Entry[]; outcomes: Map<number, Entry> } {
    const outcomes = new Map(known);
    const rows: Entry[] = [];
    const asked = new Set(page.filter((entry) => entry.type !== 'outcome').map((entry) => entry.seq));
    const filtered = Object.values(this.filter).some((value) => value !== undefined && value !== '');
    for (const entry of page) {
      if (entry.type === 'outcome' && entry.asked !== undefined) {
        outcomes.set(entry.asked, entry);
        if (filtered && !asked.has(entry.asked) && !this.holds(entry.asked)) rows.push(entry);
      } else rows.push(entry);
    }
    return { rows, outcomes };
  }

  private holds(seq: number): boolean {
    return this.current.live.some((entry) => entry.seq === seq);
  }

  private set(next: FeedState): void {
    this.current = next;
    for (const listener of this.listeners) listener();
  }
}
