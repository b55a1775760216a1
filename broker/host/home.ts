// The home folder: where it is, that nobody else can read it, and that only one broker lives in it.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { GatehouseError } from '../../shared/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder a command means: `--home`, else `GATEHOUSE_HOME`, else the platform's data folder. Absolute; need not exist. */
export function resolveHome(
  explicit: string | undefined,
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  userHome: string = homedir(),
): string {
  const named = explicit || env.GATEHOUSE_HOME;
  if (named) return resolve(named);
  if (platform === 'darwin') return join(userHome, 'Library', 'Application Support', 'Gatehouse');
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(userHome, 'AppData', 'Local'), 'Gatehouse');
  // XDG: a relative path is to be ignored.
  const data = env.XDG_DATA_HOME?.startsWith('/') ? env.XDG_DATA_HOME : join(userHome, '.local', 'share');
  return join(data, 'gatehouse');
}

export interface Home {
  /** Absolute, without symbolic links. */
  readonly folder: string;
  /** Nothing but us has ever been here: no state, no log, no vault. */
  readonly fresh: boolean;
  /** Lets another broker in. The kernel does the same when this process dies. */
  release(): void;
}

/**
 * Makes the folder where it is missing, refuses it when others could look in, and takes its lock. Sets this process's umask to 077.
 * Throws GatehouseError: `refused` for a loose folder or file, with words on how to mend it; `conflict` when a broker lives here.
 */
export function openHome(path: string): Home {
  process.umask(0o077);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new GatehouseError('unavailable', `The home folder ${path} cannot be made (${code}).`, 'Choose another with --home DIR.', {
      cause,
    });
  }
  const folder = realpathSync(path);
  checkTree(folder);
  const fresh = !['state.db', 'audit.db', 'vault.sealed'].some((name) => existsSync(join(folder, name)));
  mkdirSync(join(folder, 'run'), { recursive: true, mode: 0o700 });
  return { folder, fresh, release: takeLock(folder) };
}

/** Throws GatehouseError('refused') at the first thing in the home that others could read or change. Nothing to check on Windows. */
export function checkTree(folder: string, unpacked = join(folder, 'bundles')): void {
  if (process.platform === 'win32') return;
  checkOne(folder);
  // Servers run from unpacked bundles and may write beside their files, as loosely as they like: nobody else gets that far in, and
  // what runs is compared with what was unpacked before each start.
  if (folder === unpacked) return;
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, item.name);
    if (item.isDirectory()) checkTree(path, unpacked);
    else checkOne(path);
  }
}

function checkOne(path: string): void {
  // A link is judged by what it points to; one that points nowhere, or a file that has just gone, holds nothing to read.
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return;
  const uid = userInfo().uid;
  if (facts.uid !== uid) {
    throw new GatehouseError(
      'refused',
      `${path} belongs to another user (uid ${facts.uid}), who could change it under the broker.`,
      `Take it over with: sudo chown ${uid} '${path}' - or choose another home with --home DIR.`,
    );
  }
  if ((facts.mode & 0o077) !== 0) {
    const mode = (facts.mode & 0o777).toString(8).padStart(4, '0');
    throw new GatehouseError(
      'refused',
      `${path} is open to other users (mode ${mode}): they could read what is kept there.`,
      `Mend it with: chmod ${facts.isDirectory() ? '700' : '600'} '${path}'`,
    );
  }
}

/** An exclusive SQLite transaction: a lock of the kernel's, which no crash can leave behind and no child inherits. */
/** Kept here, or the lock would go with the garbage as soon as nobody remembers how to release it. */
const held = new Set<DatabaseSync>();

function takeLock(folder: string): () => void {
  const path = join(folder, 'run', 'lock.db');
  let database: DatabaseSync | undefined;
  try {
    // Loaded here, because every connector and hook passes this file and none of them has the milliseconds.
    database = new (process.getBuiltinModule('node:sqlite').DatabaseSync)(path, { timeout: 0 });
    if (process.platform !== 'win32') chmodSync(path, 0o600);
    // No journal: nothing is ever written, and a leftover would be rolled back by the next one in.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (cause) {
    try {
      database?.close();
    } catch {}
    // SQLITE_BUSY and its extended codes.
    if (((cause as { errcode?: number }).errcode ?? 0) % 256 === 5) {
      throw new GatehouseError('conflict', `Another broker already runs in ${folder}.`, 'Use that one, stop it, or choose another --home.');
    }
    throw new GatehouseError(
      'unavailable',
      `The lock ${path} cannot be taken.`,
      'Remove that file while no broker runs, and start again.',
      {
        cause,
      },
    );
  }
  const own = database;
  held.add(own);
  return () => {
    held.delete(own);
    if (own.isOpen) own.close();
  };
}

/** sun_path holds 104 bytes on macOS and 108 on Linux, with its ending zero. */
const longestSocketPath = 100;

/**
 * Where a socket of this home stands: `run/<name>.sock`; a folder in /tmp made from the home's path when that is too long for a socket
 * address; a named pipe on Windows. Broker and connector find the same place whatever their environments say.
 */
export function socketPath(home: string, name: string, platform: NodeJS.Platform = process.platform): string {
  const folder = existsSync(home) ? realpathSync(home) : resolve(home);
  const mark = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  if (platform === 'win32') return `\\\\.\\pipe\\gatehouse-${mark}-${name}`;
  const path = join(folder, 'run', `${name}.sock`);
  // Not os.tmpdir(): that follows TMPDIR, and the client's may differ from ours.
  return Buffer.byteLength(path) <= longestSocketPath ? path : join('/tmp', `gatehouse-${userInfo().uid}-${mark}`, `${name}.sock`);
}

/**
 * Makes sure the folder of a socket is ours alone: call it before listening (`make`) and before connecting. /tmp is everybody's, so the
 * name may have been taken by another user. Throws GatehouseError('refused') then, and 'no-broker' when it is missing and not to be made.
 */
export function checkSocketFolder(path: string, make: boolean): void {
  if (path.startsWith('\\\\')) return;
  const folder = join(path, '..');
  if (make) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const facts = lstatSync(folder, { throwIfNoEntry: false });
  if (facts === undefined) throw new GatehouseError('no-broker', 'No broker runs in this home.', 'Start it with "gatehouse serve".');
  if (!facts.isDirectory() || facts.uid !== userInfo().uid || (facts.mode & 0o077) !== 0) {
    throw new GatehouseError(
      'refused',
      `${folder}, where the broker's socket belongs, is not a folder of yours alone.`,
      'Remove it, or choose a home with a shorter path.',
    );
  }
}
