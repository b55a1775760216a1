// `gatehouse pending`, `approve` and `deny`: what waits for the operator, and the answer.
import { GatehouseError } from '../../shared/errors.ts';
import { type Approval, allowFor, denyFor, matchChoice } from '../../shared/vocabulary.ts';
import { answer, deny } from './answer.ts';
import type { Errand, Register } from './errand.ts';
import type { Api } from './operator-link.ts';
import { table, when } from './table.ts';
import { safeJson } from './visible.ts';

export const register: Register = (root, errand) => {
  root
    .command('pending')
    .description('Requests that wait for your answer.')
    .option('--watch', 'stay, and print each as it comes')
    .addHelpText('after', '\nExamples:\n  gatehouse pending\n  gatehouse pending --watch --json')
    .action(async ({ watch }: { watch?: boolean }) => (watch === true ? watchPending(errand) : listPending(errand)));
  root
    .command('approve <id>')
    .description('Shows one request, then lets it pass. Asks for your PIN unless this shell has a token.')
    .option('--for <time>', 'once, session, always, or a time like 15m, 8h, 7d (at most 30d)', checked('--for', allowFor), 'once')
    .option('--match <what>', 'exact, suggested:N (see pending), or any', checked('--match', matchChoice), 'exact')
    .option('--all', 'every equal call that waits now, not just one')
    .option('--digest <digest>', 'says that you have seen all of it, where something was hidden or cut')
    .option('--full', 'show everything, however long')
    .addHelpText('after', '\nExamples:\n  gatehouse approve ap_7f3\n  gatehouse approve ap_7f3 --for 8h --match suggested:1')
    .action((id: string, options) => answer(errand, id, options));
  root
    .command('deny <id>')
    .description('Denies one request.')
    .option('--for <time>', 'once, session or always', checked('--for', denyFor), 'once')
    .option(
      '--match <what>',
      'what a remembered no refuses: exact, suggested:N (see pending), or any',
      checked('--match', matchChoice),
      'any',
    )
    .option('--reason <text>', 'told to the model')
    .option('--pause-client', 'and pause this client')
    .addHelpText(
      'after',
      '\nExamples:\n  gatehouse deny ap_7f3 --reason "use the staging project"\n  gatehouse deny ap_7f3 --for always --pause-client\n  gatehouse deny ap_7f3 --for always --match suggested:1',
    )
    .action((id: string, options) => deny(errand, id, options));
};

function checked<T>(
  name: string,
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: { message: string }[] } } },
) {
  return (value: string): T => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    throw new GatehouseError('usage', `${name} does not take "${value}".`, 'See --help for what it takes.');
  };
}

async function listPending(errand: Errand): Promise<void> {
  const { api } = await errand.operator();
  const list = await api.approval.list();
  if (errand.json) return errand.say(`[${list.map(json).join(',')}]`);
  errand.say(list.length === 0 ? 'Nothing waits for you.' : text(list, errand));
}

async function watchPending(errand: Errand): Promise<void> {
  const { api, by } = await errand.operator('token');
  const seen = new Set<string>();
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    for await (const { topic } of await api.changes(undefined, { signal: stop.signal })) {
      if (topic === 'hello' || topic === 'approval') await printNew(api, seen, errand);
    }
    throw new GatehouseError('failed', 'The broker ended the stream.', 'See "gatehouse status".');
  } catch (thrown) {
    if (!stop.signal.aborted) throw thrown;
  } finally {
    if (by === 'pin') await api.operator.signOut().catch(() => {});
  }
}

async function printNew(api: Api, seen: Set<string>, errand: Errand): Promise<void> {
  const list = await api.approval.list();
  // A changed question is a new line: its nonce is another.
  const fresh = list.filter((item) => !seen.has(item.id + item.nonce));
  seen.clear();
  for (const item of list) seen.add(item.id + item.nonce);
  for (const item of fresh) errand.say(errand.json ? json(item) : text([item], errand, false));
}

function text(list: readonly Approval[], errand: Errand, heading = true): string {
  const rows = list.map((item) => [
    item.id,
    item.risk,
    item.client,
    item.server,
    item.capability,
    when(item.expiresAt),
    item.waiting,
    item.argumentsText.slice(0, 200),
  ]);
  const lines = table(['ID', 'RISK', 'CLIENT', 'SERVER', 'CAPABILITY', 'EXPIRES', 'WAITING', 'ARGUMENTS'], rows, errand.columns);
  return heading ? lines : lines.slice(lines.indexOf('\n') + 1);
}

// `arguments` as received: by its own text, so that a number beyond 2^53 is the number that was asked about.
function json(item: Approval): string {
  const { arguments: value, ...rest } = item;
  let received = item.argumentsText;
  try {
    JSON.parse(received);
  } catch {
    received = JSON.stringify(value ?? null);
  }
  return safeJson(`${JSON.stringify(rest).slice(0, -1)},"arguments":${received}}`);
}
