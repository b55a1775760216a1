// When each grant was last used and how often: counted in memory, written once a second. It decides, because what nobody uses lapses,
// so each row has its MAC. No generation covers them, which would be a change for each call: a row put back from an older copy, or taken
// out, says that its grant was used longer ago, and only lets it lapse sooner.
import type { DatabaseSync } from 'node:sqlite';
import type { Prover } from './proof.ts';

export interface GrantUse {
  /** ms since 1970. */
  readonly lastUsedAt: number;
  readonly uses: number;
}

const flushMs = 1000;
const bodyOf = ({ lastUsedAt, uses }: GrantUse) => `${lastUsedAt}|${uses}`;

export class GrantUses {
  readonly #uses = new Map<string, GrantUse>();
  readonly #unwritten = new Set<string>();
  readonly #db: DatabaseSync;
  readonly #prover: Prover;
  #timer: NodeJS.Timeout | null = null;
  /** Ids of rows that something else wrote; they do not count. */
  readonly #forged: string[] = [];

  constructor(db: DatabaseSync, prover: Prover) {
    this.#db = db;
    this.#prover = prover;
    for (const row of db.prepare('SELECT id, last_used_at, uses, mac FROM grant_use').all()) {
      const [id, mac] = [String(row.id), String(row.mac)];
      const use = { lastUsedAt: Number(row.last_used_at), uses: Number(row.uses) };
      if (prover.proves('grant_use', id, bodyOf(use), mac)) this.#uses.set(id, use);
      else if (mac !== '') this.#forged.push(id);
    }
  }

  get forged(): readonly string[] {
    return this.#forged;
  }

  /** The operator accepts what is proven: what is not goes. @throws when it cannot be written */
  dropForged(): void {
    const drop = this.#db.prepare('DELETE FROM grant_use WHERE id = ?');
    for (const id of this.#forged.splice(0)) if (!this.#uses.has(id)) drop.run(id);
  }

  get(id: string): GrantUse | null {
    return this.#uses.get(id) ?? null;
  }

  touch(id: string, at: number): void {
    this.#uses.set(id, { lastUsedAt: at, uses: (this.#uses.get(id)?.uses ?? 0) + 1 });
    this.#unwritten.add(id);
    this.#timer ??= setTimeout(() => this.flush(), flushMs).unref();
  }

  forget(id: string): void {
    if (this.#uses.delete(id)) this.#unwritten.add(id);
  }

  /** Never throws: a count that cannot be written stays in memory and is tried again with the next use. */
  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#unwritten.size === 0) return;
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      const put = this.#db.prepare('INSERT OR REPLACE INTO grant_use (id, last_used_at, uses, mac) VALUES (?, ?, ?, ?)');
      const drop = this.#db.prepare('DELETE FROM grant_use WHERE id = ?');
      for (const id of this.#unwritten) {
        const use = this.#uses.get(id);
        if (use) put.run(id, use.lastUsedAt, use.uses, this.#prover.mac('grant_use', id, bodyOf(use)));
        else drop.run(id);
      }
      this.#db.exec('COMMIT');
      this.#unwritten.clear();
    } catch {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    }
  }
}
