// What can be seen before anything is installed: every client's entries, and what leaks. Reads files only; asks no broker and no network.
import type { ClientScan } from '../../shared/setup-contract.ts';
import { discover } from './discover.ts';
import { leaksOf } from './leaks.ts';
import type { Machine } from './machine.ts';

export function scan(machine: Machine): ClientScan {
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
