// Puts the files of a client back as they were before Gatehouse came, with what others changed since kept.
import { createHash } from 'node:crypto';
import { GatehouseError } from '../../shared/errors.ts';
import type { UndoPreview } from '../../shared/setup-contract.ts';
import type { KeptFile } from '../../shared/vocabulary.ts';
import type { BrokerLink } from './broker-link.ts';
import { digestOf } from './change.ts';
import { bytesAt, kindNamed } from './client-file.ts';
import type { ClientKind } from './kind.ts';
import { differenceLines, keysReturning } from './preview.ts';
import { replaceFile } from './replace-file.ts';
import { Malformed } from './tree.ts';
import { type Undone, undo } from './undo.ts';

/** What undoing needs of the broker; a home whose broker does not run has it too. */
export interface Keeper {
  list(): Promise<readonly KeptFile[]>;
  open(id: string): Promise<KeptFile & { readonly text: string }>;
  forget(id: string): Promise<unknown>;
  /** For each value, the secret that has it now, or null. */
  match(values: string[]): Promise<readonly (string | null)[]>;
  told(thrown: unknown): GatehouseError;
}

export function keeperOf({ api, told }: BrokerLink): Keeper {
  return {
    list: () => api.clientFile.list(),
    open: (id) => api.clientFile.open({ id }),
    forget: (id) => api.clientFile.forget({ id }),
    match: async (values) => (await api.secret.match({ values })).names,
    told,
  };
}

interface Planned {
  readonly kind: ClientKind;
  readonly path: string;
  readonly copies: readonly KeptFile[];
  readonly before: Buffer | null;
  readonly undone: Undone;
  readonly keys: readonly { readonly where: string; readonly rotated: boolean }[];
}

export interface UndoPlan {
  readonly planned: readonly Planned[];
  readonly preview: UndoPreview;
}

/** `client`: null for all. */
export async function planBack(keeper: Keeper, client: string | null): Promise<UndoPlan> {
  const kept = (await keeper.list()).filter((copy) => client === null || copy.client === client);
  const planned: Planned[] = [];
  const refused: { path: string; why: string }[] = [];
  for (const path of new Set(kept.map((copy) => copy.path))) {
    try {
      planned.push(await plan(keeper, path, kept.filter((copy) => copy.path === path).reverse()));
    } catch (thrown) {
      const { message, hint } =
        thrown instanceof Malformed ? { message: `${thrown.message}.`, hint: 'Mend it, then run this again.' } : keeper.told(thrown);
      refused.push({ path, why: `${message} ${hint}` });
    }
  }
  const files = planned.map(({ kind, path, undone, keys }) => ({
    client: kind.name,
    path,
    exact: undone.exact,
    removed: undone.bytes === null,
    difference: undone.exact ? [] : differenceLines(kind, undone.edits, true),
    left: [...undone.left],
    keys: [...keys],
  }));
  const told = planned.map(({ path, before, copies }) => [path, before === null ? null : digestOf(before), copies.map(({ id }) => id)]);
  const digest = createHash('sha256').update(JSON.stringify(told)).digest('hex');
  return { planned, preview: { digest, files, refused } };
}

/** File by file; a copy is forgotten when its file is back. */
export async function putBack(
  keeper: Keeper,
  { planned }: UndoPlan,
): Promise<{ restored: string[]; refused: { path: string; why: string }[] }> {
  const restored: string[] = [];
  const refused: { path: string; why: string }[] = [];
  for (const { path, before, undone, copies } of planned) {
    try {
      if (!same(before, undone.bytes)) replaceFile({ path, before, after: undone.bytes });
      for (const { id } of copies) await keeper.forget(id);
      restored.push(path);
    } catch (thrown) {
      const { message, hint } = keeper.told(thrown);
      refused.push({ path, why: `${message} ${hint}` });
    }
  }
  return { restored, refused };
}

const same = (one: Buffer | null, other: Buffer | null) => (one === null || other === null ? one === other : one.equals(other));

/** @throws Malformed, GatehouseError */
async function plan(keeper: Keeper, path: string, copies: readonly KeptFile[]): Promise<Planned> {
  const kind = kindNamed(copies[0]?.client ?? '');
  const texts: string[] = [];
  for (const { id } of copies) {
    const copy = await keeper.open(id);
    // Only what is opened is proven; a list may be of files that somebody renamed or wrote.
    if (copy.path !== path || copy.client !== kind.name)
      throw new GatehouseError('not-verified', `The kept copy ${id} is of another file.`, 'Run the command again.');
    texts.push(copy.text);
  }
  const before = bytesAt(path);
  const undone = undo(kind, before, texts);
  const returning = keysReturning(kind, undone.edits);
  const names = returning.length === 0 ? [] : await keeper.match(returning.map(({ value }) => value));
  return { kind, path, copies, before, undone, keys: returning.map(({ where }, at) => ({ where, rotated: names[at] === null })) };
}
