// `gatehouse uninstall CLIENT|--all`: every file of a client as it was, with what others changed since kept.
import { GatehouseError } from '../../shared/errors.ts';
import type { UndoPreview } from '../../shared/setup-contract.ts';
import { kindNamed } from '../clients/client-file.ts';
import { type Keeper, keeperOf, planBack, putBack } from '../clients/put-back.ts';
import { agreed, brokerLink } from './client-files.ts';
import type { Errand, Register } from './errand.ts';
import { failureOf } from './failure.ts';
import { visible } from './visible.ts';

interface Options {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly passphraseFd?: number;
}

export const register: Register = (root, errand) => {
  root
    .command('uninstall [client]')
    .description('Puts the files of a client back as they were before "install".')
    .option('--all', 'every client')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--passphrase-fd <n>', "where no broker runs: read the sealed file's passphrase from this descriptor", descriptor)
    .addHelpText('after', '\nExamples:\n  gatehouse uninstall cursor\n  gatehouse uninstall --all --dry-run')
    .action(async (client: string | undefined, options: Options) => {
      if ((client === undefined) === (options.all !== true))
        throw new GatehouseError('usage', 'Name one client, or give --all.', 'See "gatehouse uninstall --help".');
      await uninstall(errand, client === undefined ? null : kindNamed(client).name, options);
    });
};

/** With the running broker; where none runs, with the home itself. */
export async function uninstall(errand: Errand, only: string | null, { dryRun = false, passphraseFd }: Options): Promise<void> {
  const running = await (await errand.anyone()).status().catch((thrown: unknown) => {
    if (failureOf(thrown).code !== 'no-broker') throw thrown;
    return null;
  });
  if (running !== null) return restore(errand, keeperOf(await brokerLink(errand)), only, dryRun);
  const { keeper, close } = await (await import('./at-rest.ts')).keeperAtRest(errand, passphraseFd);
  try {
    await restore(errand, keeper, only, dryRun);
  } finally {
    await close();
  }
}

function descriptor(text: string): number {
  if (/^[0-9]{1,6}$/.test(text)) return Number(text);
  throw new GatehouseError('usage', `--passphrase-fd does not take "${text}".`, 'Give a number.');
}

async function restore(errand: Errand, keeper: Keeper, only: string | null, dry: boolean): Promise<void> {
  const plan = await planBack(keeper, only);
  const { files } = plan.preview;
  if (!errand.json) errand.say(preview(plan.preview));
  const refused = [...plan.preview.refused];
  const restored: string[] = [];
  if (!dry && files.length > 0) {
    const keys = files.flatMap((one) => one.keys).length;
    const question = keys === 0 ? 'Write this?' : `Write this, with ${keys} ${keys === 1 ? 'key' : 'keys'} in plain text?`;
    if (!(await agreed(errand, question))) throw new GatehouseError('refused', 'Nothing was written.', 'Run the command again.');
    const done = await putBack(keeper, plan);
    restored.push(...done.restored);
    refused.push(...done.refused);
    if (!errand.json) for (const { why } of done.refused) process.stderr.write(`${visible(why)}\n`);
  }
  if (refused.length > 0) errand.exitCode = 1;
  errand.print({ dryRun: dry, files, restored, refused }, () =>
    restored.length === 0
      ? ''
      : `\nPut back: ${restored.map(visible).join(', ')}. The client stays paired until "gatehouse client revoke".`,
  );
}

function preview({ files, refused }: UndoPreview): string {
  if (files.length + refused.length === 0) return 'Nothing is installed here.';
  return [
    ...files.map(({ path, removed, exact, difference, left, keys }) =>
      [
        `${visible(path)}: ${removed ? 'is removed, because it was not there before' : exact ? 'as it was, byte for byte' : 'its old entries, among what others changed since'}`,
        ...difference.map(visible),
        ...left.map((sentence) => `  ${visible(sentence)}`),
        ...keys.map(
          ({ where, rotated }) =>
            `  In plain text again: ${visible(where)}${rotated ? ' (the old value; the vault has another by now)' : ''}`,
        ),
      ].join('\n'),
    ),
    ...refused.map(({ path, why }) => `${visible(path)} is not touched: ${visible(why)}`),
  ].join('\n\n');
}
