// What was asked while the operator was away: refused at once, and kept for the morning with the widths that would have covered it.
// It is kept over a restart too; what cannot be written down stays in memory, and the no stands either way.
import { GatehouseError } from '../../shared/errors.ts';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { Gathered as Shown } from '../../shared/vocabulary.ts';
import type { Presentation } from './question.ts';
import { shortId } from './short-id.ts';

export interface Kept {
  readonly id: string;
  readonly caller: Pick<Caller, 'client' | 'session' | 'folder'>;
  readonly request: Pick<ServerRequest, 'server' | 'capability' | 'argumentsText' | 'digest' | 'canonicalDigest'>;
  readonly shown: Pick<Presentation, 'risk' | 'reasons' | 'widths' | 'facts' | 'boundTo' | 'alwaysOffered' | 'answers'>;
  /** The server showed another definition than the accepted one: only a look at it can allow this. */
  readonly changed: boolean;
  /** Fingerprint of the definition that was accepted then; null: none. */
  readonly definition: string | null;
  readonly times: number;
  /** ms since 1970. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Where it is kept over a restart. */
export interface Store {
  /** Oldest first. */
  load(): Kept[];
  /** Writes some and removes others, in one change. Must not throw. */
  save(kept: readonly Kept[], gone: readonly string[]): void;
  definition(server: string, capability: string): string | null;
}

const memoryOnly: Store = { load: () => [], save: () => {}, definition: () => null };

/** Different requests kept, and characters of their arguments; the oldest go first, and what is older than this, in ms. */
const most = 500;
const mostCharacters = 8 * 1024 * 1024;
const oldestMs = 30 * 86_400_000;
/** A repeat is written down this long after the last one was, in ms: a client that insists must not make the disk work. */
const saveAgainMs = 60_000;

const keyOf = ({ client }: Kept['caller'], { server, canonicalDigest }: Kept['request']) => `${client}\n${server}\n${canonicalDigest}`;

export class Gathered {
  readonly #now: () => number;
  readonly #store: Store;
  readonly #kept = new Map<string, Kept>();
  readonly #savedAt = new Map<string, number>();
  /** Asked again since it was written. */
  readonly #counted = new Set<string>();

  constructor(now: () => number, store: Store = memoryOnly) {
    this.#now = now;
    this.#store = store;
    for (const kept of store.load()) this.#kept.set(keyOf(kept.caller, kept.request), kept);
    const gone = this.#prune();
    if (gone.length > 0) store.save([], gone);
  }

  put({ client, session, folder }: Caller, request: ServerRequest, shown: Presentation): void {
    const { server, capability, argumentsText, digest, canonicalDigest } = request;
    const caller = { client, session, folder };
    const asked = { server, capability, argumentsText, digest, canonicalDigest };
    const key = keyOf(caller, asked);
    const now = this.#now();
    const known = this.#kept.get(key);
    const kept: Kept = known
      ? { ...known, times: known.times + 1, lastAt: now }
      : {
          ...{ id: shortId('w'), caller, request: asked, times: 1, firstAt: now, lastAt: now },
          shown: only(shown),
          changed: shown.repin !== undefined,
          definition: this.#store.definition(server, capability ?? ''),
        };
    this.#kept.set(key, kept);
    const gone = this.#prune();
    const due = now - (this.#savedAt.get(kept.id) ?? Number.NEGATIVE_INFINITY) >= saveAgainMs;
    if (due) {
      this.#savedAt.set(kept.id, now);
      this.#counted.delete(kept.id);
    } else this.#counted.add(kept.id);
    if (due || gone.length > 0) this.#store.save(due ? [kept] : [], gone);
  }

  /** Writes down what was only counted since: the broker ends. */
  flush(): void {
    const counted = [...this.#kept.values()].filter(({ id }) => this.#counted.has(id));
    this.#counted.clear();
    if (counted.length > 0) this.#store.save(counted, []);
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

  /** Takes one away, or all, or all of a client or a server that is gone. */
  forget(which: string | null | { client: string } | { server: string }): void {
    const gone: string[] = [];
    for (const [key, kept] of this.#kept) {
      const meant =
        which === null ||
        (typeof which === 'string'
          ? kept.id === which
          : 'client' in which
            ? kept.caller.client === which.client
            : kept.request.server === which.server);
      if (meant) gone.push(this.#drop(key, kept));
    }
    if (gone.length > 0) this.#store.save([], gone);
  }

  /** Ids of what had to go. */
  #prune(): string[] {
    const gone: string[] = [];
    const since = this.#now() - oldestMs;
    let characters = 0;
    for (const { request } of this.#kept.values()) characters += request.argumentsText.length;
    for (const [key, kept] of this.#kept) {
      if (this.#kept.size > most || characters > mostCharacters || kept.lastAt < since) {
        characters -= kept.request.argumentsText.length;
        gone.push(this.#drop(key, kept));
      }
    }
    return gone;
  }

  #drop(key: string, { id }: Kept): string {
    this.#kept.delete(key);
    this.#savedAt.delete(id);
    this.#counted.delete(id);
    return id;
  }
}

/** Of the question only what is looked at later. */
function only({ risk, reasons, widths, facts, boundTo, alwaysOffered, answers }: Presentation): Kept['shown'] {
  return {
    ...{ risk, reasons, widths, alwaysOffered },
    ...(facts === undefined ? {} : { facts }),
    ...(boundTo === undefined ? {} : { boundTo }),
    ...(answers === undefined ? {} : { answers }),
  };
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
