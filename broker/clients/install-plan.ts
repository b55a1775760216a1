// What `install` would change in a client's files: its entries become drop-ins of the same names, and servers without an entry get one.

import { isDeepStrictEqual } from 'node:util';
import { changeFile, type FileChange, type WantedEdit } from './change.ts';
import { type Discovery, type FoundEntry, type FoundFile, readClientFile } from './discover.ts';
import { holdsOurs, placed } from './hook-items.ts';
import { combinedName, hookServer } from './hooks.ts';
import type { ClientFile, ClientKind } from './kind.ts';
import { type DropIn, dropInFor } from './launch.ts';
import type { Machine } from './machine.ts';
import { Malformed } from './tree.ts';

/** How the client reaches the broker. */
export interface Reach {
  readonly stdio: { readonly command: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };
  readonly httpUrl: string;
  /** For files that only their owner can read; null when it is not to be had. */
  readonly token: string | null;
}

/**
 * `fitting`: HTTP where the client speaks it, the file is its owner's alone and the server does not depend on the folder it is started in;
 * else a connector, which finds its credential in the home and knows the folder.
 */
export type Way = 'fitting' | 'stdio' | 'http';

export interface Replaced {
  readonly entry: FoundEntry;
  readonly server: string;
}

export interface InstallWish {
  readonly kind: ClientKind;
  readonly machine: Machine;
  readonly found: Discovery;
  readonly reach: Reach;
  readonly way: Way;
  /** Entries whose server is Gatehouse's. */
  readonly replaced: readonly Replaced[];
  /** Servers the client shall see; one without an entry gets it. */
  readonly servers: readonly string[];
  /** One entry for all servers, in place of one each. */
  readonly combined: boolean;
  /** Tell the client not to ask by itself about our entries. */
  readonly passDialogs: boolean;
  /** Have the client ask before it uses its own tools. */
  readonly hooks: boolean;
}

/** @throws Malformed when an entry cannot be changed without changing more */
export function planInstall(wish: InstallWish): FileChange[] {
  const { kind, found, replaced, combined } = wish;
  const edits = new Map<string, { file: ClientFile; before: FoundFile | null; wanted: WantedEdit[] }>();
  const into = (file: ClientFile, before: FoundFile | null) => {
    const known = edits.get(file.path) ?? { file, before, wanted: [] };
    edits.set(file.path, known);
    return known.wanted;
  };
  for (const { entry, server } of replaced) {
    const { file, place, name, value } = entry;
    const drop = dropIn(wish, file, server, folderless(entry));
    into(file.file, file).push({ at: place.at, name, value: dropInFor(kind.dialect, drop, value, wish.passDialogs) });
  }
  for (const { file, before } of growing(wish)) {
    const at = file.places(before?.tree.value)[0]?.at ?? [];
    const there = new Set(
      found.entries.filter((entry) => entry.file.path === file.path && entry.place.at.join() === at.join()).map(({ name }) => name),
    );
    const reached = new Set([
      ...replaced.map(({ server }) => server),
      ...found.entries.flatMap((entry) => (entry.ours?.server ? [entry.ours.server] : [])),
    ]);
    const hasCombined = found.entries.some((entry) => entry.ours !== null && entry.ours.server === null && entry.file.path === file.path);
    const missing = combined
      ? hasCombined
        ? []
        : [null]
      : hasCombined
        ? []
        : wish.servers.filter((server) => server !== hookServer && !reached.has(server));
    for (const server of missing) {
      const drop = dropIn(wish, before, server, true);
      into(file, before).push({
        at,
        name: freeName(server ?? combinedName, there),
        value: dropInFor(kind.dialect, drop, null, wish.passDialogs),
      });
    }
  }
  const changes = [...edits.values()].filter(({ wanted }) => wanted.length > 0);
  const names = changes.flatMap(({ wanted }) => wanted.map(({ name }) => name));
  const settings = settingsChange(wish, names);
  return [
    ...changes.map(({ file, before, wanted }) => changeFile(kind, file, before?.bytes ?? null, wanted)),
    ...(settings ? [settings] : []),
  ];
}

/** True where hooks of ours stand in the client's file, whatever version put them there, and run. False for a file that cannot be read. */
export function hooksStand(kind: ClientKind, machine: Machine, { stdio, httpUrl }: Reach): boolean {
  try {
    const made = kind.hooks?.(machine) ?? null;
    const there = made && readClientFile(machine, kind, made.file);
    if (!there || (kind.hooksOff !== undefined && there.tree.entry([], kind.hooksOff)?.value === true)) return false;
    return made.items(stdio, httpUrl, []).some(({ list, item }) => {
      const value = there.tree.entry(['hooks'], list)?.value;
      return Array.isArray(value) && holdsOurs(value, [item]);
    });
  } catch {
    // Nobody asked for hooks: what stands in their way is said where somebody does.
    return false;
  }
}

