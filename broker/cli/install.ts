// `gatehouse install CLIENT`: puts Gatehouse between a client and its servers, after showing what changes in which file.
import { GatehouseError } from '../../shared/errors.ts';
import type { InstallPreview, InstallWishes } from '../../shared/setup-contract.ts';
import { kindNamed } from '../clients/client-file.ts';
import { thisMachine } from '../clients/machine.ts';
import { planBetween, writeBetween } from '../clients/put-between.ts';
import { agreed, brokerLink } from './client-files.ts';
import type { Errand, Register } from './errand.ts';
import { visible } from './visible.ts';

type Way = InstallWishes['over'];

interface Options {
  readonly dryRun?: boolean;
  readonly combined?: boolean;
  readonly over: Way;
  readonly passDialogs?: boolean;
  readonly hooks?: boolean;
  readonly also?: string[];
}

export const register: Register = (root, errand) => {
  root
    .command('install <client>')
    .description('Replaces the entries of a client by ones that lead through Gatehouse, under the same names. "uninstall" undoes it.')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--combined', 'one entry for all servers; then their tools get the names server__tool')
    .option('--pass-dialogs', 'tell the client not to ask by itself about these entries, since Gatehouse does')
    .option('--hooks', 'also ask before the client uses its own tools: its shell and its files (Claude Code, Cursor)')
    .option('--also <names>', 'a,b: servers it shall see and get an entry of, beside those it has', names)
    .option('--over <way>', 'stdio or http, in place of what fits each entry', way, 'fitting')
    .addHelpText('after', '\nExamples:\n  gatehouse install cursor --dry-run\n  gatehouse install claude-code')
    .action((client: string, options: Options) => install(errand, kindNamed(client).name, options));
};

function way(text: string): Way {
  if (text === 'stdio' || text === 'http' || text === 'fitting') return text;
  throw new GatehouseError('usage', `--over does not take "${text}".`, 'Write --over stdio or --over http.');
}

const names = (text: string) => text.split(',').flatMap((name) => name.trim() || []);

async function install(errand: Errand, client: string, options: Options): Promise<void> {
  const dry = options.dryRun === true;
  const machine = thisMachine();
  const link = await brokerLink(errand);
  const wish = {
    client,
    combined: options.combined === true,
    passDialogs: options.passDialogs === true,
    hooks: options.hooks === true,
    over: options.over,
    also: options.also ?? [],
  };
  const plan = await planBetween(link, machine, wish, dry);
  const { title, changes: shown, left, refused: unreadable } = plan.preview;
  if (!errand.json) errand.say(preview(plan.preview, wish));
  const refused = [...unreadable];
  const written: string[] = [];
  if (!dry && shown.length > 0) {
    if (!(await agreed(errand, 'Write this?'))) throw new GatehouseError('refused', 'Nothing was written.', 'Run the command again.');
    const done = await writeBetween(link, machine, plan);
    written.push(...done.written);
    refused.push(...done.refused);
    if (!errand.json) for (const { why } of done.refused) process.stderr.write(`${visible(why)}\n`);
  }
  if (refused.length > 0) errand.exitCode = 1;
  errand.print({ client, dryRun: dry, changes: shown, written, left, refused }, () => ending(client, title, dry, shown.length, written));
}

function preview({ title, changes, left, refused, can }: InstallPreview, { combined, passDialogs }: InstallWishes): string {
  return [
    ...changes.map(({ path, made, difference }) => `${visible(path)}${made ? ' (new)' : ''}\n${difference.map(visible).join('\n')}`),
    ...(combined
      ? ['One entry for all servers: their tools will be named server__tool, so prompts and rules that name tools no longer fit.']
      : []),
    ...(can.passDialogs && !passDialogs && changes.length > 0
      ? [`${title} will still ask by itself. With --pass-dialogs it lets these entries pass, since Gatehouse asks.`]
      : []),
    ...left.map(({ entry, why }) => `${visible(entry)} stays as it is: ${visible(why)}.`),
    ...refused.map(({ path, why }) => `${visible(path)} is not touched: ${visible(why)}.`),
    ...(changes.length === 0 ? [`Nothing to change for ${title}.`] : []),
  ].join('\n\n');
}

function ending(client: string, title: string, dry: boolean, planned: number, written: readonly string[]): string {
  if (dry) return planned === 0 ? '' : '\nNothing was written: this was a dry run.';
  if (written.length === 0) return '';
  return `\nWritten. Restart ${title} to use it. "gatehouse uninstall ${client}" puts everything back.`;
}
