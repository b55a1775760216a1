// Writes one change to the disk in one transaction: rows, their proofs, the ledger, and the act still to be logged.
import type { DatabaseSync } from 'node:sqlite';
import { canonicalJson } from '../../shared/canonical-json.ts';
import { GatehouseError } from '../../shared/errors.ts';
import { ledgerBody } from './load.ts';
import { digestOf, type MacLists, type Prover, type Rules } from './proof.ts';
import type { Table } from './rows.ts';

/** What to do with one row; null removes it. */
export interface Edit {
  readonly table: Table;
  readonly id: string;
  readonly after: { readonly body: string; readonly mac: string } | null;
}

export interface Commit {
  readonly edits: readonly Edit[];
  readonly lists: MacLists;
  readonly generation: number;
  /** The act, with the rules it leads to, as it will be logged. */
  readonly act: object;
  /** Rows to remove whatever they are. */
  readonly drop?: readonly { readonly table: Table; readonly id: string }[];
}

export interface Outgoing {
  readonly generation: number;
  readonly act: object;
}

export class StateFile {
  readonly #db: DatabaseSync;
  readonly #prover: Prover;
  readonly #check: (point: string) => void;

  constructor(db: DatabaseSync, prover: Prover, check: (point: string) => void) {
    this.#db = db;
    this.#prover = prover;
    this.#check = check;
  }

  /**
   * All or nothing, and on the platter before it returns: the log names the new generation next, and after a power cut a
   * state older than its log would look like a rollback.
   * @throws GatehouseError `unavailable`; then nothing was written
   */
  write({ edits, lists, generation, act, drop = [] }: Commit): Rules {
    const { digest, tables } = digestOf(lists);
    const rules: Rules = { generation, digest };
    const logged = canonicalJson({ ...act, rules });
    const db = this.#db;
    try {
      this.#check('state.write');
      db.exec('PRAGMA synchronous = FULL');
      db.exec('BEGIN IMMEDIATE');
      for (const { table, id } of drop) db.prepare(`DELETE FROM "${table}" WHERE id = ?`).run(id);
      for (const { table, id, after } of edits) {
        if (after === null) db.prepare(`DELETE FROM "${table}" WHERE id = ?`).run(id);
        else db.prepare(`INSERT OR REPLACE INTO "${table}" (id, body, mac) VALUES (?, ?, ?)`).run(id, after.body, after.mac);
      }
      db.prepare('INSERT OR REPLACE INTO ledger (one, generation, digest, tables, mac) VALUES (1, ?, ?, ?, ?)').run(
        generation,
        digest,
        tables,
        this.#prover.mac('ledger', '1', ledgerBody(rules, tables)),
      );
      // What an earlier change left here was logged before this one began.
      db.exec('DELETE FROM outbox');
      db.prepare('INSERT INTO outbox (generation, body, mac) VALUES (?, ?, ?)').run(
        generation,
        logged,
        this.#prover.mac('outbox', String(generation), logged),
      );
      db.exec('COMMIT');
      return rules;
    } catch (cause) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw new GatehouseError(
        'unavailable',
        `The change was not made: state.db could not be written (${cause instanceof Error ? cause.message : String(cause)}).`,
        'Look at free space and whether another program holds the file, then try again.',
        { cause },
      );
    } finally {
      if (db.isOpen) db.exec('PRAGMA synchronous = NORMAL');
    }
  }

  /** The act left by a crash, when it is ours; null when there is none. `forged` names one that is not. */
  outgoing(): { readonly act: Outgoing | null; readonly forged: boolean } {
    const found = this.#db.prepare('SELECT generation, body, mac FROM outbox ORDER BY generation DESC LIMIT 1').get();
    if (!found) return { act: null, forged: false };
    const [generation, body] = [Number(found.generation), String(found.body)];
    if (!this.#prover.proves('outbox', String(generation), body, String(found.mac))) return { act: null, forged: true };
    return { act: { generation, act: JSON.parse(body) as object }, forged: false };
  }

  /** Never throws: what stays behind is known by its generation to be in the log already. */
  clearOutbox(): void {
    try {
      this.#db.exec('DELETE FROM outbox');
    } catch {
      // The next change removes it.
    }
  }
}