/** What the client's own settings get beside the entries: rules of its dialog, and a hook; null when all of it is there. */
function settingsChange(
  { kind, machine, found, reach, replaced, passDialogs, hooks }: InstallWish,
  changing: readonly string[],
): FileChange | null {
  const dialogs = passDialogs ? kind.dialogs?.(machine) : undefined;
  const asking = hooks ? (kind.hooks?.(machine) ?? undefined) : undefined;
  // Where a client has both, they are in one file.
  const file = dialogs?.file ?? asking?.file;
  if (file === undefined) return null;
  const before = readClientFile(machine, kind, file);
  const listAt = (way: readonly string[], key: string): unknown[] => {
    const old = before?.tree.entry(way, key)?.value ?? [];
    if (!Array.isArray(old)) throw new Malformed(`"${key}" in ${file.path} is not a list`);
    return old;
  };
  const more = (way: readonly string[], key: string, items: readonly unknown[]): WantedEdit[] => {
    const old = listAt(way, key);
    const added = items.filter((item) => !old.some((one) => isDeepStrictEqual(one, item)));
    return added.length === 0 ? [] : [{ at: way, name: key, value: [...old, ...added], added }];
  };
  const hooked = (key: string, item: unknown): WantedEdit[] => {
    const change = placed(listAt(['hooks'], key), [item]);
    return change === null ? [] : [{ at: ['hooks'], name: key, value: change.list, added: change.added, replaced: change.replaced }];
  };
  const ours = found.entries.filter((entry) => entry.ours !== null).map((entry) => entry.name);
  const names = [...new Set([...ours, ...changing])];
  // The same name in another file of the client leads elsewhere, and which of the two it means is not ours to say.
  const passed = found.entries.filter((entry) => entry.ours === null && !replaced.some((one) => one.entry === entry));
  const own = names.filter((name) => !passed.some((entry) => entry.name === name));
  const version = asking?.version ?? null;
  if (version !== null && before !== null && before.tree.entry([], 'version')?.value !== version)
    throw new Malformed(`${file.path} does not say "version": ${version}, so ${kind.title} would not read hooks in it`);
  const off = asking ? kind.hooksOff : undefined;
  if (off !== undefined && before?.tree.entry([], off)?.value === true)
    throw new Malformed(`${file.path} says "${off}": true, so ${kind.title} would run no hook`);
  const wanted = [
    ...(version !== null && before === null ? [{ at: [], name: 'version', value: version }] : []),
    ...(dialogs ? more(dialogs.at, dialogs.name, [...new Set(names.map((entry) => dialogs.rule(entry)))]) : []),
    ...(asking?.items(reach.stdio, reach.httpUrl, own) ?? []).flatMap(({ list, item }) => hooked(list, item)),
  ];
  return wanted.length === 0 ? null : changeFile(kind, file, before?.bytes ?? null, wanted);
}

/** Where new entries go: the user's own files that are there; where there is none, the first is made. */
function growing({ kind, machine, found }: InstallWish): { file: ClientFile; before: FoundFile | null }[] {
  const own = kind.files(machine).filter((file) => file.places(null)[0]?.scope === 'user');
  const there = own
    .flatMap((file) => found.files.filter(({ path }) => path === file.path))
    .map((before) => ({ file: before.file, before }));
  if (there.length > 0) return there;
  const [first] = own.filter((file) => machine.look(file.path) === null);
  return first === undefined || found.unreadable.some(({ path }) => own.some((file) => file.path === path))
    ? []
    : [{ file: first, before: null }];
}

/** True when it does not matter where the server is started. */
function folderless({ meaning, place }: FoundEntry): boolean {
  return meaning.launch.kind === 'url' || (meaning.launch.kind === 'command' && meaning.launch.cwd !== null && place.project === null);
}

function dropIn({ kind, reach, way, machine }: InstallWish, file: FoundFile | null, server: string | null, free: boolean): DropIn {
  const closed = machine.platform === 'win32' || file === null || (file.mode & 0o077) === 0;
  const speaks = kind.dialect.urls.length > 0 && reach.token !== null;
  // No token goes into a work tree or a file that others can read.
  const may = speaks && closed && file?.file.shared !== true;
  if (may && (way === 'http' || (way === 'fitting' && free)) && reach.token !== null) {
    const url = server === null ? reach.httpUrl : `${reach.httpUrl}/s/${server}`;
    return { kind: 'url', url, headers: { Authorization: `Bearer ${reach.token}` } };
  }
  const { command, args, env } = reach.stdio;
  return { kind: 'command', command, args: server === null ? args : [...args, '--server', server], env };
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  taken.add(free);
  return free;
}
