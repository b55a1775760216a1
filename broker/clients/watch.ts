// Tells when one of some files may be another one now: by the system's notice where there is one, and by a look every few seconds.
import { type FSWatcher, lstatSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** How long a file must be quiet, so that what is half written is not judged, in milliseconds. */
const quietMs = 400;
/** Notices get lost on network disks and where the folder comes and goes. */
const lookMs = 5000;

export class Watch {
  readonly #changed: () => void;
  readonly #folders = new Map<string, FSWatcher | null>();
  readonly #timer: NodeJS.Timeout;
  #files = new Map<string, string>();
  #soon: NodeJS.Timeout | null = null;
  /** When the first change came that nobody was told of yet, by performance.now(). */
  #since = 0;

  constructor(changed: () => void) {
    this.#changed = changed;
    this.#timer = setInterval(() => this.#look(), lookMs);
    this.#timer.unref();
  }

  /** From now on exactly these. */
  of(paths: readonly string[]): void {
    this.#files = new Map(paths.map((path) => [path, this.#files.get(path) ?? signature(path)]));
    const folders = new Set(paths.map((path) => dirname(path)));
    for (const [folder, watcher] of this.#folders) {
      if (folders.has(folder)) continue;
      watcher?.close();
      this.#folders.delete(folder);
    }
    for (const folder of folders) if (this.#folders.get(folder) == null) this.#folders.set(folder, this.#watched(folder));
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.#soon) clearTimeout(this.#soon);
    for (const watcher of this.#folders.values()) watcher?.close();
    this.#folders.clear();
    this.#files.clear();
  }

  /** The folder, because a file that is replaced is another file. Null where it cannot be watched; then the looks are all there is. */
  #watched(folder: string): FSWatcher | null {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (name === null || [...this.#files.keys()].some((path) => basename(path) === name)) this.#look();
      });
      watcher.on('error', () => {
        watcher.close();
        this.#folders.set(folder, null);
      });
      return watcher;
    } catch {
      return null;
    }
  }

  #look(): void {
    let other = false;
    for (const [path, before] of this.#files) {
      const now = signature(path);
      if (now === before) continue;
      this.#files.set(path, now);
      other = true;
    }
    if (!other) return;
    if (this.#soon === null) this.#since = performance.now();
    // A file that is never quiet is told of all the same.
    else if (performance.now() - this.#since >= lookMs) return;
    else clearTimeout(this.#soon);
    this.#soon = setTimeout(() => {
      this.#soon = null;
      this.#changed();
    }, quietMs);
    this.#soon.unref();
  }
}

function signature(path: string): string {
  try {
    const { ino, size, mtimeNs, mode } = lstatSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${mode}`;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code ?? '';
  }
}
