// Opens a SQLite file of ours: private to its owner, in WAL mode, brought to the newest numbered migration.
import { closeSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { GatehouseError } from '../../shared/errors.ts';

/** Where the migrations of `state.db` are. */
export const stateMigrations = join(import.meta.dirname, 'migrations');

/** How long a write waits for another process that holds the file, in ms. It blocks the broker, so it is short. */
const busyMs = 250;

interface Migration {
  readonly number: number;
  readonly sql: string;
}

function migrationsIn(folder: string): Migration[] {
  const migrations = readdirSync(folder)
    .filter((name) => /^[0-9]{3}-[a-z0-9-]+\.sql$/.test(name))
    .sort()
    .map((name) => ({ number: Number(name.slice(0, 3)), sql: readFileSync(join(folder, name), 'utf8') }));
  migrations.forEach(({ number }, index) => {
    if (number !== index + 1) throw new Error(`migration ${index + 1} is missing in ${folder}`);
  });
  return migrations;
}

/** SQLite gives its side files the mode of the main file, so that one is made first, with nobody else let in. */
function makePrivate(path: string): void {
  // This descriptor is closed before SQLite opens the file: closing one later would drop SQLite's locks (POSIX).
  closeSync(openSync(path, 'a', 0o600));
  if (process.platform === 'win32') return;
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  throw new GatehouseError(
    'refused',
    `${path} can be read by others (mode ${mode.toString(8)}), so what it says cannot be trusted.`,
    `Run: chmod 600 ${path}`,
  );
}

function migrate(db: DatabaseSync, path: string, migrations: readonly Migration[]): void {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > migrations.length) {
    throw new GatehouseError(
      'failed',
      `${basename(path)} was written by a newer Gatehouse (format ${version}; this one knows ${migrations.length}).`,
      'Start the newer version again, or restore a copy from before the update.',
    );
  }
  for (const { number, sql } of migrations.slice(version)) {
    db.exec('BEGIN IMMEDIATE');
    try {
      db.exec(sql);
      db.exec(`PRAGMA user_version = ${number}`);
      db.exec('COMMIT');
    } catch (cause) {
      db.exec('ROLLBACK');
      throw cause;
    }
  }
}

/**
 * Opens (and makes, where there is none) the database at `path`. `migrations`: the folder with `NNN-name.sql` files.
 * @throws GatehouseError when others can read it, a newer Gatehouse wrote it, or it is not a readable database
 */
export function openDatabase(path: string, migrations: string): DatabaseSync {
  makePrivate(path);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: busyMs });
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF');
    migrate(db, path, migrationsIn(migrations));
    return db;
  } catch (cause) {
    db?.close();
    if (cause instanceof GatehouseError) throw cause;
    throw new GatehouseError(
      'unavailable',
      `${basename(path)} could not be opened: ${cause instanceof Error ? cause.message : String(cause)}.`,
      'Look at free space and whether another program holds the file; a damaged file can be replaced by a copy.',
      { cause },
    );
  }
}
