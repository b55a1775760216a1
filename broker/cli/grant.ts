// `gatehouse grant`: remembered answers.
import { GatehouseError } from '../../shared/errors.ts';
import type { Grant } from '../../shared/vocabulary.ts';
import type { Register } from './errand.ts';
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
