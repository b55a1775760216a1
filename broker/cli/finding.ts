// `gatehouse finding`: what a scan noticed.
import type { Finding } from '../../shared/vocabulary.ts';
import type { Register } from './errand.ts';
import { facts, table } from './table.ts';
import { visible } from './visible.ts';

export const register: Register = (root, errand) => {
  const finding = root.command('finding').description('What a scan noticed about servers, their definitions and your policies.');
  finding
    .command('list')
    .description('Findings nobody has put aside.')
    .option('--all', 'those put aside too')
    .addHelpText('after', '\nExample:\n  gatehouse finding list')
    .action(async ({ all }: { all?: boolean }) => {
      const { api } = await errand.operator();
      const list = await api.finding.list({ all: all === true });
      const row = (one: Finding) => [
        one.id,
        one.severity,
        one.server ?? '',
        one.capability ?? '',
        one.title,
        one.dismissed ? 'put aside' : '',
      ];
      errand.print(list, () =>
        list.length === 0
          ? 'Nothing was found.'
          : table(['ID', 'SEVERITY', 'SERVER', 'CAPABILITY', 'WHAT', ''], list.map(row), errand.columns),
      );
    });
  finding
    .command('show <id>')
    .description('One finding, with its evidence.')
    .addHelpText('after', '\nExample:\n  gatehouse finding show f-0a1b2c3d4e')
    .action(async (id: string) => {
      const { api } = await errand.operator();
      const one = await api.finding.show({ id });
      errand.print(one, () => inWords(one));
    });
  finding
    .command('dismiss <id>')
    .description('Puts a finding aside; it comes back when what it is about changes.')
    .addHelpText('after', '\nExample:\n  gatehouse finding dismiss f-0a1b2c3d4e')
    .action(async (id: string) => {
      const { api } = await errand.operator();
      const one = await api.finding.dismiss({ id });
      errand.print(one, () => `Put aside: ${visible(one.title)}.`);
    });
};

const inWords = (one: Finding): string =>
  facts([
    ['finding', one.id],
    ['severity', one.severity],
    ['server', one.server ?? null],
    ['capability', one.capability ?? null],
    ['what', one.title],
    ['evidence', one.detail],
    ['state', one.dismissed ? 'put aside' : 'open'],
  ]);
