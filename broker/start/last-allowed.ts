// What the log still knows of the operator's last yes to a capability, for the first prompt after a start.
import type { Log } from '../record/log.ts';

/** Entries looked through; what lies further back is no help to a memory. */
const mostRead = 200;

/** The request of the newest outcome that an answer let through, masked; null where there is none, or the log cannot be read. */
export function lastAllowed(
  log: Pick<Log, 'list' | 'get'>,
  client: string,
  server: string,
  capability: string,
): { at: string; argumentsText: string } | null {
  const entries = log.list({ client, server, capability, verdict: 'allow', limit: mostRead });
  const yes = entries.find(({ type, approval, decidedBy }) => type === 'outcome' && approval !== undefined && decidedBy === 'operator');
  const request = yes === undefined ? null : (log.get(yes.seq)?.request ?? null);
  return yes === undefined || request === null ? null : { at: yes.at, argumentsText: request };
}
