// A yes that came after the client had stopped waiting: it covers one repeat, for a while (interface.md, "What a client sees").

interface LateAnswer {
  readonly approval: string;
  readonly client: string;
  readonly server: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

const goodForMs = 10 * 60_000;

export class LateAnswers {
  readonly #now: () => number;
  readonly #byKey = new Map<string, LateAnswer>();

  constructor(now: () => number) {
    this.#now = now;
  }

  put(key: string, answer: Omit<LateAnswer, 'until'>): void {
    const now = this.#now();
    for (const [other, { until }] of this.#byKey) if (until <= now) this.#byKey.delete(other);
    this.#byKey.set(key, { ...answer, until: now + goodForMs });
  }

  /** The approval whose yes covers this call; it is used up. */
  spend(key: string): string | null {
    const answer = this.#byKey.get(key);
    this.#byKey.delete(key);
    return answer && answer.until > this.#now() ? answer.approval : null;
  }

  /** Of a client that may not go on, of a server that is not what it was. */
  forget(of: { client: string } | { server: string }): void {
    for (const [key, answer] of this.#byKey) {
      if ('client' in of ? answer.client === of.client : answer.server === of.server) this.#byKey.delete(key);
    }
  }

  clear(): void {
    this.#byKey.clear();
  }
}
