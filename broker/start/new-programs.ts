// Programs that used a client's credential after another one had: each a finding of its own, for as long as the client is paired.
import { programKey } from '../identify/program.ts';
import { type Finding, finding } from '../mediate/findings/scan.ts';
import type { ClientRow, RowOf } from '../store/rows.ts';

type Row = RowOf['evidence'];
export type Way = Row['ways'][number];

/** What makes two arrivals the same: the way, and the program whatever its version. */
export const wayKey = ({ via, program }: Pick<Way, 'via' | 'program'>) => `${via} ${program === null ? '' : programKey(program)}`;

/** The first program known of this client. What comes over HTTP names none, so there is nothing to compare. */
const firstOf = (ways: readonly Way[]) => ways.find(({ via, program }) => via === 'connector' && program !== null);

/** True for another program than the first, and for one that does not let itself be named where that one did. */
export function differs(way: Way, ways: readonly Way[]): boolean {
  const first = firstOf(ways);
  return first !== undefined && way.via === 'connector' && ways.indexOf(way) > ways.indexOf(first);
}

/** The finding about one way; null where there is nothing to find. */
export function newProgram(client: ClientRow, way: Way, ways: readonly Way[]): Finding | null {
  const first = firstOf(ways)?.program;
  if (first === undefined || first === null || !differs(way, ways)) return null;
  const { name, createdAt } = client;
  const what = way.program === null ? 'A program that the system does not name' : `"${way.program}"`;
  return finding({
    rule: 'new-program',
    severity: 'warning',
    server: '',
    capability: null,
    evidence: [name, createdAt, wayKey(way)].join('\n'),
    title: `Another program used the credential of ${name}`,
    detail: [
      `${what} came as ${name} on ${way.firstAt.slice(0, 16).replace('T', ' at ')} UTC; until then it was "${first}".`,
      'If you installed, moved or wrapped it yourself, put this aside.',
      `If you do not know this program, the token may have been copied: gatehouse client revoke ${name}`,
    ].join(' '),
  });
}

/** Of every client that may still come. */
export function newPrograms(rows: {
  readonly client: ReadonlyMap<string, ClientRow>;
  readonly evidence: ReadonlyMap<string, Row>;
}): Finding[] {
  return [...rows.evidence.values()].flatMap(({ client, pairedAt, ways }) => {
    const row = rows.client.get(client);
    if (!row || row.state === 'revoked' || row.createdAt !== pairedAt) return [];
    return ways.flatMap((way) => newProgram(row, way, ways) ?? []);
  });
}
