// Follows a path the way the kernel does: link by link, `..` after the link, through what exists and past what does not yet.
import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, parse, resolve, sep } from 'node:path';

/** The kernel's own limit on links in one path (path_resolution(7)). */
const mostLinks = 40;

export interface Followed {
  readonly path: string;
  readonly throughLink: boolean;
}

/** The whole path exists: the system's own answer, one call. */
function whole(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}

/** macOS keeps /tmp, /var and /etc behind links of its own; and a file system that folds case answers with the case it stores. */
function sameText(found: string, asked: string): boolean {
  const [one, other] = [found, asked].map((path) => path.normalize('NFC').toLowerCase());
  return one === other || one === `/private${other}`;
}

/**
 * Where `absolute` leads now; what does not exist yet is appended to where the rest leads. A dangling link is followed too, because
 * writing through it creates its target. Null: a loop, or a path that a file in the middle ends.
 */
export function follow(absolute: string): Followed | null {
  const quick = whole(absolute);
  if (quick !== null) return { path: quick, throughLink: !sameText(quick, resolve(absolute)) };
  const { root } = parse(absolute);
  const steps = absolute
    .slice(root.length)
    .split(sep)
    .filter((step) => step !== '' && step !== '.');
  let at = root;
  let links = 0;
  let throughLink = false;
  while (steps.length > 0) {
    const step = steps.shift() as string;
    if (step === '..') {
      at = dirname(at);
      continue;
    }
    const next = join(at, step);
    let isLink: boolean;
    try {
      isLink = lstatSync(next).isSymbolicLink();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return null;
      // From here on nothing exists; `..` behind it would fail in the kernel, and is read by its text elsewhere.
      return steps.includes('..') ? null : { path: join(next, ...steps), throughLink };
    }
    if (!isLink) {
      at = next;
      continue;
    }
    if (++links > mostLinks) return null;
    throughLink = true;
    const target = readlinkSync(next);
    const targetRoot = parse(target).root;
    if (targetRoot !== '') at = targetRoot;
    steps.unshift(
      ...target
        .slice(targetRoot.length)
        .split(sep)
        .filter((part) => part !== '' && part !== '.'),
    );
  }
  return { path: at, throughLink };
}

export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

const folding = new Map<string, boolean>();
const mostKnown = 1000;

/** Does the file system at `path` take `A` and `a` for one? Tried out on the nearest folder that exists and has letters in its name. */
export function foldsCase(path: string): boolean {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const known = folding.get(at);
    if (known !== undefined) return known;
    const name = at.slice(dirname(at).length).replace(sep, '');
    const swapped = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
    if (swapped === name) continue;
    let folds = false;
    try {
      const [one, other] = [statSync(at), statSync(join(dirname(at), swapped))];
      folds = one.ino === other.ino && one.dev === other.dev;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !exists(at)) continue;
    }
    if (folding.size >= mostKnown) folding.clear();
    folding.set(at, folds);
    return folds;
  }
  return false;
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
