// `gatehouse registry`: looks for servers in a registry. Nothing is asked before you search.
import type { FoundServer } from '../../shared/candidate.ts';
import type { Register } from './errand.ts';
import { facts, table } from './table.ts';
import { visible } from './visible.ts';

export const register: Register = (root, errand) => {
  const registry = root.command('registry').description('Looks for servers in a registry. Nothing is asked before you search.');
  registry
    .command('search <words...>')
    .description('Servers whose name has these words. What the registry says of them is its claim.')
    .option('--cursor <text>', 'go on behind the last page')
    .addHelpText(
      'after',
      '\nExamples:\n  gatehouse registry search weather\n  gatehouse settings set registry.address https://registry.example',
    )
    .action(async (words: string[], { cursor }: { cursor?: string }) => {
      const { api } = await errand.operator();
      const said = await api.registry.search({ words: words.join(' '), ...(cursor === undefined ? {} : { cursor }) });
      const row = (one: FoundServer) => [
        one.id,
        one.version,
        one.status ?? '-',
        one.ways.map(({ kind }) => kind).join(', '),
        one.description,
      ];
      errand.print(said, () =>
        [
          said.servers.length === 0
            ? `${said.address} knows no such server.`
            : table(['ID', 'VERSION', 'STATUS', 'COMES AS', 'IT SAYS'], said.servers.map(row), errand.columns),
          ...when(said),
          ...(said.next === null ? [] : [`There are more: add --cursor ${visible(said.next)}`]),
        ].join('\n'),
      );
    });
  registry
    .command('show <id>')
    .description('One server, and the ways it can be run.')
    .option('--release <version>', 'this version and not the latest')
    .addHelpText('after', '\nExample:\n  gatehouse registry show io.example/weather')
    .action(async (id: string, { release }: { release?: string }) => {
      const { api } = await errand.operator();
      const said = await api.registry.show({ id, ...(release === undefined ? {} : { version: release }) });
      const { server } = said;
      errand.print(said, () =>
        [
          facts([
            ['server', server.id],
            ['says it is', server.title],
            ['version', server.version],
            ['status', server.status],
            ['published', server.publishedAt],
            ['versions', said.versions.length === 0 ? null : said.versions.join(', ')],
          ]),
          '',
          `It says: ${visible(server.description)}`,
          '',
          ...(server.ways.length === 0 ? ['It has no way to be run.'] : []),
          ...server.ways.map(
            ({ way, kind, what, version, possible }) =>
              `  --way ${way}  ${visible(kind)} ${visible(what)}${version === null ? '' : ` ${visible(version)}`}${possible ? '' : '  (not here)'}`,
          ),
          ...when(said),
          '',
          `See what would run: gatehouse server add NAME --registry ${visible(server.id)} --dry-run`,
        ].join('\n'),
      );
    });
};

function when({ address, at, offline, why }: { address: string; at: string; offline: boolean; why: string | null }): string[] {
  return offline ? ['', `${visible(why ?? `${address} cannot be reached.`)} This is what it said on ${at}.`] : [];
}
