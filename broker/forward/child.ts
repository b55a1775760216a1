// Starts one server process: checked launch, scrubbed environment, secrets last, three pipes and nothing else.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { isAbsolute, win32 } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { secretsOf, withSecrets } from '../../shared/secret-reference.ts';
import { commandLine } from './command.ts';
import { environment, markerName, put, usableName } from './environment.ts';
import { StartFailed } from './failures.ts';
import { npmCache } from './installed-package.ts';
import type { Host, Needs, ProcessLaunch } from './needs.ts';
import { refuseOtherBuild } from './pinned-package.ts';

export interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly marker: string;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/**
 * @param marker unique to this process; put into its environment
 * @param abort checked until the process exists; afterwards the caller ends it
 * @param adopt called in the same tick as the process comes to be, so that whoever stops it cannot miss it
 * @throws StartFailed, with a reason a person can act on and never a value of the environment
 */
export async function startChild<T>(
  needs: Needs,
  host: Host,
  launch: ProcessLaunch,
  marker: string,
  abort: AbortSignal,
  adopt: (child: Child) => T,
): Promise<T> {
  await refuseUnusable(host, launch);
  await refuseTouched(needs, launch);
  const path = await needs.loginPath();
  const cache = npmCache(host.env, host.platform);
  await refuseOtherBuild(launch, { host, path, npx: launch.command, cache }, abort);
  const secrets = await gather(needs, launch);
  if (abort.aborted) throw new StartFailed(launch.server, 'it was stopped while it started', 'Call again when it may run.');
  let process: ChildProcess;
  try {
    needs.faults.check('spawn');
    const reveal = (name: string) => secrets.get(name)?.reveal() ?? '';
    const line = commandLine(
      host,
      launch.command,
      launch.args.map((text) => withSecrets(text, reveal)),
    );
    const env = environment(host, path, launch.env);
    for (const [key, text] of Object.entries(launch.env)) put(host, env, key, withSecrets(text, reveal));
    for (const [key, name] of Object.entries(launch.secretEnv)) put(host, env, key, reveal(name));
    if (launch.package) {
      // npx must take what was looked at, and ask nobody about it: it would, and wait for an answer where there is no network.
      put(host, env, 'npm_config_cache', cache);
      put(host, env, 'npm_config_prefer_offline', 'true');
    }
    put(host, env, markerName, marker);
    process = spawn(line.file, line.args, {
      cwd: launch.cwd,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      shell: false,
      // Its own session and group, so that the whole group can be ended and no terminal reaches it.
      detached: host.platform !== 'win32',
      windowsHide: true,
      windowsVerbatimArguments: line.verbatim,
    });
  } catch (error) {
    throw unstartable(launch, error);
  }
  if (process.pid === undefined) throw unstartable(launch, (await once(process, 'error'))[0]);
  const { stdin, stdout, stderr } = process;
  if (!stdin || !stdout || !stderr) throw new Error('a child process without pipes');
  return adopt({ process, pid: process.pid, marker, stdin, stdout, stderr });
}

async function refuseUnusable(host: Host, launch: ProcessLaunch): Promise<void> {
  const { server, command, cwd } = launch;
  const absolute = host.platform === 'win32' ? win32.isAbsolute : isAbsolute;
  if (!absolute(command))
    throw new StartFailed(server, `its program ${command} is not an absolute path`, 'Give the full path of the program.');
  if (!absolute(cwd)) throw new StartFailed(server, `its folder ${cwd} is not an absolute path`, 'Give the full path of the folder.');
  const folder = await stat(cwd).catch(() => null);
  if (!folder) throw new StartFailed(server, `its folder ${cwd} does not exist`, 'Make the folder, or set another one.');
  if (!folder.isDirectory()) throw new StartFailed(server, `${cwd} is not a folder`, 'Set a folder for the server to run in.');
  for (const part of [command, cwd, ...launch.args, ...Object.values(launch.env)]) {
    if (part.includes('\0')) throw new StartFailed(server, 'its launch holds a NUL character', 'Remove the NUL character.');
  }
  for (const key of [...Object.keys(launch.env), ...Object.keys(launch.secretEnv)]) {
    if (!usableName(key)) throw new StartFailed(server, `"${key}" cannot be the name of an environment variable`, 'Use another name.');
  }
}

/** What runs is what was unpacked (T28): looked at before each start, and before any secret is taken out. */
async function refuseTouched(needs: Needs, { server, bundle }: ProcessLaunch): Promise<void> {
  if (bundle === undefined) return;
  const trouble = needs.bundleTrouble ? await needs.bundleTrouble(bundle.sha256, bundle.tree) : 'nobody can look at its files';
  if (trouble === null) return;
  throw new StartFailed(
    server,
    `its bundle is not what was unpacked: ${trouble}`,
    `Put the bundle back: gatehouse server update ${server} --bundle FILE. Nobody but you should write into the home folder.`,
  );
}

/** Secrets by name: of whole variables, and of references in arguments and variables. */
async function gather(needs: Needs, launch: ProcessLaunch): Promise<ReadonlyMap<string, { reveal(): string }>> {
  const found = new Map<string, { reveal(): string }>();
  for (const name of secretsOf(launch)) {
    const secret = await needs.secret(name).catch((cause: unknown) => {
      throw new StartFailed(launch.server, `the secret ${name} could not be read from the vault`, 'See `gatehouse doctor`.', { cause });
    });
    if (!secret) throw new StartFailed(launch.server, `the secret ${name} is missing`, `Set it with \`gatehouse secret set ${name}\`.`);
    const value = secret.reveal();
    if (value === '') throw new StartFailed(launch.server, `the secret ${name} is empty`, `Set it with \`gatehouse secret set ${name}\`.`);
    // Node would print the value in its own error.
    if (value.includes('\0')) {
      throw new StartFailed(launch.server, `the secret ${name} holds a NUL character`, `Set it with \`gatehouse secret set ${name}\`.`);
    }
    found.set(name, secret);
  }
  return found;
}

const plain: Readonly<Record<string, string>> = {
  ENOENT: 'its program does not exist',
  EACCES: 'its program may not be executed',
  ENOEXEC: 'its program is not one this system can run',
  E2BIG: 'its arguments and environment are too long',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this computer',
  EAGAIN: 'this computer has no room for another process',
  ENOMEM: 'this computer has no memory left',
};

/** Only the error's code is told: its text may hold the environment. */
function unstartable(launch: ProcessLaunch, error: unknown): StartFailed {
  if (error instanceof StartFailed) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const own = error instanceof Error && code === '' ? error.message : `the system said ${code}`;
  return new StartFailed(launch.server, `${plain[code] ?? own} (${launch.command})`, 'Check the command with `gatehouse server show`.');
}
