// Opens everything a home holds: databases, vault, keys, log, rules. What does not verify is named, and the broker starts locked.
import { hash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { GatehouseError } from '../../shared/errors.ts';
import { BundleShelf } from '../acquire/bundle-shelf.ts';
import { type Home, openHome } from '../host/home.ts';
import { type Log, logMigrations, openLog } from '../record/log.ts';
import { compileMask, type Mask } from '../record/mask.ts';
import { DaySeals } from '../record/seal.ts';
import { type HomeRow, readHomeRow, writeHomeRow } from '../store/home-row.ts';
import { openDatabase, stateMigrations } from '../store/open-database.ts';
import { openState, type State } from '../store/state.ts';
import { openVault } from '../vault/open.ts';
import { createPin, type Pin } from '../vault/pin.ts';
import { Sensitive } from '../vault/sensitive.ts';
import type { Vault, VaultKind } from '../vault/vault.ts';
import { makeKeys, readKeys, strangerKeys } from './keys.ts';
import { type Sealed, sealedFor } from './sealed-for.ts';

export interface HomeOptions {
  readonly folder: string;
  /** For a new home: the kind it gets (usually `keychain`). For an old one: must be the kind it has. */
  readonly vault: VaultKind | undefined;
  readonly passphrase: string | undefined;
  readonly faults: { check(point: string): void };
  now(): number;
  report(error: unknown): void;
}

export interface OpenHome {
  readonly home: Home;
  /** Made just now. */
  readonly fresh: boolean;
  readonly row: HomeRow;
  readonly vault: Vault;
  readonly pin: Pin;
  readonly state: State;
  readonly log: Log;
  readonly bundles: BundleShelf;
  /** Hides every stored secret; always the newest set of them. */
  readonly mask: (text: string) => string;
  /** Reads the secrets again. */
  remask(): Promise<void>;
  /** Why the broker must start locked; empty when all verifies. */
  readonly problems: readonly string[];
  /** False when the vault lost this home's keys, or they were overwritten. */
  readonly keysHold: boolean;
  /** For what was gathered while the operator was away. */
  readonly sealed: Sealed;
  keepPort(port: number): void;
  close(): Promise<void>;
}

/** A setting row that says that a PIN was set, so that a vault without one is noticed. */
export const pinSetting = 'home.pin';
/** A setting row of a home that was made and not yet started: whoever starts it first is its operator. */
export const firstSetting = 'home.first';
/** A setting row that names the faults of the log which the operator has seen and accepted. */
export const logSetting = 'home.log-accepted';
/** A setting row that keeps a lockdown over restarts. */
export const lockSetting = 'home.locked';

/** @throws GatehouseError when the home is loose, taken, or its vault does not open */
export async function openEverything(options: HomeOptions): Promise<OpenHome> {
  const home = openHome(options.folder);
  const closers: (() => Promise<void> | void)[] = [() => home.release()];
  try {
    return await openIn(home, options, closers);
  } catch (error) {
    for (const close of closers.reverse()) await close();
    throw error;
  }
}

/** The home's row, made together with its vault: a home is there when both are. */
async function claim(home: Home, stateDb: DatabaseSync, options: HomeOptions): Promise<{ row: HomeRow; fresh: boolean }> {
  const known = readHomeRow(stateDb);
  if (known) {
    if (options.vault && options.vault !== known.vault) {
      throw new GatehouseError(
        'conflict',
        `This home keeps its secrets in the ${known.vault}, not in the ${options.vault}.`,
        `Start it with --vault ${known.vault}, or take another home.`,
      );
    }
    return { row: known, fresh: false };
  }
  // Neither is there before the home's row is written: who takes the row away does not get a new home, whose starter is its operator.
  const left = ['vault.sealed', 'audit.db'].find((name) => existsSync(join(home.folder, name)));
  if (left !== undefined) {
    throw new GatehouseError(
      'locked',
      `This home has ${left === 'audit.db' ? 'a log' : 'a vault'}, but its state.db is gone or empty.`,
      'Put state.db back, or begin anew with: gatehouse recover',
    );
  }
  return { row: { id: randomBytes(16).toString('hex'), vault: options.vault ?? 'keychain', port: 0 }, fresh: true };
}

async function openIn(home: Home, options: HomeOptions, closers: (() => Promise<void> | void)[]): Promise<OpenHome> {
  const { faults, report, now } = options;
  const problems: string[] = [];
  const stateDb = openDatabase(join(home.folder, 'state.db'), stateMigrations);
  let closeState = () => stateDb.close();
  closers.push(() => closeState());
  const { row, fresh } = await claim(home, stateDb, options);
  const passphrase = options.passphrase === undefined ? {} : { passphrase: new Sensitive(options.passphrase) };
  const vault = await openVault({ home: home.folder, homeId: row.id, kind: row.vault, create: fresh, faults, ...passphrase }).catch(
    (error: unknown) => {
      if (fresh || !(error instanceof GatehouseError) || error.code !== 'unavailable') throw error;
      // Deleted entries and a locked keychain look alike from here. Either way nothing can be proven: start, locked, and say so.
      problems.push(`${error.message} ${error.hint}`);
      return absentVault(row.vault);
    },
  );
  closers.push(() => vault.close());

  // What is listed and does not come out was deleted or overwritten: the home starts locked, and says which item it is.
  const read = async (name: string): Promise<Sensitive | null> => {
    try {
      return await vault.get(name, true);
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      problems.push(error.message);
      return null;
    }
  };
  const keys = fresh ? await makeKeys(vault) : await readKeys(read);
  if (fresh) {
    // From here on an empty log without an anchor is a log whose end was cut.
    await vault.set('anchor', new Sensitive(JSON.stringify({ seq: 0, head: '0'.repeat(64), generation: 0 })));
  }
  if (!keys && problems.length === 0) problems.push('the keys of this home are missing from the vault, or were overwritten');
  const { rules: macKey, log: sealKey } = keys ?? strangerKeys();

  let current: Mask = compileMask([]);
  const mask: Mask = Object.defineProperty((text: string) => current(text), 'reach', { get: () => current.reach }) as unknown as Mask;
  const auditDb = openDatabase(join(home.folder, 'audit.db'), logMigrations);
  const log = openLog({
    db: auditDb,
    sealKey,
    clock: now,
    faults,
    mask,
    // Without its keys this home's vault is not ours to write to.
    anchor: (anchor) => (keys ? vault.set('anchor', new Sensitive(JSON.stringify(anchor))) : undefined),
    report,
  });
  closers.push(() => log.close());
  const compared = log.compareAnchor(parseAnchor(await read('anchor')));
  if (compared.problem !== null) problems.push(compared.problem);

  const state = openState({ db: stateDb, macKey, faults, log: (act) => log.append(act), lastLogged: () => log.lastRules() });
  closeState = () => state.close();
  if (fresh) {
    // Who starts it is its operator, and stays so until a start has come far enough to say so: a taken port must not cost the home.
    state.change({ type: 'home.made', vault: row.vault }, (tx) => tx.put('setting', { key: firstSetting, value: 'made' }));
    writeHomeRow(stateDb, row);
  }
  const foreign = keys === null ? [] : foreignKeys(state, auditDb, sealKey);
  problems.push(...foreign);
  for (const { table, id, problem } of state.problems.slice(0, 20)) problems.push(`${table} ${id} ${problem}`);

  const pinMark = () => state.rows.setting.get(pinSetting)?.value;
  const pin = createPin({ vault, now, mark: pinMark });
  const pinKept = pinMark() === undefined ? null : await read('pin');
  if (pinMark() !== undefined && pinMark() !== (pinKept === null ? '' : hash('sha256', pinKept.reveal())))
    problems.push('the PIN of this home is gone from the vault, or is another one');
  if (keys !== null && !fresh && problems.length === 0) await mendList(vault, state);
  const lock = state.rows.setting.get(lockSetting);
  if (lock) problems.push(lock.value);

  // Values of before are hidden as long as we run: a server may still hold one, and an agent may have seen it.
  const seen = new Map<string, { name: string; value: string }>();
  const remask = async () => {
    for (const name of state.rows.secret.keys()) {
      // A value that cannot be read now reaches no server either; what was known of it stays hidden.
      const value = await vault.get(`secret:${name}`).catch(report);
      if (value) seen.set(value.reveal(), { name, value: value.reveal() });
    }
    const values = [...seen.values()];
    // Servers print line by line, so each line of a key in several lines is hidden by itself too.
    const lines = values.flatMap(({ name, value }) =>
      value.includes('\n')
        ? value
            .split(/\r?\n/)
            .filter((line) => line.length >= 12)
            .map((line) => ({ name, value: line }))
        : [],
    );
    current = compileMask([...values, ...lines]);
  };
  await remask();
  log.markInterrupted();

  return {
    home,
    fresh,
    row,
    vault,
    pin,
    state,
    log,
    bundles: new BundleShelf(home.folder),
    mask,
    remask,
    problems,
    sealed: sealedFor(sealKey, 'gathered'),
    keysHold: keys !== null && foreign.length === 0,
    keepPort: (port) => writeHomeRow(stateDb, { ...row, port }),
    async close() {
      state.close();
      await log.close();
      await vault.close();
      home.release();
    },
  };
}

/** Keys that are keys, but not the ones this home was written with. */
function foreignKeys(state: State, auditDb: DatabaseSync, sealKey: Buffer): string[] {
  const proven = Object.values(state.rows).some((rows) => rows.size > 0);
  const day = auditDb.prepare('SELECT day FROM day_key ORDER BY day DESC LIMIT 1').get()?.day;
  return [
    ...(state.problems.some(({ table }) => table === 'ledger') && state.problems.length > 1 && !proven
      ? ['nothing here is proven by key:rules in the vault: it is not the key of this home']
      : []),
    ...(day !== undefined && !new DaySeals(auditDb, sealKey).has(String(day))
      ? ['key:log in the vault does not open the log: it is not the key of this home']
      : []),
  ];
}

/** The vault's list of names tells a deleted item from one that never was. Somebody shortened it: mended, and locked until unlocked. */
async function mendList(vault: Vault, state: State): Promise<void> {
  const listed = new Set(await vault.names());
  const wanted = ['key:rules', 'key:log', 'anchor', ...[...state.rows.secret.keys()].map((name) => `secret:${name}`)];
  if (state.rows.setting.has(pinSetting)) wanted.push('pin');
  const missing = wanted.filter((name) => !listed.has(name));
  if (missing.length === 0) return;
  const reason = `the vault's list of names (#index) was changed by something else: it misses ${missing.join(', ')}`;
  state.change({ type: 'locked', reason, decidedBy: 'gatehouse' }, (tx) => tx.put('setting', { key: lockSetting, value: reason }));
  for (const name of missing) {
    const value = await vault.get(name);
    if (value !== null) await vault.set(name, value);
  }
}

/** What a rule keeps of the PIN's place in the vault, so that a PIN put there by somebody else is noticed; empty without one. */
export async function markOf(vault: Vault): Promise<string> {
  const kept = await vault.get('pin');
  return kept === null ? '' : hash('sha256', kept.reveal());
}

/** Stands in for a vault that does not answer, in a broker that is locked for that reason. */
function absentVault(kind: VaultKind): Vault {
  const none = () => {
    throw new GatehouseError(
      'unavailable',
      'The vault of this home does not answer.',
      'Unlock the keychain and start the broker again, or begin anew: gatehouse recover',
    );
  };
  return { kind, get: async () => null, set: async () => none(), remove: async () => none(), names: async () => [], close: async () => {} };
}

function parseAnchor(kept: Sensitive | null): { seq: number; head: string; generation: number } | null {
  if (!kept) return null;
  try {
    const anchor = JSON.parse(kept.reveal()) as { seq: number; head: string; generation: number };
    return Number.isSafeInteger(anchor.seq) && typeof anchor.head === 'string' ? anchor : null;
  } catch {
    return null;
  }
}
