// What each running server offers just now, read before calls: a definition that changed without a word is found at the next call (T04).
import type { Pool } from '../forward/pool.ts';
import type { Upstream } from '../forward/upstream.ts';
import { type LivePins, type Shown, self, shownOf } from '../mediate/pins.ts';

export interface Needs {
  readonly pool: Pick<Pool, 'fetchDefinitions'>;
  readonly pins: LivePins;
  fingerprint(server: string, capability: string, text: string): string;
  /** What a server says of itself, as a pin. */
  says(server: string, openingText: string): Shown;
  /** A process was read, and it shows something else than before. */
  shown(connection: string, server: string, shown: ReadonlyMap<string, Shown>): void;
}

interface Reader {
  /** False when the server said that its lists changed, and before the first reading. */
  fresh: boolean;
  /** By performance.now(). */
  readAt: number;
  /** How long the last reading took, ms. */
  tookMs: number;
  reading: Promise<void> | null;
  last: ReadonlyMap<string, Shown>;
  /** What it says of itself, looked up at its start and when it says that it changed: that reads files. */
  own: Shown | null;
}

/** Readings in a row of lists that change while they are read. */
const mostInARow = 4;
/** A reading counts for the calls of so many ms, so that a burst of calls is one reading. */
const youngMs = 100;
/** Where reading takes long, it takes at most this part of the time between calls. */
const share = 1 / 4;
/** While calls of the same process run, the reading that let them out counts for the next, so many ms: a list may wait behind them. */
const busyMs = 60_000;

export class Readings {
  readonly #needs: Needs;
  readonly #readers = new WeakMap<Upstream, Reader>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** False where this process is known already. */
  begin(upstream: Upstream): boolean {
    if (this.#readers.has(upstream)) return false;
    this.#readers.set(upstream, { fresh: false, readAt: 0, tookMs: 0, reading: null, last: new Map(), own: null });
    return true;
  }

  /** It said that its lists changed. */
  stale(upstream: Upstream): void {
    const reader = this.#readers.get(upstream);
    if (!reader) return;
    reader.fresh = false;
    reader.own = null;
  }

  /**
   * Resolves when what the process offers now is known.
   * @throws what reading throws: a server whose definitions nobody can see is not called
   */
  async known(connection: string, upstream: Upstream): Promise<void> {
    const reader = this.#readers.get(upstream);
    if (!reader) throw new Error(`The server ${upstream.server} was not begun with.`);
    if (!reader.reading && isOld(reader, upstream, performance.now())) reader.fresh = false;
    while (!reader.fresh || reader.reading) {
      // Calls that come together share one reading.
      reader.reading ??= this.#read(connection, upstream, reader).finally(() => {
        reader.reading = null;
      });
      await reader.reading;
    }
  }

  /** Reads until nothing changed meanwhile. */
  async #read(connection: string, upstream: Upstream, reader: Reader): Promise<void> {
    for (let tries = 0; tries < mostInARow; tries++) {
      reader.fresh = true;
      const began = performance.now();
      let shown: Map<string, Shown>;
      try {
        const definitions = await this.#needs.pool.fetchDefinitions(upstream);
        shown = shownOf(definitions.map(({ capability, text }) => ({ capability, ...this.#pinned(upstream, reader, capability, text) })));
      } catch (error) {
        reader.fresh = false;
        throw error;
      }
      reader.readAt = performance.now();
      reader.tookMs = reader.readAt - began;
      reader.own ??= this.#needs.says(upstream.server, upstream.openingText);
      shown.set(self, reader.own);
      if (!isSame(shown, reader.last)) {
        reader.last = shown;
        this.#needs.pins.put(connection, upstream.server, shown);
        this.#needs.shown(connection, upstream.server, shown);
      }
      if (reader.fresh) return;
    }
    throw new Error(`The server ${upstream.server} keeps changing what it offers.`);
  }

  /** A text that was read before has the fingerprint it had: reading again costs no hashing. */
  #pinned(upstream: Upstream, reader: Reader, capability: string, text: string): Shown {
    const before = reader.last.get(capability);
    return before?.text === text ? before : { text, fingerprint: this.#needs.fingerprint(upstream.server, capability, text) };
  }
}

function isOld({ readAt, tookMs }: Reader, { inFlight }: Upstream, now: number): boolean {
  return now - readAt > (inFlight > 0 ? busyMs : Math.max(youngMs, tookMs / share));
}

const isSame = (one: ReadonlyMap<string, Shown>, other: ReadonlyMap<string, Shown>) =>
  one.size === other.size &&
  [...one].every(([name, { text, fingerprint }]) => other.get(name)?.text === text && other.get(name)?.fingerprint === fingerprint);
