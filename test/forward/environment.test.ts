// What a server gets to know of us: a few names, what was granted, its secrets, and nothing else.
import { readFileSync, readlinkSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { commandLine } from '../../broker/forward/command.ts';
import { CrashBudget } from '../../broker/forward/crash-budget.ts';
import { environment, put } from '../../broker/forward/environment.ts';
import { type Bench, bench, call, owner, params, rascal, resultOf, until } from './support.ts';

let b: Bench;
afterEach(() => b?.pool.close());

describe('environment', () => {
  test('minimal, then granted, then secrets; nothing of ours', async () => {
    const host = {
      platform: process.platform,
      env: {
        HOME: '/home/a',
        LANG: 'C.UTF-8',
        LC_TIME: 'de_DE',
        XDG_RUNTIME_DIR: '/run/user/1',
        SHELL: '() { evil; }',
        PATH: '/from/us',
        NODE_OPTIONS: '--require /evil.js',
        LD_PRELOAD: '/evil.so',
        DYLD_INSERT_LIBRARIES: '/evil.dylib',
        GATEHOUSE_OPERATOR_TOKEN: 'token',
        GATEHOUSE_SERVER: 'outer.mark.1',
        AWS_SECRET_ACCESS_KEY: 'key',
        LC_ALL: undefined,
      },
    };
    b = bench({}, { host });
    b.secrets.set('github', 'ghp_verysecretvalue');
    const launch = rascal('print-secret', {
      cwd: '/usr',
      env: { MODE: 'strict', API_KEY: 'overridden', LANG: 'fr' },
      secretEnv: { API_KEY: 'github' },
    });
    const server = await b.pool.upstream(owner('c1'), launch, params);
    const seen = resultOf(await call(server, 1, 'environment')) as { env: Record<string, string>; argv: string[]; cwd: string };
    const { GATEHOUSE_SERVER, ...env } = seen.env;
    expect(GATEHOUSE_SERVER).toMatch(new RegExp(`^test-${process.pid}\\.[\\w-]+\\.1$`));
    expect(env).toEqual({
      HOME: '/home/a',
      LANG: 'fr',
      LC_TIME: 'de_DE',
      XDG_RUNTIME_DIR: '/run/user/1',
      PATH: '/usr/local/bin:/usr/bin:/bin',
      TERM: 'dumb',
      MODE: 'strict',
      API_KEY: 'ghp_verysecretvalue',
    });
    expect(seen.cwd).toBe('/usr');
    expect(readFileSync(`/proc/${server.pid}/cmdline`, 'utf8')).not.toContain('ghp_');
    await until(() => b.pool.logs('rascal').length > 0);
    expect(b.pool.logs('rascal')[0]?.text).toBe('my key is <secret>');
    const crash = await call(server, 2, 'crash').catch((error: Error) => error.message);
    expect(crash).toContain('my key is <secret>');
    expect(JSON.stringify(b.events)).not.toContain('ghp_');
  });

  test('no descriptor beyond the three pipes', async () => {
    b = bench();
    const server = await b.pool
      .upstream(owner('c1'), { ...rascal(), server: 'sleeper', command: '/bin/sh', args: ['-c', 'ls -l /proc/self/fd >&2'] }, params)
      .catch(() => null);
    expect(server).toBeNull();
    const open = b.pool.logs('sleeper').flatMap((line) => {
      const found = / (\d+) -> (.*)$/.exec(line.text);
      return found ? [{ fd: Number(found[1]), target: found[2] }] : [];
    });
    expect(open.length).toBeGreaterThanOrEqual(3);
    // 3 is the folder `ls` itself reads. Node closes what it inherited only up to 15; what is above came from whoever started the tests.
    for (const { fd, target } of open.filter(({ fd }) => fd > 3)) expect(readlinkSync(`/proc/${process.ppid}/fd/${fd}`)).toBe(target);
  });

  test('stderr is kept to its last 200 lines of 4 KiB', async () => {
    b = bench();
    const server = await b.pool.upstream(owner('c1'), rascal(), params);
    await call(server, 1, 'noise');
    await until(() => b.pool.logs('rascal').at(-1)?.text.startsWith('www') === true);
    const lines = b.pool.logs('rascal');
    expect(lines).toHaveLength(200);
    expect(lines.at(-1)?.text).toBe(`${'w'.repeat(4096)}...`);
    expect(lines.at(-2)?.text).toBe('line 299');
  });

  test('Windows: its own names, whatever their case, each once', () => {
    const host = { platform: 'win32' as const, env: { SystemRoot: 'C:\\Windows', Path: 'C:\\ours', NODE_OPTIONS: 'x', AppData: 'C:\\a' } };
    const env = environment(host, 'C:\\login', { appdata: 'C:\\b' });
    expect(env).toEqual({ SystemRoot: 'C:\\Windows', PATH: 'C:\\login', appdata: 'C:\\b' });
    put(host, env, 'Path', 'C:\\x');
    expect(env).toEqual({ SystemRoot: 'C:\\Windows', appdata: 'C:\\b', Path: 'C:\\x' });
  });
});

/** The rules of CommandLineToArgvW: 2n backslashes and a quote are n and the quote's meaning, 2n+1 are n and a quote. */
function splitAsWindowsDoes(line: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < line.length; at++) {
    let word = '';
    for (let inside = false; at < line.length && (inside || line[at] !== ' '); at++) {
      let slashes = 0;
      while (line[at] === '\\') {
        slashes++;
        at++;
      }
      if (line[at] !== '"') {
        word += '\\'.repeat(slashes);
        if (at < line.length && (inside || line[at] !== ' ')) word += line[at];
        else at--;
        continue;
      }
      word += '\\'.repeat(slashes >> 1);
      if (slashes % 2 === 1) word += '"';
      else inside = !inside;
    }
    found.push(word);
  }
  return found;
}

