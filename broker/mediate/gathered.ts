// What was asked while the operator was away: refused at once, and kept for the morning with the widths that would have covered it.
import { GatehouseError } from '../../shared/errors.ts';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { Gathered as Shown } from '../../shared/vocabulary.ts';
import type { Presentation } from './question.ts';
import { shortId } from './short-id.ts';

export interface Kept {
  readonly id: string;
  readonly caller: Caller;
  readonly request: ServerRequest;
  readonly shown: Presentation;
  times: number;
  readonly firstAt: number;
  lastAt: number;
}

/** Different requests kept, and characters of their arguments; the oldest go first. */
const most = 500;
const mostCharacters = 8 * 1024 * 1024;

export class Gathered {
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();

  constructor(now: () => number) {
    this.#now = now;
  }

  put(caller: Caller, request: ServerRequest, shown: Presentation): void {
    const key = `${caller.client}\n${request.server}\n${request.canonicalDigest}`;
    const known = this.#kept.get(key);
    if (known) {
      known.times++;
      known.lastAt = this.#now();
      return;
    }
    const now = this.#now();
    this.#kept.set(key, { id: shortId('w'), caller, request, shown, times: 1, firstAt: now, lastAt: now });
    let characters = [...this.#kept.values()].reduce((sum, each) => sum + each.request.argumentsText.length, 0);
    for (const [oldest, each] of this.#kept) {
      if (this.#kept.size <= most && characters <= mostCharacters) break;
      this.#kept.delete(oldest);
      characters -= each.request.argumentsText.length;
    }
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Oldest first. */
  list(): Shown[] {
    return Array.from(this.#kept.values(), present);
  }

  /** @throws GatehouseError not-found */
  find(id: string): Kept {
    for (const kept of this.#kept.values()) if (kept.id === id) return kept;
    throw new GatehouseError('not-found', `Nothing was gathered under ${id}.`, '`gatehouse gathered` lists what there is.');
  }

  /** Takes one away, or all. */
  forget(id: string | null): void {
    for (const [key, kept] of this.#kept) if (id === null || kept.id === id) this.#kept.delete(key);
  }
}

function present({ id, caller, request, shown, times, firstAt, lastAt }: Kept): Shown {
  return {
    id,
    client: caller.client,
    server: request.server,
    capability: request.capability ?? '',
    argumentsText: request.argumentsText,
    digest: request.digest,
    risk: shown.risk,
    reasons: [...shown.reasons],
    widths: shown.widths.map((width) => ({ id: width.id, label: width.label })),
    ...(shown.facts && shown.facts.length > 0 ? { facts: shown.facts } : {}),
    session: caller.session,
    folder: caller.folder,
    times,
    firstAt: new Date(firstAt).toISOString(),
    lastAt: new Date(lastAt).toISOString(),
  };
}
