// A state of its own for each test, with a log that only remembers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openDatabase, stateMigrations } from '../../broker/store/open-database.ts';
import type { Rules } from '../../broker/store/proof.ts';
import { openState, type State } from '../../broker/store/state.ts';
import { GatehouseError } from '../../shared/errors.ts';
import type { Entry, EntryBody } from '../../shared/vocabulary.ts';
import { at } from './rows.ts';

export const macKey = Buffer.alloc(32, 7);

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-store-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export class MemoryLog {
  readonly acts: EntryBody[] = [];
  broken = false;
  readonly log = (act: EntryBody): Entry => {
    if (this.broken) throw new GatehouseError('unavailable', 'the log is full', '');
    this.acts.push(act);
    return { ...act, seq: this.acts.length, at, hash: '' };
  };
  readonly lastLogged = (): Rules | null => (this.acts.findLast((act) => 'rules' in act)?.rules as Rules | undefined) ?? null;
}

export function open(path: string, log: MemoryLog, check: (point: string) => void = () => {}, key = macKey): State {
  return openState({ db: openDatabase(path, stateMigrations), macKey: key, faults: { check }, log: log.log, lastLogged: log.lastLogged });
}
