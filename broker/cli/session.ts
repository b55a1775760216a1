// `gatehouse session`: running clients, and ending what one of them may still do.
import type { Register } from './errand.ts';

import { table, when } from './table.ts';
import { visible } from './visible.ts';

export const register: Register = (root, errand) => {
  const session = root.command('session').description('Everything one running instance of a client does.');
  session
    .command('list')
    .description('Sessions that run.')
    .addHelpText('after', '\nExample:\n  gatehouse session list')
    .action(async () => {
      const { api } = await errand.operator();
      const list = await api.session.list();
      const row = (one: (typeof list)[number]) => [
        one.id,
        one.client,
        one.pid,
        one.connections,
        when(one.startedAt),
        when(one.lastActiveAt),
        one.folder,
      ];
      errand.print(list, () =>
        list.length === 0
          ? 'No client is running.'
          : table(['ID', 'CLIENT', 'PROCESS', 'CONNECTIONS', 'STARTED', 'LAST ACTIVE', 'FOLDER'], list.map(row), errand.columns),
      );
    });
  session
    .command('end <id>')
    .description('Ends a session: its grants for the session and its connections are gone.')
    .addHelpText('after', '\nExample:\n  gatehouse session end s_4kq2')
    .action(async (id: string) => {
      const { api } = await errand.operator();
      errand.print(await api.session.end({ id }), () => `Session ${visible(id)} is ended.`);
    });
};
