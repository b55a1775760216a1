// Honest rows to put into a state; apart from the rest, because processes outside vitest use them too.
import type { ClientRow, GrantRow } from '../../broker/store/rows.ts';

export const at = '2026-11-23T00:00:00.000Z';

export const grantRow = (id: string, more: Partial<GrantRow> = {}): GrantRow => ({
  id,
  client: 'claude',
  server: 'github',
  capability: 'tool:create_issue',
  effect: 'allow',
  match: { kind: 'any', label: 'anything' },
  until: null,
  session: null,
  approval: null,
  createdAt: at,
  ...more,
});

export const clientRow = (name: string, more: Partial<ClientRow> = {}): ClientRow => ({
  name,
  state: 'active',
  servers: ['github'],
  waitSeconds: 45,
  storedKey: 'aa',
  serverKey: 'bb',
  createdAt: at,
  ...more,
});
