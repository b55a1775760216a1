// `gatehouse import`: what clients start today becomes Gatehouse's: servers tried once each, keys in the vault. Client files stay as they are.
import { resolve } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';
import type { ImportRow } from '../../shared/setup-contract.ts';
import { bringIn, previewImport } from '../clients/bring-in.ts';
import { kindNamed } from '../clients/client-file.ts';
import { type Discovery, discover, entriesOf, readClientFile } from '../clients/discover.ts';
import { foreignFile } from '../clients/foreign-file.ts';
import { clientNames } from '../clients/kind.ts';
import { type Machine, thisMachine } from '../clients/machine.ts';
import { Malformed } from '../clients/tree.ts';
import { agreed, brokerLink } from './client-files.ts';
import type { Errand, Register } from './errand.ts';
import { inWords } from './import-report.ts';
import { visible } from './visible.ts';

interface Options {
  readonly from?: string;
  readonly accept: 'clean' | 'none';
  readonly dryRun?: boolean;
}

export const register: Register = (root, errand) => {
  root
    .command('import')
    .description('Brings in the servers that clients start today: their keys go to the vault, each is started once to see that it works.')
    .option('--from <client or file>', 'one client, or one configuration file; without it, every client')
    .option('--accept <which>', 'clean: accept what nothing was found about; none: everything waits for you', which, 'clean')
    .option('--dry-run', 'show what would be brought in, and change nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  gatehouse import --dry-run\n  gatehouse import --from cursor\n  gatehouse import --from ./.mcp.json --accept none',
    )
    .action((options: Options) => runImport(errand, options));
};

function which(text: string): 'clean' | 'none' {
  if (text === 'clean' || text === 'none') return text;
  throw new GatehouseError('usage', `--accept does not take "${text}".`, 'Write --accept clean or --accept none.');
}

async function runImport(errand: Errand, options: Options): Promise<void> {
  const machine = thisMachine();
  const found = lookFor(machine, options.from);
  const link = await brokerLink(errand);
  const { plan, rows, unreadable } = await previewImport(link, machine, found);
  const dry = options.dryRun === true;
  let all = rows;
  if (!dry) {
    if (!errand.json && plan.servers.length > 0) errand.say(commands(rows));
    if (plan.servers.length > 0 && !(await agreed(errand, 'Start each of these once, and bring them in?')))
      throw new GatehouseError('refused', 'Nothing was brought in.', 'Run the command again.');
    all = [...(await bringIn(link, plan, { accept: options.accept })), ...rows.filter(({ state }) => state === 'left')];
  }
  if (all.some(({ state }) => state === 'failed') || unreadable.length > 0) errand.exitCode = 1;
  errand.print({ dryRun: dry, rows: all, unreadable }, () =>
    [inWords(all, dry), ...unreadable.map(({ path, why }) => `${visible(path)} was not read: ${visible(why)}.`)].join('\n'),
  );
}

function lookFor(machine: Machine, from: string | undefined): Discovery {
  if (from === undefined) return discover(machine);
  if ((clientNames as readonly string[]).includes(from)) return discover(machine, [kindNamed(from)]);
  const path = resolve(machine.cwd, from);
  const foreign = foreignFile(machine, path);
  if (foreign === null)
    throw new GatehouseError(
      'usage',
      `"${from}" is neither a client nor a configuration file that is known here.`,
      `Name a file, or one of: ${clientNames.join(', ')}.`,
    );
  try {
    const file = readClientFile(machine, foreign.kind, foreign.file);
    return file === null ? { files: [], entries: [], unreadable: [] } : { files: [file], entries: entriesOf(file), unreadable: [] };
  } catch (thrown) {
    if (thrown instanceof Malformed)
      throw new GatehouseError('failed', `${path} was not read: ${thrown.message}.`, 'Mend the file first.', { cause: thrown });
    throw thrown;
  }
}

/** Exactly what will be started, before it is (security.md T27). */
function commands(rows: readonly ImportRow[]): string {
  const lines = rows
    .filter(({ state }) => state !== 'left')
    .map(({ server, starts, state }) => `${state === 'new' ? 'start ' : 'known '} ${visible(server ?? '')}: ${visible(starts)}`);
  return `${lines.join('\n')}\n`;
}
