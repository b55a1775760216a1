// What servers may spend of a client's model: so many requests and tokens in a session, then a no (security.md T25).
import type { Denied } from '../../shared/request.ts';

export interface Limits {
  readonly requests: number;
  readonly tokens: number;
}

interface Spent {
  requests: number;
  tokens: number;
}

/** Sessions remembered; the oldest is forgotten first. */
const mostSessions = 1000;

export class SamplingBudget {
  readonly #limits: () => Limits;
  /** By session and server: one server must not use up what another was given. */
  readonly #spent = new Map<string, Spent>();

  constructor(limits: () => Limits) {
    this.#limits = limits;
  }

  /** Why this much more is too much; null when it is not. `tokens` is what the server asks for at most. */
  refusal(session: string, server: string, tokens: number): Denied | null {
    const limits = this.#limits();
    const spent = this.#spent.get(`${session}\n${server}`) ?? { requests: 0, tokens: 0 };
    const [used, of] =
      spent.requests + 1 > limits.requests
        ? [`${spent.requests} requests`, `${limits.requests} requests`]
        : spent.tokens + tokens > limits.tokens
          ? [`${spent.tokens} tokens, and asks for ${tokens}`, `${limits.tokens} tokens`]
          : [null, null];
    if (used === null) return null;
    return {
      kind: 'deny',
      decidedBy: 'budget',
      result: 'denied',
      reason: `${server} has used ${used} of ${of} that a server may have of a model in one session.`,
      advice: 'Stop asking the model; the operator can change the settings sampling.requests and sampling.tokens.',
    };
  }

  /** Counted when a request is handed to the client, whatever comes back. */
  spend(session: string, server: string, tokens: number): void {
    const key = `${session}\n${server}`;
    const spent = this.#spent.get(key) ?? { requests: 0, tokens: 0 };
    this.#spent.delete(key);
    const [oldest] = this.#spent.keys();
    if (this.#spent.size >= mostSessions && oldest !== undefined) this.#spent.delete(oldest);
    this.#spent.set(key, { requests: spent.requests + 1, tokens: spent.tokens + tokens });
  }
}
