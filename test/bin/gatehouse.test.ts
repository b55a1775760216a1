// The launcher under the oldest Node that may run it and under Node 24: what it becomes, what it hides, and how it stands beside.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ordinaryUser } from '../support/ordinary-user.ts';
import { run } from '../support/run.ts';
import { within } from '../support/scale.ts';
import { start } from '../support/started.ts';

const root = join(import.meta.dirname, '..', '..');
const node24 = join(root, 'node_modules', 'node', 'bin', 'node');
/** A Node below 24 on this machine, or null. */
const older =
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .find((path) => existsSync(path) && /^v2[0-3]\./.test(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout)) ?? null;

/** A checkout of its own: the launcher as it is, a stand-in for the program, and the named packages. */
function checkout(...packages: string[]): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-launch-')));
  spawnSync('chmod', ['755', folder]);
  for (const name of ['bin', 'broker/cli', 'node_modules']) mkdirSync(join(folder, name), { recursive: true, mode: 0o755 });
  copyFileSync(join(root, 'bin', 'gatehouse.mjs'), join(folder, 'bin', 'gatehouse.mjs'));
  const program = readFileSync(join(root, 'test', 'support', 'launched.ts'), 'utf8').replaceAll("'../../broker/", `'${root}/broker/`);
  writeFileSync(join(folder, 'broker', 'cli', 'main.ts'), program);
  for (const name of packages) symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  return join(folder, 'bin', 'gatehouse.mjs');
}

const becomes = checkout('node', 'koffi');
const standsBeside = checkout('node');
const secret = `hunter2-${process.pid}`;

/** Every process whose environment or command line holds the text, but not us, who made it up. */
function whereInProc(text: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
    for (const file of ['environ', 'cmdline']) {
      try {
        if (readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(text)) found.push(`${pid}/${file}`);
      } catch {}
    }
  }
  return found;
}

const runners: [string, string | null][] = [
  ['an older Node', older],
  ['Node 24', node24],
];

describe.each(runners)('under %s', (_, runner) => {
  test.skipIf(runner === null)('becomes the program: one pid, no debugger, nothing left of the passphrase', async () => {
    const started = start([runner ?? '', becomes, '--home', '/h', 'serve', '--json', 'wait'], { GATEHOUSE_VAULT_PASSPHRASE: secret });
    const said = await started.line();
    expect(said).toMatchObject({ pid: started.pid, passphrase: secret, lifeline: false });
    expect(said.execPath).toBe(realpathSync(node24));
    expect(said.execArgv).toContain('--disable-sigusr1');
    const args = said.args as string[];
    expect(args.toSpliced(4, 1)).toEqual(['--home', '/h', 'serve', '--passphrase-fd', '--json', 'wait']);
    expect(said.names).not.toContain('GATEHOUSE_VAULT_PASSPHRASE');
    // The test itself only handed it on; it stands in nobody's environment or command line now.
    expect(whereInProc(secret)).toEqual([]);
    started.child.kill('SIGTERM');
    expect(await started.line()).toEqual({ signal: 'SIGTERM' });
    expect(await started.ended).toEqual({ code: 5, signal: null });
    expect(started.stderr()).toBe('');
  });

  test.skipIf(runner === null)('keeps standard streams and the exit code', async () => {
    const ran = await run([runner ?? '', becomes, 'status', 'stdin', 'code'], { input: 'line\n' });
    expect(JSON.parse(ran.stdout)).toMatchObject({ args: ['status', 'stdin', 'code'], stdin: 'line\n' });
    expect(ran).toMatchObject({ code: 9, stderr: '' });
  });

  test.skipIf(runner === null)('hands on a descriptor the caller opened, which wins over the variable', async () => {
    for (const [form, launcher] of [
      ['--passphrase-fd 7', becomes],
      ['--passphrase-fd=7', standsBeside],
      ['--passphrase-fd 3', standsBeside],
    ] as const) {
      const fd = form.at(-1);
      const line = `exec "$0" "$1" serve ${form.replace('=', ' ')} ${fd}<<< from-fd`;
      const ran = await run(['bash', '-c', line, runner ?? '', launcher], { env: { GATEHOUSE_VAULT_PASSPHRASE: secret } });
      expect(ran.stderr).toBe('');
      expect(JSON.parse(ran.stdout)).toMatchObject({ passphrase: 'from-fd' });
    }
  });

  test.skipIf(runner === null)('drops the passphrase for commands that have no use for it', async () => {
    const ran = await run([runner ?? '', becomes, 'status'], { env: { GATEHOUSE_VAULT_PASSPHRASE: secret } });
    const said = JSON.parse(ran.stdout);
    expect(said).toMatchObject({ args: ['status'], passphrase: null });
    expect(said.names).not.toContain('GATEHOUSE_VAULT_PASSPHRASE');
  });
});

