// A desktop session of an ordinary user, with an unlocked GNOME keyring that stays: broker, command line and attacker share it.
import { spawn } from 'node:child_process';
import { chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inKeyring, keyringFolder } from './keyring.ts';
import { ordinaryUser } from './ordinary-user.ts';
import { cleanEnvironment, type Ran, run } from './run.ts';
import type { Help } from './sdk-client.ts';

export interface Desktop {
  /** A fresh folder of this user's, mode 0700. */
  folder(): string;
  /** The command as this user runs it in this session; the shape that `openHouse` takes. */
  wrap(command: string[]): { command: string[]; env: Record<string, string> };
  run(command: string[], options?: { input?: string; env?: Record<string, string>; cwd?: string }): Promise<Ran>;
  /** The connector as an AI client of this user launches it. */
  asClient(help: Help): Help;
  readonly keychain: {
    /** As it stands there, with the vault's own mark; null when there is none. */
    read(home: string, name: string): Promise<string | null>;
    write(home: string, name: string, text: string): Promise<void>;
    clear(home: string, name?: string): Promise<void>;
  };
  close(): void;
}

/** `home` of the keychain's functions is the home's id, as its state.db names it. */
export async function openDesktop(): Promise<Desktop> {
  const user = ordinaryUser();
  const own = keyringFolder();
  for (const path of ['.', ...readdirSync(own)]) chownSync(join(own, path), user.uid, user.gid);
  const session = inKeyring(['bash', '-c', 'echo "$DBUS_SESSION_BUS_ADDRESS"; exec sleep 900'], own);
  const [program = '', ...args] = user.command(session.command);
  const child = spawn(program, args, {
    env: { ...cleanEnvironment(), ...session.env },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const { value: bus } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const env = { ...session.env, DBUS_SESSION_BUS_ADDRESS: String(bus) };
  const wrap = (command: string[]) => ({ command: user.command(command), env });
  const runIt: Desktop['run'] = (command, options = {}) =>
    run(user.command(command), {
      env: { ...env, ...options.env },
      cwd: options.cwd ?? own,
      ...(options.input === undefined ? {} : { input: options.input }),
    });
  const secretTool = async (verb: string[], attributes: string[], input?: string) =>
    await runIt(['secret-tool', ...verb, ...attributes], input === undefined ? {} : { input });
  const place = (home: string, name?: string) => ['service', `Gatehouse ${home}`, ...(name === undefined ? [] : ['account', name])];
  return {
    folder: () => user.folder(),
    wrap,
    run: runIt,
    asClient(help) {
      const [command = '', ...args] = user.command([help.stdio.command, ...help.stdio.args]);
      return { ...help, stdio: { command, args, env: { ...help.stdio.env, ...env } } };
    },
    keychain: {
      async read(home, name) {
        const { code, stdout } = await secretTool(['lookup'], place(home, name));
        return code === 0 ? stdout : null;
      },
      async write(home, name, text) {
        const { code, stderr } = await secretTool(['store', '--label', 'written by the attacker'], place(home, name), text);
        if (code !== 0) throw new Error(`secret-tool store: ${stderr}`);
      },
      async clear(home, name) {
        const { code, stderr } = await secretTool(['clear'], place(home, name));
        if (code !== 0) throw new Error(`secret-tool clear: ${stderr}`);
      },
    },
    close() {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    },
  };
}