describe('Windows batch files', () => {
  const host = { platform: 'win32' as const, env: { systemroot: 'D:\\Win', ComSpec: 'C:\\evil.exe' } };

  test('run through the cmd.exe of the system, escaped', () => {
    const line = commandLine(host, 'C:\\Program Files\\nodejs\\npx.cmd', ['-y', 'a&calc', '"q"\\', '%PATH%']);
    expect(line).toEqual({
      file: 'D:\\Win\\System32\\cmd.exe',
      args: ['/d', '/s', '/c', '"C:\\Program^ Files\\nodejs\\npx.cmd ^"-y^" ^"a^&calc^" ^"\\^"q\\^"\\\\^" ^"^%PATH^%^""'],
      verbatim: true,
    });
    const shim = commandLine(host, 'C:\\p\\node_modules\\.bin\\x.CMD', ['&']);
    expect(shim.args[3]).toBe('"C:\\p\\node_modules\\.bin\\x.CMD ^^^"^^^&^^^""');
    expect(() => commandLine(host, 'C:\\x.bat', ['a\nb'])).toThrow('line break');
  });

  test('what a program reads back is what was given', () => {
    // cross-spawn 7.0.6 fails two of these: a run of backslashes before a quote or at the end is doubled only in part.
    const given = ['', 'a b', '\\\\"x\\"', 'tail\\\\', '(a)!^<>|;,*?[]`', 'é"\\"\\\\"', '%PATH%', "it's"];
    const line = commandLine(host, 'C:\\x.cmd', given).args[3] as string;
    const afterCmd = line.slice(1, -1).replace(/\^(.)/g, '$1');
    expect(splitAsWindowsDoes(afterCmd).slice(1)).toEqual(given);
  });

  test('other programs, and other systems, are left as they are', () => {
    expect(commandLine(host, 'C:\\node.exe', ['&'])).toEqual({ file: 'C:\\node.exe', args: ['&'], verbatim: false });
    expect(commandLine({ platform: 'linux', env: {} }, '/x.cmd', ['&'])).toEqual({ file: '/x.cmd', args: ['&'], verbatim: false });
  });
});

test('the crash budget: five deaths are free, then pauses double up to 30 s, and a minute of life forgives', () => {
  const budget = new CrashBudget();
  let now = 1_000_000;
  for (let n = 0; n < 5; n++) budget.died(now);
  expect(budget.waitMs(now)).toBe(0);
  const pauses: number[] = [];
  for (let n = 0; n < 7; n++) {
    budget.died(now);
    pauses.push(budget.waitMs(now));
    now += budget.waitMs(now);
    expect(budget.waitMs(now)).toBe(0);
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  now += 60_000;
  budget.died(now);
  expect(budget.waitMs(now)).toBe(0);
});
