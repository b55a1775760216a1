// What proves the rows: a MAC for each, and a digest over all MACs, under a key that only the vault holds.
import { createHmac, createSecretKey, hash, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../../shared/canonical-json.ts';
import { laterTables, type Table, tables } from './rows.ts';

const domain = 'gatehouse.state.v1';

/** Which rules were in force: how many changes there were, and the digest of every row. */
export interface Rules {
  readonly generation: number;
  readonly digest: string;
}

/** MACs over (kind, id, body); `kind` is a table, or `ledger` or `outbox`. */
export interface Prover {
  mac(kind: string, id: string, body: string): string;
  proves(kind: string, id: string, body: string, mac: string): boolean;
}

export function createProver(macKey: Buffer): Prover {
  const key = createSecretKey(macKey);
  // Lengths go first, so that no two triples are the same bytes.
  const macOf = (kind: string, id: string, body: string) =>
    createHmac('sha256', key).update(`${domain}|${kind.length}|${id.length}|${body.length}|${kind}|${id}|${body}`).digest('hex');
  return {
    mac: macOf,
    proves(kind, id, body, mac) {
      const expected = Buffer.from(macOf(kind, id, body));
      const given = Buffer.from(mac);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}

/** The MACs of one table, kept sorted so that a change does not sort them all again. */
export class MacList {
  readonly #macs: string[];
  #digest: string | null = null;

  constructor(macs: readonly string[], sorted = false) {
    this.#macs = sorted ? [...macs] : [...macs].sort();
  }

  /** The same list without `removed` and with `added`. */
  with(removed: readonly string[], added: readonly string[]): MacList {
    const next = new MacList(this.#macs, true);
    for (const mac of removed) {
      const at = next.#place(mac);
      if (next.#macs[at] === mac) next.#macs.splice(at, 1);
    }
    for (const mac of added) next.#macs.splice(next.#place(mac), 0, mac);
    return next;
  }

  #place(mac: string): number {
    let low = 0;
    let high = this.#macs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#macs[middle] as string) < mac) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  get size(): number {
    return this.#macs.length;
  }

  get digest(): string {
    this.#digest ??= hash('sha256', `${domain}|table|${this.#macs.join(',')}`);
    return this.#digest;
  }
}

export type MacLists = { readonly [T in Table]: MacList };

/** `tables`: the digest of each table as canonical JSON; `digest`: over that. */
export function digestOf(lists: MacLists): { digest: string; tables: string } {
  const counted = tables.filter((table) => !laterTables.includes(table) || lists[table].size > 0);
  const text = canonicalJson(Object.fromEntries(counted.map((table) => [table, lists[table].digest])));
  return { digest: hash('sha256', `${domain}|digest|${text}`), tables: text };
}
