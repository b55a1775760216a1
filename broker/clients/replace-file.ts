// Replaces a client's file: only the bytes that were looked at, never through a link, old or new but never half.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';

/** What a test may stop in the middle of. */
export type Step = 'written' | 'compared' | 'replaced';

export interface Replacement {
  readonly path: string;
  /** What must stand there; null: nothing. */
  readonly before: Buffer | null;
  /** What shall stand there; null: nothing. */
  readonly after: Buffer | null;
}

/** @throws GatehouseError conflict for other bytes than `before`, refused for what is no plain writable file of one name */
export function replaceFile({ path, before, after }: Replacement, onStep: (step: Step) => void = () => {}): void {
  const standing = checked(path, before);
  if (after === null) {
    if (standing !== null) rmSync(path);
    return;
  }
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  sweep(folder, basename(path));
  const fresh = join(folder, `.${basename(path)}.gatehouse-${randomBytes(6).toString('hex')}`);
  try {
    write(fresh, after, standing);
    onStep('written');
    checked(path, before);
    onStep('compared');
    // A new file must not land on one that came to be meanwhile.
    if (standing === null) {
      linkSync(fresh, path);
      rmSync(fresh);
    } else renameSync(fresh, path);
    onStep('replaced');
    syncFolder(folder);
  } catch (thrown) {
    rmSync(fresh, { force: true });
    if (thrown instanceof GatehouseError) throw thrown;
    const code = (thrown as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'EEXIST') throw changed(path);
    throw new GatehouseError(
      'failed',
      `${path} could not be written (${code}), and is as it was.`,
      'Make it writable, or make room on the disk.',
      {
        cause: thrown,
      },
    );
  }
}

/** What a run that was killed left behind may hold keys. */
function sweep(folder: string, name: string): void {
  const own = (each: string) => each.startsWith(`.${name}.gatehouse-`) && /^[0-9a-f]{12}$/.test(each.slice(name.length + 12));
  for (const left of readdirSync(folder).filter(own)) rmSync(join(folder, left), { force: true });
}

const changed = (path: string) =>
  new GatehouseError(
    'conflict',
    `${path} changed after it was shown, so nothing was written to it.`,
    'Run the command again to see what it is now.',
  );

/** What stands there, when that is a plain file with exactly these bytes. */
function checked(path: string, before: Buffer | null): Stats | null {
  const refuse = (why: string, hint: string) => new GatehouseError('refused', `${path} ${why}, so it was not changed.`, hint);
  const standing = lstatSync(path, { throwIfNoEntry: false });
  if (standing === undefined) {
    if (before === null) return null;
    throw changed(path);
  }
  if (standing.isSymbolicLink())
    throw refuse('is a link to another place', 'Point the client at a plain file, or change the file by hand.');
  if (!standing.isFile()) throw refuse('is not a plain file', 'Move it away.');
  if (standing.nlink > 1) throw refuse('has a second name elsewhere on the disk (a hard link)', 'Make it a file of its own first.');
  if ((standing.mode & 0o200) === 0) throw refuse('is read-only', 'Make it writable first, if that is what you want.');
  if (before === null || !readFileSync(path).equals(before)) throw changed(path);
  return standing;
}

/** On the disk with mode and owner of what it replaces, before it takes the name. */
function write(path: string, bytes: Buffer, like: Stats | null): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  const file = openSync(path, flags, 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    if (like !== null && process.platform !== 'win32') {
      const { uid, gid } = process.getuid === undefined ? like : lstatSync(path);
      if (uid !== like.uid || gid !== like.gid) fchownSync(file, like.uid, like.gid);
      fchmodSync(file, like.mode & 0o7777);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
