// A key of the broker's own, kept in the vault under a name and made when first needed.
import { randomBytes } from 'node:crypto';
import { Sensitive } from './sensitive.ts';
import type { Vault } from './vault.ts';

/** Two that need it at once get the same. What could not be read or kept is tried again by the next. */
export function ownKey(vault: Pick<Vault, 'get' | 'set'>, name: string): () => Promise<Buffer> {
  let key: Promise<Buffer> | null = null;
  const read = async () => {
    const known = await vault.get(name);
    if (known) return Buffer.from(known.reveal(), 'base64');
    const made = randomBytes(32);
    await vault.set(name, new Sensitive(made.toString('base64')));
    return made;
  };
  return () => {
    key ??= read().catch((error: unknown) => {
      key = null;
      throw error;
    });
    return key;
  };
}
