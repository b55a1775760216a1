// How an import is told: a row a server, and words only where something is not as usual.
import type { ImportRow } from '../../shared/setup-contract.ts';
import { visible } from './visible.ts';

export function inWords(rows: readonly ImportRow[], dry: boolean): string {
  const done = rows.filter(({ state }) => state === 'added' || state === 'new');
  const lines = rows.map((row) => {
    const where = [...new Set(row.entries.map(({ client }) => client))].join(', ');
    const name = visible(row.server ?? row.entries[0]?.name ?? '');
    if (row.state === 'failed') return `${name}  (${where})  did not start: ${visible(row.why ?? '')}`;
    if (row.state === 'left') return `${name}  (${where})  stays as it is: ${visible(row.why ?? '')}.`;
    if (row.state === 'new')
      return `${name}  (${where})  would be brought in${row.secrets.length === 0 ? '' : `, ${keys(row.secrets.length)} to the vault`}`;
    const known = row.state === 'known' ? ', was here already' : '';
    const unusual = row.findings.length === 0 && row.waiting === 0 ? 'nothing unusual' : '';
    const more = [
      ...row.findings.map(
        ({ capability, title, severity }) => `    ${severity}: ${visible(`${capability === null ? '' : `${capability}: `}${title}`)}`,
      ),
      ...(row.waiting === 0 ? [] : [`    ${row.waiting} wait for you: gatehouse server review ${name}`]),
      ...row.visibleInPs.map(
        (secret) => `    note: ${visible(secret)} stands in its arguments, where every program of yours can see it while it runs`,
      ),
    ];
    return [
      `${name}  (${where})  ${[`${row.tools} ${row.tools === 1 ? 'tool' : 'tools'}`, unusual].filter(Boolean).join(', ')}${known}`,
      ...more,
    ].join('\n');
  });
  const clients = [...new Set(rows.filter(({ server }) => server !== null).flatMap(({ entries }) => entries.map(({ client }) => client)))];
  if (rows.length === 0) return 'No client has an entry that goes past Gatehouse.';
  const end = dry
    ? 'Nothing was changed: this was a dry run.'
    : clients.length === 0
      ? ''
      : `${done.length === 0 ? '' : 'They run as they did, unsandboxed. '}The files of the clients are as they were. Next: ${clients.map((client) => `gatehouse install ${client}`).join(', ')}`;
  return [...lines, '', end].join('\n').trimEnd();
}

const keys = (count: number) => `${count} ${count === 1 ? 'key' : 'keys'}`;
