// Ending servers: everything they started goes with them, in time, and nobody else's.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { endLeftovers } from '../../broker/forward/leftovers.ts';
import { readPs } from '../../broker/forward/process-table.ts';
import { within } from '../support/scale.ts';
import { alive, type Bench, bench, call, everything, installed, owner, params, pidOf, rascal, resultOf, until } from './support.ts';

let b: Bench;
afterEach(() => b?.pool.close());

async function startedBy(server: Awaited<ReturnType<Bench['pool']['upstream']>>, what: string, input = {}): Promise<number> {
  const pid = resultOf(await call(server, what + JSON.stringify(input), what, input)).pid as number;
  await until(() => alive(pid));
  return pid;
}

describe('stop', () => {
  test('a well-behaved server ends with its input, at once', async () => {
    b = bench();
    const servers = [
      await b.pool.upstream(owner('c1'), everything, params),
      await b.pool.upstream(owner('c1'), installed('files', 'server-filesystem/dist/index.js', ['/tmp']), params),
    ];
    const began = performance.now();
    await b.pool.stopAll();
    expect(performance.now() - began).toBeLessThan(within(1_500));
    expect(b.events.filter((event) => event.type !== 'server.started' && event.type !== 'server.exited')).toEqual([]);
    expect(await Promise.all(servers.map((server) => alive(pidOf(server))))).toEqual([false, false]);
    await until(() => b.ofType('server.exited').length === 2);
    expect(b.ofType('server.exited').every((event) => event.expected)).toBe(true);
  });

  test('children, children in other groups, daemons and those without our marker all end; calls fail at once', async () => {
    b = bench();
    const server = await b.pool.upstream(owner('c1'), rascal('stubborn'), params);
    const other = await b.pool.upstream(owner('c2'), rascal('stubborn'), params);
    const others = await startedBy(other, 'daemon');
    const pids = [
      await startedBy(server, 'child'),
      await startedBy(server, 'child', { detached: true }),
      await startedBy(server, 'child', { detached: true, clean: true }),
      await startedBy(server, 'daemon'),
      pidOf(server),
    ];
    const waiting = call(server, 'w', 'never').catch((error: Error) => error.message);
    const began = performance.now();
    const stopped = b.pool.stopConnection('c1');
    expect(await waiting).toBe('The server rascal was stopped because its client left.');
    expect(performance.now() - began).toBeLessThan(within(100));
    await stopped;
    expect(performance.now() - began).toBeLessThan(within(4_000));
    expect(await Promise.all(pids.map(alive))).toEqual([false, false, false, false, false]);
    expect([await alive(pidOf(other)), await alive(others)]).toEqual([true, true]);
    expect(b.pool.processes('rascal').map((process) => process.owner)).toEqual(['c2']);
    await b.pool.stopAll();
    expect([await alive(pidOf(other)), await alive(others)]).toEqual([false, false]);
  });

  test('a child that shed our marker and its parent is still known', async () => {
    b = bench();
    const server = await b.pool.upstream(owner('c1'), rascal(), params);
    const pid = await startedBy(server, 'child', { detached: true, clean: true });
    await b.pool.stopConnection('c1');
    expect([await alive(pidOf(server)), await alive(pid)]).toEqual([false, false]);
  });

  test('twelve stubborn servers end together within 4 s', async () => {
    b = bench();
    const servers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => b.pool.upstream(owner('c1'), rascal('stubborn', { server: `s${n}` }), params)),
    );
    const began = performance.now();
    await b.pool.close();
    expect(performance.now() - began).toBeLessThan(within(4_000));
    expect((await Promise.all(servers.map((server) => alive(pidOf(server))))).some(Boolean)).toBe(false);
    await expect(b.pool.upstream(owner('c1'), rascal(), params)).rejects.toThrow('Gatehouse is stopping');
  }, 20_000);

  test('what a crashed server left behind ends too', async () => {
    b = bench();
    const server = await b.pool.upstream(owner('c1'), rascal(), params);
    const pids = [await startedBy(server, 'child'), await startedBy(server, 'daemon')];
    await expect(call(server, 1, 'crash')).rejects.toThrow('exited with code 3');
    await b.pool.stopAll();
    expect(await Promise.all(pids.map(alive))).toEqual([false, false]);
  });

  test('stopping while it starts leaves nothing, and the next start waits for the end of the last', async () => {
    b = bench();
    const early = b.pool.upstream(owner('c1'), rascal(), params).catch((error: Error) => error.message);
    await b.pool.stopAll();
    expect(await early).toContain('stopped while it started');
    const mute = b.pool.upstream(owner('c1'), rascal('mute'), params).catch((error: Error) => error.message);
    await until(() => b.pool.processes('rascal').length === 1);
    const pid = b.pool.processes('rascal')[0]?.pid as number;
    const stopped = b.pool.stopServer('rascal');
    expect(await mute).toContain('was stopped by the operator');
    const next = await b.pool.upstream(owner('c1'), rascal(), params);
    expect(await alive(pid)).toBe(false);
    await stopped;
    expect(await alive(pidOf(next))).toBe(true);
    expect(b.ofType('server.failed')).toEqual([]);
  });

  test('stopServer forgets crashes', async () => {
    b = bench();
    for (let n = 0; n < 6; n++) await b.pool.upstream(owner('c1'), rascal('crash-on-start'), params).catch(() => {});
    await expect(b.pool.upstream(owner('c1'), rascal(), params)).rejects.toThrow('keeps crashing');
    await b.pool.stopServer('rascal');
    expect((await b.pool.upstream(owner('c1'), rascal(), params)).pid).toBeGreaterThan(0);
  });

  test('idle servers end, busy ones do not', async () => {
    b = bench({ idleMs: 300 });
    const busy = await b.pool.upstream(owner('c1'), rascal(), params);
    const slow = call(busy, 1, 'slow', { ms: 3_000 });
    const idle = await b.pool.upstream(owner('c2'), rascal(), params);
    await until(async () => !(await alive(pidOf(idle))));
    expect(b.pool.processes('rascal').map((process) => process.owner)).toEqual(['c1']);
    expect((await slow).failed).toBe(false);
    await until(async () => !(await alive(pidOf(busy))));
    expect((await b.pool.upstream(owner('c1'), rascal(), params)).pid).not.toBe(busy.pid);
  });

  test('killNow leaves no group', async () => {
    b = bench();
    const server = await b.pool.upstream(owner('c1'), rascal('stubborn'), params);
    b.pool.killNow();
    await until(async () => !(await alive(pidOf(server))));
  });
});

