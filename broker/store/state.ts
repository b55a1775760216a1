// The rules in force: every deciding row in memory, changed only together with its proof on the disk and its entry in the log.
//
// Order of a change: (1) rows, proofs, ledger and the act in the outbox, one durable transaction; (2) the act in the log;
// (3) the rows in memory, which alone decide; (4) the outbox is cleared. So nothing decides before it is logged. When (2)
// fails, the change is taken back under a new generation, whose own act (`rules.undone`) waits in the outbox until the log
// can be written; when even that fails, memory keeps the old rules, no further change is accepted, and the next start logs
// the act before the rows take effect. A crash between (1) and (2) ends the same way: logged first, then in force.
import type { DatabaseSync } from 'node:sqlite';
import { GatehouseError } from '../../shared/errors.ts';
import type { Entry, EntryBody } from '../../shared/vocabulary.ts';
import { type Edit, type Outgoing, StateFile } from './commit.ts';
import { Draft, listsOf, type Tx, withEdits } from './draft.ts';
import { type GrantUse, GrantUses } from './grant-use.ts';
import { loadRows, type Problem } from './load.ts';
import { createProver, type Rules } from './proof.ts';
import { type RowOf, type Table, tables } from './rows.ts';

export interface StateOptions {
  /** Opened by `openDatabase(path, stateMigrations)`; `close()` closes it. */
  readonly db: DatabaseSync;
  readonly macKey: Buffer;
  readonly faults: { check(point: string): void };
  /** Writes an act to the log. Throws when it cannot. */
  readonly log: (act: EntryBody) => Entry;
  /** The last `rules` the log holds; null when it holds none. */
  readonly lastLogged: () => Rules | null;
}

export interface State {
  readonly rows: { readonly [T in Table]: ReadonlyMap<string, RowOf[T]> };
  /** Not empty: the broker starts locked and no change is accepted. */
  readonly problems: readonly Problem[];
  readonly rules: Rules;
  /**
   * Makes one change and logs it as `act`. `write` runs at once and must not wait for anything; what it throws is thrown on, with
   * nothing changed. @throws GatehouseError `locked` while there are problems, `unavailable` when state or log cannot be written
   */
  change<T>(act: EntryBody, write: (tx: Tx) => T): T;
  /** Compares with the log's last word on the rules, adds what is wrong to `problems`, and returns it. */
  checkAgainst(lastLogged: Rules | null): Problem[];
  /** The operator accepts what is proven as it stands: unproven rows are removed, `problems` is empty after. Logged as `act`. */
  mend(act: EntryBody): void;
  /** `at`: ms since 1970. */
  touchGrant(id: string, at: number): void;
  grantUse(id: string): GrantUse | null;
  close(): void;
}

