// Remembered answers, found by index: the cost of a verdict does not grow with the number of grants.
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { Pinned, Place } from '../../shared/vocabulary.ts';
import { anchorOf, anchorsFor, anchorsTouched, covers, type FactsOf, isInspectable, isWithin, refusalAnchorsOf } from './places.ts';

/** What a grant row says; the row itself lives in the store. */
export interface GrantRow {
  readonly id: string;
  readonly client: string;
  readonly alsoClients?: readonly string[] | undefined;
  readonly server: string;
  /** `kind:name`, `kind:*` or `*`. */
  readonly capability: string;
  /** Only a grant made as a pattern is one: servers and clients choose names too. */
  readonly pattern?: boolean | undefined;
  readonly effect: 'allow' | 'deny';
  readonly match: {
    readonly kind: 'any' | 'exact' | 'within';
    readonly canonicalDigest?: string | undefined;
    readonly places?: readonly Place[] | undefined;
  };
  readonly until: string | null;
  readonly session: string | null;
  readonly createdAt: string;
  readonly pin?: string | undefined;
  readonly capabilities?: readonly Pinned[] | undefined;
  readonly folder?: string | undefined;
}

export interface Conditions {
  factsOf: FactsOf;
  /** Fingerprint of the definition accepted now; null where none is. */
  pin(server: string, capability: string): string | null;
  /** When a grant was last of use, in ms since 1970; null: never. */
  lastUsed(id: string): number | null;
  /** A grant without an end lapses when nobody used it this long, in ms. */
  lapseMs(): number;
}

const anyByPattern = 'any, by pattern';
const keyOf = (client: string, server: string, capability: string, how: string) => `${client}\n${server}\n${how}\n${capability}`;
/** Every refusal of some places, beside the keys of those places. */
const somePlaces = 'not in some places';
/** Read once for each row: parsing a date costs more than finding the grant. */
const ends = new WeakMap<GrantRow, number>();

function endOf(row: GrantRow): number {
  const known = ends.get(row);
  if (known !== undefined) return known;
  const end = row.until === null ? Number.POSITIVE_INFINITY : Date.parse(row.until);
  ends.set(row, end);
  return end;
}

function keysOf(row: GrantRow): string[] {
  const clients = [row.client, ...(row.alsoClients ?? [])];
  const capabilities = row.capabilities?.map(({ capability }) => capability) ?? [row.capability];
  const places = row.match.places ?? [];
  const hows =
    row.match.kind === 'within'
      ? row.effect === 'deny'
        ? [somePlaces, ...new Set(places.flatMap(refusalAnchorsOf).map((anchor) => `not in ${anchor}`))]
        : places.map((place) => `within ${anchorOf(place)}`)
      : [row.match.kind === 'exact' ? (row.match.canonicalDigest ?? 'none') : row.pattern ? anyByPattern : 'any'];
  return clients.flatMap((client) => capabilities.flatMap((capability) => hows.map((how) => keyOf(client, row.server, capability, how))));
}

/** Why a grant does not count just now, beside its end; null when it does. */
export function resting(row: GrantRow, capability: string, now: number, conditions: Conditions): 'changed' | 'unused' | null {
  if (row.effect === 'deny') return null;
  const pin = row.capabilities?.find((each) => each.capability === capability)?.fingerprint ?? row.pin;
  if (pin !== undefined && pin !== conditions.pin(row.server, capability)) return 'changed';
  if (
    row.until === null &&
    row.session === null &&
    now - (conditions.lastUsed(row.id) ?? Date.parse(row.createdAt)) > conditions.lapseMs()
  ) {
    return 'unused';
  }
  return null;
}

/** Grants keyed by who, where, what and which arguments. */
export class GrantIndex {
  readonly #conditions: Conditions;
  readonly #byKey = new Map<string, GrantRow[]>();
  readonly #keys = new Map<string, string[]>();
  /** How many grants with places a client has for a server: without one, no facts are needed. */
  readonly #placed = new Map<string, number>();

  constructor(rows: Iterable<GrantRow>, conditions: Conditions) {
    this.#conditions = conditions;
    for (const row of rows) this.put(row);
  }

