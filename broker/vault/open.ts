// Opens the vault a home was made with; the other kind is never taken instead.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';
import { Keychain, type KeychainStore, systemKeychain } from './keychain.ts';
import { openSealedFile, sealedFileName } from './sealed-file.ts';
import type { Sensitive } from './sensitive.ts';
import type { Faults, Vault, VaultKind } from './vault.ts';

export interface VaultOptions {
  readonly home: string;
  /** Fixed length: on Windows the keychain looks items up by the beginning of their name. */
  readonly homeId: string;
  readonly kind: VaultKind;
  /** For `sealed-file`. */
  readonly passphrase?: Sensitive;
  /** True for a new home only: the vault may be made. Default false: nothing there means locked or taken away, never empty. */
  readonly create?: boolean;
  readonly faults?: Faults;
  /** Milliseconds one keychain operation may take. */
  readonly waitMs?: number;
  /** In place of the system's keychain, for tests. */
  readonly store?: KeychainStore;
}

/**
 * Opens the vault and proves that it answers. Throws GatehouseError: `conflict` when the home has the other kind,
 * `usage` without a passphrase, `refused` for a wrong one, `unavailable` when no keychain answers.
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { home, homeId, kind, faults = { check: () => {} } } = options;
  if (kind === 'sealed-file') {
    if (options.passphrase === undefined) {
      throw new GatehouseError(
        'usage',
        'The sealed file needs its passphrase, and none was given.',
        'Type it at the prompt, or pass it with --passphrase-fd N or GATEHOUSE_VAULT_PASSPHRASE.',
      );
    }
    const create = options.create ?? false;
    if (!create && !existsSync(join(home, sealedFileName))) {
      throw new GatehouseError(
        'conflict',
        `This home has no ${sealedFileName}: it was made with the keychain, or the file was taken away.`,
        'Start it with --vault keychain, or put the file back.',
      );
    }
    return await openSealedFile(home, homeId, options.passphrase, create, faults);
  }
  if (existsSync(join(home, sealedFileName))) {
    throw new GatehouseError(
      'conflict',
      'This home keeps its secrets in the sealed file, not in the keychain.',
      'Start it with --vault sealed-file.',
    );
  }
  const keychain = new Keychain(options.store ?? (await systemKeychain()), homeId, faults, options.waitMs);
  await keychain.begin(options.create ?? false);
  return keychain;
}
