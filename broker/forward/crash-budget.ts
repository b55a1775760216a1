// How often a server may die before we stop starting it at once.

const windowMs = 60_000;
const deathsAllowed = 5;
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

export class CrashBudget {
  #deaths: number[] = [];
  #pauseMs = 0;
  #until = 0;

  /** A death of its own doing at `now` (ms). */
  died(now: number): void {
    if (this.#pauseMs > 0) {
      // It may start from nothing again only after it lived for a whole window.
      if (now - this.#until < windowMs) {
        this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
        this.#until = now + this.#pauseMs;
        return;
      }
      this.#pauseMs = 0;
      this.#deaths = [];
    }
    this.#deaths = [...this.#deaths.filter((at) => now - at < windowMs), now];
    if (this.#deaths.length <= deathsAllowed) return;
    this.#pauseMs = firstPauseMs;
    this.#until = now + firstPauseMs;
  }

  /** Ms until it may be started again; 0 when it may be now. */
  waitMs(now: number): number {
    return Math.max(0, this.#until - now);
  }
}
