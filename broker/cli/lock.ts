// `gatehouse lock` and `unlock`: anyone may stop everything, only the operator starts it again.
import type { Register } from './errand.ts';

export const register: Register = (root, errand) => {
  root
    .command('lock')
    .description('Lockdown: every request is denied and every server stopped, at once. Needs no credential.')
    .option('--reason <text>', 'said to clients and kept in the log')
    .addHelpText('after', '\nExample:\n  gatehouse lock --reason "something is odd"')
    .action(async ({ reason }: { reason?: string }) => {
      const done = await (await errand.anyone()).lock(reason === undefined ? {} : { reason });
      errand.print(done, () => 'Locked. Every request is denied; lift it with "gatehouse unlock".');
    });
  root
    .command('unlock')
    .description('Lifts the lockdown.')
    .addHelpText('after', '\nExample:\n  gatehouse unlock')
    .action(async () => {
      const { api } = await errand.operator();
      errand.print(await api.unlock(), () => 'Unlocked.');
    });
};
