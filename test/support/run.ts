// Runs a program to its end, with a limit, and gives back what it said.
import { spawn } from 'node:child_process';

export interface Ran {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** This machine's own environment without what `serve` refuses and what a test must set itself. */
export function cleanEnvironment(): Record<string, string> {
  const dropped = /^(NODE_|LD_|DYLD_|GATEHOUSE_|VITEST|DBUS_|XDG_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !dropped.test(name))) as Record<string, string>;
}

/** `limitMs` milliseconds, then the whole process group is killed. */
export function run(
  [program = '', ...args]: readonly string[],
  { env = {}, input, limitMs = 30_000, cwd }: { env?: Record<string, string>; input?: string; limitMs?: number; cwd?: string } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...cleanEnvironment(), ...env }, detached: true, ...(cwd === undefined ? {} : { cwd }) });
    const ran: Ran = { code: null, signal: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      ran.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      ran.stderr += text;
    });
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, limitMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ ...ran, code, signal });
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
