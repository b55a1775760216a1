// A server looks at the processes around it, as the same ordinary user: no debugger opens, and nothing secret is to be read.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desktop, openDesktop } from '../support/desktop.ts';
import { type House, launcher, openHouse, passphrase } from '../support/house.ts';
import { curious } from '../support/protected-home.ts';
import { cleanEnvironment } from '../support/run.ts';
import { type Connected, connectClient, type Help, textOf } from '../support/sdk-client.ts';

const other = 'vault-value-of-another-server-5521';
const marker = 'in-the-memory-of-an-open-process-9314';
let desktop: Desktop;
let house: House;
let connected: Connected[];
let pids: number[];

interface Look {
  readonly pid: number;
  readonly ppid: number;
  readonly uid: number;
  readonly read: Record<string, string>;
  /** Places in the list of needles. */
  readonly found: number[];
}

beforeAll(async () => {
  desktop = await openDesktop();
  house = await openHouse({ home: join(desktop.folder(), 'home'), wrap: desktop.wrap });
  await house.cli(['secret', 'set', 'other'], { input: other });
  await house.ask('server', 'add', 'neighbour', '--secret-env', 'OTHER=other', '--accept', '--', process.execPath, curious);
  await house.ask('server', 'add', 'curious', '--accept', '--', process.execPath, curious);
  const help = await house.ask<Help>('client', 'add', 'agent', '--servers', 'curious');
  await house.ask('grant', 'add', '--client', 'agent', '--server', 'curious', '--capability', 'tool:*', '--for', '1h');
  // The connector as `client add` writes it down, and as a person may: by way of the launcher.
  const byLauncher: Help = {
    ...help,
    stdio: { command: 'node', args: [launcher, 'connect', '--home', house.home, '--client', 'agent'], env: {} },
  };
  connected = await Promise.all([help, byLauncher].map((one) => connectClient(desktop.asClient(one), 'connector', 'curious')));
  pids = [house.ready.pid, ...connected.map(({ client }) => (client.transport as StdioClientTransport).pid as number)];
}, 90_000);
afterAll(async () => {
  for (const { close } of connected) await close();
  await house.stop();
  desktop.close();
});

async function ask<T>(tool: string, input: Record<string, unknown>): Promise<T> {
  const result = await (connected[0] as Connected).client.callTool({ name: tool, arguments: input });
  expect(result.isError).toBeUndefined();
  return JSON.parse(textOf(result)) as T;
}
/** Written backwards it would still be known as a secret, and the call would ask. */
const shifted = (text: string) => Array.from(text, (letter) => String.fromCharCode(letter.charCodeAt(0) + 1)).join('');

test('it reads nothing of the broker, whatever it tries', async () => {
  const needles = [passphrase, other, house.ready.operatorToken as string].map(shifted);
  const [broker, ...connectors] = await ask<Look[]>('look', { pids, needles });
  expect(broker).toMatchObject({ pid: house.ready.pid, ppid: house.ready.pid, found: [] });
  expect(broker?.uid).not.toBe(0);
  expect(broker?.read).toMatchObject({ environ: 'EACCES', fd: 'EACCES', mem: expect.stringMatching(/EACCES|EPERM/) });
  for (const connector of connectors) expect(connector.found).toEqual([]);
});

test('where a process is open, the same look finds what is in it', async () => {
  const script = `globalThis.kept = Buffer.from(process.argv[1]); setInterval(() => {}, 1000)`;
  const { command, env } = desktop.wrap([process.execPath, '-e', script, marker]);
  const open = spawn(command[0] ?? '', command.slice(1), { env: { ...cleanEnvironment(), ...env, OPEN: marker }, stdio: 'ignore' });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const [look] = await ask<Look[]>('look', { pids: [open.pid], needles: [shifted(marker)] });
  open.kill();
  expect(look?.found).toEqual([0]);
  expect(look?.read.mem).toMatch(/regions/);
});

test('SIGUSR1 opens no debugger in broker, launcher or connector', async () => {
  const said = await ask<{ sent: unknown[]; answers: boolean; listening: boolean }>('signal', { pids });
  expect(said).toMatchObject({ answers: false, listening: false });
  expect(said.sent).toEqual(pids.map(() => true));
  // And nobody fell over.
  expect(await house.ask('status')).toMatchObject({ pid: house.ready.pid });
  for (const { client } of connected) expect((await client.listTools()).tools.length).toBeGreaterThan(0);
});
