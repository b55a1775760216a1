// A program that keeps running while a test looks at it: its first line, its end, and no orphan when the test is over.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { cleanEnvironment } from './run.ts';

export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  /** The next line of standard output, as JSON. */
  line(): Promise<Record<string, unknown>>;
  /** Everything it wrote to standard error so far. */
  stderr(): string;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export function start([program = '', ...args]: readonly string[], env: Record<string, string> = {}, cwd?: string): Started {
  const child = spawn(program, args, {
    env: { ...cleanEnvironment(), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return {
    child,
    pid: child.pid ?? 0,
    stderr: () => errors,
    ended: new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal }))),
    line: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`It said nothing more. ${errors}`);
      return JSON.parse(value);
    },
  };
}
