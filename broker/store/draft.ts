// What one change would do, kept aside until it is on the disk and in the log.
import { canonicalJson } from '../../shared/canonical-json.ts';
import type { Edit } from './commit.ts';
import { freezeDeep } from './freeze.ts';
import { MacList, type MacLists } from './proof.ts';
import { type RowOf, shapes, type Table, tables } from './rows.ts';

/** What a change may do. Reads see what this change wrote. */
export interface Tx {
  get<T extends Table>(table: T, id: string): RowOf[T] | undefined;
  /** The row as it will be kept. @throws ZodError when it is not a row of this table */
  put<T extends Table>(table: T, row: RowOf[T]): RowOf[T];
  /** False when there was none. */
  remove(table: Table, id: string): boolean;
}

type Rows = { readonly [T in Table]: ReadonlyMap<string, RowOf[T]> };
type Kept = { readonly [T in Table]: ReadonlyMap<string, { readonly body: string; readonly mac: string }> };

export class Draft {
  readonly #rows: Rows;
  readonly #written = new Map<Table, Map<string, RowOf[Table] | null>>();

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  /** The row as this change leaves it. */
  row<T extends Table>(table: T, id: string): RowOf[T] | undefined {
    const written = this.#written.get(table)?.get(id);
    if (written === null) return undefined;
    return (written as RowOf[T] | undefined) ?? this.#rows[table].get(id);
  }

  readonly tx: Tx = {
    get: (table, id) => this.row(table, id),
    put: (table, row) => {
      const kept = freezeDeep(shapes[table].schema.parse(row));
      this.#write(table, shapes[table].idOf(kept), kept);
      return kept;
    },
    remove: (table, id) => {
      if (this.row(table, id) === undefined) return false;
      this.#write(table, id, null);
      return true;
    },
  };

  #write(table: Table, id: string, row: RowOf[Table] | null): void {
    const written = this.#written.get(table) ?? new Map<string, RowOf[Table] | null>();
    this.#written.set(table, written.set(id, row));
  }

  edits(mac: (kind: string, id: string, body: string) => string): Edit[] {
    return [...this.#written].flatMap(([table, rows]) =>
      [...rows].map(([id, row]) => {
        if (row === null) return { table, id, after: null };
        const body = canonicalJson(row);
        return { table, id, after: { body, mac: mac(table, id, body) } };
      }),
    );
  }
}

/** The MAC lists as `edits` leave them. */
export function withEdits(lists: MacLists, kept: Kept, edits: readonly Edit[]): MacLists {
  const next = { ...lists };
  for (const table of tables) {
    const mine = edits.filter((edit) => edit.table === table);
    if (mine.length === 0) continue;
    const removed = mine.flatMap(({ id }) => kept[table].get(id)?.mac ?? []);
    next[table] = next[table].with(
      removed,
      mine.flatMap(({ after }) => after?.mac ?? []),
    );
  }
  return next;
}

/** The MAC lists of proven rows alone. */
export const listsOf = (kept: Kept): MacLists =>
  Object.fromEntries(tables.map((table) => [table, new MacList([...kept[table].values()].map(({ mac }) => mac))])) as MacLists;
