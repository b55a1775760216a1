// Every process of this machine as far as we may see it: who started it, its group, and whose server it belongs to.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { markerName } from './environment.ts';

export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** With the pid it names one process for ever; pids come again. */
  readonly startedAt: string;
  /** Runs as our user. */
  readonly ours: boolean;
  /** Value of GATEHOUSE_SERVER in the environment it was started with; null when there is none. */
  readonly marker: string | null;
}

/** Living processes; what ended and only waits to be reaped is left out. */
export type ProcessTable = () => Promise<ProcessRow[]>;

/** proc(5): /proc/PID/stat and /proc/PID/environ. */
export const linuxTable: ProcessTable = async () => {
  const self = process.getuid?.() ?? -1;
  const rows: ProcessRow[] = [];
  // Synchronous on purpose: /proc answers from memory, and the closer together the reads, the fewer forks slip through.
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      // The name in parentheses may hold anything, even parentheses.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z' || fields[0] === 'X') continue;
      const ours = statSync(`/proc/${entry}`).uid === self;
      rows.push({
        pid: Number(entry),
        parent: Number(fields[1]),
        group: Number(fields[2]),
        startedAt: fields[19] ?? '',
        ours,
        marker: ours ? markerOf(entry) : null,
      });
    } catch {
      // It ended while we looked, or it is not for us to see.
    }
  }
  return rows;
};

function markerOf(pid: string): string | null {
  let environ: Buffer;
  try {
    environ = readFileSync(`/proc/${pid}/environ`);
  } catch {
    // Closed to us, or on its way out (ESRCH once its memory is gone); it is not gone yet all the same.
    return null;
  }
  if (!environ.includes(markerName)) return null;
  for (const entry of environ.toString('latin1').split('\0')) {
    if (entry.startsWith(`${markerName}=`)) return entry.slice(markerName.length + 1);
  }
  return null;
}

const run = promisify(execFile);

/** macOS: `ps -E` shows the environment of our own processes, except of programs the system protects. */
export const psTable: ProcessTable = async () => {
  const { stdout } = await run('/bin/ps', ['-axEww', '-o', 'pid=,ppid=,pgid=,uid=,state=,lstart=,command='], {
    maxBuffer: 64 * 1024 * 1024,
    env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' },
  });
  return readPs(stdout, process.getuid?.() ?? -1);
};

/** Reads what `psTable` asked for. */
export function readPs(output: string, self: number): ProcessRow[] {
  const rows: ProcessRow[] = [];
  for (const line of output.split('\n')) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\d{4})\s+(.*)$/.exec(line);
    if (!match || match[5]?.startsWith('Z')) continue;
    const ours = Number(match[4]) === self;
    rows.push({
      pid: Number(match[1]),
      parent: Number(match[2]),
      group: Number(match[3]),
      startedAt: match[6] ?? '',
      ours,
      marker: ours ? (new RegExp(`(?:^|\\s)${markerName}=(\\S+)`).exec(match[7] ?? '')?.[1] ?? null) : null,
    });
  }
  return rows;
}

/** The table of this platform; null on Windows, where taskkill walks the tree itself. */
export function tableFor(platform: NodeJS.Platform): ProcessTable | null {
  if (platform === 'win32') return null;
  return platform === 'linux' ? linuxTable : psTable;
}
