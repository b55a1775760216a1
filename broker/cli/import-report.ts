// How an import is told: a row a server, and words only where something is not as usual.
import type { Server } from '../../shared/vocabulary.ts';
import type { FoundEntry } from '../clients/discover.ts';
import { visible } from './visible.ts';

export interface Row {
  /** Name at Gatehouse; null for what was not brought in. */
  readonly server: string | null;
  readonly entries: readonly { readonly client: string; readonly path: string; readonly name: string }[];
  readonly state: 'new' | 'added' | 'known' | 'failed' | 'left';
  /** Why it failed or stays as it is. */
  readonly why: string | null;
  readonly tools: number;
  /** Capabilities that wait for a look. */
  readonly waiting: number;
  readonly findings: readonly { readonly capability: string | null; readonly title: string; readonly severity: string }[];
  /** Names of secrets that went to the vault, and where their use stays visible. */
  readonly secrets: readonly string[];
  readonly visibleInPs: readonly string[];
}

export const entriesAs = (entries: readonly FoundEntry[]) =>
  entries.map(({ kind, file, name }) => ({ client: kind.name as string, path: file.path, name }));

/** What a server that was looked at says for its row. */
export function ofServer(server: Server): Pick<Row, 'tools' | 'waiting' | 'findings'> {
  const found = [
    ...(server.findings ?? []).map((finding) => ({ ...finding, capability: null })),
    ...server.capabilities.flatMap(({ capability, findings }) => findings.map((finding) => ({ ...finding, capability }))),
  ].filter((finding) => finding.dismissed !== true);
  return {
    tools: server.capabilities.filter(({ capability }) => capability.startsWith('tool:')).length,
    waiting: server.capabilities.filter(({ accepted }) => !accepted).length,
    findings: found.map(({ capability, title, severity }) => ({ capability, title, severity })),
  };
}

export function inWords(rows: readonly Row[], dry: boolean): string {
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
