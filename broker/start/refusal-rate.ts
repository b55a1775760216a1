// How often one client may be refused: from a certain rate on its refusals are quick and leave no entries of their own (T22, T32, T41).
// What is allowed never counts, and is never slowed down by this.
import type { Denied } from '../../shared/request.ts';

/** Refusals and questions of one client in a minute that are worked on and written down like any request. */
const most = 240;
const minute = 60_000;

interface Window {
  readonly since: number;
  count: number;
}

export class RefusalRate {
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** One more request of this client was refused, or asked about without a yes. */
  count(client: string): void {
    const window = this.#windows.get(client);
    if (window && this.#now() - window.since < minute) window.count++;
    else this.#windows.set(client, { since: this.#now(), count: 1 });
  }

  over(client: string): boolean {
    const window = this.#windows.get(client);
    return window !== undefined && this.#now() - window.since < minute && window.count >= most;
  }
}

export const tooOften: Denied = {
  kind: 'deny',
  decidedBy: 'rate',
  result: 'denied',
  reason: `This client was refused ${most} times within a minute.`,
  advice: 'Stop trying, and tell the user. What is allowed still goes through.',
};
