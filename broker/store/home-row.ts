// The one row that is read before any key: who this home is, which vault it uses, which port it was given.
import type { DatabaseSync } from 'node:sqlite';

export interface HomeRow {
  /** 32 hex characters; names this home in the vault. */
  readonly id: string;
  readonly vault: 'keychain' | 'sealed-file';
  /** 0: none chosen yet. */
  readonly port: number;
}

/** Null for a home that was never finished. */
export function readHomeRow(db: DatabaseSync): HomeRow | null {
  const row = db.prepare('SELECT id, vault, port FROM home WHERE one = 1').get() as { id: string; vault: string; port: number } | undefined;
  if (!row) return null;
  return { id: row.id, vault: row.vault === 'sealed-file' ? 'sealed-file' : 'keychain', port: row.port };
}

export function writeHomeRow(db: DatabaseSync, row: HomeRow): void {
  db.prepare(
    'INSERT INTO home (one, id, vault, port) VALUES (1, ?, ?, ?) ON CONFLICT (one) DO UPDATE SET id = excluded.id, vault = excluded.vault, port = excluded.port',
  ).run(row.id, row.vault, row.port);
}