  put(row: GrantRow): void {
    this.remove(row.id);
    const keys = keysOf(row);
    this.#keys.set(row.id, keys);
    for (const key of keys) {
      const rows = this.#byKey.get(key);
      if (rows) rows.push(row);
      else this.#byKey.set(key, [row]);
      this.#count(key, 1);
    }
  }

  remove(id: string): void {
    for (const key of this.#keys.get(id) ?? []) {
      const rest = (this.#byKey.get(key) ?? []).filter((row) => row.id !== id);
      if (rest.length > 0) this.#byKey.set(key, rest);
      else this.#byKey.delete(key);
      this.#count(key, -1);
    }
    this.#keys.delete(id);
  }

  #count(key: string, by: number): void {
    const [client, server, how = ''] = key.split('\n');
    if (!how.startsWith('within ')) return;
    const at = `${client}\n${server}`;
    this.#placed.set(at, (this.#placed.get(at) ?? 0) + by);
  }

  /** The grant that decides this request now: a deny before any allow, the narrowest first. Null: nothing was remembered. */
  find(caller: Caller, request: ServerRequest, now: number): GrantRow | null {
    const { capability, server } = request;
    if (capability === null) return null;
    const refused = this.#refused(caller, request, capability, now);
    if (refused !== null && refused !== 'unclear') return refused;
    const kind = capability.slice(0, capability.indexOf(':'));
    let allow: GrantRow | null = null;
    for (const [pattern, how] of [
      [capability, request.canonicalDigest],
      [capability, 'any'],
      [`${kind}:*`, anyByPattern],
      ['*', anyByPattern],
    ] as const) {
      for (const row of this.#byKey.get(keyOf(caller.client, server, pattern, how)) ?? []) {
        if (!this.#counts(row, caller, capability, now)) continue;
        if (row.effect === 'deny') return row;
        allow ??= row;
      }
    }
    // A stored secret among the arguments was in nobody's mind when "any arguments" was said (security.md T30).
    if (allow?.match.kind === 'any' && this.#conditions.factsOf(caller, request).secrets.length > 0) return null;
    // What nobody can read may be what was refused; the same bytes that were allowed are not.
    if (refused === 'unclear' && allow?.match.kind !== 'exact') return null;
    return allow ?? this.#within(caller, request, capability, now);
  }

  /** The refusal that this request touches with anything it names; `unclear` where it may touch one, and nobody can tell. */
  #refused(caller: Caller, request: ServerRequest, capability: string, now: number): GrantRow | 'unclear' | null {
    const refusals = this.#byKey.get(keyOf(caller.client, request.server, capability, somePlaces));
    if (!refusals) return null;
    const facts = this.#conditions.factsOf(caller, request);
    for (const anchor of anchorsTouched(facts)) {
      for (const row of this.#byKey.get(keyOf(caller.client, request.server, capability, `not in ${anchor}`)) ?? [])
        if (this.#counts(row, caller, capability, now)) return row;
    }
    if (isInspectable(facts)) return null;
    return refusals.some((row) => this.#counts(row, caller, capability, now)) ? 'unclear' : null;
  }

  #within(caller: Caller, request: ServerRequest, capability: string, now: number): GrantRow | null {
    if (!this.#placed.get(`${caller.client}\n${request.server}`)) return null;
    const facts = this.#conditions.factsOf(caller, request);
    for (const anchor of anchorsFor(facts)) {
      for (const row of this.#byKey.get(keyOf(caller.client, request.server, capability, `within ${anchor}`)) ?? []) {
        if (this.#counts(row, caller, capability, now) && covers(row.match.places ?? [], facts)) return row;
      }
    }
    return null;
  }

  #counts(row: GrantRow, caller: Caller, capability: string, now: number): boolean {
    return (
      endOf(row) > now &&
      (row.session === null || row.session === caller.session) &&
      (row.folder === undefined || (caller.folder !== null && isWithin(row.folder, caller.folder))) &&
      resting(row, capability, now, this.#conditions) === null
    );
  }
}
