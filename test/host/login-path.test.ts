// The login shell's PATH and the search along it, with shells that misbehave and with the rules of Windows.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { findProgram, loginPath, readLoginPath, resolveProgram } from '../../broker/host/login-path.ts';
import { within } from '../support/scale.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-path-')));
const script = (name: string, text: string, mode = 0o755) => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, mode);
  return path;
};

describe('the login shell', () => {
  test('its PATH comes first, ours behind, doubles and relative folders fall out', async () => {
    const shell = script('shell-a', 'echo welcome; export PATH=/opt/tools:relative::/usr/bin:/bin; eval "$4"; echo bye');
    expect(await readLoginPath({ shell, env: { PATH: '/usr/bin:/own:.' } })).toBe('/opt/tools:/usr/bin:/bin:/own');
  });

  test('a real bash reads the profile of its user', async () => {
    const home = join(folder, 'user');
    mkdirSync(home);
    writeFileSync(join(home, '.bash_profile'), 'echo hello; export PATH="/from/profile:$PATH"\n');
    const path = await readLoginPath({ shell: '/bin/bash', env: { HOME: home, PATH: '/usr/bin:/bin' } });
    expect(path.split(':')).toContain('/from/profile');
    expect(path.split(':')).toContain('/usr/bin');
  });

  test('gets none of our secrets', async () => {
    const kept = join(folder, 'kept');
    const shell = script('shell-b', `env > '${kept}'`);
    await readLoginPath({ shell, env: { PATH: '/bin', GATEHOUSE_OPERATOR_TOKEN: 'gho_1' } });
    expect(readFileSync(kept, 'utf8')).not.toContain('gho_1');
  });

  test.each([
    ['that hangs', 'sleep 60 & echo $! > "$0.pid"; wait'],
    ['that fails', 'exit 3'],
    ['that says nothing of use', 'echo PATH=/evil'],
  ])('one %s leaves us with our own PATH, in time', async (name, text) => {
    const shell = script(`shell-${name}`, text);
    const began = performance.now();
    expect(await readLoginPath({ shell, env: { PATH: '/usr/bin:/bin' }, limitMs: 400 })).toBe('/usr/bin:/bin');
    expect(performance.now() - began).toBeLessThan(within(2000));
    if (name !== 'that hangs') return;
    // What it started is gone too; a zombie has no command line.
    await sleep(50);
    const pid = readFileSync(`${shell}.pid`, 'utf8').trim();
    let line = '';
    try {
      line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {}
    expect(line).toBe('');
  });

  test('one that is not there does too', async () => {
    expect(await readLoginPath({ shell: '/no/shell', env: { PATH: '/bin' } })).toBe('/bin');
  });

  test('Windows has none, and is asked once', async () => {
    expect(await readLoginPath({ platform: 'win32', env: { Path: 'C:\\a;b;C:\\a;D:\\c' } })).toBe('C:\\a;D:\\c');
    expect(loginPath()).toBe(loginPath());
    await loginPath();
  });
});

describe('the search', () => {
  test('takes the first that may be run, follows links, and never the working folder', () => {
    script('one/tool', '', 0o644);
    const real = script('two/real-tool', '');
    symlinkSync(real, join(folder, 'two', 'tool'));
    script('three/tool', '');
    mkdirSync(join(folder, 'zero', 'tool'), { recursive: true });
    const path = ['zero', 'one', 'two', 'three'].map((name) => join(folder, name)).join(':');
    expect(findProgram('tool', path)).toBe(join(folder, 'two', 'tool'));
    expect(resolveProgram('tool', path)).toBe(real);
    expect(resolveProgram('tool', join(folder, 'one'))).toBeNull();
    expect(resolveProgram('real-tool', '.::relative', { cwd: join(folder, 'two') })).toBeNull();
    expect(resolveProgram('./real-tool', '', { cwd: join(folder, 'two') })).toBe(real);
    expect(resolveProgram(real, '')).toBe(real);
    for (const bad of ['', 'a\0b', 'no-such-tool', `${real}/x`]) expect(resolveProgram(bad, path)).toBeNull();
  });

  test('Windows: endings in their order, names with one as they are, never a bare script', () => {
    const files = new Set(['C:\\node\\npx', 'C:\\node\\npx.cmd', 'C:\\node\\node.exe', 'D:\\x\\npx.exe', 'D:\\x\\run.ps1', 'C:\\w\\t.exe']);
    const facts = {
      platform: 'win32',
      pathext: '.COM;.EXE;.BAT;.CMD',
      cwd: 'C:\\w',
      isProgram: (path: string) => files.has(path),
      realpath: (path: string) => path,
    } as const;
    const path = 'C:\\node;D:\\x;rel';
    expect(resolveProgram('npx', path, facts)).toBe('C:\\node\\npx.cmd');
    expect(resolveProgram('npx', 'D:\\x;C:\\node', facts)).toBe('D:\\x\\npx.exe');
    expect(resolveProgram('node.exe', path, facts)).toBe('C:\\node\\node.exe');
    expect(resolveProgram('D:\\x\\npx', path, facts)).toBe('D:\\x\\npx.exe');
    expect(resolveProgram('D:/x/npx.exe', path, facts)).toBe('D:\\x\\npx.exe');
    expect(resolveProgram('run', path, facts)).toBeNull();
    expect(resolveProgram('t', path, facts)).toBeNull();
    expect(resolveProgram('.\\t', path, facts)).toBe('C:\\w\\t.exe');
  });
});
