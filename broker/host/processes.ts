// What the system says about a process: its parents, when it started, its environment. Null where it says nothing; nothing here throws.
import { readFile, readlink } from 'node:fs/promises';

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** Tells this process from a later one with the same number; compare it, do not read it. */
  readonly startedAt: string;
  /** Path of the program, where the system lets us see it. */
  readonly program: string | null;
}

const farthestParent = 64;

/** Facts of one process, or null. */
export async function processFacts(pid: number): Promise<ProcessFacts | null> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  try {
    if (process.platform === 'linux') return await fromProc(pid);
    if (process.platform === 'darwin') return fromPs(pid, await ps(['-ww', '-o', 'ppid=,lstart=,comm=', '-p', String(pid)]));
  } catch {}
  return null;
}

export async function startTime(pid: number): Promise<string | null> {
  return (await processFacts(pid))?.startedAt ?? null;
}

/** The process itself, then its parent, and so on; shorter where the system hides one. */
export async function parentChain(pid: number): Promise<ProcessFacts[]> {
  const chain: ProcessFacts[] = [];
  for (let next = pid; next > 0 && chain.length < farthestParent; ) {
    const facts = await processFacts(next);
    if (facts === null || chain.some((known) => known.pid === facts.pid)) break;
    chain.push(facts);
    next = facts.parent;
  }
  return chain;
}

/**
 * The environment a process was started with, or null. On macOS it is read out of one line of text, so a value with spaces that
 * look like `NAME=` comes back cut: good for finding a variable, not for proving its absence.
 */
export async function environmentOf(pid: number): Promise<Record<string, string> | null> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  try {
    if (process.platform === 'linux') {
      return pairs((await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0'));
    }
    if (process.platform === 'darwin') {
      const bare = (await ps(['-ww', '-o', 'command=', '-p', String(pid)])).trimEnd();
      const whole = (await ps(['-E', '-ww', '-o', 'command=', '-p', String(pid)])).trimEnd();
      return pairs(whole.slice(bare.length).split(/ (?=[A-Za-z_][A-Za-z0-9_]*=)/));
    }
  } catch {}
  return null;
}

function pairs(items: string[]): Record<string, string> {
  const found: Record<string, string> = Object.create(null);
  for (const item of items) {
    const at = item.indexOf('=');
    // The first wins, as for getenv.
    if (at > 0) found[item.slice(0, at).trimStart()] ??= item.slice(at + 1);
  }
  return found;
}

let bootId: string | undefined;

async function fromProc(pid: number): Promise<ProcessFacts> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces and brackets; fields count from after the last one (proc(5)): state is 3, ppid 4, starttime 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [parent, ticks] = [Number(fields[1]), fields[19]];
  if (!Number.isSafeInteger(parent) || ticks === undefined) throw new Error('unreadable');
  // Ticks count from the boot: with the boot's own id they mean the same after a restart of the machine.
  bootId ??= (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).slice(0, 8);
  const program = await readlink(`/proc/${pid}/exe`).catch(() => null);
  return { pid, parent, startedAt: `${bootId}:${ticks}`, program };
}

/** One line of `ps -o ppid=,lstart=,comm=`, for example `  501 Mon Nov 23 03:43:00 2026     /bin/zsh`. */
export function fromPs(pid: number, line: string): ProcessFacts | null {
  const match = /^\s*([0-9]+)\s+([A-Z][a-z]{2}\s+[A-Z][a-z]{2}\s+[0-9]+\s+[0-9:]{8}\s+[0-9]{4})\s+(.*?)\s*$/.exec(line);
  if (match === null) return null;
  const [, parent = '0', startedAt = '', program = ''] = match;
  return { pid, parent: Number(parent), startedAt: startedAt.replace(/\s+/g, ' '), program: program.startsWith('/') ? program : null };
}

function ps(args: string[]): Promise<string> {
  // Loaded here: each hook of a client pays for what is loaded at its start, and Linux needs none of it.
  const { execFile } = process.getBuiltinModule('node:child_process');
  return new Promise((resolve, reject) => {
    execFile('/bin/ps', args, { timeout: 2000, env: { LC_ALL: 'C', TZ: 'UTC' }, maxBuffer: 4 * 1024 * 1024 }, (error, text) =>
      error === null ? resolve(text) : reject(error),
    );
  });
}
