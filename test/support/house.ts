// A real broker in a home of its own, for flow tests: started through the launcher, handled through the command line.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Ready } from '../../broker/start/options.ts';
import { cleanEnvironment, type Ran, run } from './run.ts';

export const checkout = join(import.meta.dirname, '..', '..');
export const launcher = join(checkout, 'bin', 'gatehouse.mjs');
/** What the launcher becomes. Commands start it at once: test/bin tests the launcher, and hundreds of starts are the half of what a suite costs. */
const program = [
  process.execPath,
  '--disable-sigusr1',
  '--disable-warning=ExperimentalWarning',
  join(checkout, 'broker', 'cli', 'main.ts'),
];
const compiled = { NODE_COMPILE_CACHE: join(checkout, '.cache', 'compile') };
const require = createRequire(import.meta.url);

/** The entry file of an MCP server from npm. */
export function serverEntry(name: 'everything' | 'filesystem'): string {
  const manifest = require.resolve(`@modelcontextprotocol/server-${name}/package.json`);
  return join(dirname(manifest), 'dist', 'index.js');
}

export type { Ready };

export interface House {
  readonly home: string;
  readonly ready: Ready;
  readonly child: ChildProcess;
  /** Runs a command as the operator, or with another environment. */
  cli(
    args: readonly string[],
    options?: { env?: Record<string, string>; input?: string; token?: string | null; limitMs?: number },
  ): Promise<Ran>;
  /** Runs a command with --json and gives its value back; fails with what it said on another exit code. */
  ask<T>(...args: string[]): Promise<T>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  kill(): Promise<void>;
  stderr(): string;
}

export const passphrase = 'correct horse battery staple';

/** A command that works on a home without its broker, as one types it; `typed`: the passphrase, on a descriptor. */
export function atRest(
  words: readonly string[],
  home: string,
  env: Readonly<Record<string, string>>,
  typed: string | null = passphrase,
): Promise<Ran> {
  const command = ['node', launcher, ...words, '--home', home, '--json'];
  if (typed === null) return run(command, { env });
  return run(['bash', '-c', 'exec "$@" 9< <(printf %s "$TYPED")', 'bash', ...command, '--passphrase-fd', '9'], {
    env: { ...env, TYPED: typed },
  });
}

export interface HouseOptions {
  readonly home?: string;
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  /** Wraps the command, for another user or a keyring of its own. */
  readonly wrap?: (command: string[]) => { command: string[]; env: Record<string, string> };
  readonly vault?: 'sealed-file' | 'keychain';
}

export function newHome(): string {
  return mkdtempSync(join(tmpdir(), 'gatehouse-home-'));
}

export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const home = options.home ?? newHome();
  const vault = options.vault ?? 'sealed-file';
  const wrap = options.wrap ?? ((command: string[]) => ({ command, env: {} }));
  const own = { ...(vault === 'sealed-file' ? { GATEHOUSE_VAULT_PASSPHRASE: passphrase } : {}), ...options.env };
  const { command, env } = wrap(['node', launcher, 'serve', '--home', home, '--vault', vault, '--json', ...(options.args ?? [])]);
  const [first = '', ...args] = command;
  const child = spawn(first, args, { env: { ...cleanEnvironment(), ...own, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const closed = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  const lines = createInterface({ input: child.stdout });
  const ready = await new Promise<Ready>((resolve, reject) => {
    lines.on('line', (line) => {
      const event = JSON.parse(line) as Ready & { event: string };
      if (event.event === 'ready') resolve(event);
    });
    void closed.then((code) => reject(new Error(`serve ended with ${code}: ${errors}`)));
  });

  const cli: House['cli'] = (args, { env: more = {}, input, token = ready.operatorToken, limitMs } = {}) => {
    const wrapped = wrap([...program, ...args]);
    const credentials = token === null ? {} : { GATEHOUSE_OPERATOR_TOKEN: token };
    return run(wrapped.command, {
      env: { ...compiled, GATEHOUSE_HOME: home, ...credentials, ...wrapped.env, ...more },
      ...(input === undefined ? {} : { input }),
      ...(limitMs === undefined ? {} : { limitMs }),
    });
  };
  return {
    home,
    ready,
    child,
    cli,
    async ask<T>(...args: string[]): Promise<T> {
      const at = args.indexOf('--');
      const ran = await cli(at === -1 ? [...args, '--json'] : [...args.slice(0, at), '--json', ...args.slice(at)]);
      if (ran.code !== 0) throw new Error(`gatehouse ${args.join(' ')} ended with ${ran.code}: ${ran.stderr}`);
      return JSON.parse(ran.stdout) as T;
    },
    async stop() {
      child.kill('SIGTERM');
      return await closed;
    },
    async kill() {
      process.kill(ready.pid, 'SIGKILL');
      await closed;
    },
    stderr: () => errors,
  };
}

/** Ends the broker, if it still runs, and removes its home. */
export async function closeHouse(house: House): Promise<void> {
  if (house.child.exitCode === null && house.child.signalCode === null) await house.stop();
  rmSync(house.home, { recursive: true, force: true });
}
