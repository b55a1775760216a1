// npm's own program, asked and told under the operator's configuration of it: its registry, its credentials, its cache. Never in a client's
// folder, where a project's configuration would count.
import { spawn } from 'node:child_process';
import { posix, win32 } from 'node:path';
import { commandLine } from './command.ts';
import { environment, put } from './environment.ts';
import type { Host } from './needs.ts';

export interface Npm {
  readonly host: Host;
  /** PATH as the operator's login shell has it. */
  readonly path: string;
  /** Where npx is; npm lies beside it. */
  readonly npx: string;
  /** The folder that holds what npm downloads, and what npx installs. */
  readonly cache: string;
}

export interface Said {
  readonly ok: boolean;
  readonly stdout: string;
  /** What went wrong, as npm calls it (`E404`, `ENOTFOUND`); never its text, which may name addresses and more. */
  readonly code: string;
}

/** Bytes of an answer that are kept. */
const mostBytes = 1024 * 1024;

/** Runs npm to its end. @param cwd a folder of ours, or of npm's own cache */
export function runNpm(npm: Npm, words: readonly string[], cwd: string, limitMs: number, signal?: AbortSignal): Promise<Said> {
  const { dirname, join } = npm.host.platform === 'win32' ? win32 : posix;
  const program = join(dirname(npm.npx), npm.host.platform === 'win32' ? 'npm.cmd' : 'npm');
  return new Promise((resolve) => {
    const line = commandLine(npm.host, program, words);
    const child = spawn(line.file, line.args, {
      cwd,
      env: npmEnvironment(npm),
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: false,
      detached: npm.host.platform !== 'win32',
      windowsHide: true,
      windowsVerbatimArguments: line.verbatim,
    });
    let stdout = '';
    let stderr = '';
    let why: string | null = null;
    const end = (code: string) => {
      why ??= code;
      // Its own group, with whatever it started.
      if (child.pid === undefined) return;
      try {
        if (npm.host.platform === 'win32') child.kill();
        else process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended by itself meanwhile.
      }
    };
    const timer = setTimeout(() => end('ETIMEDOUT'), limitMs);
    const stopped = () => end('EABORTED');
    signal?.addEventListener('abort', stopped);
    if (signal?.aborted) stopped();
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < mostBytes) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < mostBytes) stderr += text;
    });
    const done = (code: number | null, fault: string | null) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stopped);
      const said = /^npm error code ([A-Z0-9_]{2,40})$/m.exec(stderr)?.[1];
      resolve({ ok: code === 0 && why === null, stdout, code: why ?? fault ?? said ?? `exit ${code}` });
    };
    child.on('error', (error: NodeJS.ErrnoException) => done(null, error.code ?? 'unknown'));
    child.on('close', (code) => done(code, null));
  });
}

function npmEnvironment({ host, path, cache }: Npm): Record<string, string> {
  const env = environment(host, path, {});
  const ours = { cache, update_notifier: 'false', audit: 'false', fund: 'false' };
  for (const [key, value] of Object.entries(ours)) put(host, env, `npm_config_${key}`, value);
  return env;
}
