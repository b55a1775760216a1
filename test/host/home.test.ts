// The home folder: where it is, who may look in, one broker at a time, and where its sockets stand.

import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from 'vitest';
import { checkSocketFolder, openHome, resolveHome, socketPath } from '../../broker/host/home.ts';
import { ordinaryUser } from '../support/ordinary-user.ts';
import { run } from '../support/run.ts';
import { start } from '../support/started.ts';

const holder = join(import.meta.dirname, '..', 'support', 'hold-home.ts');
const user = ordinaryUser();
const asUser = (...args: string[]) => user.command([process.execPath, ...args]);
const umask = process.umask();
afterEach(() => {
  process.umask(umask);
});

describe('where', () => {
  test.each([
    ['/a/b', {}, 'linux', '/a/b'],
    [undefined, { GATEHOUSE_HOME: '/c' }, 'linux', '/c'],
    ['/a', { GATEHOUSE_HOME: '/c' }, 'linux', '/a'],
    [undefined, {}, 'linux', '/home/u/.local/share/gatehouse'],
    [undefined, { XDG_DATA_HOME: '/data', GATEHOUSE_HOME: '' }, 'linux', '/data/gatehouse'],
    [undefined, { XDG_DATA_HOME: 'data' }, 'linux', '/home/u/.local/share/gatehouse'],
    [undefined, { XDG_DATA_HOME: '/data' }, 'darwin', '/home/u/Library/Application Support/Gatehouse'],
  ] as const)('%s %o on %s', (explicit, env, platform, expected) => {
    expect(resolveHome(explicit, env, platform, '/home/u')).toBe(expected);
  });

  test('a relative folder counts from where the command was given', () => {
    expect(resolveHome('here', {})).toBe(join(process.cwd(), 'here'));
  });
});

describe('who may look in, as an ordinary user', () => {
  async function open(folder: string) {
    const home = start(asUser(holder, folder));
    return await home.line();
  }

  test('a new home is made for this user alone, folders on the way included', async () => {
    const folder = join(user.folder(), 'deep', 'home');
    const home = start(asUser(holder, folder));
    expect(await home.line()).toEqual({ folder, fresh: true, umask: 0o077 });
    for (const path of [folder, dirname(folder), join(folder, 'run')]) expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'run', 'lock.db')).mode & 0o777).toBe(0o600);
  });

  test.each([0o755, 0o750, 0o770, 0o701])('a folder of mode %o is refused with its mend', async (mode) => {
    const folder = user.folder();
    chmodSync(folder, mode);
    expect(await open(folder)).toMatchObject({ code: 'refused', hint: expect.stringContaining(`chmod 700 '${folder}'`) });
  });

  test.each([
    ['state.db', 0o644],
    ['policies/x.cedar', 0o620],
    ['run/clients/token', 0o604],
    ['kept/bundles/x', 0o644],
  ])('a file %s of mode %o is refused with its mend', async (name, mode) => {
    const folder = user.folder();
    const path = join(folder, name);
    // Made by this user, so that only the mode is wrong.
    const script = `umask 077; mkdir -p '${dirname(path)}'; echo x > '${path}'; chmod ${mode.toString(8)} '${path}'`;
    await run(user.command(['sh', '-c', script]));
    expect(await open(folder)).toMatchObject({ code: 'refused', hint: expect.stringContaining(`chmod 600 '${path}'`) });
  });

  test('a home that is called bundles is looked through like any other', async () => {
    const folder = join(user.folder(), 'bundles');
    await run(user.command(['sh', '-c', `umask 077; mkdir '${folder}'; echo x > '${folder}/state.db'; chmod 644 '${folder}/state.db'`]));
    expect(await open(folder)).toMatchObject({ code: 'refused', hint: expect.stringContaining(`chmod 600 '${folder}/state.db'`) });
  });

  test('a file of another user is refused, where there is another user', async (context) => {
    if (process.getuid?.() !== 0) context.skip('only root can make a file of another user');
    const folder = user.folder();
    writeFileSync(join(folder, 'state.db'), 'x', { mode: 0o600 });
    expect(await open(folder)).toMatchObject({ code: 'refused', message: expect.stringContaining('another user') });
  });

  test('a link to a loose file is judged by the file, and a home behind a link is known by its real name', async () => {
    const folder = user.folder();
    const outside = join(user.folder(), 'rules');
    await run(user.command(['sh', '-c', `echo x > '${outside}'; chmod 644 '${outside}'; ln -s '${outside}' '${folder}/state.db'`]));
    expect(await open(folder)).toMatchObject({ code: 'refused' });
    const real = user.folder();
    const link = join(user.folder(), 'link');
    symlinkSync(real, link);
    expect(await open(link)).toMatchObject({ folder: real });
  });

  test('a home with state is not fresh', async () => {
    const folder = user.folder();
    await run(user.command(['sh', '-c', `umask 077; echo x > '${folder}/vault.sealed'`]));
    expect(await open(folder)).toMatchObject({ fresh: false });
  });

  test('a folder that cannot be made is said in words', async () => {
    expect(await open(process.getuid?.() === 0 ? '/root/x' : '/proc/x')).toMatchObject({ code: 'unavailable' });
  });
});

