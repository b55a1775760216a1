// A process of its own that writes requests until it is killed; prints the seq of each entry after it was written.
import { writeSync } from 'node:fs';
import { logMigrations, openLog } from '../../broker/record/log.ts';
import { compileMask } from '../../broker/record/mask.ts';
import { openDatabase } from '../../broker/store/open-database.ts';

const log = openLog({
  db: openDatabase(process.argv[2] as string, logMigrations),
  sealKey: Buffer.alloc(32, 3),
  clock: Date.now,
  faults: { check: () => {} },
  mask: compileMask([]),
});
log.markInterrupted();
for (let i = 0; ; i++) {
  const asked = log.asked({ client: 'claude', capability: 'tool:x', n: i }, 'z'.repeat(i % 3000));
  writeSync(1, `asked ${asked.seq}\n`);
  const outcome = log.outcome(asked, { result: 'ok' }, '{}');
  writeSync(1, `outcome ${outcome.seq} ${asked.seq}\n`);
  if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
}
