// `serve` as a process: the ready line, what it refuses, and that a signal ends it in order.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { within } from '../support/scale.ts';
import { gatehouse } from './gatehouse.ts';

const main = fileURLToPath(new URL('../../broker/cli/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-serve-'));
afterAll(() => rmSync(folder, { recursive: true }));

function serve(
  home: string,
  words: string[],
  env: Record<string, string> = {},
  passphrase?: string,
): ChildProcess & { text: string; complaints: string } {
  const file = join(folder, 'passphrase');
  if (passphrase !== undefined) writeFileSync(file, passphrase, { mode: 0o600 });
  const third = passphrase === undefined ? [] : [openSync(file, 'r')];
  const child = Object.assign(
    spawn(process.execPath, [main, 'serve', ...words], {
      env: { PATH: process.env.PATH, HOME: folder, GATEHOUSE_HOME: home, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...third],
    }),
    { text: '', complaints: '' },
  );
  child.stdout?.setEncoding('utf8').on('data', (part) => {
    child.text += part;
  });
  child.stderr?.setEncoding('utf8').on('data', (part) => {
    child.complaints += part;
  });
  return child;
}

async function line(child: ReturnType<typeof serve>): Promise<string> {
  for (const end = Date.now() + 30_000; !child.text.includes('\n'); ) {
    if (Date.now() > end || child.exitCode !== null) throw new Error(`not ready: ${child.text}${child.complaints}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return child.text;
}

const ended = (child: ChildProcess) =>
  child.exitCode !== null ? Promise.resolve(child.exitCode) : new Promise<number | null>((resolve) => child.once('exit', resolve));

test('the ready line, the home, and an orderly end on SIGTERM within 5 s', async () => {
  const home = join(folder, 'home');
  const child = serve(home, ['--json', '--vault', 'sealed-file', '--passphrase-fd', '3'], {}, 'a long passphrase\n');
  const ready = JSON.parse(await line(child));
  expect(ready).toMatchObject({
    event: 'ready',
    version: expect.any(String),
    pid: child.pid,
    mcp: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/),
    console: expect.stringContaining('#'),
    operatorToken: expect.stringMatching(/^gho_/),
  });
  expect(statSync(home).mode & 0o777).toBe(0o700);
  expect((await gatehouse(['status', '--json'], { home })).code).toBe(0);
  expect((await gatehouse(['pending', '--json'], { home, token: ready.operatorToken })).out).toBe('[]\n');
  expect((await gatehouse(['serve', '--json', '--vault', 'sealed-file'], { home })).code).toBe(1);
  const begin = Date.now();
  child.kill('SIGTERM');
  expect(await ended(child)).toBe(0);
  expect(Date.now() - begin).toBeLessThan(within(5000));
  expect((await gatehouse(['status'], { home })).code).toBe(3);
});

test.runIf(process.platform === 'linux')('a passphrase in the environment does not stay in the environment', async () => {
  const home = join(folder, 'second');
  const child = serve(home, ['--vault', 'sealed-file'], { GATEHOUSE_VAULT_PASSPHRASE: 'do-not-keep-me' });
  const text = await line(child);
  expect(text).toContain('Gatehouse ');
  expect(readFileSync(`/proc/${child.pid}/environ`, 'utf8')).not.toContain('do-not-keep-me');
  expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).not.toContain('do-not-keep-me');
  child.kill('SIGINT');
  expect(await ended(child)).toBe(0);
});

test('an environment that could put other code into the broker is refused', async () => {
  for (const name of ['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_TLS_REJECT_UNAUTHORIZED', 'DYLD_INSERT_LIBRARIES']) {
    const child = serve(join(folder, 'third'), ['--json'], { [name]: name === 'NODE_OPTIONS' ? '--no-deprecation' : '0' });
    expect([name, await ended(child)]).toEqual([name, 4]);
  }
});
