// Slows a server down that talks without being asked: nothing is lost, it only waits.

const windowMs = 1_000;
/** Notifications and requests of a server per second before it is held back. */
export const unaskedPerSecond = 1_000;

export class Flow {
  readonly #pause: () => void;
  readonly #resume: () => void;
  #since = performance.now();
  #count = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(pause: () => void, resume: () => void) {
    this.#pause = pause;
    this.#resume = resume;
  }

  /** Counts one message; true when it is the one that exhausts this second's budget. */
  count(): boolean {
    const now = performance.now();
    if (now - this.#since >= windowMs) {
      this.#since = now;
      this.#count = 0;
    }
    if (++this.#count < unaskedPerSecond || this.#timer) return false;
    this.#pause();
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#count = 0;
        this.#resume();
      },
      this.#since + windowMs - now,
    );
    return true;
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
