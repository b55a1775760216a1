// Undoing where no broker runs: the home is opened in this process, after the person proved to be its operator.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';
import type { Keeper } from '../clients/put-back.ts';
import type { HomeAtRest } from '../start.ts';
import type { Errand } from './errand.ts';
import { failureOf } from './failure.ts';
import { passphraseFor } from './serve.ts';
import { visible } from './visible.ts';

/** @throws GatehouseError no-broker where there is no home either, refused where nobody can prove to be the operator */
export async function keeperAtRest(errand: Errand, passphraseFd: number | undefined): Promise<{ keeper: Keeper; close(): Promise<void> }> {
  if (!existsSync(join(errand.home, 'state.db')))
    throw new GatehouseError('no-broker', `No broker runs here, and ${errand.home} is no home.`, 'Name the home with --home DIR.');
  const { openAtRest } = await import('../start.ts');
  const home = await openAtRest(errand.home, await passphraseFor(errand, undefined, passphraseFd));
  try {
    await prove(errand, home);
  } catch (thrown) {
    await home.close();
    throw thrown;
  }
  for (const problem of home.problems) process.stderr.write(`Warning: ${visible(problem)}\n`);
  const keeper: Keeper = {
    list: async () => home.list(),
    open: (id) => home.open(id),
    forget: async (id) => home.forget(id),
    match: (values) => home.match(values),
    servers: async () => home.servers(),
    secretNames: async () => home.secretNames(),
    currentKeys: (ids, secrets) => home.currentKeys(ids, secrets),
    told: failureOf,
  };
  return { keeper, close: () => home.close() };
}

async function prove(errand: Errand, home: HomeAtRest): Promise<void> {
  if (home.proven) return;
  const terminal = await errand.terminalOrNull();
  if (terminal === null)
    throw new GatehouseError(
      'refused',
      'No broker runs here, and without a terminal nobody can prove to be the operator.',
      'Run it at a terminal, or start the broker and set GATEHOUSE_OPERATOR_TOKEN.',
    );
  if (home.needsPin) {
    if (await home.provePin(await terminal.askHidden('Operator PIN: '))) return;
    throw new GatehouseError('refused', 'That is not the PIN of this home.', 'Run it again, and type the right one.');
  }
  const word = await terminal.askWord('This home has no PIN. Type "restore" to put the files of your clients back: ');
  if (word.trim() !== 'restore') throw new GatehouseError('refused', 'Nothing was done.', 'Run the command again.');
}
