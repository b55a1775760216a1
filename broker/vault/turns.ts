// One operation after another, each with a bounded wait, and never two calls into the operating system's keychain at once.
import type { GatehouseError } from '../../shared/errors.ts';

/** Wraps one call to the outside. Throws once its operation has been given up, so that an abandoned operation does nothing more. */
export type Step = <T>(call: () => Promise<T>) => Promise<T>;

/**
 * A call that hangs keeps its place until it truly ends: were the next one started beside it, a late write could land on top of a newer
 * one. Callers still hear `unavailable` after `waitMs`, and what they gave up on is not begun later.
 */
export class Turns {
  readonly #waitMs: number;
  readonly #givenUp: () => GatehouseError;
  #last: Promise<unknown> = Promise.resolve();

  constructor(waitMs: number, givenUp: () => GatehouseError) {
    this.#waitMs = waitMs;
    this.#givenUp = givenUp;
  }

  /** Runs `operation` after all earlier ones. Rejects with the given error after `waitMs` milliseconds, counted from now. */
  take<T>(operation: (step: Step) => Promise<T>): Promise<T> {
    let abandoned = false;
    const step: Step = async (call) => {
      if (abandoned) throw this.#givenUp();
      return await call();
    };
    const work = this.#last.then(() => operation(step));
    this.#last = work.catch(() => {});
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        abandoned = true;
        reject(this.#givenUp());
      }, this.#waitMs);
      work.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  /** Resolves when nothing is under way any more, or after `limitMs` milliseconds. */
  async settled(limitMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([this.#last, limit]);
    clearTimeout(timer);
  }
}
