import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../support/run.ts';
import { type DesktopSession, desktopSession } from './desktop-session.ts';
import { layOut, root } from './packed.ts';
import { type Desk, type Given, shellEnds, shellSuite } from './suite.ts';

// The packed tree, laid out as an installer would into an empty prefix, started on the stand-in; broker, console, keychain and client are real.
const prefix = join(mkdtempSync(join(tmpdir(), 'gatehouse-prefix-')), 'opt');
const home = join(mkdtempSync(join(tmpdir(), 'gatehouse-desktop-')), 'home');
const executable = join(prefix, 'resources', 'bin', process.platform === 'win32' ? 'gatehouse.exe' : 'gatehouse');
let session: DesktopSession;
let child: ChildProcess;
let ended: Promise<number | null>;
let said = '';

const env = (): Record<string, string> => ({ PATH: process.env.PATH ?? '', ...session.env, GATEHOUSE_HOME: home });

/** Says to the program what a person does, and hears what came of it. */
function drive(): Desk {
  let count = 0;
  const open = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  child.on('message', ({ id, value, error }: { id: number; value?: unknown; error?: string }) => {
    if (error === undefined) open.get(id)?.resolve(value);
    else open.get(id)?.reject(new Error(error));
    open.delete(id);
  });
  void ended.then((code) => {
    for (const { reject } of open.values()) reject(new Error(`the program ended with ${code}: ${said}`));
  });
  const ask =
    (name: string) =>
    (...words: string[]): Promise<never> =>
      new Promise((resolve, reject) => {
        count += 1;
        open.set(count, { resolve: resolve as (value: unknown) => void, reject });
        child.send({ id: count, name, words });
      });
  return {
    windows: ask('windows'),
    tray: ask('tray'),
    press: ask('press'),
    reads: ask('reads'),
    address: ask('address'),
    click: ask('click'),
    type: ask('type'),
    second: ask('second'),
    brokerPid: ask('brokerPid'),
    faults: ask('faults'),
    quit: async () => {
      await ask('quit')();
      await ended;
    },
  };
}

let desk: Desk;
const given: Given = { desk: () => desk, home, env };

beforeAll(async () => {
  expect(existsSync(join(root, 'dist', 'console', 'index.html'))).toBe(true);
  await layOut(prefix);
  session = await desktopSession();
  const standIn = join(root, 'test', 'electron', 'stand-in');
  child = fork(join(standIn, 'program.ts'), [join(prefix, 'resources', 'app.asar', 'electron', 'main.ts')], {
    env: env(),
    execArgv: ['--import', join(standIn, 'register.mjs'), '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  ended = new Promise((resolve) => child.on('exit', resolve));
  desk = drive();
  console.log('The shell runs on the stand-in for Electron here, from the packed tree; broker, console and keychain are real.');
}, 90_000);
afterAll(async () => {
  child?.kill();
  session?.end();
  for (const folder of [join(prefix, '..'), join(home, '..')]) rmSync(folder, { recursive: true, force: true });
});

const facts = shellSuite(given);

it('is removed, and gives the clients back the configuration they had', async (context) => {
  context.skip(process.platform !== 'linux', 'the script is that of deb and rpm');
  context.skip(!existsSync(executable), 'the executable is not built here (node bin/build-executable.mjs, or npm run test:long)');
  const user = session.env.HOME ?? '';
  const file = join(user, '.cursor', 'mcp.json');
  const text = '{\n  "mcpServers": { "mine": { "command": "true" } }\n}\n';
  mkdirSync(join(user, '.cursor'), { recursive: true });
  writeFileSync(file, text);
  const own = { ...env(), GATEHOUSE_OPERATOR_TOKEN: facts.token() };
  const installed = await run([executable, 'install', 'cursor'], { env: own });
  expect(installed.code, installed.stderr).toBe(0);
  expect(readFileSync(file, 'utf8')).toContain(executable);
  const autostart = join(user, '.config', 'autostart', 'gatehouse.desktop');
  mkdirSync(join(autostart, '..'), { recursive: true });
  writeFileSync(autostart, '');
  const script = join(root, 'electron', 'installer', 'before-remove.sh');
  const remove = (word: string) => run(['sh', script, word], { env: { ...own, GATEHOUSE_EXECUTABLE: executable } });
  expect((await remove('upgrade')).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toContain(executable);
  const removed = await remove('remove');
  expect(removed, removed.stderr).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(file, 'utf8')).toBe(text);
  expect(existsSync(autostart)).toBe(false);
});

shellEnds(given, facts.leave);

it('leaves nothing of the prefix behind: no process runs from it, and no file lies outside it but the home', () => {
  rmSync(prefix, { recursive: true });
  expect(readdirSync(join(prefix, '..'))).toEqual([]);
  if (process.platform !== 'linux') return;
  const left = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(prefix);
      } catch {
        return false;
      }
    });
  expect(left).toEqual([]);
});
