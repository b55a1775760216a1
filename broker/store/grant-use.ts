// When each grant was last used and how often: counted in memory, written once a second, proven by nothing.
import type { DatabaseSync } from 'node:sqlite';

export interface GrantUse {
  /** ms since 1970. */
  readonly lastUsedAt: number;
  readonly uses: number;
}

const flushMs = 1000;

export class GrantUses {
  readonly #uses = new Map<string, GrantUse>();
  readonly #unwritten = new Set<string>();
  readonly #db: DatabaseSync;
  #timer: NodeJS.Timeout | null = null;

  constructor(db: DatabaseSync) {
    this.#db = db;
    for (const row of db.prepare('SELECT id, last_used_at, uses FROM grant_use').all()) {
      this.#uses.set(String(row.id), { lastUsedAt: Number(row.last_used_at), uses: Number(row.uses) });
    }
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
      const put = this.#db.prepare('INSERT OR REPLACE INTO grant_use (id, last_used_at, uses) VALUES (?, ?, ?)');
      const drop = this.#db.prepare('DELETE FROM grant_use WHERE id = ?');
      for (const id of this.#unwritten) {
        const use = this.#uses.get(id);
        if (use) put.run(id, use.lastUsedAt, use.uses);
        else drop.run(id);
      }
      this.#db.exec('COMMIT');
      this.#unwritten.clear();
    } catch {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    }
  }
}
