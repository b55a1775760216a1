// How often one client may press: what the operator denied again and again becomes a quiet no, and a flood of questions stops its client (T22).
import type { Caller, ServerRequest } from '../../shared/request.ts';

const minute = 60_000;
/** So many denials by the operator, in so long, are a no for a while. Expiries and withdrawals are no denials. */
const denials = { most: 3, withinMs: 30 * minute, quietMs: 30 * minute };
/** New questions of one client in a minute, before it counts as a flood: more than any person could read. */
const flood = { most: 120, withinMs: minute };
/** Clients and capabilities remembered; the oldest are forgotten first. */
const mostKept = 1000;

const keyOf = (caller: Caller, request: ServerRequest) => `${caller.client}\n${request.server}\n${request.capability}`;

export class Insistence {
  readonly #now: () => number;
  readonly #denied = new Map<string, number[]>();
  readonly #quiet = new Map<string, number>();
  readonly #asked = new Map<string, number[]>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The operator refused this; true when from now on it is a quiet no. */
  deny(caller: Caller, request: ServerRequest): boolean {
    const key = keyOf(caller, request);
    const times = [...recent(this.#denied.get(key), this.#now() - denials.withinMs), this.#now()];
    keep(this.#denied, key, times);
    if (times.length < denials.most) return false;
    this.#denied.delete(key);
    keep(this.#quiet, key, this.#now() + denials.quietMs);
    return true;
  }

  /** The operator allowed it: what they refused before does not count any more. */
  allow(caller: Caller, request: ServerRequest): void {
    this.#denied.delete(keyOf(caller, request));
    this.#quiet.delete(keyOf(caller, request));
  }

  isQuiet(caller: Caller, request: ServerRequest): boolean {
    return (this.#quiet.get(keyOf(caller, request)) ?? 0) > this.#now();
  }

  /** One more question; true when there were too many in a minute. It is told once: the count begins anew. */
  floods(client: string): boolean {
    const times = [...recent(this.#asked.get(client), this.#now() - flood.withinMs), this.#now()];
    keep(this.#asked, client, times);
    if (times.length <= flood.most) return false;
    this.#asked.delete(client);
    return true;
  }
}

const recent = (times: readonly number[] = [], since: number) => times.filter((at) => at > since);

function keep<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > mostKept && oldest !== undefined) map.delete(oldest);
}
