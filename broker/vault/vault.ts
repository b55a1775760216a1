// What every vault can do, whatever keeps the values.
import type { Sensitive } from './sensitive.ts';

export type VaultKind = 'keychain' | 'sealed-file';

/** Called before each operation; a test makes it throw. */
export interface Faults {
  check(point: 'vault.get' | 'vault.set'): void;
}

/**
 * Names are chosen by the broker (`secret:<name>`, `key:rules`, `key:log`, `pin`, `anchor`) and hold no `#`.
 * Every operation throws GatehouseError('unavailable') when the place behind it does not answer; operations on one vault run in the order
 * they were asked for.
 */
export interface Vault {
  readonly kind: VaultKind;
  /** `expected`: it must be there, so a first "no" is not believed. */
  get(name: string, expected?: boolean): Promise<Sensitive | null>;
  /** When it resolves the value is kept whole; when it rejects, or the process dies, the old value is. */
  set(name: string, value: Sensitive): Promise<void>;
  /** False when there was nothing of that name. */
  remove(name: string): Promise<boolean>;
  names(): Promise<string[]>;
  close(): Promise<void>;
}
