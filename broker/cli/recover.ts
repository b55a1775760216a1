// `gatehouse recover`: a home whose keys or PIN are lost starts anew. Forgetting is never a way in: secrets and grants go.
import { GatehouseError } from '../../shared/errors.ts';
import type { Register } from './errand.ts';
import { passphraseFor, vaultKind } from './serve.ts';

interface RecoverOptions {
  readonly vault?: 'keychain' | 'sealed-file';
  readonly passphraseFd?: string;
  readonly yes?: boolean;
}

interface Recovery {
  readonly home: string;
  readonly vault?: 'keychain' | 'sealed-file';
  readonly passphrase?: string;
}

export const register: Register = (root, errand) => {
  root
    .command('recover')
    .description(
      'New keys and a new epoch of the log. Names and definitions stay; every secret and every grant is gone. Stop the broker first.',
    )
    .option('--vault <kind>', 'keychain, or sealed-file where there is none', vaultKind)
    .option('--passphrase-fd <n>', 'read the passphrase of the new sealed file from this descriptor')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  gatehouse recover')
    .action(async ({ vault, passphraseFd, yes }: RecoverOptions) => {
      if (passphraseFd !== undefined && !/^[0-9]{1,6}$/.test(passphraseFd)) {
        throw new GatehouseError('usage', `--passphrase-fd does not take "${passphraseFd}".`, 'Give a number.');
      }
      const { recover } = (await import('../start.ts')) as { recover?: (options: Recovery) => Promise<unknown> };
      if (recover === undefined)
        throw new GatehouseError('failed', 'This version cannot recover a home yet.', 'Move the home away and start with a new one.');
      if (yes !== true) {
        const word = await (await errand.terminal()).askWord(
          'Every secret and every grant of this home will be gone. Type "recover" to go on: ',
        );
        if (word !== 'recover') throw new GatehouseError('refused', 'Nothing was done.', 'Run the command again.');
      }
      const passphrase = await passphraseFor(errand, vault, passphraseFd === undefined ? undefined : Number(passphraseFd));
      const done = await recover({
        home: errand.home,
        ...(vault === undefined ? {} : { vault }),
        ...(passphrase === undefined ? {} : { passphrase }),
      });
      errand.print(done ?? { ok: true }, () => 'Recovered. Start the broker, set a PIN, and give the servers their secrets again.');
    });
};
