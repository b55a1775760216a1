// Lockdown: everything denied, every server stopped, until the operator lifts it. Anyone may begin it, and it survives restarts.
import { GatehouseError } from '../../shared/errors.ts';
import type { Pool } from '../forward/pool.ts';
import type { Approvals } from '../mediate/approvals.ts';
import type { Topics } from '../operate/topics.ts';
import type { Log } from '../record/log.ts';
import type { State } from '../store/state.ts';
import { lockSetting, logSetting } from './open-home.ts';
import type { Rules } from './rules.ts';

export interface Needs {
  readonly rules: Rules;
  readonly state: State;
  readonly log: Log;
  readonly approvals: Approvals;
  readonly pool: Pool;
  readonly topics: Topics;
  /** False when the vault lost this home's keys: nothing can be proven, so nothing can be unlocked. */
  readonly keysHold: boolean;
  /** What names the faults found in the log; null when it is whole. */
  logFault(): string | null;
}

export function createLockdown(needs: Needs) {
  const { rules, state, log, approvals, pool, topics } = needs;
  return {
    async lock(reason: string, by: string): Promise<void> {
      const already = rules.locked;
      rules.locked ??= reason;
      approvals.close(
        'lockdown',
        'Gatehouse is locked: everything is stopped.',
        'Nothing is allowed until the operator unlocks it. Stop and tell the user.',
      );
      try {
        const act = { type: 'locked', reason, decidedBy: by };
        // With unproven rows nothing is changed, and the next start finds the same problems and is locked by them.
        if (already !== null || state.problems.length > 0) log.append(act);
        else rules.change(act, (tx) => tx.put('setting', { key: lockSetting, value: reason }));
      } finally {
        topics.publish('status', 'approval');
        await pool.stopAll();
      }
    },

    /** @throws GatehouseError locked where the keys are gone */
    unlock(by: string): void {
      if (!needs.keysHold) {
        throw new GatehouseError(
          'locked',
          'The keys of this home are gone, so nothing in it can be proven.',
          'Begin anew, keeping names and the log: gatehouse recover',
        );
      }
      if (state.problems.length > 0) {
        state.mend({
          type: 'rules.mended',
          decidedBy: by,
          reason: state.problems
            .slice(0, 20)
            .map((problem) => `${problem.table} ${problem.id} ${problem.problem}`)
            .join('; '),
        });
        rules.reload();
      }
      const fault = needs.logFault();
      if (fault)
        rules.change({ type: 'log.accepted', decidedBy: by, faults: fault }, (tx) => tx.put('setting', { key: logSetting, value: fault }));
      if (state.rows.setting.has(lockSetting)) rules.change({ type: 'unlocked', decidedBy: by }, (tx) => tx.remove('setting', lockSetting));
      else log.append({ type: 'unlocked', decidedBy: by });
      rules.locked = null;
      // Where the log had been found wanting, its anchor stood still as evidence; from here on it counts anew.
      void log.anchorNow().catch(() => {});
      topics.publish('status');
    },
  };
}
