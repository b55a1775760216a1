// A desktop session with an unlocked keyring of its own, for a shell test: the environment to give its broker, and its end.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { inKeyring, keyringFolder } from '../support/keyring.ts';

export interface DesktopSession {
  readonly env: Record<string, string>;
  end(): void;
}

export async function desktopSession(): Promise<DesktopSession> {
  // macOS and Windows bring theirs.
  if (process.platform !== 'linux') return { env: {}, end: () => {} };
  const { command, env } = inKeyring(['bash', '-c', 'echo "$DBUS_SESSION_BUS_ADDRESS"; exec sleep 300'], keyringFolder());
  const [program = '', ...args] = command;
  const child: ChildProcess = spawn(program, args, {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const end = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  if (child.stdout !== null) {
    for await (const line of createInterface({ input: child.stdout })) return { env: { ...env, DBUS_SESSION_BUS_ADDRESS: line }, end };
  }
  throw new Error('the session has no bus');
}
