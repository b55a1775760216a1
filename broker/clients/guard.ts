// What became of a file that Gatehouse changed: entries of ours that are gone, that lead elsewhere, or that a later one goes past. Judges only.
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Edit, readKept, type WantedEdit } from './change.ts';
import { entriesOf, type FoundEntry, type FoundFile, parserOf } from './discover.ts';
import { placed } from './hook-items.ts';
import type { ClientFile, ClientKind } from './kind.ts';
import { dropInFor, meaningOf } from './launch.ts';
import { at as joined, type Machine } from './machine.ts';
import { decode } from './text.ts';
import { mapAt } from './tree.ts';

/** `gone`, `changed`, `moved` (an address that is ours no longer): an entry of ours. `new`: one that goes past. `hook`: a hook that is gone. */
export interface Deviation {
  /** Of what stands there now, so that one that was put aside stays silent until it is something else. */
  readonly id: string;
  readonly kind: 'gone' | 'changed' | 'moved' | 'new' | 'hook';
  readonly client: ClientKind;
  readonly file: ClientFile;
  readonly entry: string;
  /** What puts it right; null for a new one, which has to be brought in first. */
  readonly mend: WantedEdit | null;
  /** What stands there now, where something does. */
  readonly found: FoundEntry | null;
}

/** A rule of the client's own dialog that lets pass what is not ours any more. */
export interface Withdrawal {
  readonly file: ClientFile;
  readonly edit: WantedEdit;
  /** For the log. */
  readonly rule: string;
}

export interface Judged {
  readonly deviations: readonly Deviation[];
  readonly withdrawals: readonly Withdrawal[];
}

/** The file of a client at a path that was recorded, with the meaning it has there. */
export function recordedFile(machine: Machine, kind: ClientKind, path: string, format: ClientFile['format']): ClientFile {
  const folders = [machine.cwd, joined(machine, path, '..'), joined(machine, path, '..', '..')];
  const known = folders.flatMap((cwd) => kind.files({ ...machine, cwd })).find((file) => file.path === path);
  if (known) return known;
  // Moved by a variable of the environment it was installed in.
  const like = kind.files(machine).find((file) => file.format === format && !file.shared);
  return like ? { ...like, path } : { path, format, places: () => [], shared: true };
}

const nothing: Judged = { deviations: [], withdrawals: [] };

/**
 * `kept`: the opened copies of this file, the oldest first. `mcp`: the address where Gatehouse answers now.
 * @throws Malformed for a file that cannot be read, which may be half written
 */
