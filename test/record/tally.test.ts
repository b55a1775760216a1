// The counts behind the charts: exact whatever way they were gathered, of the whole log, and cheap at any length.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { logMigrations } from '../../broker/record/log.ts';
import { Shelf } from '../../broker/record/shelf.ts';
import { openDatabase } from '../../broker/store/open-database.ts';
import { folder, open, sqlite } from './support.ts';

const hour = 3_600_000;
const start = Date.parse('2026-11-02T00:00:00.000Z');

/** Ten days of calls, one each hour from two clients in turn: every fifth is asked, every tenth of all refused, one in seven fails. */
function days(path: string, count = 240) {
  let now = start;
  const log = open(path, { clock: () => now });
  log.markInterrupted();
  for (let index = 0; index < count; index += 1) {
    now = start + index * hour;
    const asked = log.asked(
      {
        type: 'asked',
        client: index % 2 ? 'cursor' : 'codex',
        server: 'files',
        capability: 'tool:read',
        verdict: index % 5 ? 'allow' : 'ask',
      },
      '{}',
    );
    now += 400;
    log.outcome(asked, { result: index % 10 === 0 ? 'denied' : index % 7 === 0 ? 'error' : 'ok' }, null);
  }
  return { log, at: (ms: number) => (now = ms) };
}

test('the whole log in few bars, and any part of it, by client and server', () => {
  const { log } = days(join(folder(), 'audit.db'));
  const all = log.tally({ bars: 60 });
  expect([all.from, all.stepMs / hour, all.bars.length]).toEqual(['2026-11-02T00:00:00.000Z', 6, 40]);
  const sum = (name: 'calls' | 'asked' | 'refused' | 'failed') => all.bars.reduce((total, bar) => total + bar[name], 0);
  expect([sum('calls'), sum('asked'), sum('refused'), sum('failed')]).toEqual([240, 48, 24, 31]);
  expect(all.bars.every((bar) => bar.calls === 6)).toBe(true);
  expect(all.flows.map(({ client, server, calls }) => [client, server, calls])).toEqual([
    ['codex', 'files', 120],
    ['cursor', 'files', 120],
  ]);
  const part = log.tally({ client: 'cursor', since: '2026-11-03T00:00:00.000Z', until: '2026-11-03T23:59:59.999Z', bars: 24 });
  expect([part.bars.length, part.stepMs, part.bars.map((bar) => bar.calls).join('')]).toEqual([24, hour, '01'.repeat(12)]);
  expect(log.tally({ server: 'other', bars: 10 }).flows).toEqual([]);
  expect(log.tally({ since: '2020-01-01T00:00:00.000Z', bars: 5 }).bars.length).toBeLessThanOrEqual(5);
});

test('a log that was written before there were counts is counted once, and a torn fill counts nothing twice', async () => {
  const path = join(folder(), 'audit.db');
  const { log } = days(path, 50);
  const before = log.tally({}).flows;
  await log.close();
  sqlite(path, "DELETE FROM tally; DELETE FROM mark WHERE name = 'tallied'");
  const db = openDatabase(path, logMigrations);
  const shelf = new Shelf(db, () => {});
  // Dies between counting and keeping.
  db.exec('BEGIN');
  shelf.tallies.fill(1000);
  db.exec('ROLLBACK');
  shelf.catchUp();
  shelf.catchUp();
  expect(shelf.tallies.read({}, Date.now()).flows).toEqual(before);
  db.close();
});