test('there is an older Node here to test with', () => {
  expect(older).not.toBeNull();
});

describe('as an ordinary user', () => {
  test('the same, run by name, from another folder', async () => {
    const user = ordinaryUser();
    spawnSync('chmod', ['755', becomes]);
    const started = start(user.command([becomes, 'serve', 'wait']), { GATEHOUSE_VAULT_PASSPHRASE: secret }, '/');
    expect(await started.line()).toMatchObject({ pid: started.pid, passphrase: secret });
    expect(whereInProc(secret)).toEqual([]);
  });
});

describe('where it cannot become the program', () => {
  const runner = older ?? node24;

  test('it warns of what remains, and the program itself is clean', async () => {
    const started = start([runner, standsBeside, 'serve', 'wait'], { GATEHOUSE_VAULT_PASSPHRASE: secret });
    const said = await started.line();
    expect(said).toMatchObject({ passphrase: secret, lifeline: true });
    expect(said.pid).not.toBe(started.pid);
    expect(said.names).not.toContain('GATEHOUSE_VAULT_PASSPHRASE');
    expect(whereInProc(secret)).toEqual([`${started.pid}/environ`]);
    expect(started.stderr()).toContain('--passphrase-fd');
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s reaches the program and its exit code comes back', async (signal) => {
    const started = start([runner, standsBeside, 'status', 'wait']);
    await started.line();
    started.child.kill(signal);
    expect(await started.line()).toEqual({ signal });
    expect(await started.ended).toEqual({ code: 5, signal: null });
  });

  test('a program that was killed is told by the same end', async () => {
    expect(await run([runner, standsBeside, 'status', 'crash'])).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  test.each(['willing', 'stubborn'])('a %s program leaves within a second when the launcher is killed', async (kind) => {
    const started = start([runner, standsBeside, 'serve', 'wait', kind]);
    const { pid } = (await started.line()) as { pid: number };
    started.child.kill('SIGKILL');
    const began = performance.now();
    // A zombie that nobody collects has no command line.
    const alive = () => existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
    while (alive() && performance.now() - began < 5000) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(performance.now() - began).toBeLessThan(within(1000));
  });
});

describe('what serve refuses', () => {
  const runner = older ?? node24;
  const refused = ['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_TLS_REJECT_UNAUTHORIZED', 'LD_PRELOAD', 'LD_AUDIT', 'DYLD_X'];

  test.each(refused)('%s, before anything is started; --allow-env and other commands pass', async (name) => {
    const env = { [name]: { NODE_OPTIONS: '--no-deprecation', NODE_TLS_REJECT_UNAUTHORIZED: '1' }[name] ?? '/nonexistent' };
    const ran = await run([runner, becomes, '--json', 'serve'], { env });
    expect(ran).toMatchObject({ code: 4, stdout: '' });
    const last = ran.stderr.trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({ error: { code: 'refused', message: expect.stringContaining(name) } });
    expect((await run([runner, becomes, 'serve', '--allow-env'], { env })).code).toBe(0);
    expect((await run([runner, becomes, 'status'], { env })).code).toBe(0);
  });

  test('the launcher and the broker keep the same list', () => {
    const list = (path: string) => /refusedNames = (.*);/.exec(readFileSync(join(root, path), 'utf8'))?.[1];
    expect(list('bin/gatehouse.mjs')).toBeDefined();
    expect(list('bin/gatehouse.mjs')).toBe(list('broker/host/environment.ts'));
  });
});

test.skipIf(older === null)('without any Node 24 it says what to do', async () => {
  const ran = await run([older ?? '', checkout(), 'serve', '--json']);
  expect(ran.code).toBe(1);
  expect(JSON.parse(ran.stderr).error.hint).toContain('npm ci');
});