describe('one broker at a time', () => {
  test('the second is told so; a kill -9 of the first lets the next in at once', async () => {
    const folder = user.folder();
    const first = start(asUser(holder, folder));
    expect(await first.line()).toMatchObject({ folder });
    expect(await start(asUser(holder, folder)).line()).toMatchObject({ code: 'conflict' });
    first.child.kill('SIGKILL');
    await first.ended;
    expect(await start(asUser(holder, folder)).line()).toMatchObject({ folder });
  });

  test('of ten at once exactly one gets in', async () => {
    const folder = user.folder();
    const all = await Promise.all(Array.from({ length: 10 }, () => start(asUser(holder, folder)).line()));
    expect(all.filter((one) => one.folder === folder)).toHaveLength(1);
    expect(all.filter((one) => one.code === 'conflict')).toHaveLength(9);
  });

  test('the lock does not go with the garbage when nobody remembers how to release it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-home-'));
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    openHome(folder);
    for (let round = 0; round < 20; round++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(() => openHome(folder)).toThrow(expect.objectContaining({ code: 'conflict' }));
  });

  test('also within one process, and released by hand', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-home-'));
    const home = openHome(folder);
    expect(() => openHome(folder)).toThrow(expect.objectContaining({ code: 'conflict' }));
    home.release();
    home.release();
    openHome(folder).release();
  });
});

describe('sockets', () => {
  test('short homes hold their own; a long one gets a short place, the same for everybody who asks, and it can be listened on', async () => {
    const short = realpathSync(mkdtempSync(join(tmpdir(), 'gh-')));
    expect(socketPath(short, 'operator')).toBe(join(short, 'run', 'operator.sock'));
    const long = join(short, 'x'.repeat(120));
    mkdirSync(long, { mode: 0o700 });
    const path = socketPath(long, 'operator');
    expect(path).toMatch(/^\/tmp\/gatehouse-[0-9]+-[0-9a-f]{16}\/operator\.sock$/);
    expect(socketPath(`${long}/../${'x'.repeat(120)}`, 'operator')).toBe(path);
    expect(socketPath(`${long}y`, 'operator')).not.toBe(path);
    expect(() => checkSocketFolder(path, false)).toThrow(expect.objectContaining({ code: 'no-broker' }));
    checkSocketFolder(path, true);
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.on('error', reject).listen(path, resolve));
    server.close();
    checkSocketFolder(path, false);
    // Somebody else's, or open to others: refused, not used.
    chmodSync(dirname(path), 0o755);
    expect(() => checkSocketFolder(path, true)).toThrow(expect.objectContaining({ code: 'refused' }));
    rmSync(dirname(path), { recursive: true });
    symlinkSync(short, dirname(path));
    expect(() => checkSocketFolder(path, true)).toThrow(expect.objectContaining({ code: 'refused' }));
    rmSync(dirname(path));
  });

  test('a folder another user took first is refused', async (context) => {
    if (process.getuid?.() !== 0) context.skip('needs a second user');
    const long = join(mkdtempSync(join(tmpdir(), 'gh-')), 'y'.repeat(120));
    const path = socketPath(long, 'operator');
    await run(user.command(['mkdir', '-m', '700', dirname(path)]));
    expect(() => checkSocketFolder(path, true)).toThrow(expect.objectContaining({ code: 'refused' }));
    rmSync(dirname(path), { recursive: true });
  });

  test('Windows has named pipes', () => {
    expect(socketPath('/x', 'operator', 'win32')).toMatch(/^\\\\\.\\pipe\\gatehouse-[0-9a-f]{16}-operator$/);
  });
});
