// A log of its own for each test, and the sqlite3 command for edits behind its back.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Log, type LogOptions, logMigrations, openLog } from '../../broker/record/log.ts';
import { compileMask } from '../../broker/record/mask.ts';
import { openDatabase } from '../../broker/store/open-database.ts';

export const sealKey = Buffer.alloc(32, 3);

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-record-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function open(path: string, more: Partial<Omit<LogOptions, 'db'>> = {}): Log {
  const log = openLog({
    db: openDatabase(path, logMigrations),
    sealKey,
    clock: Date.now,
    faults: { check: () => {} },
    mask: compileMask([]),
    ...more,
  });
  onTestFinished(() => log.close().catch(() => {}));
  return log;
}

/** SQL run by another program: the `sqlite3` command, or where it is missing, SQLite in a process of its own. */
export function sqlite(path: string, sql: string): string {
  try {
    return execFileSync('sqlite3', [path, sql], { encoding: 'utf8' }).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    console.log('the sqlite3 command is not installed; using node:sqlite in another process');
    const script = `const db = new (require('node:sqlite').DatabaseSync)(process.argv[1]); db.exec(process.argv[2])`;
    return execFileSync(process.execPath, ['-e', script, path, sql], { encoding: 'utf8' });
  }
}
