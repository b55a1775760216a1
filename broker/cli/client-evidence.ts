// Which programs used a client's credential, in words for `gatehouse client`.
import type { Client, ClientEvidence } from '../../shared/vocabulary.ts';
import { when } from './table.ts';

const named = ({ via, program }: ClientEvidence) =>
  via === 'http' ? 'HTTP: known by its token only' : (program ?? 'a program the system does not name');

/** The one seen last, short enough for a table. */
export function latestOf({ evidence }: Client): string {
  const [latest] = [...evidence].sort((a, b) => (a.lastSeenAt < b.lastSeenAt ? 1 : -1));
  if (latest === undefined) return '-';
  const open = evidence.filter(({ finding }) => finding !== null).length;
  return `${latest.via === 'http' ? 'HTTP' : named(latest)}${open === 0 ? '' : ` (${open} new: client show)`}`;
}

/** Rows for `client show`, oldest first. */
export function evidenceInWords({ name, evidence }: Client): (readonly [string, string])[] {
  return evidence.flatMap((one, at) => {
    const process = one.pid === null || !one.connected ? '' : `; process ${one.pid} since ${when(one.since)}`;
    const how = one.via === 'http' || one.program === null ? '' : one.proven ? ' (connector)' : ' (its connector says so)';
    const doubt =
      one.finding === null
        ? one.differs
          ? ['new then; you put it aside']
          : []
        : [
            'NEW: another program than before. Do you know it? If not, the token may have been copied.',
            `known: gatehouse finding dismiss ${one.finding} · not known: gatehouse client revoke ${name}`,
          ];
    return [
      [at === 0 ? 'came from' : 'also from', `${named(one)}${how}`] as const,
      ['', `first seen ${when(one.firstSeenAt)}, last seen ${when(one.lastSeenAt)}${process}`] as const,
      ...doubt.map((line) => ['', line] as const),
    ];
  });
}
