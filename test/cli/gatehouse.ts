// Runs the command line as its users do: as a process of its own, without a terminal or at a pseudo-terminal.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../broker/cli/main.ts', import.meta.url));
const compiled = fileURLToPath(new URL('../../.cache/compile', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface How {
  readonly home: string;
  readonly token?: string | undefined;
  readonly input?: string | Buffer;
  readonly env?: Record<string, string>;
  /** As another user, in another session. */
  readonly wrap?: (command: string[]) => { command: string[]; env: Record<string, string> };
}

function environment({ home, token, env }: How): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    // As the launcher has it.
    NODE_COMPILE_CACHE: compiled,
    HOME: home,
    GATEHOUSE_HOME: home,
    ...(token === undefined ? {} : { GATEHOUSE_OPERATOR_TOKEN: token }),
    ...env,
  };
}

/** Starts a command without any terminal: a session of its own has none. */
export function launch(words: string[], how: How): ChildProcess {
  const child = spawn(process.execPath, [main, ...words], { env: environment(how), detached: true, stdio: 'pipe' });
  child.stdin?.on('error', () => {});
  child.stdin?.end(how.input ?? '');
  return child;
}

export function gatehouse(words: string[], how: How): Promise<Ended> {
  return new Promise((resolve) => {
    const child = launch(words, how);
    let out = '';
    let err = '';
    child.stdout?.setEncoding('utf8').on('data', (part) => {
      out += part;
    });
    child.stderr?.setEncoding('utf8').on('data', (part) => {
      err += part;
    });
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

// Forks under a pseudo-terminal of its own; then for each step waits for a text and types another.
const script = `
import json, os, pty, select, sys, time
words, env, steps = json.loads(sys.argv[1])
pid, fd = pty.fork()
if pid == 0:
    os.execve(words[0], words, env)
seen, mark, end = b'', 0, time.time() + 30
def read():
    global seen
    if not select.select([fd], [], [], 0.2)[0]: return True
    try: part = os.read(fd, 65536)
    except OSError: return False
    seen += part
    return part != b''
alive = True
for wait, text in steps:
    while alive and time.time() < end and seen.find(wait.encode(), mark) < 0: alive = read()
    mark = seen.find(wait.encode(), mark) + len(wait.encode())
    if alive: os.write(fd, text.encode())
while alive and time.time() < end: alive = read()
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if time.time() < end else -99
sys.stdout.write(json.dumps({'code': code, 'screen': seen.decode('utf8', 'replace')}))
`;

/** Runs a command at a terminal. Each step: wait for this text, then type that. */
export function atTerminal(words: string[], how: How, steps: [string, string][]): Promise<{ code: number; screen: string }> {
  return new Promise((resolve, reject) => {
    const plain = [process.execPath, main, ...words];
    const { command, env } = how.wrap?.(plain) ?? { command: plain, env: {} };
    const program = command[0]?.includes('/') ? command : ['/usr/bin/env', ...command];
    const all = JSON.stringify([program, { ...environment(how), ...env, TERM: 'xterm' }, steps]);
    const child = spawn('python3', ['-c', script, all], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
    child.on('close', () => {
      try {
        resolve(JSON.parse(text));
      } catch (cause) {
        reject(new Error(`no answer from the terminal: ${text}`, { cause }));
      }
    });
  });
}
