// `gatehouse policy`: rules in Cedar that the operator writes; see docs/policies.md.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { exitCodes, GatehouseError } from '../../shared/errors.ts';
import { policyCase, policyName } from '../../shared/vocabulary.ts';
import type { Register } from './errand.ts';
import { facts, table, when } from './table.ts';
import { visible, visibleLines } from './visible.ts';

/** A policy is named as its file is. */
function read(path: string): { name: string; text: string } {
  const name = basename(path).replace(/\.cedar$/, '');
  if (!policyName.safeParse(name).success)
    throw new GatehouseError('usage', `${name} is no name for a policy.`, 'Name the file with a-z, 0-9 and -, like no-shell.cedar.');
  try {
    return { name, text: readFileSync(path, 'utf8') };
  } catch (cause) {
    throw new GatehouseError('usage', `${path} cannot be read.`, 'Give the path of a policy file.', { cause });
  }
}

function cases(path: string): z.infer<typeof policyCase>[] {
  try {
    return z.array(policyCase).parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new GatehouseError('usage', `${path} is not a file of cases.`, 'It is a JSON array; docs/policies.md shows one.', { cause });
  }
}

export const register: Register = (root, errand) => {
  const policy = root.command('policy').description('Rules in Cedar, checked before they count.');
  policy
    .command('list')
    .description('The chosen set, and your own policies.')
    .addHelpText('after', '\nExample:\n  gatehouse policy list')
    .action(async () => {
      const { api } = await errand.operator();
      const list = await api.policy.list();
      const row = (one: (typeof list)[number]) => [
        one.name,
        one.source === 'set' ? 'comes with Gatehouse' : 'yours',
        one.policies.map(({ id, effect, asks }) => `${id.slice(id.indexOf('/') + 1)} (${asks ? 'ask' : effect})`).join(', '),
        one.addedAt === null ? '' : when(one.addedAt),
      ];
      errand.print(list, () => table(['NAME', 'WHOSE', 'POLICIES', 'SINCE'], list.map(row), errand.columns));
    });
  policy
    .command('show <name>')
    .description('The text of one that is in force, or of a shipped set.')
    .addHelpText('after', '\nExamples:\n  gatehouse policy show no-shell\n  gatehouse policy show strict')
    .action(async (name: string) => {
      const { api } = await errand.operator();
      const one = await api.policy.show({ name });
      errand.print(one, () => visibleLines(one.text.trimEnd()));
    });
  policy
    .command('check <file>')
    .description('Reads a policy as strictly as it would be taken over. Nothing changes.')
    .addHelpText('after', '\nExample:\n  gatehouse policy check no-shell.cedar')
    .action(async (file: string) => {
      const { api } = await errand.operator();
      const { name, text } = read(file);
      const checked = await api.policy.check({ name, text });
      if (!checked.ok) errand.exitCode = exitCodes.failed;
      const line = (kind: string) => (one: (typeof checked.problems)[number]) =>
        `${kind}: ${one.at === null ? '' : `line ${lineOf(text, one.at.start)}: `}${visible(one.message)}${one.hint === null ? '' : ` (${visible(one.hint)})`}`;
      errand.print(checked, () =>
        [
          ...checked.problems.map(line('wrong')),
          ...checked.warnings.map(line('look at')),
          ...(checked.ok ? [`Good: ${checked.policies.map(({ id }) => visible(id)).join(', ')}`] : []),
        ].join('\n'),
      );
    });
  policy
    .command('add <file>')
    .description('Takes a policy over, and says what it would have changed in the last 500 requests.')
    .option('--dry-run', 'only say that')
    .addHelpText('after', '\nExamples:\n  gatehouse policy add no-shell.cedar --dry-run\n  gatehouse policy add no-shell.cedar')
    .action(async (file: string, { dryRun }: { dryRun?: boolean }) => {
      const { api } = await errand.operator();
      const result = await api.policy.add({ ...read(file), dryRun: dryRun === true });
      const line = (one: (typeof result.changes)[number]) =>
        `  ${one.seq}  ${visible(one.client)}, ${visible(one.capability)} of ${visible(one.server)}: ${one.was} -> ${one.would}`;
      errand.print(result, () =>
        [
          `Of the last ${result.tried} requests it would have changed ${result.changes.length}${result.changes.length > 0 ? ':' : '.'}`,
          ...result.changes.slice(0, 50).map(line),
          dryRun ? 'Nothing was changed.' : `${visible(result.policy.name)} is in force.`,
        ].join('\n'),
      );
    });
  policy
    .command('remove <name>')
    .description('Takes one of your policies out.')
    .addHelpText('after', '\nExample:\n  gatehouse policy remove no-shell')
    .action(async (name: string) => {
      const { api } = await errand.operator();
      errand.print(await api.policy.remove({ name }), () => `Removed ${visible(name)}.`);
    });
  policy
    .command('test <file>')
    .description('Holds the policies against cases in a file; exit 1 when one comes out otherwise.')
    .option('--with <policy>', 'as if this policy file were in force too')
    .addHelpText('after', '\nExamples:\n  gatehouse policy test cases.json\n  gatehouse policy test cases.json --with no-shell.cedar')
    .action(async (file: string, options: { with?: string }) => {
      const { api } = await errand.operator();
      const result = await api.policy.test({ cases: cases(file), ...(options.with === undefined ? {} : read(options.with)) });
      if (!result.ok) errand.exitCode = exitCodes.failed;
      const line = (one: (typeof result.results)[number]) =>
        `${one.ok ? 'good ' : 'WRONG'}  ${visible(one.name)}: ${one.ok ? one.got : `${one.got}, not ${one.expected}`}${one.by.length > 0 ? ` by ${one.by.map(visible).join(', ')}` : ''}`;
      errand.print(result, () => result.results.map(line).join('\n') || 'There is no case in it.');
    });
  policy
    .command('explain <entry>')
    .description('Which rule decided an entry of the log, and why.')
    .addHelpText('after', '\nExample:\n  gatehouse policy explain 4711')
    .action(async (entry: string) => {
      if (!/^[0-9]{1,15}$/.test(entry))
        throw new GatehouseError('usage', `${entry} is no entry.`, 'Give its number, as `gatehouse log` shows it.');
      const { api } = await errand.operator();
      const one = await api.policy.explain({ seq: Number(entry) });
      errand.print(one, () =>
        [
          facts([
            ['entry', String(one.seq)],
            ['verdict', one.verdict],
            ['decided by', one.decidedBy],
            ['because', one.reason],
            ['policies now', one.now],
          ]),
          ...(one.rule === null ? [] : ['', visibleLines(one.rule.text)]),
        ].join('\n'),
      );
    });
};

const lineOf = (text: string, at: number): number => Buffer.from(text).subarray(0, at).toString().split('\n').length;
