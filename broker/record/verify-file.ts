// Verifies a log that is only a file: no key, no broker, and nothing of it is changed, whether a broker writes it or not.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { GatehouseError } from '../../shared/errors.ts';
import type { Verification } from '../../shared/vocabulary.ts';
import { type Progress, verifyDatabase } from './verify.ts';

/** @throws GatehouseError `not-found` when there is no file, `not-verified` when it is not a log at all */
export async function verifyFile(path: string, onProgress?: Progress): Promise<Verification> {
  if (!existsSync(path)) throw new GatehouseError('not-found', `There is no file ${path}.`, 'Name an audit.db, or a copy of one.');
  let copy: string | null = null;
  let db: DatabaseSync | null = null;
  try {
    try {
      db = openReadOnly(path);
    } catch {
      // A side file that cannot be used where it is: what a crash left in a folder that cannot be written.
      copy = mkdtempSync(join(tmpdir(), 'gatehouse-verify-'));
      const at = join(copy, basename(path));
      copyFileSync(path, at);
      if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${at}-wal`);
      db = openReadOnly(at);
    }
    const found = await verifyDatabase(db, { onProgress });
    if (found.entries > 0) return found;
    // The first start of a broker is its first entry, so a log without one was emptied; nothing in it could show that otherwise.
    const problem = 'it holds no entries, so it was emptied or never was the log of a broker';
    return { ...found, ok: false, problems: [{ seq: 0, problem }, ...found.problems] };
  } catch (cause) {
    throw new GatehouseError(
      'not-verified',
      `${path} could not be read as a log: ${cause instanceof Error ? cause.message : String(cause)}.`,
      'Name an audit.db, or a copy of one made with its -wal file.',
      { cause },
    );
  } finally {
    db?.close();
    if (copy !== null) rmSync(copy, { recursive: true, force: true });
  }
}

function openReadOnly(path: string): DatabaseSync {
  const address = pathToFileURL(path);
  // Without side files nobody writes it: then it is read as it lies, or SQLite would make side files.
  if (!['-wal', '-shm'].some((end) => existsSync(path + end))) address.searchParams.set('immutable', '1');
  const db = new DatabaseSync(address, { readOnly: true, timeout: 1000 });
  try {
    db.prepare('SELECT seq FROM entry LIMIT 1').get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
