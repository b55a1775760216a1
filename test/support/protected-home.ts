// A protected home with something worth attacking in it: a server with a secret, two clients, a grant each way, a PIN.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Desktop } from './desktop.ts';
import { type House, launcher, openHouse, type Ready } from './house.ts';
import type { Answer, Knock } from './knock.ts';
import type { Help } from './sdk-client.ts';

export const pin = 'hedgehog-4711';
export const secretValue = 'zQ9vT3kLm8Xw2RbY-correct-2604';

export interface ProtectedHome {
  readonly home: string;
  /** Names this home in the keychain. */
  readonly id: string;
  readonly one: Help;
  readonly two: Help;
  /** What the operator's calls need; from the PIN. */
  readonly token: string;
  readonly house: House;
}

export const curious = join(import.meta.dirname, 'servers', 'curious.ts');

/** Calls one operation of the loopback API. */
export async function api(
  ready: Ready,
  operation: string,
  token: string | null,
  input: unknown,
): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${new URL(ready.mcp).origin}/api/${operation}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ json: input }),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? null : (JSON.parse(text) as { json: unknown }).json };
}

export async function signIn(ready: Ready, text: string = pin): Promise<string> {
  const { status, json } = await api(ready, 'operator/signIn', null, { pin: text, use: 'token' });
  if (status !== 200) throw new Error(`sign-in: ${status} ${JSON.stringify(json)}`);
  return (json as { credential: string }).credential;
}

export const homeIdOf = (home: string) => {
  const db = new DatabaseSync(join(home, 'state.db'), { readOnly: true });
  try {
    return String((db.prepare('SELECT id FROM home').get() as { id: string }).id);
  } finally {
    db.close();
  }
};

export async function openProtectedHome(desktop: Desktop): Promise<ProtectedHome> {
  const home = join(desktop.folder(), 'home');
  const house = await openHouse({ home, vault: 'keychain', wrap: desktop.wrap });
  const token = house.ready.operatorToken as string;
  const set = await house.cli(['secret', 'set', 'key'], { input: secretValue });
  if (set.code !== 0) throw new Error(set.stderr);
  await house.ask('server', 'add', 'small', '--secret-env', 'API_KEY=key', '--accept', '--', process.execPath, curious);
  const one = desktop.asClient(await house.ask<Help>('client', 'add', 'one', '--servers', 'small'));
  const two = desktop.asClient(await house.ask<Help>('client', 'add', 'two', '--servers', 'small'));
  await house.ask('grant', 'add', '--client', 'one', '--server', 'small', '--capability', 'tool:env', '--for', '1h');
  await house.ask('grant', 'add', '--client', 'one', '--server', 'small', '--capability', 'tool:say', '--effect', 'deny');
  const { status } = await api(house.ready, 'operator/setPin', token, { pin });
  if (status !== 200) throw new Error(`setPin: ${status}`);
  return { home, id: homeIdOf(home), one, two, token, house };
}

export const knocker = join(import.meta.dirname, 'knock.ts');

/** Knocks as a program of that user. */
export async function knockAt(desktop: Desktop, knocks: readonly Knock[]): Promise<Answer[]> {
  const { stdout, stderr } = await desktop.run([process.execPath, knocker], { input: JSON.stringify(knocks) });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Answer[];
}

/** Starts the broker at a pseudo-terminal, types a PIN when it asks for one, and gives back all it printed. */
export async function serveAtTerminal(desktop: Desktop, home: string, typed: string): Promise<string> {
  const line = `exec node ${launcher} serve --home ${home} --vault keychain`;
  const { command, env } = desktop.wrap(['script', '-qec', line, '/dev/null']);
  const child = spawn(command[0] ?? '', command.slice(1), { env: { PATH: process.env.PATH, ...env }, stdio: 'pipe' });
  let screen = '';
  let ended = false;
  child.stdin.on('error', () => {});
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (/PIN, to print/.test(text)) child.stdin.write(`${typed}\r`);
      screen += text;
      // Its last line, once it runs.
      if (/Ctrl-C stops/.test(screen) && !ended) ended = child.stdin.write('\u0003') || true;
    });
    child.on('close', () => resolve());
  });
  return screen;
}
