// The operator's PIN, as long as it is the one this home was given: a PIN that somebody else put into the vault locks everything.
import { GatehouseError } from '../../shared/errors.ts';
import type { Pin } from '../vault/pin.ts';
import type { Vault } from '../vault/vault.ts';
import { markOf } from './open-home.ts';

export interface Needs {
  readonly vault: Vault;
  readonly pin: Pin;
  /** What the rules keep of the PIN; undefined where none was ever set. */
  mark(): string | undefined;
  keepMark(mark: string): void;
  /** The vault's PIN is not the one this home was given. */
  foreign(): Promise<void>;
}

export function ownPin({ vault, pin, mark, keepMark, foreign }: Needs): Pin {
  const refuseForeign = async () => {
    const known = mark();
    const found = await markOf(vault);
    if (known === found || (known === undefined && found === '')) return;
    await foreign();
    throw new GatehouseError(
      'locked',
      'The PIN in the vault was changed by something other than Gatehouse.',
      'Everything is stopped. If you did not do this, something on this computer did. To begin anew: gatehouse recover',
    );
  };
  return {
    isSet: async () => mark() !== undefined || (await pin.isSet()),
    async verify(typed, signal) {
      await refuseForeign();
      return await pin.verify(typed, signal);
    },
    async set(typed, current) {
      await refuseForeign();
      await pin.set(typed, current);
      keepMark(await markOf(vault));
    },
  };
}
