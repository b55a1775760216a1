// Reads the whole log at start: one that was changed while no broker ran locks the broker that finds it so.
import { hash } from 'node:crypto';
import type { Log } from '../record/log.ts';

export interface LogFault {
  /** Why nothing may be built on this log, in words. */
  readonly reason: string;
  /** Names exactly these faults, so that an operator who accepts them accepts no others. */
  readonly mark: string;
}

/** Null when the log is whole. Runs in slices beside everything else; never rejects. */
export async function readLog(log: Pick<Log, 'verify'>): Promise<LogFault | null> {
  try {
    const { problems } = await log.verify();
    const [first] = problems;
    if (first === undefined) return null;
    const more = problems.length > 1 ? `, and ${problems.length - 1} more` : '';
    return {
      reason: `the log does not verify: entry ${first.seq} ${first.problem}${more}`,
      mark: hash('sha256', JSON.stringify(problems)),
    };
  } catch (error) {
    return { reason: `the log cannot be read: ${error instanceof Error ? error.message : String(error)}`, mark: '' };
  }
}
