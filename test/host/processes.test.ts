// What is said about processes: parents, start times, environments; and null, not an error, for what cannot be seen.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { environmentOf, fromPs, parentChain, processFacts, startTime } from '../../broker/host/processes.ts';
import { ordinaryUser } from '../support/ordinary-user.ts';
import { start } from '../support/started.ts';

const wait = 'console.log(JSON.stringify({ pid: process.pid })); setInterval(() => {}, 1000)';

describe.runIf(process.platform !== 'win32')('this system', () => {
  test('a child has us in its chain, in order, down to the first process', async () => {
    const child = start([process.execPath, '-e', wait]);
    const { pid } = (await child.line()) as { pid: number };
    const chain = await parentChain(pid);
    expect(chain.slice(0, 2).map((one) => one.pid)).toEqual([pid, process.pid]);
    expect(chain[0]?.parent).toBe(process.pid);
    expect(chain[0]?.program).toContain('node');
    expect(new Set(chain.map((one) => one.pid)).size).toBe(chain.length);
  });

  test('start times stay the same and tell processes apart', async () => {
    const child = start([process.execPath, '-e', wait]);
    const { pid } = (await child.line()) as { pid: number };
    const first = await startTime(pid);
    expect(first).toBeTruthy();
    expect(await startTime(pid)).toBe(first);
    expect(await startTime(process.pid)).not.toBe(first);
    child.child.kill('SIGKILL');
    await child.ended;
    expect(await startTime(pid)).toBeNull();
  });

  test('an environment is read as it was given', async () => {
    const child = start([process.execPath, '-e', wait], { GATEHOUSE_OPERATOR_TOKEN: 'gho_x=y z', LINES: 'a\nb' });
    const { pid } = (await child.line()) as { pid: number };
    expect(await environmentOf(pid)).toMatchObject({ GATEHOUSE_OPERATOR_TOKEN: 'gho_x=y z', LINES: 'a\nb' });
  });

  test.runIf(process.platform === 'linux')('a name full of brackets and spaces changes nothing', async () => {
    const program = join(ordinaryUser().folder(), ') S 1 1 (');
    copyFileSync('/usr/bin/sleep', program);
    const child = start([program, '30']);
    // The program is there once exec has happened.
    while (!(await processFacts(child.pid))?.program?.endsWith(') S 1 1 (')) await new Promise(setImmediate);
    expect(await processFacts(child.pid)).toMatchObject({ pid: child.pid, parent: process.pid });
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 30])('%d is nobody', async (pid) => {
    expect(await processFacts(pid)).toBeNull();
    expect(await startTime(pid)).toBeNull();
    expect(await environmentOf(pid)).toBeNull();
    expect(await parentChain(pid)).toEqual([]);
  });
});

test('a line of macOS ps is understood', () => {
  expect(fromPs(7, '  501 Mon Nov  3 03:43:00 2026     /Applications/My App.app/x\n')).toEqual({
    pid: 7,
    parent: 501,
    startedAt: 'Mon Nov 3 03:43:00 2026',
    program: '/Applications/My App.app/x',
  });
  expect(fromPs(7, '1 Mon Nov 23 03:43:00 2026 login\n')?.program).toBeNull();
  expect(fromPs(7, '')).toBeNull();
});
