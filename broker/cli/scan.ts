// What `gatehouse doctor --scan` finds: every client's entries, and what leaks. Reads files only; asks no broker and no network.
import { discover } from '../clients/discover.ts';
import { type Leak, leaksOf } from '../clients/leaks.ts';
import { type Machine, thisMachine } from '../clients/machine.ts';
import { visible } from './visible.ts';

export interface Scan {
  readonly files: readonly {
    readonly client: string;
    readonly title: string;
    readonly path: string;
    readonly entries: readonly {
      readonly name: string;
      readonly scope: string;
      readonly project: string | null;
      readonly managed: boolean;
      readonly disabled: boolean;
    }[];
  }[];
  readonly leaks: readonly Leak[];
  readonly unreadable: readonly { readonly client: string; readonly path: string; readonly why: string }[];
}

export function scan(machine: Machine = thisMachine()): Scan {
  const found = discover(machine);
  return {
    files: found.files.map(({ kind, path }) => ({
      client: kind.name,
      title: kind.title,
      path,
      entries: found.entries
        .filter((entry) => entry.file.path === path && entry.kind === kind)
        .map(({ name, place, ours, meaning }) => ({
          name,
          scope: place.scope,
          project: place.project,
          managed: ours !== null,
          disabled: meaning.disabled,
        })),
    })),
    leaks: leaksOf(found, machine),
    unreadable: found.unreadable.map(({ kind, path, why }) => ({ client: kind.name, path, why })),
  };
}

/** For people: a paragraph a file, and under each entry what leaks. */
export function scanInWords({ files, leaks, unreadable }: Scan): string {
  const mine = (client: string, path: string, entry: string | null) =>
    leaks.filter((leak) => leak.client === client && leak.path === path && leak.entry === entry && leak.code !== 'unmanaged');
  const said = (leak: Leak) => `${leak.severity}: ${visible(leak.says)}`;
  const paragraphs = files
    .filter(({ entries }) => entries.length > 0)
    .map(({ client, title, path, entries }) =>
      [
        `${title}  ${visible(path)}`,
        ...mine(client, path, null).map((leak) => `  ${said(leak)}`),
        ...entries.flatMap((entry) => [
          `  ${entry.managed ? 'through Gatehouse' : 'unmanaged        '}  ${visible(entry.name)}${entry.disabled ? ' (off)' : ''}${entry.project === null ? '' : `  for ${visible(entry.project)}`}`,
          ...mine(client, path, entry.name).map((leak) => `      ${said(leak)}`),
        ]),
      ].join('\n'),
    );
  const broken = unreadable.map(({ path, why }) => `${visible(path)} was not read: ${visible(why)}.`);
  const count = files.flatMap(({ entries }) => entries).filter((entry) => !entry.managed).length;
  const end =
    count === 0
      ? 'No MCP entry on this computer goes past Gatehouse.'
      : `${count} ${count === 1 ? 'entry goes' : 'entries go'} past Gatehouse. Bring them in with "gatehouse import", then "gatehouse install CLIENT".`;
  return [...paragraphs, ...broken, end].join('\n\n');
}