export function judge(kind: ClientKind, file: ClientFile, kept: readonly string[], current: Buffer | null, mcp: string): Judged {
  const copies = kept.map(readKept);
  const newest = copies.at(-1);
  if (newest === undefined) return nothing;
  const text = decode(current ?? Buffer.alloc(0));
  const tree = parserOf(file)(text.body);
  const found: FoundFile = { kind, file, path: file.path, mode: 0o600, bytes: current ?? Buffer.alloc(0), text, tree };
  const entries = entriesOf(found);
  const last = new Map<string, Edit>();
  for (const edit of copies.flatMap(({ edits }) => edits)) {
    const key = JSON.stringify([edit.at, edit.name]);
    last.set(key, edit.added === undefined ? edit : { ...edit, added: together(last.get(key)?.added ?? [], edit.added) });
  }
  const id = (...told: unknown[]) =>
    createHash('sha256')
      .update(JSON.stringify([kind.name, file.path, ...told]))
      .digest('hex')
      .slice(0, 16);
  const deviations: Deviation[] = [];
  const withdrawals: Withdrawal[] = [];
  for (const edit of last.values()) {
    const { at, name, after, added } = edit;
    // What a file says of its own format leads nowhere.
    if (added === undefined && typeof after !== 'object') continue;
    const now = tree.entry(at, name);
    const wanted = meaningOf(after, kind.dialect).launch;
    const here = wanted.kind === 'url' ? new URL(new URL(wanted.url).pathname, mcp).href : '';
    const pointing = wanted.kind === 'url' ? dropInFor(kind.dialect, { ...wanted, kind: 'url', url: here }, after) : after;
    const of = { client: kind, file, entry: name, mend: { at, name, value: pointing } };
    if (added !== undefined) {
      const hooks = added.filter((item) => typeof item !== 'string');
      const there = Array.isArray(now?.value) ? now.value : [];
      const missing = hooks.filter((hook) => !there.some((one) => isDeepStrictEqual(one, hook)));
      if (missing.length > 0)
        deviations.push({
          ...of,
          kind: 'hook',
          id: id(at, name, now?.value ?? null),
          mend: { at, name, ...mended(there, missing) },
          found: null,
        });
      continue;
    }
    const standing = entries.find((entry) => entry.name === name && isDeepStrictEqual([...entry.place.at], [...at])) ?? null;
    if (now === null) deviations.push({ ...of, kind: 'gone', id: id(at, name, null), found: null });
    else if (standing?.ours == null) {
      deviations.push({ ...of, kind: 'changed', id: id(at, name, now.value), found: standing });
      const passing = kind.dialect.passing;
      const value = now.value as Record<string, unknown> | null;
      const before = edit.before?.value as Record<string, unknown> | undefined;
      if (
        passing &&
        value !== null &&
        isDeepStrictEqual(value[passing.key], passing.value) &&
        !isDeepStrictEqual(before?.[passing.key], passing.value)
      ) {
        const { [passing.key]: _, ...rest } = value;
        withdrawals.push({ file, edit: { at, name, value: rest }, rule: `${passing.key} of "${name}"` });
      }
    } else {
      const { launch } = standing.meaning;
      if (launch.kind === 'url' && new URL(launch.url).origin !== new URL(mcp).origin)
        deviations.push({ ...of, kind: 'moved', id: id(at, name, now.value, mcp), found: standing });
    }
  }
  const { hooksOff: off } = kind;
  const hooked = [...last.values()].some(({ added = [] }) => added.some((item) => typeof item !== 'string'));
  if (off !== undefined && hooked && tree.entry([], off)?.value === true)
    deviations.push({
      ...{ id: id(off), kind: 'hook', client: kind, file, entry: off, found: null },
      mend: { at: [], name: off, value: false },
    });
  const left = newest.bytes === null ? {} : parserOf(file)(decode(newest.bytes).body).value;
  for (const entry of entries) {
    const { at } = entry.place;
    const knownBefore = Object.hasOwn(mapAt(left, at) ?? {}, entry.name);
    if (entry.ours || knownBefore || entry.meaning.disabled || last.has(JSON.stringify([at, entry.name]))) continue;
    deviations.push({ id: id(at, entry.name, entry.value), kind: 'new', client: kind, file, entry: entry.name, mend: null, found: entry });
  }
  return { deviations, withdrawals };
}

/** What of ours a list holds after two changes of it: of a hook, the newer form alone. */
const together = (before: readonly unknown[], added: readonly unknown[]) => placed(before, added)?.list ?? before;

/** The list with these hooks in it again, in place of older ones that somebody put back. */
function mended(list: readonly unknown[], missing: readonly unknown[]) {
  const { list: value, added, replaced } = placed(list, missing) ?? { list, added: [], replaced: [] };
  return { value, added, replaced };
}

/** Rules that were added for entries which do not lead here any more. Null where there is none. `kept`: copies of the settings file. */
export function looseRules(
  kind: ClientKind,
  machine: Machine,
  kept: readonly string[],
  current: Buffer | null,
  strayed: readonly string[],
): Withdrawal | null {
  const dialogs = kind.dialogs?.(machine);
  if (dialogs === undefined || current === null) return null;
  const { at, name } = dialogs;
  const added = kept
    .map(readKept)
    .flatMap(({ edits }) =>
      edits.filter((edit) => edit.name === name && isDeepStrictEqual([...edit.at], [...at])).flatMap((edit) => edit.added ?? []),
    );
  const rules = new Set(strayed.map((entry) => dialogs.rule(entry)).filter((rule) => added.includes(rule)));
  const now = parserOf(dialogs.file)(decode(current).body).entry(at, name)?.value;
  if (!Array.isArray(now) || !now.some((rule) => rules.has(rule as string))) return null;
  const value = now.filter((rule) => !rules.has(rule as string));
  return { file: dialogs.file, edit: { at, name, value }, rule: [...rules].join(', ') };
}
