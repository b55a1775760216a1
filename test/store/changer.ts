// A process of its own that changes rules, logged, until it is killed; prints each change after it was made.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { logMigrations, openLog } from '../../broker/record/log.ts';
import { compileMask } from '../../broker/record/mask.ts';
import { openDatabase, stateMigrations } from '../../broker/store/open-database.ts';
import { openState } from '../../broker/store/state.ts';
import { grantRow } from './rows.ts';

/** Opens rules and log of a folder as the broker does. */
export function openBoth(folder: string) {
  const faults = { check: () => {} };
  const log = openLog({
    db: openDatabase(join(folder, 'audit.db'), logMigrations),
    sealKey: Buffer.alloc(32, 3),
    clock: Date.now,
    faults,
    mask: compileMask([]),
  });
  const state = openState({
    db: openDatabase(join(folder, 'state.db'), stateMigrations),
    macKey: Buffer.alloc(32, 7),
    faults,
    log: (act) => log.append(act),
    lastLogged: () => log.lastRules(),
  });
  return { log, state };
}

if (process.argv[1] === import.meta.filename) {
  const { state } = openBoth(process.argv[2] as string);
  for (let i = 0; ; i++) {
    const id = `g${state.rules.generation}`;
    if (i % 5 === 4) {
      const [first] = state.rows.grant.keys();
      state.change({ type: 'grant.revoked', grant: first }, (tx) => tx.remove('grant', first as string));
      writeSync(1, `- ${first}\n`);
    } else {
      state.change({ type: 'grant.added', grant: id }, (tx) => tx.put('grant', grantRow(id)));
      writeSync(1, `+ ${id}\n`);
    }
  }
}
