// `gatehouse grant`: remembered answers.
import { resolve } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';
import type { Grant } from '../../shared/vocabulary.ts';
import type { Register } from './errand.ts';
import type { Api } from './operator-link.ts';
import { facts, table, when } from './table.ts';
import { visible } from './visible.ts';

interface AddOptions {
  readonly client: string;
  readonly server: string;
  readonly capability: string;
  readonly match: 'any' | 'exact';
  readonly arguments?: string;
  readonly for: string;
  readonly effect: 'allow' | 'deny';
}

export const register: Register = (root, errand) => {
  const grant = root.command('grant').description('Remembered answers: who may use what, with which arguments, until when.');
  grant
    .command('list')
    .description('All grants.')
    .addHelpText('after', '\nExample:\n  gatehouse grant list')
    .action(async () => {
      const { api } = await errand.operator();
      const list = await api.grant.list();
      const row = (one: Grant) => [
        one.id,
        one.effect,
        one.client,
        one.server,
        one.capability,
        one.match.kind,
        until(one),
        one.uses,
        one.rests === undefined ? one.match.label : `${one.match.label} (rests: ${one.rests})`,
      ];
      errand.print(list, () =>
        list.length === 0
          ? 'Nothing is granted.'
          : table(['ID', 'EFFECT', 'CLIENT', 'SERVER', 'CAPABILITY', 'MATCH', 'UNTIL', 'USES', 'WHAT'], list.map(row), errand.columns),
      );
    });
  grant
    .command('show <id>')
    .description('One grant.')
    .addHelpText('after', '\nExample:\n  gatehouse grant show g_1')
    .action(async (id: string) => {
      const { api } = await errand.operator();
      const one = await api.grant.show({ id });
      errand.print(one, () => inWords(one));
    });
  grant
    .command('add')
    .description('Grants, or denies for good, without waiting for a request.')
    .requiredOption('--client <name>', 'which client')
    .requiredOption('--server <name>', 'which server')
    .requiredOption('--capability <what>', 'kind:name (tool:create_issue), kind:*, or *')
    .option('--match <how>', 'any arguments, or exactly those of --arguments', 'any')
    .option('--arguments <json>', 'the arguments for --match exact')
    .option('--for <time>', 'always, or a time like 15m, 8h, 7d (at most 30d)', 'always')
    .option('--effect <effect>', 'allow or deny', 'allow')
    .addHelpText(
      'after',
      "\nExamples:\n  gatehouse grant add --client cursor --server files --capability tool:read_file --for 8h\n  gatehouse grant add --client cursor --server files --capability '*' --effect deny",
    )
    .action(async (options: AddOptions) => {
      if ((options.match === 'exact') !== (options.arguments !== undefined)) {
        throw new GatehouseError('usage', '--match exact and --arguments JSON belong together.', 'Give both or neither.');
      }
      const { api } = await errand.operator();
      const { client, server, capability, match, effect } = options;
      const result = await api.grant.add({
        ...{ client, server, capability, match, effect, for: options.for },
        ...(options.arguments === undefined ? {} : { argumentsText: options.arguments }),
      });
      errand.print(result, () => `${inWords(result.grant)}${result.note === null ? '' : `\n${visible(result.note)}`}`);
    });
  grant
    .command('from-session <id>')
    .description('The grants that would cover what a past session did; with --yes they are made.')
    .option('--for <time>', 'always, or a time like 15m, 8h, 7d (at most 30d)', '8h')
    .option('--folder <folder>', 'they hold only there; without it, where the session worked')
    .option('--anywhere', 'they hold in any folder')
    .option('--yes', 'makes them')
    .addHelpText(
      'after',
      '\nExamples:\n  gatehouse grant from-session s-4f1\n  gatehouse grant from-session s-4f1 --for 8h --folder ~/code/acme --yes',
    )
    .action(async (session: string, options: FromSessionOptions) => {
      if (options.folder !== undefined && options.anywhere === true) {
        throw new GatehouseError('usage', '--folder and --anywhere contradict each other.', 'Give one of them.');
      }
      const { api } = await errand.operator();
      const folder = options.anywhere === true ? null : options.folder === undefined ? undefined : resolve(options.folder);
      const result = await api.grant.fromSession({
        ...{ session, for: options.for, make: options.yes === true },
        ...(folder === undefined ? {} : { folder }),
      });
      errand.print(result, () => fromSessionWords(result, options.yes === true));
    });
  grant
    .command('revoke [id]')
    .description('Takes grants back: one, or all of a client or server.')
    .option('--client <name>', 'all grants of this client')
    .option('--server <name>', 'all grants for this server')
    .addHelpText('after', '\nExamples:\n  gatehouse grant revoke g_1\n  gatehouse grant revoke --client cursor')
    .action(async (id: string | undefined, { client, server }: { client?: string; server?: string }) => {
      const given = [
        id === undefined ? null : { id },
        client === undefined ? null : { client },
        server === undefined ? null : { server },
      ].filter((one) => one !== null);
      const [which] = given;
      if (which === undefined || given.length !== 1)
        throw new GatehouseError('usage', 'Name one of: an ID, --client NAME, --server NAME.', 'See "gatehouse grant list".');
      const { api } = await errand.operator();
      const result = await api.grant.revoke(which);
      errand.print(result, () =>
        result.revoked.length === 0 ? 'There was nothing to revoke.' : `Revoked: ${result.revoked.map(visible).join(', ')}`,
      );
    });
};

function until(one: Grant): string {
  if (one.session !== null) return 'end of session';
  return one.until === null ? 'revoked' : when(one.until);
}

interface FromSessionOptions {
  readonly for: string;
  readonly folder?: string;
  readonly anywhere?: boolean;
  readonly yes?: boolean;
}

function fromSessionWords({ grants, left, note }: Awaited<ReturnType<Api['grant']['fromSession']>>, made: boolean): string {
  return [
    grants.length === 0 ? 'No grant would cover anything of it.' : made ? 'Granted:' : 'These grants would cover it (--yes makes them):',
    ...grants.flatMap((one) => ['', inWords(one)]),
    ...(left.length === 0 ? [] : ['', 'Not covered, and asked about as before:']),
    ...left.map(({ server, capability, calls, why }) => `  ${visible(server)} ${visible(capability)} (${calls}): ${visible(why)}`),
    ...(note === null ? [] : ['', visible(note)]),
  ].join('\n');
}

const resting = {
  changed: 'its capability was changed since; a new answer is needed',
  unused: 'nobody used it for too long; a new answer is needed',
};

function inWords(one: Grant): string {
  return facts([
    ['grant', one.id],
    ['effect', one.effect],
    ['client', one.client],
    ['server', one.server],
    ['capability', one.capability],
    ['arguments', `${one.match.kind}: ${one.match.label}`],
    ...(one.capabilities ? [['covers', one.capabilities.map((each) => each.capability).join(', ')] as const] : []),
    ...(one.alsoClients?.length ? [['also for', one.alsoClients.join(', ')] as const] : []),
    ...(one.folder === undefined ? [] : [['only in', one.folder] as const]),
    ...(one.rests === undefined ? [] : [['rests', resting[one.rests]] as const]),
    ['until', until(one)],
    ['made', `${when(one.createdAt)}${one.approval === null ? '' : ` by answering ${one.approval}`}`],
    ['used', one.uses === 0 ? 'never' : `${one.uses} times, last ${when(one.lastUsedAt)}`],
  ]);
}
