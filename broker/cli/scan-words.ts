// What `gatehouse doctor --scan` finds, in words.
import type { ClientScan } from '../../shared/setup-contract.ts';
import { visible } from './visible.ts';

/** For people: a paragraph a file, and under each entry what leaks. */
export function scanInWords({ files, leaks, unreadable }: ClientScan): string {
  const mine = (client: string, path: string, entry: string | null) =>
    leaks.filter((leak) => leak.client === client && leak.path === path && leak.entry === entry && leak.code !== 'unmanaged');
  const said = (leak: ClientScan['leaks'][number]) => `${leak.severity}: ${visible(leak.says)}`;
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
