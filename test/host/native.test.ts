// What libc does for us: a closed process stays closed to its own user's programs, and a socket's other end is known.
import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { peerPid, peerUser } from '../../broker/host/native.ts';
import { ordinaryUser } from '../support/ordinary-user.ts';
import { run } from '../support/run.ts';
import { start } from '../support/started.ts';

const program = join(import.meta.dirname, '..', 'support', 'hold-secret.ts');
const user = ordinaryUser();
const onLinux = process.platform === 'linux';

describe.runIf(onLinux)('undumpable, as an ordinary user', () => {
  const look = async (close: string) => {
    const command = user.command([process.execPath, program, close, 'look']);
    return JSON.parse((await run(command, { env: { SECRET: 'hunter2' } })).stdout);
  };

  test('without it a child reads everything: the attack is real here', async () => {
    const { uid, seen } = await look('open');
    expect(uid).not.toBe(0);
    expect(seen).toMatchObject({ environ: 'read', mem: 'read', fd: 'read', maps: 'read', exe: 'read' });
  });

  test('with it a child of the same user reads neither environment nor memory nor descriptors', async () => {
    const { closed, uid, seen } = await look('undumpable');
    expect(closed).toBe(true);
    expect(uid).not.toBe(0);
    for (const code of [seen.environ, seen.mem, seen.fd, seen.maps, seen.exe]) expect(['EACCES', 'EPERM']).toContain(code);
  });
});

describe.runIf(onLinux)('SIGUSR1, as an ordinary user', () => {
  async function debuggerAfterSignal(...flags: string[]): Promise<boolean> {
    const held = start(user.command([process.execPath, ...flags, program, 'undumpable']), {});
    expect(await held.line()).toEqual({ closed: true });
    await run(user.command(['kill', '-USR1', String(held.pid)]));
    await sleep(700);
    expect(existsSync(`/proc/${held.pid}`)).toBe(true);
    return held.stderr().includes('Debugger listening');
  }

  test('opens the inspector of a plain Node, and none with --disable-sigusr1', async () => {
    expect(await debuggerAfterSignal('--inspect-port=0')).toBe(true);
    expect(await debuggerAfterSignal('--inspect-port=0', '--disable-sigusr1')).toBe(false);
  });
});

describe.runIf(process.platform !== 'win32')('the other end of a socket', () => {
  test('is the process that connected, and its user', async () => {
    const path = join(user.folder(), 's');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await run(['chmod', '777', path]);
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const code = `require('node:net').connect(${JSON.stringify(path)}); console.log(JSON.stringify({ pid: process.pid }));`;
    const other = start(user.command([process.execPath, '-e', code]));
    const socket = await accepted;
    expect(peerPid(socket)).toBe((await other.line()).pid);
    expect(peerUser(socket)).toBe(user.uid);
    socket.destroy();
    expect(peerPid(socket)).toBeNull();
    server.close();
  });

  test('is null for a socket that has none to tell', async () => {
    expect(peerPid(connect({ port: 1, host: '127.0.0.1' }).on('error', () => {}))).toBeNull();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const socket = connect(port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    expect(peerPid(socket)).toBeNull();
    socket.destroy();
    server.close();
  });
});

test('koffi is loaded only when it is needed', () => {
  const source = readFileSync(join(import.meta.dirname, '..', '..', 'broker', 'host', 'native.ts'), 'utf8');
  expect(source).not.toMatch(/^import .*koffi/m);
});
