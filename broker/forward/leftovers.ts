// Ends the servers that a killed broker of this home left behind.
import { setTimeout as sleep } from 'node:timers/promises';
import { kill } from './ending.ts';
import { type ProcessRow, type ProcessTable, tableFor } from './process-table.ts';

/**
 * Kills every process of our user whose environment carries a marker of this home, and looks again until none is left (for at most 1 s).
 * Call it once at start, when this broker owns the home and has started no server of its own. On Windows it finds nothing.
 * Resolves with the pids that were killed.
 */
export async function endLeftovers(homeMarker: string, table: ProcessTable | null = tableFor(process.platform)): Promise<number[]> {
  if (!/^[A-Za-z0-9_-]+$/.test(homeMarker)) throw new Error('A home marker is made of A-Z a-z 0-9 _ and -.');
  if (!table) return [];
  const killed = new Set<number>();
  for (let round = 0; round < 10; round++) {
    const found = left(await table(), homeMarker);
    if (found.length === 0) break;
    for (const row of found) {
      kill(row.pid, 'SIGKILL');
      killed.add(row.pid);
    }
    await sleep(round === 0 ? 20 : 100);
  }
  return [...killed];
}

/** Our own ancestors are spared: the broker may have been started from a shell that an earlier server left open. */
function left(rows: readonly ProcessRow[], homeMarker: string): ProcessRow[] {
  const parents = new Map(rows.map((row) => [row.pid, row.parent]));
  const spared = new Set<number>();
  for (let pid: number | undefined = process.pid; pid !== undefined && !spared.has(pid); pid = parents.get(pid)) spared.add(pid);
  return rows.filter((row) => row.ours && !spared.has(row.pid) && row.marker?.startsWith(`${homeMarker}.`));
}
