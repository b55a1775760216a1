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
  readonly currentKeys?: boolean;
  readonly passphraseFd?: number;
}

export const register: Register = (root, errand) => {
  root
    .command('uninstall [client]')
    .description('Puts the files of a client back as they were before "install".')
    .option('--all', 'every client')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--current-keys', 'where a key was rotated since, write its current value in place of the old one')
    .option('--passphrase-fd <n>', "where no broker runs: read the sealed file's passphrase from this descriptor", descriptor)
    .addHelpText(
      'after',
      '\nExamples:\n  gatehouse uninstall cursor\n  gatehouse uninstall --all --dry-run\n  gatehouse uninstall cursor --current-keys',
    )
    .action(async (client: string | undefined, options: Options) => {
      if ((client === undefined) === (options.all !== true))
        throw new GatehouseError('usage', 'Name one client, or give --all.', 'See "gatehouse uninstall --help".');
      await uninstall(errand, client === undefined ? null : kindNamed(client).name, options);
    });
};

/** With the running broker; where none runs, with the home itself. */
export async function uninstall(
  errand: Errand,
  only: string | null,
  { dryRun = false, currentKeys = false, passphraseFd }: Options,
): Promise<void> {
  const running = await (await errand.anyone()).status().catch((thrown: unknown) => {
    if (failureOf(thrown).code !== 'no-broker') throw thrown;
    return null;
  });
  const how = { dry: dryRun, all: currentKeys };
  if (running !== null) return restore(errand, withProof(errand, keeperOf(await brokerLink(errand))), only, how);
  const { keeper, close } = await (await import('./at-rest.ts')).keeperAtRest(errand, passphraseFd);
  try {
    await restore(errand, keeper, only, how);
  } finally {
    await close();
  }
}

function descriptor(text: string): number {
  if (/^[0-9]{1,6}$/.test(text)) return Number(text);
  throw new GatehouseError('usage', `--passphrase-fd does not take "${text}".`, 'Give a number.');
}

/** The PIN is asked for where the credential of this shell does not do: a value that leaves the vault needs a person. */
function withProof(errand: Errand, keeper: Keeper): Keeper {
  return {
    ...keeper,
    async currentKeys(ids, secrets) {
      try {
        return await keeper.currentKeys(ids, secrets);
      } catch (thrown) {
        if (failureOf(thrown).code !== 'needs-pin' || (await errand.terminalOrNull()) === null) throw thrown;
        const api = await errand.withPin(`Operator PIN, to write the current value of ${secrets.map(visible).join(', ')}: `, 'once', true);
        return (await api.clientFile.currentKeys({ ids: [...ids], secrets: [...secrets] })).values;
      }
    },
  };
}

interface How {
  readonly dry: boolean;
  /** Current keys in every file, without a question. */
  readonly all: boolean;
}

async function restore(errand: Errand, keeper: Keeper, only: string | null, { dry, all }: How): Promise<void> {
  const plan = await planBack(keeper, only);
  const { files } = plan.preview;
  if (!errand.json) errand.say(preview(plan.preview, all));
  const current = all ? files.filter(offers).map(({ path }) => path) : [];
  const refused = [...plan.preview.refused];
  const restored: string[] = [];
  if (!dry && files.length > 0) {
    if (!all) current.push(...(await chosen(errand, files)));
    const keys = files.flatMap((one) => one.keys).length;
    const question = keys === 0 ? 'Write this?' : `Write this, with ${keys} ${keys === 1 ? 'key' : 'keys'} in plain text?`;
    if (!(await agreed(errand, question))) throw new GatehouseError('refused', 'Nothing was written.', 'Run the command again.');
    const done = await putBack(keeper, plan, current);
    restored.push(...done.restored);
    refused.push(...done.refused);
    if (!errand.json) for (const { why } of done.refused) process.stderr.write(`${visible(why)}\n`);
  }
  if (refused.length > 0) errand.exitCode = 1;
  errand.print({ dryRun: dry, files, current, restored, refused }, () =>
    restored.length === 0
      ? ''
      : `\nPut back: ${restored.map(visible).join(', ')}. The client stays paired until "gatehouse client revoke".`,
  );
}

type File = UndoPreview['files'][number];

const offers = ({ keys }: File) => keys.some(({ current }) => current !== null);

/** Asked file by file, at a terminal only: nobody's silence takes a value out of the vault. */
async function chosen(errand: Errand, files: readonly File[]): Promise<string[]> {
  const paths: string[] = [];
  if (errand.json || !process.stdin.isTTY || !process.stdout.isTTY || (await errand.terminalOrNull()) === null) return paths;
  for (const file of files.filter(offers)) {
    const names = [...new Set(file.keys.flatMap(({ current }) => current ?? []))].map(visible).join(', ');
    if (await agreed(errand, `${visible(file.path)}: write the current value of ${names} in place of the old one?`)) paths.push(file.path);
  }
  return paths;
}

/** What is written for a key: the old value, or the current one by its secret's name. */
function keyLine({ where, rotated, current, why }: File['keys'][number], all: boolean): string {
  const again = `  In plain text again: ${visible(where)}`;
  if (!rotated) return again;
  if (current === null) return `${again} (the old value; the vault has another by now, not offered because ${visible(why ?? '')})`;
  return all
    ? `${again} (the current value of ${visible(current)})`
    : `${again} (the old value; --current-keys writes the current value of ${visible(current)})`;
}

function preview({ files, refused }: UndoPreview, all: boolean): string {
  if (files.length + refused.length === 0) return 'Nothing is installed here.';
  return [
    ...files.map(({ path, removed, exact, difference, left, keys }) =>
      [
        `${visible(path)}: ${removed ? 'is removed, because it was not there before' : exact ? 'as it was, byte for byte' : 'its old entries, among what others changed since'}`,
        ...difference.map(visible),
        ...left.map((sentence) => `  ${visible(sentence)}`),
        ...keys.map((key) => keyLine(key, all)),
      ].join('\n'),
    ),
    ...refused.map(({ path, why }) => `${visible(path)} is not touched: ${visible(why)}`),
  ].join('\n\n');
}