describe('leftovers', () => {
  test('a later broker of the same home ends what a killed one left, and only that', async () => {
    b = bench();
    const mine = await b.pool.upstream(owner('c1'), rascal('stubborn'), params);
    const home = `left-${process.pid}`;
    const broker = spawn(process.execPath, [fileURLToPath(new URL('./orphaning-broker.ts', import.meta.url)), home], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pids = await new Promise<number[]>((resolve) => broker.stdout.once('data', (data) => resolve(JSON.parse(String(data)))));
    broker.kill('SIGKILL');
    await new Promise((resolve) => broker.once('exit', resolve));
    expect(await Promise.all(pids.map(alive))).toEqual([true, true]);
    expect(await endLeftovers(`${home}0`)).toEqual([]);
    expect(await endLeftovers(home.slice(0, -1))).toEqual([]);
    expect((await endLeftovers(home)).sort()).toEqual([...pids].sort());
    // The system needs a moment to take a killed process out of its table.
    for (const pid of pids) await until(async () => !(await alive(pid)));
    expect(await alive(pidOf(mine))).toBe(true);
    await expect(endLeftovers('')).rejects.toThrow();
  });

  test('reads what ps prints on macOS', () => {
    const output = [
      '    1     0     1     0 Ss   Mon Nov 23 03:56:00 2026     /sbin/launchd',
      '  501   1   501   501 S+   Mon Nov  3 03:56:01 2026     node server.js HOME=/Users/a GATEHOUSE_SERVER=h.r.1 X=1',
      '  502   1   501   501 Z    Mon Nov  3 03:56:01 2026     (node)',
    ].join('\n');
    expect(readPs(output, 501)).toEqual([
      { pid: 1, parent: 0, group: 1, startedAt: 'Mon Nov 23 03:56:00 2026', ours: false, marker: null },
      { pid: 501, parent: 1, group: 501, startedAt: 'Mon Nov  3 03:56:01 2026', ours: true, marker: 'h.r.1' },
    ]);
  });
});
