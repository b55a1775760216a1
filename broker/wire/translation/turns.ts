// One after the other, in the order they came; whoever gives up meanwhile leaves the line.

export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is this one's turn (at once where none is needed), with what ends it. Rejects when `signal` aborts first. */
  async take(needed: boolean, signal: AbortSignal | undefined): Promise<() => void> {
    if (!needed) return () => {};
    const before = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = before.then(() => turn.promise);
    const left = Promise.withResolvers<never>();
    const leave = () => left.reject(new Error('the client withdrew it'));
    if (signal?.aborted) leave();
    else signal?.addEventListener('abort', leave, { once: true });
    try {
      await Promise.race([before, left.promise]);
    } catch (error) {
      turn.resolve();
      throw error;
    } finally {
      signal?.removeEventListener('abort', leave);
    }
    return turn.resolve;
  }
}
