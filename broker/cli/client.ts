// `gatehouse client`: AI clients that may ask.

import { GatehouseError } from '../../shared/errors.ts';
import { installLinks, type Launch } from '../../shared/install-link.ts';
import type { Client } from '../../shared/vocabulary.ts';
import { evidenceInWords, latestOf } from './client-evidence.ts';
import { mendCommand } from './client-mend.ts';
import { offerCommand } from './client-offer.ts';
import type { Register } from './errand.ts';
import { facts, table, when } from './table.ts';
import { visible } from './visible.ts';

export const register: Register = (root, errand) => {
  const client = root.command('client').description('AI clients that may ask.');
  client
    .command('add <name>')
    .description('Pairs a client. Its token is shown once, here.')
    .requiredOption('--servers <names>', 'a,b: the servers it may see; all: those that exist now', servers)
    .addHelpText(
      'after',
      '\nExamples:\n  gatehouse client add claude-code --servers all\n  gatehouse client add cursor --servers files,github --json',
    )
    .action(async (name: string, options: { servers: string[] | 'all' }) => {
      const { api } = await errand.operator();
      const help = await api.client.add({ name, servers: options.servers });
      errand.print(help, () =>
        [
          `Paired ${visible(help.name)}. Its token is shown this once:`,
          `  ${visible(help.token)}`,
          '',
          'A client that launches programs:',
          `  command  ${visible(help.stdio.command)}`,
          `  args     ${visible(JSON.stringify(help.stdio.args))}`,
          ...Object.entries(help.stdio.env).map(([key, value]) => `  env      ${visible(`${key}=${value}`)}`),
          'A client that speaks HTTP:',
          `  url      ${visible(help.http.url)}`,
          ...Object.entries(help.http.headers).map(([key, value]) => `  header   ${visible(`${key}: ${value}`)}`),
          ...linksInWords(help.stdio),
        ].join('\n'),
      );
    });
  client
    .command('list')
    .description('All clients.')
    .addHelpText('after', '\nExample:\n  gatehouse client list')
    .action(async () => {
      const { api } = await errand.operator();
      const list = await api.client.list();
      const row = (one: Client) => [
        one.name,
        one.state,
        one.connections,
        one.servers.join(', ') || '-',
        when(one.lastSeenAt),
        latestOf(one),
      ];
      errand.print(list, () =>
        list.length === 0
          ? 'No client is paired.'
          : table(['NAME', 'STATE', 'CONNECTIONS', 'SERVERS', 'LAST SEEN', 'CAME FROM'], list.map(row), errand.columns),
      );
    });
  client
    .command('set <name>')
    .description('Changes what a client may see, or how long its calls wait for you.')
    .option('--servers <names>', 'a,b: the servers it may see', servers)
    .option('--wait <seconds>', 'how long a call waits, 0 to 3600', seconds)
    .addHelpText('after', '\nExamples:\n  gatehouse client set cursor --servers files\n  gatehouse client set cursor --wait 120')
    .action(async (name: string, options: { servers?: string[] | 'all'; wait?: number }) => {
      if (options.servers === undefined && options.wait === undefined)
        throw new GatehouseError('usage', 'Nothing to change was given.', 'Give --servers or --wait.');
      if (options.servers === 'all')
        throw new GatehouseError('usage', '"all" works for a new client only.', 'Name the servers: --servers a,b.');
      const { api } = await errand.operator();
      const one = await api.client.set({
        name,
        ...(options.servers === undefined ? {} : { servers: options.servers }),
        ...(options.wait === undefined ? {} : { waitSeconds: options.wait }),
      });
      errand.print(one, () => inWords(one));
    });
  offerCommand(client, errand);
  mendCommand(client, errand);
  const acts = [
    ['show', 'One client.'],
    ['pause', 'Denies everything it asks until it is resumed.'],
    ['resume', 'Lets it ask again.'],
    ['revoke', 'Takes its token and its grants away for good.'],
  ] as const;
  for (const [act, says] of acts) {
    client
      .command(`${act} <name>`)
      .description(says)
      .addHelpText('after', `\nExample:\n  gatehouse client ${act} cursor`)
      .action(async (name: string) => {
        const { api } = await errand.operator();
        const one = await api.client[act]({ name });
        const reach = act === 'show' && one.state !== 'revoked' ? (await api.client.connection({ name })).stdio : null;
        errand.print(reach === null ? one : { ...one, links: installLinks(reach) }, () =>
          [inWords(one), ...(reach ? linksInWords(reach) : [])].join('\n'),
        );
      });
  }
};

/** They carry no token: the connector finds its credential in the home. */
function linksInWords(launch: Launch): string[] {
  return [
    'Or open one of these links, which put the program into the client (no token is in them):',
    ...installLinks(launch).map(({ title, url }) => `  ${title}: ${visible(url)}`),
  ];
}

function servers(text: string): string[] | 'all' {
  if (text === 'all') return 'all';
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function seconds(text: string): number {
  if (/^[0-9]{1,4}$/.test(text) && Number(text) <= 3600) return Number(text);
  throw new GatehouseError('usage', `--wait does not take "${text}".`, 'Give whole seconds, 0 to 3600.');
}

function inWords(one: Client): string {
  return facts([
    ['client', one.name],
    ['state', one.state],
    ['servers', one.servers.join(', ') || 'none'],
    ...(one.offers.length > 0
      ? [['came later', `${one.offers.join(', ')} (gatehouse client offer ${one.name} SERVER --take)`] as const]
      : []),
    ['waits', `${one.waitSeconds} s for your answer`],
    ['connections', one.connections],
    ['says it is', one.saysItIs],
    ['paired', when(one.createdAt)],
    ['last seen', when(one.lastSeenAt)],
    ...evidenceInWords(one),
  ]);
}
