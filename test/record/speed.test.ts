// How many entries a second the log takes, next to what SQLite alone takes on this machine.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { logMigrations } from '../../broker/record/log.ts';
import { compileMask } from '../../broker/record/mask.ts';
import { openDatabase } from '../../broker/store/open-database.ts';
import { scale } from '../support/scale.ts';
import { folder, open } from './support.ts';

test('entries a second', { timeout: scale(60_000, 600_000) }, async () => {
  const dir = folder();
  const count = scale(8_000, 200_000);
  const facts = (i: number) => ({
    client: `client${i % 5}`,
    server: `server${i % 12}`,
    capability: `tool:do_${i % 40}`,
    verdict: i % 50 ? 'allow' : 'deny',
    decidedBy: `grant:${i % 100}`,
    reason: 'a grant covers it',
    digest: 'ab'.repeat(32),
    argumentKeys: ['path', 'mode'],
  });
  const rate = async (records: number, work: (i: number) => void) => {
    const started = performance.now();
    for (let i = 0; i < count; i++) {
      work(i);
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return (count * records * 1000) / (performance.now() - started);
  };

  const bare = openDatabase(join(dir, 'bare.db'), logMigrations);
  bare.exec('CREATE TABLE bare (seq INTEGER PRIMARY KEY, body TEXT)');
  const insert = bare.prepare('INSERT INTO bare (body) VALUES (?)');
  const alone = await rate(1, (i) => void insert.run(JSON.stringify(facts(i))));
  bare.close();

  const secrets = Array.from({ length: 20 }, (_, i) => ({ name: `s${i}`, value: `secret-value-number-${i}-${i * i}` }));
  const log = open(join(dir, 'audit.db'), { mask: compileMask(secrets), anchor: () => {} });
  log.markInterrupted();
  const single = await rate(1, (i) => void log.append({ type: 'outcome', ...facts(i) }));
  const requests = await rate(4, (i) => void log.outcome(log.asked(facts(i), '{"path":"/home/u/x"}'), { result: 'ok' }, '{"content":[]}'));
  const started = performance.now();
  const { ok, entries } = await log.verify();
  const verified = (entries * 1000) / (performance.now() - started);
  const k = (n: number) => `${(n / 1000).toFixed(1)}k/s`;
  console.log(
    `a bare insert ${k(alone)}; append ${k(single)} (${(single / alone).toFixed(2)}x); records of whole requests ${k(requests)} ` +
      `(${(requests / alone).toFixed(2)}x); verify ${k(verified)}`,
  );
  expect(ok).toBe(true);
  // A loaded machine must not fail this; the target itself (10,000/s) is read off the line above and in bench/.
  expect(requests / alone).toBeGreaterThan(0.1);
});
