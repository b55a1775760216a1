// `gatehouse gathered`: what was asked while you were away, and the grants that would have covered it.
import { GatehouseError } from '../../shared/errors.ts';
import type { Gathered } from '../../shared/vocabulary.ts';
import type { Errand, Register } from './errand.ts';
import { requestView } from './request-view.ts';
import { table, when } from './table.ts';
import { visible } from './visible.ts';

interface AllowOptions {
  readonly for: string;
  readonly match: string;
  readonly digest?: string;
}

export const register: Register = (root, errand) => {
  const gathered = root
    .command('gathered')
    .description('What was asked while you were away, and refused at once.')
    .addHelpText(
      'after',
      '\nExamples:\n  gatehouse gathered\n  gatehouse gathered show w-7f3\n  gatehouse gathered allow w-7f3 --for 8h --match suggested:1',
    )
    .action(() => list(errand));
  gathered
    .command('list')
    .description('All of it, oldest first.')
    .action(() => list(errand));
  gathered
    .command('show <id>')
    .description('One of them, with the widths that would have covered it.')
    .action(async (id: string) => {
      const { api } = await errand.operator();
      const item = named(await api.gathered.list(), id);
      errand.print(item, () => view(item, errand).text);
    });
  gathered
    .command('allow <id>')
    .description('Makes the grant that would have covered it. Nothing is sent now.')
    .option('--for <time>', 'always, or a time like 15m, 8h, 7d (at most 30d)', '8h')
    .option('--match <what>', 'exact, suggested:N (see show), or any', 'exact')
    .option('--digest <digest>', 'says that you have seen all of it, where something was hidden or cut')
    .addHelpText('after', '\nExample:\n  gatehouse gathered allow w-7f3 --for 7d --match suggested:1')
    .action((id: string, options: AllowOptions) => allow(errand, id, options));
  gathered
    .command('forget [id]')
    .description('Puts one away, or all.')
    .action(async (id: string | undefined) => {
      const { api } = await errand.operator();
      errand.print(await api.gathered.forget(id === undefined ? {} : { id }), () => 'Put away.');
    });
};

function named(all: readonly Gathered[], id: string): Gathered {
  const item = all.find((one) => one.id === id);
  if (item) return item;
  throw new GatehouseError('not-found', `Nothing was gathered under "${id}".`, 'See "gatehouse gathered".');
}

async function list(errand: Errand): Promise<void> {
  const { api } = await errand.operator();
  const all = await api.gathered.list();
  const rows = all.map((item) => [
    item.id,
    item.risk,
    item.client,
    item.server,
    item.capability,
    item.times,
    when(item.lastAt),
    item.widths[0]?.label ?? 'exactly these arguments',
  ]);
  errand.print(all, () =>
    all.length === 0
      ? 'Nothing was asked while you were away.'
      : table(['ID', 'RISK', 'CLIENT', 'SERVER', 'CAPABILITY', 'TIMES', 'LAST', 'WOULD HAVE BEEN COVERED BY'], rows, errand.columns),
  );
}

/** As the question would have looked. */
function view(item: Gathered, errand: Errand) {
  const { firstAt, lastAt, times, ...rest } = item;
  const asked = { arguments: null, claim: {}, nonce: '', waiting: 0, alwaysOffered: false, createdAt: firstAt, expiresAt: lastAt };
  return requestView({ ...rest, ...asked }, errand.columns ?? 120, false);
}

async function allow(errand: Errand, id: string, options: AllowOptions): Promise<void> {
  const { api } = await errand.operator();
  const item = named(await api.gathered.list(), id);
  const { hidden, cut } = view(item, errand);
  if ((hidden || cut) && options.digest === undefined) {
    throw new GatehouseError(
      'refused',
      `${hidden ? 'It holds characters that do not show' : 'Not all of it is shown'}, so nothing was granted.`,
      `Read it (gatehouse gathered show ${id}), then allow it with --digest ${item.digest}.`,
    );
  }
  const result = await api.gathered.allow({ id, digest: options.digest ?? item.digest, for: options.for, match: options.match as 'exact' });
  errand.print(
    result,
    () =>
      `Granted as ${visible(result.grant.id)}: ${visible(result.grant.match.label)}${result.grant.until === null ? '' : `, until ${result.grant.until}`}.` +
      (result.note === null ? '' : `\n${visible(result.note)}`),
  );
}
