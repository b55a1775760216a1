// What a registry said last, for when it cannot be reached: kept under a key of the vault, so that nobody else can write an answer.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const mostFiles = 200;

export interface Remembered {
  readonly at: string;
  readonly body: string;
}

export class AnswerCache {
  readonly #folder: string;
  readonly #key: () => Promise<Buffer>;

  /** @param key of this home alone */
  constructor(home: string, key: () => Promise<Buffer>) {
    this.#folder = join(home, 'catalogue');
    this.#key = key;
  }

  async put(address: string, answer: Remembered): Promise<void> {
    const text = JSON.stringify({ address, ...answer });
    const mac = createHmac('sha256', await this.#key())
      .update(text)
      .digest('hex');
    const path = this.#pathOf(address);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(`${path}.new`, `${mac}\n${text}`, { mode: 0o600 });
      renameSync(`${path}.new`, path);
      this.#prune();
    } catch {
      // A full disk costs the memory of an answer, not the answer.
      rmSync(`${path}.new`, { force: true });
    }
  }

  /** Null where nothing is kept, or what is kept is not what we wrote. */
  async get(address: string): Promise<Remembered | null> {
    let whole: string;
    try {
      whole = readFileSync(this.#pathOf(address), 'utf8');
    } catch {
      return null;
    }
    const [mac = '', text = ''] = [whole.slice(0, 64), whole.slice(65)];
    const own = createHmac('sha256', await this.#key())
      .update(text)
      .digest();
    const said = Buffer.from(mac, 'hex');
    if (said.length !== own.length || !timingSafeEqual(said, own)) return null;
    const read = JSON.parse(text) as Remembered & { address: string };
    return read.address === address ? { at: read.at, body: read.body } : null;
  }

  #pathOf(address: string): string {
    return join(this.#folder, createHash('sha256').update(address).digest('hex').slice(0, 40));
  }

  #prune(): void {
    const names = readdirSync(this.#folder);
    if (names.length <= mostFiles) return;
    const aged = names.map((name) => ({ name, at: statSync(join(this.#folder, name)).mtimeMs })).sort((a, b) => a.at - b.at);
    for (const { name } of aged.slice(0, names.length - mostFiles)) rmSync(join(this.#folder, name), { force: true });
  }
}
