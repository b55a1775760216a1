// `gatehouse client mend`: what became of the entries in clients' files, shown, and put right after a yes.
import type { Command } from 'commander';
import { GatehouseError } from '../../shared/errors.ts';
import type { DeviationShown } from '../../shared/setup-contract.ts';
import { agreed } from './client-files.ts';
import type { Errand } from './errand.ts';
import { failureOf } from './failure.ts';
import { visible } from './visible.ts';

export function mendCommand(client: Command, errand: Errand): void {
  client
    .command('mend [name]')
    .description('Puts right what became of the entries that "install" wrote, and takes in new ones that go past Gatehouse.')
    .option('--dry-run', 'show what would be written, and write nothing')
    .addHelpText('after', '\nExamples:\n  gatehouse client mend --dry-run\n  gatehouse client mend claude-code')
    .action((name: string | undefined, { dryRun }: { dryRun?: boolean }) => mend(errand, name, dryRun === true));
}

async function mend(errand: Errand, name: string | undefined, dry: boolean): Promise<void> {
  const { api } = await errand.operator();
  const open = (await api.setup.deviations()).filter((one) => !one.dismissed && (name === undefined || one.client === name));
  if (!errand.json) errand.say(open.length === 0 ? 'Every entry is as Gatehouse wrote it.' : open.map(inWords).join('\n\n'));
  const mended: string[] = [];
  const refused: { entry: string; why: string }[] = [];
  if (!dry && open.length > 0) {
    if (!(await agreed(errand, 'Mend this?'))) throw new GatehouseError('refused', 'Nothing was written.', 'Run the command again.');
    for (const { finding, entry } of open) {
      try {
        await api.setup.mend({ finding });
        mended.push(entry);
      } catch (thrown) {
        const { message, hint } = failureOf(thrown);
        refused.push({ entry, why: `${message} ${hint}` });
        if (!errand.json) process.stderr.write(`${visible(`${entry}: ${message} ${hint}`)}\n`);
      }
    }
  }
  if (refused.length > 0) errand.exitCode = 1;
  errand.print({ dryRun: dry, deviations: open, mended, refused }, () =>
    mended.length === 0 ? '' : `\nMended: ${mended.map(visible).join(', ')}.`,
  );
}

function inWords({ finding, says, difference, starts }: DeviationShown): string {
  return [
    visible(says),
    ...difference.map(visible),
    ...(starts === ''
      ? []
      : ['  mending starts it once, brings it in and lets it lead here:', ...starts.split('\n').map((line) => `    ${visible(line)}`)]),
    `  as it shall be? gatehouse finding dismiss ${finding}`,
  ].join('\n');
}
