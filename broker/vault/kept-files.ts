// Clients' configuration files as they were before Gatehouse changed them: sealed, because what they hold in plain text is why they changed.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';
import { ownKey } from './own-key.ts';
import type { Vault } from './vault.ts';

/** First line of a kept file, authenticated with the rest. */
export interface KeptFile {
  readonly id: string;
  readonly client: string;
  readonly path: string;
  readonly keptAt: string;
}

const idShape = /^[0-9]{8}T[0-9]{6}Z-[a-f0-9]{8}$/;
const nonceBytes = 12;
const tagBytes = 16;

export class KeptFiles {
  readonly #folder: string;
  readonly #ownKey: () => Promise<Buffer>;

  constructor(home: string, vault: Vault) {
    this.#folder = join(home, 'kept');
    this.#ownKey = ownKey(vault, 'key:client-files');
  }

  /** The oldest first. What is no kept file of this home is passed over. */
  list(): KeptFile[] {
    let names: string[];
    try {
      names = readdirSync(this.#folder);
    } catch {
      return [];
    }
    return names
      .filter((name) => idShape.test(name))
      .sort()
      .flatMap((id) => {
        try {
          return [this.#read(id).head];
        } catch {
          return [];
        }
      });
  }

  /** On the disk before it resolves: the client's file is changed only then. */
  async seal(client: string, path: string, text: string, now: Date): Promise<KeptFile> {
    const id = `${now
      .toISOString()
      .replace(/[-:]/g, '')
      .replace(/\.\d+Z$/, 'Z')}-${randomBytes(4).toString('hex')}`;
    const head: KeptFile = { id, client, path, keptAt: now.toISOString() };
    const line = JSON.stringify(head);
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', await this.#ownKey(), nonce).setAAD(Buffer.from(line));
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const target = join(this.#folder, id);
    const fresh = `${target}.new`;
    try {
      const file = await open(fresh, 'wx', 0o600);
      try {
        await file.writeFile(Buffer.concat([Buffer.from(`${line}\n`), sealed]));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, target);
    } catch (cause) {
      await rm(fresh, { force: true });
      const why = (cause as NodeJS.ErrnoException).code ?? 'unknown';
      throw new GatehouseError(
        'unavailable',
        `The copy of ${path} could not be written (${why}).`,
        'Make room on the disk and try again.',
        {
          cause,
        },
      );
    }
    return head;
  }

  /** @throws GatehouseError not-found, or not-verified for a copy that somebody changed or another home made */
  async open(id: string): Promise<{ head: KeptFile; text: string }> {
    const { head, line, sealed } = this.#read(id);
    const decipher = createDecipheriv('aes-256-gcm', await this.#ownKey(), sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(line)).setAuthTag(sealed.subarray(-tagBytes));
    try {
      const text = Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString();
      return { head, text };
    } catch (cause) {
      throw new GatehouseError(
        'not-verified',
        `The kept copy ${id} does not open: it was changed, or was made with keys this home no longer has.`,
        'The client file was not touched. Mend it by hand.',
        { cause },
      );
    }
  }

  forget(id: string): void {
    this.#read(id);
    rmSync(join(this.#folder, id), { force: true });
  }

  #read(id: string): { head: KeptFile; line: string; sealed: Buffer } {
    const unknown = () => new GatehouseError('not-found', `There is no kept copy ${id}.`, 'See what is installed: gatehouse doctor --scan');
    // The id becomes part of a path.
    if (!idShape.test(id)) throw unknown();
    let bytes: Buffer;
    try {
      bytes = readFileSync(join(this.#folder, id));
    } catch {
      throw unknown();
    }
    const end = bytes.indexOf(10);
    const line = bytes.subarray(0, Math.max(end, 0)).toString();
    const head = JSON.parse(line) as KeptFile;
    if (head.id !== id || bytes.length < end + 1 + nonceBytes + tagBytes) throw unknown();
    return { head, line, sealed: bytes.subarray(end + 1) };
  }
}
