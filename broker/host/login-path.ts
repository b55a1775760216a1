// Which program a server's command means: the login shell's PATH, and the search along it.
import { spawn } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import * as native from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

export interface LoginPathOptions {
  readonly env?: Environment;
  readonly platform?: NodeJS.Platform;
  /** Default: the user's login shell. */
  readonly shell?: string;
  /** Milliseconds. */
  readonly limitMs?: number;
}

let once: Promise<string> | undefined;

/** `readLoginPath` with its defaults, asked once for the life of this process. */
export function loginPath(): Promise<string> {
  once ??= readLoginPath();
  return once;
}

/**
 * The login shell's PATH with our own behind it, without doubles and relative folders. Programs started from a window have a bare PATH
 * that finds no `npx`. Our own alone on Windows, and where the shell fails or takes longer than 3 s. Never throws.
 */
export async function readLoginPath(options: LoginPathOptions = {}): Promise<string> {
  const { env = process.env, platform = process.platform, limitMs = 3000 } = options;
  const own = (platform === 'win32' ? (env.PATH ?? env.Path) : env.PATH) ?? '';
  if (platform === 'win32') return merged([own], native.win32);
  return merged([await askShell(options.shell ?? loginShell(env), env, limitMs).catch(() => ''), own], native.posix);
}

function loginShell(env: Environment): string {
  // What the system says, before what the environment says.
  try {
    return userInfo().shell || env.SHELL || '/bin/sh';
  } catch {
    return env.SHELL || '/bin/sh';
  }
}

function merged(paths: string[], rules: typeof native.posix): string {
  const folders = paths.flatMap((path) => path.split(rules.delimiter)).filter((folder) => rules.isAbsolute(folder));
  return [...new Set(folders)].join(rules.delimiter);
}

/** Asks a login, interactive shell: that is where version managers put themselves. It may print what it likes around the answer. */
function askShell(shell: string, env: Environment, limitMs: number): Promise<string> {
  const mark = `gatehouse-${process.pid}-path`;
  const kept = ['HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'TMPDIR', 'XDG_CONFIG_HOME', 'ZDOTDIR', 'PATH'];
  const given = Object.fromEntries(kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  return new Promise((resolve) => {
    // A session of its own, so that it cannot reach our terminal, and so that everything it starts ends with it.
    const child = spawn(shell, ['-l', '-i', '-c', `echo ${mark}; printenv PATH; echo ${mark}`], {
      env: { ...given, TERM: 'dumb' },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    let text = '';
    const finish = () => {
      clearTimeout(timer);
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {}
      child.stdout.destroy();
      resolve(text.split(`${mark}\n`)[1]?.trim() ?? '');
    };
    const timer = setTimeout(finish, limitMs);
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text = (text + part).slice(-1_000_000);
    });
    child.on('error', finish).on('close', finish);
  });
}

/** What a search needs to know of the system; a test gives another system's. */
export interface ProgramFacts {
  readonly platform: NodeJS.Platform;
  /** Windows: the endings a program may be called without. */
  readonly pathext: string;
  /** For a command that names a relative path. */
  readonly cwd: string;
  /** A plain file that this user may run. */
  isProgram(path: string): boolean;
  realpath(path: string): string;
}

const here: ProgramFacts = {
  platform: process.platform,
  pathext: process.env.PATHEXT ?? '.COM;.EXE;.BAT;.CMD',
  get cwd() {
    return process.cwd();
  },
  isProgram: (path) => {
    try {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  },
  realpath: realpathSync.native,
};

/** The absolute path a command is found at along `path`, links not followed, or null. Never throws. */
export function findProgram(command: string, path: string, facts: Partial<ProgramFacts> = {}): string | null {
  const known = { ...here, ...facts, cwd: facts.cwd ?? here.cwd };
  const windows = known.platform === 'win32';
  const rules = windows ? native.win32 : native.posix;
  if (command === '' || command.includes('\0')) return null;
  const named = windows ? /[\\/:]/.test(command) : command.includes('/');
  const folders = named ? [known.cwd] : path.split(rules.delimiter).filter((folder) => rules.isAbsolute(folder));
  const endings = windows ? known.pathext.split(';').filter((ending) => ending !== '') : [];
  const ended = endings.some((ending) => command.toLowerCase().endsWith(ending.toLowerCase()));
  // Windows runs what has a known ending; a bare `npx` beside `npx.cmd` is a script for another system.
  const names = !windows || ended ? [command] : endings.map((ending) => command + ending.toLowerCase());
  for (const folder of folders) {
    for (const name of names) {
      const candidate = rules.resolve(folder, name);
      if (known.isProgram(candidate)) return candidate;
    }
  }
  return null;
}

/**
 * The absolute real path of the program a command means, or null. Programs that go by the name they were called with (busybox, a
 * version manager's shim, a virtual environment's python) need `findProgram`'s path as argv[0] beside it.
 */
export function resolveProgram(command: string, path: string, facts: Partial<ProgramFacts> = {}): string | null {
  const found = findProgram(command, path, facts);
  if (found === null) return null;
  try {
    return (facts.realpath ?? here.realpath)(found);
  } catch {
    return null;
  }
}
