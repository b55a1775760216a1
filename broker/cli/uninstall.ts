// `gatehouse uninstall CLIENT|--all`: every file of a client as it was, with what others changed since kept.
import { GatehouseError } from '../../shared/errors.ts';
import type { KeptFile } from '../../shared/vocabulary.ts';
import type { ClientKind } from '../clients/kind.ts';
import { differenceLines, keysReturning } from '../clients/preview.ts';
import { replaceFile } from '../clients/replace-file.ts';
import { Malformed } from '../clients/tree.ts';
import { type Undone, undo } from '../clients/undo.ts';
import { agreed, bytesAt, kindNamed } from './client-files.ts';
import type { Errand, Register } from './errand.ts';
import { failureOf } from './failure.ts';
import type { Api } from './operator-link.ts';
import { visible } from './visible.ts';

interface Planned {
  readonly kind: ClientKind;
  readonly path: string;
  readonly copies: readonly KeptFile[];
  readonly before: Buffer | null;
  readonly undone: Undone;
  readonly keys: readonly { readonly where: string; readonly rotated: boolean }[];
}

export const register: Register = (root, errand) => {
  root
    .command('uninstall [client]')
    .description('Puts the files of a client back as they were before "install".')
    .option('--all', 'every client')
    .option('--dry-run', 'show what would change, and change nothing')
    .addHelpText('after', '\nExamples:\n  gatehouse uninstall cursor\n  gatehouse uninstall --all --dry-run')
    .action(async (client: string | undefined, options: { all?: boolean; dryRun?: boolean }) => {
      if ((client === undefined) === (options.all !== true))
        throw new GatehouseError('usage', 'Name one client, or give --all.', 'See "gatehouse uninstall --help".');
      await uninstall(errand, client === undefined ? null : kindNamed(client), options.dryRun === true);
    });
};

async function uninstall(errand: Errand, only: ClientKind | null, dry: boolean): Promise<void> {
  const { api } = await errand.operator();
  const kept = (await api.clientFile.list()).filter(({ client }) => only === null || client === only.name);
  const planned: Planned[] = [];
  const refused: { path: string; why: string }[] = [];
  for (const path of new Set(kept.map((copy) => copy.path))) {
    try {
      planned.push(await plan(api, path, kept.filter((copy) => copy.path === path).reverse()));
    } catch (thrown) {
      const { message, hint } =
        thrown instanceof Malformed ? { message: `${thrown.message}.`, hint: 'Mend it, then run this again.' } : failureOf(thrown);
      refused.push({ path, why: `${message} ${hint}` });
    }
  }
  if (!errand.json) errand.say(preview(planned, refused));
  const restored: string[] = [];
  if (!dry && planned.length > 0) {
    const keys = planned.flatMap((one) => one.keys).length;
    const question = keys === 0 ? 'Write this?' : `Write this, with ${keys} ${keys === 1 ? 'key' : 'keys'} in plain text?`;
    if (!(await agreed(errand, question))) throw new GatehouseError('refused', 'Nothing was written.', 'Run the command again.');
    for (const { path, before, undone, copies } of planned) {
      try {
        if (!same(before, undone.bytes)) replaceFile({ path, before, after: undone.bytes });
        for (const { id } of copies) await api.clientFile.forget({ id });
        restored.push(path);
      } catch (thrown) {
        const { message, hint } = failureOf(thrown);
        refused.push({ path, why: `${message} ${hint}` });
        if (!errand.json) process.stderr.write(`${visible(`${message} ${hint}`)}\n`);
      }
    }
  }
  if (refused.length > 0) errand.exitCode = 1;
  const files = planned.map(({ path, undone, keys }) => ({ path, exact: undone.exact, left: undone.left, keys }));
  errand.print({ dryRun: dry, files, restored, refused }, () =>
    restored.length === 0
      ? ''
      : `\nPut back: ${restored.map(visible).join(', ')}. The client stays paired until "gatehouse client revoke".`,
  );
}

const same = (one: Buffer | null, other: Buffer | null) => (one === null || other === null ? one === other : one.equals(other));

/** @throws Malformed, GatehouseError */
async function plan(api: Api, path: string, copies: readonly KeptFile[]): Promise<Planned> {
  const kind = kindNamed(copies[0]?.client ?? '');
  const texts: string[] = [];
  for (const { id } of copies) {
    const copy = await api.clientFile.open({ id });
    // Only what is opened is proven; a list may be of files that somebody renamed or wrote.
    if (copy.path !== path || copy.client !== kind.name)
      throw new GatehouseError('not-verified', `The kept copy ${id} is of another file.`, 'Run the command again.');
    texts.push(copy.text);
  }
  const before = bytesAt(path);
  const undone = undo(kind, before, texts);
  const returning = keysReturning(kind, undone.edits);
  const { names } = returning.length === 0 ? { names: [] } : await api.secret.match({ values: returning.map(({ value }) => value) });
  return { kind, path, copies, before, undone, keys: returning.map(({ where }, at) => ({ where, rotated: names[at] === null })) };
}

function preview(planned: readonly Planned[], refused: readonly { path: string; why: string }[]): string {
  if (planned.length + refused.length === 0) return 'Nothing is installed here.';
  return [
    ...planned.map(({ kind, path, undone, keys }) =>
      [
        `${visible(path)}: ${undone.bytes === null ? 'is removed, because it was not there before' : undone.exact ? 'as it was, byte for byte' : 'its old entries, among what others changed since'}`,
        ...(undone.exact ? [] : differenceLines(kind, undone.edits, true).map(visible)),
        ...undone.left.map((sentence) => `  ${visible(sentence)}`),
        ...keys.map(
          ({ where, rotated }) =>
            `  In plain text again: ${visible(where)}${rotated ? ' (the old value; the vault has another by now)' : ''}`,
        ),
      ].join('\n'),
    ),
    ...refused.map(({ path, why }) => `${visible(path)} is not touched: ${visible(why)}`),
  ].join('\n\n');
}