/** @throws GatehouseError when `db` cannot be read */
export function openState({ db, macKey, faults, log, lastLogged }: StateOptions): State {
  const prover = createProver(macKey);
  const file = new StateFile(db, prover, (point) => faults.check(point));
  const loaded = loadRows(db, prover);
  const { rows, kept, unproven } = loaded;
  const uses = new GrantUses(db, prover);
  const problems: Problem[] = [...loaded.problems];
  for (const id of uses.forged.slice(0, 1)) problems.push({ table: 'grant_use', id, problem: foreign });
  let { lists, rules } = loaded;
  /** Committed, not yet known to be in the log. */
  let unlogged: Outgoing | null = null;
  /** Takes a change back that reached the disk but not the log. */
  let undo: (() => void) | null = null;
  let changing = false;

  const settle = (): void => {
    undo?.();
    if (unlogged === null) return;
    log(unlogged.act as EntryBody);
    unlogged = null;
    file.clearOutbox();
  };

  const checkAgainst = (logged: Rules | null): Problem[] => {
    const wrong = disagreement(rules, logged);
    const found: Problem[] = wrong === null ? [] : [{ table: 'ledger', id: '1', problem: wrong }];
    problems.push(...found);
    return found;
  };

  const left = file.outgoing();
  if (left.forged) problems.push({ table: 'outbox', id: '*', problem: 'was changed by something other than the broker' });
  if (left.act !== null && left.act.generation <= (lastLogged()?.generation ?? 0)) file.clearOutbox();
  else unlogged = left.act;
  try {
    settle();
  } catch (error) {
    problems.push({
      table: 'outbox',
      id: String(unlogged?.generation),
      problem: `an act could not be logged: ${(error as Error).message}`,
    });
  }
  checkAgainst(lastLogged());

  /** Steps (1) to (4) for edits already decided on. `again`: makes the old rows a commit, for step (2) failing. */
  const carryOut = (act: EntryBody, edits: readonly Edit[], drop: readonly { table: Table; id: string }[], generation: number): void => {
    const before = lists;
    const after = withEdits(lists, kept, edits);
    const back = edits.map(({ table, id }) => ({ table, id, after: kept[table].get(id) ?? null }));
    const next = file.write({ edits, lists: after, generation, act, drop });
    try {
      log({ ...act, rules: next });
    } catch (cause) {
      undo = () => {
        const undone = { type: 'rules.undone', of: act.type, reason: 'the log could not be written' };
        rules = file.write({ edits: back, lists: before, generation: generation + 1, act: undone });
        unlogged = { generation: generation + 1, act: { ...undone, rules } };
        undo = null;
      };
      throw notLogged(cause, undo);
    }
    lists = after;
    rules = next;
    file.clearOutbox();
  };

  const guarded = <T>(run: () => T): T => {
    if (changing) throw new Error('a change was begun inside another');
    changing = true;
    try {
      settle();
      return run();
    } finally {
      changing = false;
    }
  };

  return {
    rows,
    problems,
    get rules() {
      return rules;
    },
    checkAgainst,
    change: (act, write) =>
      guarded(() => {
        if (problems.length > 0) throw lockedBy(problems);
        const draft = new Draft(rows);
        const result = write(draft.tx);
        const edits = draft.edits(prover.mac);
        if (edits.length === 0) {
          log(act);
          return result;
        }
        carryOut(act, edits, [], rules.generation + 1);
        for (const edit of edits) apply(edit, draft);
        return result;
      }),
    mend(act) {
      guarded(() => {
        const drop = tables.flatMap((table) => unproven[table].map((id) => ({ table, id })));
        lists = listsOf(kept);
        carryOut(act, [], drop, Math.max(rules.generation, lastLogged()?.generation ?? 0) + 1);
        for (const table of tables) unproven[table].length = 0;
        uses.dropForged();
        problems.length = 0;
      });
    },
    touchGrant: (id, at) => uses.touch(id, at),
    grantUse: (id) => uses.get(id),
    close() {
      uses.flush();
      db.close();
    },
  };

  function apply({ table, id, after }: Edit, draft: Draft): void {
    const row = draft.row(table, id);
    if (after === null || row === undefined) {
      rows[table].delete(id);
      kept[table].delete(id);
      if (table === 'grant') uses.forget(id);
      return;
    }
    (rows[table] as Map<string, unknown>).set(id, row);
    kept[table].set(id, after);
  }
}

const foreign = 'was changed by something other than the broker (its proof does not match)';

/** How the state on the disk and the log's last word on it differ; null when they agree. */
function disagreement(rules: Rules, logged: Rules | null): string | null {
  const known = logged?.generation ?? 0;
  if (rules.generation < known) {
    return `is older than the log: it holds change ${rules.generation}, the log has change ${known} (state.db was put back from a copy)`;
  }
  if (rules.generation > known) {
    return `is newer than the log: it holds change ${rules.generation}, the log knows ${known} (audit.db was put back or cut)`;
  }
  return logged !== null && logged.digest !== rules.digest ? `holds other rows than the log names for change ${known}` : null;
}

/** Takes the change back, and says which of the two it came to. */
function notLogged(cause: unknown, undo: () => void): GatehouseError {
  const why = `the log could not be written (${cause instanceof Error ? cause.message : String(cause)})`;
  const hint = 'Look at free space in the home folder, then try again.';
  try {
    undo();
    return new GatehouseError('unavailable', `The change was not made: ${why}.`, hint, { cause });
  } catch {
    const when = 'It is not in force. It will be logged and take effect when the broker starts again, unless it can be taken back before';
    return new GatehouseError('unavailable', `The change could not be finished: ${why}. ${when}.`, hint, { cause });
  }
}

function lockedBy(problems: readonly Problem[]): GatehouseError {
  const first = problems[0];
  return new GatehouseError(
    'locked',
    `Nothing can be changed while the stored rules do not verify (${first?.table} ${first?.id}: ${first?.problem}).`,
    'Look at the problems, then accept what is left or recover.',
  );
}
