// Puts the files of a client back as they were before Gatehouse came, with what others changed since kept; and where the person chose it, with
// the present values of keys that were rotated since in place of the old ones.
import { createHash } from 'node:crypto';
import { GatehouseError } from '../../shared/errors.ts';
import type { UndoPreview } from '../../shared/setup-contract.ts';
import type { KeptFile } from '../../shared/vocabulary.ts';
import type { BrokerLink } from './broker-link.ts';
import { digestOf, readKept } from './change.ts';
import { bytesAt, kindNamed } from './client-file.ts';
import { keysOf, type ReturningKey, withCurrent } from './current-keys.ts';
import { parserOf } from './discover.ts';
import type { ClientKind } from './kind.ts';
import { differenceLines } from './preview.ts';
import { replaceFile } from './replace-file.ts';
import type { Served } from './rotated.ts';
import { Malformed, type Parse } from './tree.ts';
import { type Undone, undo } from './undo.ts';

/** What undoing needs of the broker; a home whose broker does not run has it too. */
export interface Keeper {
  list(): Promise<readonly KeptFile[]>;
  open(id: string): Promise<KeptFile & { readonly text: string }>;
  forget(id: string): Promise<unknown>;
  /** For each value, the secret that has it now, or null. */
  match(values: string[]): Promise<readonly (string | null)[]>;
  servers(): Promise<readonly Served[]>;
  secretNames(): Promise<readonly string[]>;
  /** Values of secrets that stand in the places of these copies, which are all of one file. Leave the vault here and go into that file alone. */
  currentKeys(ids: readonly string[], secrets: readonly string[]): Promise<readonly string[]>;
  told(thrown: unknown): GatehouseError;
}

export function keeperOf({ api, told }: BrokerLink): Keeper {
  return {
    list: () => api.clientFile.list(),
    open: (id) => api.clientFile.open({ id }),
    forget: (id) => api.clientFile.forget({ id }),
    match: async (values) => (await api.secret.match({ values })).names,
    servers: () => api.server.list(),
    secretNames: async () => (await api.secret.list()).map(({ name }) => name),
    currentKeys: async (ids, secrets) => (await api.clientFile.currentKeys({ ids: [...ids], secrets: [...secrets] })).values,
    told,
  };
}

interface Planned {
  readonly kind: ClientKind;
  readonly path: string;
  readonly copies: readonly KeptFile[];
  readonly before: Buffer | null;
  readonly undone: Undone;
  readonly parse: Parse;
  readonly keys: readonly ReturningKey[];
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
    keys: keys.map(({ returning: { where }, rotated, current, why }) => ({ where, rotated, current, why })),
  }));
  const told = planned.map(({ path, before, copies, keys }) => [
    path,
    before === null ? null : digestOf(before),
    copies.map(({ id }) => id),
    keys.map(({ current }) => current),
  ]);
  const digest = createHash('sha256').update(JSON.stringify(told)).digest('hex');
  return { planned, preview: { digest, files, refused } };
}

/** File by file; a copy is forgotten when its file is back. `current`: files that get the present values of rotated keys. */
export async function putBack(
  keeper: Keeper,
  { planned }: UndoPlan,
  current: readonly string[] = [],
): Promise<{ restored: string[]; refused: { path: string; why: string }[] }> {
  const restored: string[] = [];
  const refused: { path: string; why: string }[] = [];
  for (const one of planned) {
    const { path, before, copies } = one;
    const ids = copies.map(({ id }) => id);
    try {
      const after = current.includes(path) ? await withCurrent(one, (names) => keeper.currentKeys(ids, names)) : one.undone.bytes;
      if (!same(before, after)) replaceFile({ path, before, after });
      for (const id of ids) await keeper.forget(id);
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
  const parse = parserOf({ format: readKept(texts[0] ?? '').format, path, places: () => [], shared: false });
  return { kind, path, copies, before, undone, parse, keys: await keysOf(keeper, kind, undone, parse) };
}
