// Entries as lines of a file to take away: JSON as they are, a table, or OCSF events for a system that gathers them.
import type { Entry } from '../../shared/vocabulary.ts';

export const exportFormats = ['jsonl', 'csv', 'ocsf'] as const;
export type ExportFormat = (typeof exportFormats)[number];

const columns = [
  ...['seq', 'at', 'type', 'client', 'server', 'capability', 'verdict', 'result', 'decidedBy', 'reason', 'durationMs'],
  ...['session', 'approval', 'asked', 'hash'],
] as const;

/** What stands before the first line; empty where nothing does. */
export const headOf = (format: ExportFormat): string => (format === 'csv' ? `${columns.join(',')}\r\n` : '');

export function linesOf(format: ExportFormat, entries: readonly Entry[], version: string): string {
  if (format === 'csv') return entries.map((entry) => `${columns.map((name) => cell(entry[name])).join(',')}\r\n`).join('');
  return entries.map((entry) => `${JSON.stringify(format === 'ocsf' ? ocsf(entry, version) : entry)}\n`).join('');
}

/** RFC 4180. A text that a spreadsheet would take for a formula is kept from being one, and no control character gets through. */
function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const text = String(value).replace(/[\u0000-\u001f\u007f]/g, ' ');
  const plain = typeof value === 'string' && /^[\s]*[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** What OCSF 1.3 calls an API Activity; an act that is no request is its Base Event. */
function ocsf(entry: Entry, version: string): object {
  const time = Date.parse(entry.at);
  const metadata = {
    version: '1.3.0',
    uid: entry.hash,
    sequence: entry.seq,
    product: { name: 'Gatehouse', vendor_name: 'Gatehouse', version },
    original_time: entry.at,
  };
  const request = entry.type === 'asked' || entry.type === 'outcome' || entry.type === 'refused';
  const refused = entry.verdict === 'deny' || entry.result === 'denied' || entry.result === 'expired' || entry.type === 'refused';
  const failed = entry.result === 'error' || entry.result === 'interrupted';
  const message = [entry.type, entry.reason].filter((part) => part !== undefined).join(': ');
  const common = { time, metadata, message, severity_id: refused ? 3 : failed ? 2 : 1, unmapped: entry };
  if (!request) return { ...common, category_uid: 0, class_uid: 0, class_name: 'Base Event', activity_id: 99, type_uid: 99 };
  return {
    ...common,
    category_uid: 6,
    category_name: 'Application Activity',
    class_uid: 6003,
    class_name: 'API Activity',
    // Which of create, read, update and delete it is, only the server knows.
    activity_id: 99,
    activity_name: entry.type,
    type_uid: 600399,
    status_id: refused || failed ? 2 : 1,
    ...(entry.result === undefined ? {} : { status_detail: entry.result }),
    ...(entry.durationMs === undefined ? {} : { duration: entry.durationMs }),
    action_id: refused ? 2 : 1,
    disposition_id: refused ? 2 : 1,
    actor: { app_name: entry.client ?? 'unknown', ...(entry.session === undefined ? {} : { session: { uid: entry.session } }) },
    api: {
      operation: entry.capability ?? 'unknown',
      service: { name: entry.server ?? 'unknown' },
      request: { uid: String(entry.asked ?? entry.seq) },
    },
    src_endpoint: { name: 'localhost', ip: '127.0.0.1' },
    ...(entry.decidedBy === undefined
      ? {}
      : { authorizations: [{ decision: refused ? 'denied' : 'allowed', policy: { name: entry.decidedBy } }] }),
  };
}
