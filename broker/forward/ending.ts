// Ends servers with everything they started: end of input, SIGTERM, SIGKILL, wherever in the process tree it went.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { system32 } from './command.ts';
import type { Host } from './needs.ts';
import type { ProcessRow, ProcessTable } from './process-table.ts';

/** One server: its root process, which leads its own group, and the marker all of it was started with. */
export interface Tree {
  readonly pid: number;
  readonly marker: string;
  endInput(): void;
  /** Settles when the root process has ended. */
  readonly ended: Promise<unknown>;
}

export interface Patience {
  readonly inputEndMs: number;
  readonly graceMs: number;
}

interface Known {
  readonly root: number;
  readonly startedAt: string;
}

/** After SIGKILL: rounds of 50 ms in which what was forked meanwhile is found and killed too. */
const killRounds = 6;

/**
 * Ends all trees together, in at most `inputEndMs + graceMs` and about half a second.
 * Resolves with the pids that could not be ended.
 */
export async function endTrees(trees: readonly Tree[], table: ProcessTable, patience: Patience): Promise<number[]> {
  if (trees.length === 0) return [];
  const known = new Map<number, Known>();
  // Who descends from whom is only to be seen while the parents live, so look before anything ends.
  await living(trees, table, known);
  for (const tree of trees) tree.endInput();
  if (patience.inputEndMs > 0) await Promise.race([Promise.all(trees.map((tree) => tree.ended)), sleep(patience.inputEndMs)]);
  let left = await living(trees, table, known);
  signal(trees, left, 'SIGTERM');
  const deadline = performance.now() + patience.graceMs;
  for (let wait = 20; left.length > 0 && performance.now() < deadline; wait = Math.min(wait * 2, 160)) {
    await sleep(Math.min(wait, Math.max(1, deadline - performance.now())));
    left = await living(trees, table, known);
  }
  for (let round = 0; left.length > 0 && round < killRounds; round++) {
    signal(trees, left, 'SIGKILL');
    await sleep(round === 0 ? 10 : 50);
    left = await living(trees, table, known);
  }
  return left.map((row) => row.pid);
}

/** Living members of the trees: in the group, carrying the marker, or descending from one of those, now or when we looked before. */
async function living(trees: readonly Tree[], table: ProcessTable, known: Map<number, Known>): Promise<ProcessRow[]> {
  const rows = await table();
  const byMarker = new Map(trees.map((tree) => [tree.marker, tree.pid]));
  const groups = new Set(trees.map((tree) => tree.pid));
  const root = new Map<number, number>();
  for (const row of rows) {
    const seen = known.get(row.pid);
    if (seen && seen.startedAt === row.startedAt) root.set(row.pid, seen.root);
    else if (row.marker !== null && byMarker.has(row.marker)) root.set(row.pid, byMarker.get(row.marker) as number);
    else if (groups.has(row.group)) root.set(row.pid, row.group);
  }
  for (let grown = true; grown; ) {
    grown = false;
    for (const row of rows) {
      const parentRoot = root.get(row.parent);
      if (parentRoot === undefined || root.has(row.pid)) continue;
      root.set(row.pid, parentRoot);
      grown = true;
    }
  }
  const members = rows.filter((row) => row.ours && row.pid !== process.pid && root.has(row.pid));
  for (const row of members) known.set(row.pid, { root: root.get(row.pid) as number, startedAt: row.startedAt });
  return members;
}

function signal(trees: readonly Tree[], members: readonly ProcessRow[], name: 'SIGTERM' | 'SIGKILL'): void {
  // A group is signalled as a whole, so that a fork between two signals cannot slip out, but only while we see a member of it:
  // the number of an empty group may be somebody else's by now.
  const groups = new Set(members.map((row) => row.group));
  const roots = new Set(trees.map((tree) => tree.pid));
  for (const group of groups) if (roots.has(group)) kill(-group, name);
  for (const row of members) if (!roots.has(row.group)) kill(row.pid, name);
}

/** A process that has ended already is what we wanted. */
export function kill(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // ESRCH, or EPERM for what is no longer ours.
  }
}

/** Windows: there is no SIGTERM; input ends, and after the grace `taskkill` ends the tree. What left the tree is not found. */
export async function endTreesOnWindows(trees: readonly Tree[], host: Host, patience: Patience): Promise<number[]> {
  for (const tree of trees) tree.endInput();
  const all = Promise.all(trees.map((tree) => tree.ended));
  await Promise.race([all, sleep(patience.inputEndMs + patience.graceMs)]);
  await Promise.all(
    trees.map(
      (tree) =>
        new Promise<void>((resolve) => {
          execFile(system32(host, 'taskkill.exe'), ['/PID', String(tree.pid), '/T', '/F'], { timeout: 1_000, windowsHide: true }, () =>
            resolve(),
          );
        }),
    ),
  );
  return [];
}
