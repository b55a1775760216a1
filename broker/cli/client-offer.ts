// `gatehouse client offer`: a server that came later is taken for a client, or not offered to it again.
import type { Command } from 'commander';
import { GatehouseError } from '../../shared/errors.ts';
import type { Errand } from './errand.ts';
import { visible } from './visible.ts';

export function offerCommand(client: Command, errand: Errand): void {
  client
    .command('offer <name> <server>')
    .description('Answers the one offer of a server that was added after the client was paired; "client show" lists them.')
    .option('--take', 'it may see that server from now on')
    .option('--dismiss', 'it is not offered to this client again')
    .addHelpText('after', '\nExamples:\n  gatehouse client offer cursor files --take\n  gatehouse client offer cursor files --dismiss')
    .action(async (name: string, server: string, { take = false, dismiss = false }: { take?: boolean; dismiss?: boolean }) => {
      if (take === dismiss) throw new GatehouseError('usage', 'An offer is taken or dismissed.', 'Give one of --take and --dismiss.');
      const { api } = await errand.operator();
      const one = await api.client.offer({ name, server, take });
      const kept = (await api.clientFile.list()).some((file) => file.client === name);
      errand.print(one, () =>
        !take
          ? `${visible(server)} is not offered to ${visible(name)} again.`
          : `${visible(name)} may see ${visible(server)}.${kept ? ` For an entry of it in its file: gatehouse install ${visible(name)}` : ''}`,
      );
    });
}
