// The vault in one file under a passphrase, for machines where no keychain answers.
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';
import { Sensitive } from './sensitive.ts';
import type { Faults, Vault } from './vault.ts';

export const sealedFileName = 'vault.sealed';

/** scrypt because Electron's BoringSSL has it and has no argon2. 128 MiB and about 0.4 s a guess. */
const cost = { N: 2 ** 17, r: 8, p: 1 };
const largestFile = 64 * 1024 * 1024;

/** First line of the file, authenticated as it stands: what the key is made with. */
interface Head {
  gatehouse: 'vault';
  version: 1;
  home: string;
  kdf: 'scrypt';
  N: number;
  r: number;
  p: number;
  salt: string;
}

async function keyFor(passphrase: Sensitive, head: Head): Promise<Buffer> {
  // NFKC: the same passphrase typed on another system or keyboard gives the same bytes.
  const bytes = Buffer.from(passphrase.reveal().normalize('NFKC'));
  const { N, r, p } = head;
  const key = await new Promise<Buffer>((resolve, reject) => {
    scrypt(bytes, Buffer.from(head.salt, 'base64'), 32, { N, r, p, maxmem: 256 * N * r }, (error, made) =>
      error === null ? resolve(made) : reject(error),
    );
  });
  bytes.fill(0);
  return key;
}

/** Only the parameters we write ourselves are taken: a file must not be able to make us compute for hours, or cheaply. */
function readHead(line: string, homeId: string): Head {
  let head: Partial<Head> = {};
  try {
    head = JSON.parse(line);
  } catch {}
  const { N = 0, r = 0, p = 0, salt } = head ?? {};
  const known = head?.gatehouse === 'vault' && head.version === 1 && head.kdf === 'scrypt' && typeof salt === 'string';
  if (!known || !(N >= cost.N && N <= 2 ** 20) || !Number.isInteger(Math.log2(N)) || r !== cost.r || p !== cost.p) {
    throw refused(`${sealedFileName} is not a vault this version of Gatehouse can read.`);
  }
  if (head.home !== homeId) throw refused(`${sealedFileName} belongs to another home.`);
  return head as Head;
}

function refused(message: string): GatehouseError {
  return new GatehouseError('refused', message, 'Give the right passphrase, or put back the vault.sealed that belongs to this home.');
}

class SealedFile implements Vault {
  readonly kind = 'sealed-file';
  readonly #path: string;
  readonly #headLine: string;
  readonly #key: Buffer;
  readonly #faults: Faults;
  #values: ReadonlyMap<string, Sensitive>;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(path: string, headLine: string, key: Buffer, values: ReadonlyMap<string, Sensitive>, faults: Faults) {
    this.#path = path;
    this.#headLine = headLine;
    this.#key = key;
    this.#values = values;
    this.#faults = faults;
  }

  async get(name: string): Promise<Sensitive | null> {
    this.#faults.check('vault.get');
    this.#open();
    await this.#last;
    return this.#values.get(name) ?? null;
  }

  async set(name: string, value: Sensitive): Promise<void> {
    this.#faults.check('vault.set');
    await this.#change((values) => values.set(name, value) !== undefined);
  }

  async remove(name: string): Promise<boolean> {
    this.#faults.check('vault.set');
    return await this.#change((values) => values.delete(name));
  }

  async names(): Promise<string[]> {
    this.#faults.check('vault.get');
    this.#open();
    await this.#last;
    return [...this.#values.keys()].sort();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    this.#values = new Map();
    this.#key.fill(0);
  }

  #open(): void {
    if (this.#closed) throw new Error('the vault is closed');
  }

  /** What is in memory follows the file, never the other way: a write that failed has changed nothing. */
  #change(edit: (values: Map<string, Sensitive>) => boolean): Promise<boolean> {
    this.#open();
    const work = this.#last.then(async () => {
      const values = new Map(this.#values);
      if (!edit(values)) return false;
      await replaceFile(this.#path, seal(this.#headLine, this.#key, values));
      this.#values = values;
      return true;
    });
    this.#last = work.catch(() => {});
    return work;
  }
}

function seal(headLine: string, key: Buffer, values: ReadonlyMap<string, Sensitive>): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(headLine));
  const plain = Buffer.from(JSON.stringify([...values].map(([name, value]) => [name, value.reveal()])));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  plain.fill(0);
  return Buffer.concat([Buffer.from(`${headLine}\n`), nonce, cipher.getAuthTag(), sealed]);
}

function unseal(headLine: string, key: Buffer, rest: Buffer): Map<string, Sensitive> {
  const wrong = () => refused(`The passphrase does not open ${sealedFileName}: it is wrong, or the file was changed.`);
  if (rest.length < 28) throw wrong();
  const decipher = createDecipheriv('aes-256-gcm', key, rest.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(headLine));
  decipher.setAuthTag(rest.subarray(12, 28));
  let plain: Buffer;
  try {
    plain = Buffer.concat([decipher.update(rest.subarray(28)), decipher.final()]);
  } catch {
    throw wrong();
  }
  const pairs = JSON.parse(plain.toString()) as [string, string][];
  plain.fill(0);
  return new Map(pairs.map(([name, value]) => [name, new Sensitive(value)]));
}

/** Old or new, never half: a whole second file, on the disk before it takes the name. Throws GatehouseError('unavailable'). */
async function replaceFile(path: string, bytes: Buffer): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    if (process.platform !== 'win32') await syncFolder(dirname(path));
  } catch (cause) {
    await unlink(temporary).catch(() => {});
    const why = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new GatehouseError('unavailable', `${path} could not be written (${why}).`, 'Make room on the disk and try again.', { cause });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readSealed(path: string): Promise<Buffer | null> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return null;
    throw new GatehouseError('unavailable', `${path} could not be read (${code}).`, 'It must be a plain file of your own.', { cause });
  }
  try {
    const { mode, size } = await file.stat();
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new GatehouseError('refused', `${path} can be read or changed by others.`, `Mend it with: chmod 600 '${path}'`);
    }
    if (size > largestFile) throw refused(`${sealedFileName} is larger than any vault.`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/**
 * Opens the sealed file of a home, and makes it only when `create` is set: in a home that had one, a missing file must not be a way to
 * start over under another passphrase. Throws GatehouseError('refused') for a wrong passphrase or a changed file.
 */
export async function openSealedFile(home: string, homeId: string, passphrase: Sensitive, create: boolean, faults: Faults): Promise<Vault> {
  if (passphrase.reveal() === '') throw refused('The passphrase of the sealed file is empty.');
  const path = join(home, sealedFileName);
  const bytes = await readSealed(path);
  if (bytes === null) {
    if (!create) throw refused(`${sealedFileName} is missing from ${home}.`);
    const head: Head = { gatehouse: 'vault', version: 1, home: homeId, kdf: 'scrypt', ...cost, salt: randomBytes(32).toString('base64') };
    const headLine = JSON.stringify(head);
    const key = await keyFor(passphrase, head);
    await replaceFile(path, seal(headLine, key, new Map()));
    return new SealedFile(path, headLine, key, new Map(), faults);
  }
  const end = bytes.subarray(0, 4096).indexOf(10);
  const headLine = bytes.subarray(0, Math.max(end, 0)).toString();
  const key = await keyFor(passphrase, readHead(headLine, homeId));
  return new SealedFile(path, headLine, key, unseal(headLine, key, bytes.subarray(end + 1)), faults);
}
