// Remembered answers, found by index: the cost of a verdict does not grow with the number of grants.
import type { Caller, ServerRequest } from '../../shared/request.ts';

/** What a grant row says; the row itself lives in the store. */
export interface GrantRow {
  readonly id: string;
  readonly client: string;
  readonly server: string;
  /** `kind:name`, `kind:*` or `*`. */
  readonly capability: string;
  /** Only a grant made as a pattern is one: servers and clients choose names too. */
  readonly pattern?: boolean | undefined;
  readonly effect: 'allow' | 'deny';
  readonly match: { readonly kind: 'any' | 'exact'; readonly canonicalDigest?: string | undefined };
  readonly until: string | null;
  readonly session: string | null;
}

const keyOf = (client: string, server: string, capability: string, digest: string) => `${client}\n${server}\n${digest}\n${capability}`;
const anyByPattern = 'any, by pattern';

/** Grants keyed by who, where, what and which arguments. */
export class GrantIndex {
  readonly #byKey = new Map<string, GrantRow[]>();
  readonly #keys = new Map<string, string>();

  constructor(rows: Iterable<GrantRow>) {
    for (const row of rows) this.put(row);
  }

  put(row: GrantRow): void {
    this.remove(row.id);
    const kind = row.pattern ? anyByPattern : 'any';
    const key = keyOf(row.client, row.server, row.capability, row.match.kind === 'exact' ? (row.match.canonicalDigest ?? 'none') : kind);
    this.#keys.set(row.id, key);
    const rows = this.#byKey.get(key);
    if (rows) rows.push(row);
    else this.#byKey.set(key, [row]);
  }

  remove(id: string): void {
    const key = this.#keys.get(id);
    if (key === undefined) return;
    this.#keys.delete(id);
    const rest = (this.#byKey.get(key) ?? []).filter((row) => row.id !== id);
    if (rest.length > 0) this.#byKey.set(key, rest);
    else this.#byKey.delete(key);
  }

  /** The grant that decides this request now: a deny before any allow, the narrowest first. Null: nothing was remembered. */
  find(caller: Caller, request: ServerRequest, now: number): GrantRow | null {
    const { capability } = request;
    if (capability === null) return null;
    const kind = capability.slice(0, capability.indexOf(':'));
    let allow: GrantRow | null = null;
    for (const [pattern, digest] of [
      [capability, request.canonicalDigest],
      [capability, 'any'],
      [`${kind}:*`, anyByPattern],
      ['*', anyByPattern],
    ] as const) {
      for (const row of this.#byKey.get(keyOf(caller.client, request.server, pattern, digest)) ?? []) {
        if (row.until !== null && Date.parse(row.until) <= now) continue;
        if (row.session !== null && row.session !== caller.session) continue;
        if (row.effect === 'deny') return row;
        allow ??= row;
      }
    }
    return allow;
  }
}
