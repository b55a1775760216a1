// What ties each entry to the one before it, and which columns are derived from its body.
import { hash } from 'node:crypto';

const domain = 'gatehouse.log.v1\n';

/** What the first entry has in place of a hash before it. */
export const genesis = '0'.repeat(64);

/** SHA-256 over domain, `prev` (64 hex digits, so nothing can shift between the two) and the body's text, in hex. */
export const chainHash = (prev: string, body: string): string => hash('sha256', domain + prev + body);

export const entryColumns = ['type', 'at', 'generation'] as const;
export const shelfColumns = ['client', 'server', 'capability', 'verdict', 'approval', 'asked'] as const;

/** A fixed shape, because one is made for every entry. `at` is in ms since 1970. */
export interface Columns {
  readonly type: string;
  readonly at: number;
  readonly client: string | null;
  readonly server: string | null;
  readonly capability: string | null;
  readonly verdict: string | null;
  readonly approval: string | null;
  readonly asked: number | null;
  readonly generation: number | null;
}

const text = (value: unknown) => (typeof value === 'string' ? value : null);
const integer = (value: unknown) => (Number.isSafeInteger(value) ? (value as number) : null);

export function columnsOf(body: { readonly [key: string]: unknown }): Columns {
  const at = text(body.at);
  return {
    type: text(body.type) ?? '',
    at: at === null ? 0 : Date.parse(at) || 0,
    client: text(body.client),
    server: text(body.server),
    capability: text(body.capability),
    verdict: text(body.verdict),
    approval: text(body.approval),
    asked: integer(body.asked),
    generation: integer((body.rules as { generation?: unknown } | undefined)?.generation),
  };
}
