// Reads every deciding row at start and names each that is not what the broker itself wrote.
import type { DatabaseSync } from 'node:sqlite';
import { freezeDeep } from './freeze.ts';
import { digestOf, MacList, type MacLists, type Prover, type Rules } from './proof.ts';
import { type RowOf, shapes, type Table, tables } from './rows.ts';

export interface Problem {
  readonly table: string;
  /** `*`: rows of this table are missing, or there are more than there were. */
  readonly id: string;
  readonly problem: string;
}

export interface Loaded {
  readonly rows: { readonly [T in Table]: Map<string, RowOf[T]> };
  /** Body and MAC of each proven row. */
  readonly kept: { readonly [T in Table]: Map<string, { body: string; mac: string }> };
  /** Ids of rows that did not prove themselves; they are not in `rows`. */
  readonly unproven: { readonly [T in Table]: string[] };
  readonly lists: MacLists;
  readonly rules: Rules;
  readonly problems: Problem[];
}

export const ledgerBody = (rules: Rules, tableDigests: string) => `${rules.generation}|${rules.digest}|${tableDigests}`;

const empty = <V>(make: () => V) => Object.fromEntries(tables.map((table) => [table, make()])) as { [T in Table]: V };

function readTable<T extends Table>(db: DatabaseSync, table: T, prover: Prover, into: Loaded): string[] {
  const { schema } = shapes[table];
  const macs: string[] = [];
  const bad = (id: string, problem: string) => {
    into.problems.push({ table, id, problem });
    into.unproven[table].push(id);
  };
  for (const found of db.prepare(`SELECT id, body, mac FROM "${table}"`).iterate()) {
    const [id, body, mac] = [String(found.id), String(found.body), String(found.mac)];
    macs.push(mac);
    if (!prover.proves(table, id, body, mac)) {
      bad(id, 'was changed by something other than the broker (its proof does not match)');
      continue;
    }
    const parsed = schema.safeParse(parseJson(body));
    if (!parsed.success) {
      bad(id, `is not a ${table} this version can read: ${parsed.error.issues[0]?.message ?? 'unknown shape'}`);
      continue;
    }
    into.rows[table].set(id, freezeDeep(parsed.data));
    into.kept[table].set(id, { body, mac });
  }
  return macs;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the ledger says, against what is there. */
function readLedger(db: DatabaseSync, lists: MacLists, prover: Prover, problems: Problem[]): Rules {
  const { digest, tables: tableDigests } = digestOf(lists);
  const found = db.prepare('SELECT generation, digest, tables, mac FROM ledger').get();
  if (!found) {
    const untouched = digestOf(empty(() => new MacList([]))).digest === digest;
    if (!untouched) problems.push({ table: 'ledger', id: '*', problem: 'is gone, though there are rows' });
    return { generation: 0, digest };
  }
  const rules: Rules = { generation: Number(found.generation), digest: String(found.digest) };
  if (!prover.proves('ledger', '1', ledgerBody(rules, String(found.tables)), String(found.mac))) {
    problems.push({ table: 'ledger', id: '1', problem: 'was changed by something other than the broker (its proof does not match)' });
  }
  if (rules.digest === digest) return rules;
  const was = parseJson(String(found.tables)) as Record<string, unknown> | undefined;
  const is = JSON.parse(tableDigests) as Record<string, unknown>;
  const changed = tables.filter((table) => was?.[table] !== is[table]);
  for (const table of changed.length > 0 ? changed : ['ledger']) {
    problems.push({ table, id: '*', problem: 'a row was removed, added or put back from an older state' });
  }
  return rules;
}

/** Reads all rows. What is wrong is in `problems`; it throws only when the file cannot be read. */
export function loadRows(db: DatabaseSync, prover: Prover): Loaded {
  const into = {
    rows: empty(() => new Map()) as Loaded['rows'],
    kept: empty(() => new Map<string, { body: string; mac: string }>()),
    unproven: empty(() => [] as string[]),
    problems: [] as Problem[],
  };
  const loaded = into as unknown as Loaded;
  const lists = Object.fromEntries(tables.map((table) => [table, new MacList(readTable(db, table, prover, loaded))])) as MacLists;
  return { ...loaded, lists, rules: readLedger(db, lists, prover, into.problems) };
}
