// A keychain in memory that can die at any write, as a process would: what was written stays, nothing after it happens.
import type { KeychainStore } from '../../broker/vault/keychain.ts';

export class MemoryKeychain implements KeychainStore {
  readonly items: Map<string, string>;
  /** Changes still allowed; the next one throws. */
  left = Number.POSITIVE_INFINITY;
  changes = 0;
  largest = 0;

  constructor(items: Iterable<[string, string]> = []) {
    this.items = new Map(items);
  }

  #change(): void {
    if (this.left-- <= 0) throw new Error('died');
    this.changes++;
  }

  async getPassword(service: string, account: string): Promise<string | null> {
    return this.items.get(`${service}/${account}`) ?? null;
  }

  async setPassword(service: string, account: string, password: string): Promise<void> {
    this.#change();
    this.largest = Math.max(this.largest, Buffer.byteLength(password));
    this.items.set(`${service}/${account}`, password);
  }

  async deletePassword(service: string, account: string): Promise<boolean> {
    this.#change();
    return this.items.delete(`${service}/${account}`);
  }
}
