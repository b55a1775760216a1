// The broker's own keys in the vault: made once for a new home, never made again for an old one.
import { randomBytes } from 'node:crypto';
import { Sensitive } from '../vault/sensitive.ts';
import type { Vault } from '../vault/vault.ts';

export interface Keys {
  /** MAC over every deciding row. */
  readonly rules: Buffer;
  /** Seals what the log keeps of requests. */
  readonly log: Buffer;
}

const bytes = 32;
const names = { rules: 'key:rules', log: 'key:log' } as const;

export async function makeKeys(vault: Vault): Promise<Keys> {
  const keys = { rules: randomBytes(bytes), log: randomBytes(bytes) };
  await vault.set(names.rules, new Sensitive(keys.rules.toString('base64')));
  await vault.set(names.log, new Sensitive(keys.log.toString('base64')));
  return keys;
}

/** Null when one is missing or is no key any more: somebody deleted or overwrote it. */
export async function readKeys(get: (name: string) => ReturnType<Vault['get']>): Promise<Keys | null> {
  const read = async (name: string) => Buffer.from((await get(name))?.reveal() ?? '', 'base64');
  const keys = { rules: await read(names.rules), log: await read(names.log) };
  return keys.rules.length === bytes && keys.log.length === bytes ? keys : null;
}

/** Keys that prove nothing, for a broker that starts locked because the real ones are gone. */
export const strangerKeys = (): Keys => ({ rules: randomBytes(bytes), log: randomBytes(bytes) });
