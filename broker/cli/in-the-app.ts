// Stands in the executable for what needs the whole broker: there it is the app that runs it.
import { GatehouseError } from '../../shared/errors.ts';
import type { Register } from './errand.ts';

export const register: Register = (root) => {
  for (const name of ['serve', 'recover']) {
    root
      .command(name)
      .description('Not in the installed app, which runs the broker itself.')
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw new GatehouseError(
          'failed',
          `"${name}" is not part of the installed app.`,
          'Start Gatehouse, or use a checkout: README.md says how.',
        );
      });
  }
};

/** Undoing without the app would need its whole vault and log here. */
export function keeperAtRest(): never {
  throw new GatehouseError(
    'no-broker',
    'Gatehouse does not run, and this program has no way of its own into its vault.',
    'Start Gatehouse, then run this again; it puts the files back.',
  );
}
