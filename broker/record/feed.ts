// Hands new entries to whoever watches, after the fact: no watcher can hold up or fail a write.
import type { Entry } from '../../shared/vocabulary.ts';

type Listener = (entry: Entry) => void;

/** Entries handed on before the event loop gets its turn. */
const batch = 500;

export class Feed {
  readonly #listeners = new Set<Listener>();
  readonly #report: (error: unknown) => void;
  #waiting: Entry[] = [];
  #scheduled = false;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  /** Entries after seq `after`; what waits to be handed on may be older than the subscription. Returns how to stop. */
  subscribe(listener: Listener, after: number): () => void {
    const own: Listener = (entry) => {
      if (entry.seq > after) listener(entry);
    };
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  publish(entry: Entry): void {
    if (this.#listeners.size === 0) return;
    this.#waiting.push(entry);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#deliver(this.#waiting.splice(0, batch));
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #deliver(entries: readonly Entry[]): void {
    for (const entry of entries) {
      for (const listener of this.#listeners) {
        try {
          listener(entry);
        } catch (error) {
          this.#report(error);
        }
      }
    }
  }
}
