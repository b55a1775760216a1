// Unpacked bundles in the home: a folder per content, complete or not there, and looked over before each start.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { lstat, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';
import { malformed } from './entry-name.ts';
import type { Bundle } from './open-bundle.ts';

/** What can be loaded by what is in the bundle; other files a server may write beside its own. A file cut short by a crash is a changed one. */
const program =
  /(?:\.(?:[cm]?[jt]sx?|node|wasm|py[cdow]?|pth|so(?:\.[\d.]+)?|dylib|dll|exe|sh|bash|cmd|bat|ps1)|^package\.json|^\.env.*|^\.npmrc|^pyvenv\.cfg)$/i;

interface Kept {
  readonly path: string;
  readonly sha256: string;
}

const sha256Of = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const idShape = /^[0-9a-f]{64}$/;

export class BundleShelf {
  readonly #folder: string;

  constructor(home: string) {
    this.#folder = join(home, 'bundles');
  }

  /** Where the files of the bundle with this content are, or will be. */
  folderOf(sha256: string): string {
    return join(this.#folder, sha256, 'files');
  }

  /**
   * Unpacks it, unless it is there already and whole.
   * @returns the digest of its list of files: what `trouble` compares with, and what a server's row keeps
   * @throws GatehouseError refused for content that is not what the zip says; unavailable when the disk does not take it
   */
  async put(bundle: Bundle): Promise<string> {
    const target = join(this.#folder, bundle.sha256);
    const index: Kept[] = [];
    const fresh = join(this.#folder, `.${bundle.sha256.slice(0, 16)}-${randomBytes(6).toString('hex')}.new`);
    try {
      mkdirSync(fresh, { recursive: true, mode: 0o700 });
      for (const file of bundle.files) {
        const content = await file.read();
        index.push({ path: file.path, sha256: sha256Of(content) });
        const path = join(fresh, 'files', ...file.path.split('/'));
        await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
        await writeFile(path, content, { flag: 'wx', mode: file.executable ? 0o700 : 0o600 });
      }
      const text = JSON.stringify(index.sort((a, b) => (a.path < b.path ? -1 : 1)));
      const tree = sha256Of(text);
      await writeFile(join(fresh, 'index.json'), text, { flag: 'wx', mode: 0o600 });
      if (existsSync(target)) {
        // What is there may be in use; it stays where it is as it should be.
        if ((await this.trouble(bundle.sha256, tree)) === null) return tree;
        await rm(target, { recursive: true, force: true });
      }
      await rename(fresh, target);
      return tree;
    } catch (cause) {
      if (cause instanceof GatehouseError) throw cause;
      const why = (cause as NodeJS.ErrnoException).code ?? 'unknown';
      throw new GatehouseError('unavailable', `The bundle could not be unpacked (${why}).`, 'Make room on the disk and try again.', {
        cause,
      });
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }

  /** Null when every file is as it was unpacked and no program came to them; else what is wrong, for a person. */
  async trouble(sha256: string, tree: string): Promise<string | null> {
    if (!idShape.test(sha256)) return 'it names no bundle';
    const files = this.folderOf(sha256);
    const text = await readFile(join(files, '..', 'index.json'), 'utf8').catch(() => null);
    if (text === null || sha256Of(text) !== tree) return 'the list of its files is not the one that was written when it was unpacked';
    const index = JSON.parse(text) as Kept[];
    const known = new Set(index.map(({ path }) => path));
    for (const each of index) {
      const path = join(files, ...each.path.split('/'));
      const facts = await lstat(path).catch(() => null);
      if (!facts) return `${each.path} is missing`;
      if (!facts.isFile()) return `${each.path} is no ordinary file any more`;
      const content = await readFile(path).catch(() => null);
      if (content === null || sha256Of(content) !== each.sha256) return `${each.path} was changed`;
    }
    return await strange(files, '', known);
  }

  /** Takes out what no server needs any more, and what a killed broker left half unpacked. Not while one is being put there. */
  async keepOnly(used: ReadonlySet<string>): Promise<void> {
    let names: string[];
    try {
      names = readdirSync(this.#folder);
    } catch {
      return;
    }
    for (const name of names) if (!used.has(name)) await rm(join(this.#folder, name), { recursive: true, force: true });
  }
}

/** A link, or a program, that was not in the bundle; null when there is none. */
async function strange(folder: string, below: string, known: ReadonlySet<string>): Promise<string | null> {
  const items = await readdir(folder, { withFileTypes: true }).catch(() => null);
  if (items === null) return `${below === '' ? 'its folder' : below} cannot be looked into`;
  for (const item of items) {
    const path = below === '' ? item.name : `${below}/${item.name}`;
    if (item.isDirectory()) {
      const found = await strange(join(folder, item.name), path, known);
      if (found !== null) return found;
    } else if (!known.has(path) && (!item.isFile() || program.test(item.name))) return `${path} was added to it`;
  }
  return null;
}

/** A bundle as the operator names it by its path: an ordinary file, read once and whole. @throws GatehouseError */
export async function readBundleFile(path: string, mostBytes: number): Promise<Buffer> {
  const facts = await lstat(path).catch(() => null);
  if (!facts) throw new GatehouseError('not-found', `There is no file ${path}.`, 'Give the full path of the bundle.');
  if (!facts.isFile()) throw new GatehouseError('refused', `${path} is no ordinary file.`, 'Give the path of the bundle itself.');
  if (facts.size > mostBytes) throw malformed(`it is larger than ${mostBytes} bytes`);
  const file = await open(path, 'r');
  try {
    const bytes = await file.readFile();
    if (bytes.length > mostBytes) throw malformed(`it is larger than ${mostBytes} bytes`);
    return bytes;
  } finally {
    await file.close();
  }
}
