// A quota for entries that a client can cause at will: the first of each minute are written, the rest is counted.

/** Entries of one kind and client in a minute (security.md T41). */
const perMinute = 60;
const minute = 60_000;

interface Window {
  readonly since: number;
  count: number;
  unreported: number;
}

export class Quota {
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Calls `write` with the number of those kept back before it, or keeps this one back. */
  take(key: string, write: (unreported: number) => void): void {
    const now = this.#now();
    let window = this.#windows.get(key);
    if (!window || now - window.since >= minute) {
      window = { since: now, count: 0, unreported: window?.unreported ?? 0 };
      this.#windows.set(key, window);
    }
    if (window.count >= perMinute) {
      window.unreported++;
      return;
    }
    window.count++;
    const { unreported } = window;
    window.unreported = 0;
    write(unreported);
  }
}
