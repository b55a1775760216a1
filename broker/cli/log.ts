// `gatehouse log`: what happened, one entry, and whether the log is whole.
import { resolve } from 'node:path';
import { exitCodes, GatehouseError } from '../../shared/errors.ts';
import { durationMs, type Entry, type Verification } from '../../shared/vocabulary.ts';
import type { Errand, Register } from './errand.ts';
import { registerExport } from './log-export.ts';
import { saidOf } from './request-view.ts';
import { facts, table, when } from './table.ts';
import { jsonLine, visible } from './visible.ts';

interface Filters {
  readonly follow?: boolean;
  readonly client?: string;
  readonly server?: string;
  readonly capability?: string;
  readonly verdict?: string;
  readonly since?: string;
  readonly until?: string;
  readonly search?: string;
  readonly limit?: number;
}

export const register: Register = (root, errand) => {
  const log = root
    .command('log')
    .description('Every action of every client, newest first.')
    .option('--follow', 'stay, and print each entry as it is written')
    .option('--client <name>', 'of this client')
    .option('--server <name>', 'at this server')
    .option('--capability <what>', 'kind:name')
    .option('--verdict <verdict>', 'allow, deny or ask')
    .option('--since <time>', 'from this time on: 2026-11-23, 2026-11-23T08:00:00Z, or 2h ago as 2h', moment('--since'))
    .option('--until <time>', 'up to this time', moment('--until'))
    .option('--search <text>', 'with this text')
    .option('--limit <n>', 'at most so many (200)', count)
    .addHelpText(
      'after',
      '\nExamples:\n  gatehouse log --client cursor --verdict deny --since 1d\n  gatehouse log --follow --json\n  gatehouse log show 42\n  gatehouse log verify',
    )
    .action((filters: Filters) => (filters.follow === true ? follow(errand, filters) : list(errand, filters)));
  log
    .command('show <id>')
    .description('One entry with what belongs to it, and what was asked and answered where it is kept.')
    .addHelpText('after', '\nExample:\n  gatehouse log show 42')
    .action(async (id: string) => {
      if (!/^[0-9]{1,15}$/.test(id)) throw new GatehouseError('usage', `"${id}" is not the number of an entry.`, 'See "gatehouse log".');
      const { api } = await errand.operator();
      const shown = await api.log.show({ seq: Number(id) });
      errand.print(shown, () =>
        [
          inWords(shown.entry),
          ...(shown.request === null ? [] : ['', 'Asked:', `  | ${visible(shown.request)}`]),
          ...(shown.reply === null ? [] : ['', 'Answered:', `  | ${visible(shown.reply)}`]),
          ...(shown.related.length === 0 ? [] : ['', 'Belongs together with:', rows(shown.related, errand)]),
        ].join('\n'),
      );
    });
  log
    .command('verify [file]')
    .description(
      'Whether anybody changed the log: the running one, or an audit.db given as a file, which needs no broker. Exit code 4 when it does not verify.',
    )
    .addHelpText('after', '\nExamples:\n  gatehouse log verify\n  gatehouse log verify /backup/audit.db')
    .action(async (file: string | undefined) => {
      const result = file === undefined ? await (await errand.operator()).api.log.verify() : await verifyFile(file);
      errand.print(result, () => verdict(result));
      if (!result.ok) errand.exitCode = exitCodes['not-verified'];
    });
  registerExport(log, errand, moment);
};

async function list(errand: Errand, filters: Filters): Promise<void> {
  const { api } = await errand.operator();
  const entries = await api.log.list({ ...given(filters), ...(filters.limit === undefined ? {} : { limit: filters.limit }) });
  errand.print(entries, () => (entries.length === 0 ? 'No entry fits.' : rows(entries, errand)));
}

async function follow(errand: Errand, filters: Filters): Promise<void> {
  const { api, by } = await errand.operator('token');
  const say = (entry: Entry) => errand.say(errand.json ? jsonLine(entry) : line(entry));
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    let after: number | undefined;
    if (filters.limit !== undefined) {
      const past = await api.log.list({ ...given(filters), limit: filters.limit });
      for (const entry of past.toReversed()) say(entry);
      after = past[0]?.seq;
    }
    const input = { ...given(filters), ...(after === undefined ? {} : { after }) };
    for await (const entry of await api.log.follow(input, { signal: stop.signal })) say(entry);
    throw new GatehouseError('failed', 'The broker ended the stream.', 'See "gatehouse status".');
  } catch (thrown) {
    if (!stop.signal.aborted) throw thrown;
  } finally {
    if (by === 'pin') await api.operator.signOut().catch(() => {});
  }
}

function given({ follow: _follow, limit: _limit, ...filters }: Filters): Omit<Filters, 'follow' | 'limit'> {
  return filters;
}

async function verifyFile(file: string): Promise<Verification> {
  const { verifyFile: verify } = await import('../record/verify-file.ts');
  return verify(resolve(file));
}

function verdict(result: Verification): string {
  if (result.ok) return `The log is whole: ${result.entries} entries, head ${visible(result.head)}.`;
  const problems = result.problems.slice(0, 50).map(({ seq, problem }) => `  ${String(seq).padStart(8)}  ${visible(problem)}`);
  const more = result.problems.length > 50 ? [`  ... and ${result.problems.length - 50} more`] : [];
  return [`THE LOG DOES NOT VERIFY: ${result.problems.length} problems in ${result.entries} entries.`, ...problems, ...more].join('\n');
}

function cells(entry: Entry): unknown[] {
  return [
    entry.seq,
    when(entry.at),
    entry.type,
    entry.client,
    entry.server,
    entry.sentence ? saidOf(entry.sentence) : entry.capability,
    entry.result ?? entry.verdict,
    entry.reason ?? entry.decidedBy,
  ];
}

function rows(entries: readonly Entry[], errand: Errand): string {
  return table(['SEQ', 'AT', 'TYPE', 'CLIENT', 'SERVER', 'WHAT', 'RESULT', 'BECAUSE'], entries.map(cells), errand.columns);
}

function line(entry: Entry): string {
  return cells(entry)
    .filter((cell) => cell !== undefined)
    .map((cell) => visible(String(cell)))
    .join('  ');
}

function inWords(entry: Entry): string {
  return facts(Object.entries(entry).map(([key, value]) => [visible(key), typeof value === 'object' ? JSON.stringify(value) : value]));
}

function moment(option: string) {
  return (text: string): string => {
    const ago = /^[1-9][0-9]{0,4}[mhd]$/.test(text) ? Date.now() - durationMs(text) : Number.NaN;
    const time = Number.isNaN(ago) ? Date.parse(text) : ago;
    if (!Number.isNaN(time)) return new Date(time).toISOString();
    throw new GatehouseError(
      'usage',
      `${option} does not take "${text}".`,
      'Give a time like 2026-11-23T08:00:00Z, or 2h for two hours ago.',
    );
  };
}

function count(text: string): number {
  if (/^[1-9][0-9]{0,3}$/.test(text) && Number(text) <= 5000) return Number(text);
  throw new GatehouseError('usage', `--limit does not take "${text}".`, 'Give a number from 1 to 5000.');
}
