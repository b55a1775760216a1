// Calls that the operator allowed and whose server then needed input: the round that brings it goes on with that yes, once.
import type { Allowed, Caller, ServerRequest } from '../../shared/request.ts';

interface Round {
  readonly approval: string | undefined;
  /** Milliseconds since 1970. */
  readonly until: number;
}

const goodForMs = 15 * 60_000;
const most = 10_000;

/** Same client, session, server, capability and arguments, and the state that the server gave out: anything else is a new question. */
const keyOf = (caller: Caller, request: ServerRequest, round: string) =>
  [caller.client, caller.session, request.server, request.canonicalDigest, round].join('\n');

export class Rounds {
  readonly #now: () => number;
  readonly #open = new Map<string, Round>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The server answered `request`, which `verdict` allowed, with a need for input. Only the operator's own yes is carried on: rules are asked anew. */
  needsInput(caller: Caller, request: ServerRequest, round: string, verdict: Allowed): void {
    if (verdict.decidedBy !== 'operator') return;
    const now = this.#now();
    for (const [key, { until }] of this.#open) {
      if (until > now && this.#open.size < most) break;
      this.#open.delete(key);
    }
    this.#open.set(keyOf(caller, request, round), { approval: verdict.approval, until: now + goodForMs });
  }

  /** The yes that this later round goes on with; it is used up. */
  spend(caller: Caller, request: ServerRequest): Allowed | null {
    if (request.round === undefined) return null;
    const key = keyOf(caller, request, request.round);
    const round = this.#open.get(key);
    this.#open.delete(key);
    if (!round || round.until <= this.#now()) return null;
    return {
      kind: 'allow',
      decidedBy: 'operator',
      reason: 'It goes on with a call that the operator allowed; its server needed input.',
      ...(round.approval === undefined ? {} : { approval: round.approval }),
    };
  }
}
