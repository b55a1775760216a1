// Rows that an earlier version wrote are read as what they meant, proven as they stand, and rewritten only when they change.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StateFile } from '../../broker/store/commit.ts';
import { openDatabase, stateMigrations } from '../../broker/store/open-database.ts';
import { createProver, MacList } from '../../broker/store/proof.ts';
import { tables } from '../../broker/store/rows.ts';
import { canonicalJson } from '../../shared/canonical-json.ts';
import { at } from './rows.ts';
import { folder, MemoryLog, macKey, open } from './support.ts';

const opening = '{"protocolVersion":"2025-06-18","serverInfo":{"name":"old","version":"1"}}';
const old = {
  ...{ name: 'files', command: '/usr/bin/true', args: [], cwd: null, env: {}, secretEnv: {}, share: false, enabled: true },
  ...{ acceptedAt: at, initializeResult: opening, createdAt: at },
};

test('a server of before the second era is a handshake server', () => {
  const path = join(folder(), 'state.db');
  const prover = createProver(macKey);
  const body = canonicalJson(old);
  const mac = prover.mac('server', 'files', body);
  const lists = Object.fromEntries(tables.map((table) => [table, new MacList(table === 'server' ? [mac] : [])])) as never;
  const db = openDatabase(path, stateMigrations);
  const act = { type: 'server.added' };
  new StateFile(db, prover, () => {}).write({ edits: [{ table: 'server', id: 'files', after: { body, mac } }], lists, generation: 1, act });
  db.close();

  const log = new MemoryLog();
  const state = open(path, log);
  expect(state.problems).toEqual([]);
  const row = state.rows.server.get('files');
  const { initializeResult, ...rest } = old;
  expect(row).toEqual({ ...rest, era: 'handshake', openingText: initializeResult, remote: null });
  state.change({ type: 'server.disabled' }, (tx) => tx.put('server', { ...(row as NonNullable<typeof row>), enabled: false }));
  state.close();

  const again = open(path, log);
  expect(again.problems).toEqual([]);
  expect(again.rows.server.get('files')).toMatchObject({ era: 'handshake', openingText: opening, enabled: false });
  again.close();
});
