import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { inKeyring, keyringFolder } from '../support/keyring.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'bin', 'start.mjs');
/** As on a bare server: no display, no bus; and a variable that `serve` refuses. */
const bare = (home: string): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: home,
  GATEHOUSE_HOME: join(home, 'gatehouse'),
  DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(home, 'no-bus')}`,
  NODE_EXTRA_CA_CERTS: '/nowhere',
});
const folder = (): string => mkdtempSync(join(tmpdir(), 'gatehouse-start-'));

/** Starts it, waits for `sign` in what it prints, stops it, and returns what it printed and how it left. */
async function untilItSays(
  sign: RegExp,
  command: readonly string[],
  env: Record<string, string>,
): Promise<{ said: string; code: number | null }> {
  const [name = '', ...args] = command;
  const child = spawn(name, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  let stopping = false;
  const heard = (chunk: Buffer): void => {
    said += chunk;
    if (!stopping && sign.test(said)) {
      stopping = true;
      // The whole group: around it may stand a session bus, which hands no signal on.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    }
  };
  child.stdout.on('data', heard);
  child.stderr.on('data', heard);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { said, code };
}

it('holds the same list of refused variables as the broker', () => {
  const list = (path: string) => /refusedNames = (.*);/.exec(readFileSync(join(root, path), 'utf8'))?.[1];
  expect(list('bin/clean-environment.mjs')).toBeTruthy();
  expect(list('bin/clean-environment.mjs')).toBe(list('broker/host/environment.ts'));
});

it('without keychain and terminal it says why, names the ways on, and offers the choice on a page', async () => {
  const { said } = await untilItSays(/#passphrase=\S{40}/, [process.execPath, program], bare(folder()));
  expect(said).toContain('Starting without a window: there is no display here.');
  expect(said).toContain('No keychain answers here');
  expect(said).toContain('npm start -- --vault sealed-file');
  expect(said).toMatch(/Choose a passphrase here: http:\/\/127\.0\.0\.1:\d+\/#passphrase=/);
  expect(said).not.toContain('    at ');
  expect(said).not.toContain('token ');
});

it('runs on a sealed file when told to, prints the console and stops cleanly', async () => {
  const env = { ...bare(folder()), GATEHOUSE_VAULT_PASSPHRASE: 'a passphrase for a test' };
  const { said, code } = await untilItSays(/127\.0\.0\.1:\d+\/#\S+/, [process.execPath, program, '--vault', 'sealed-file'], env);
  expect(said).toContain('--vault is for the broker without a window');
  expect(said).toContain("Left out of the broker's environment");
  expect(said).toMatch(/http:\/\/127\.0\.0\.1:\d+\/#\S+/);
  expect(said).not.toContain('a passphrase for a test');
  expect(code).toBe(0);
});

it('runs on a keychain without being told', async () => {
  const keyring = keyringFolder();
  const { command, env } = inKeyring([process.execPath, program], keyring);
  const home = folder();
  const { DBUS_SESSION_BUS_ADDRESS: _, ...clean } = bare(home);
  const { said } = await untilItSays(/127\.0\.0\.1:\d+\/#\S+/, command, { ...clean, ...env, GATEHOUSE_HOME: join(home, 'gatehouse') });
  expect(said).toMatch(/http:\/\/127\.0\.0\.1:\d+\/#\S+/);
  expect(said).not.toContain('No keychain answers');
});
