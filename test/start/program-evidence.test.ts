// What is kept of the programs that use a token: how many, how often it is written, what differs, and whose word counts for a process.
import { expect, test } from 'vitest';
import { startTime } from '../../broker/host/processes.ts';
import { newPrograms } from '../../broker/start/new-programs.ts';
import { ancestry, type Launcher, launcherOf } from '../../broker/start/peers.ts';
import { ProgramEvidence } from '../../broker/start/program-evidence.ts';
import { type ClientRow, type RowOf, shapes } from '../../broker/store/rows.ts';
import type { EntryBody } from '../../shared/vocabulary.ts';
import { clientRow } from '../store/rows.ts';

const hour = 3_600_000;

function kept() {
  const clock = { now: Date.parse('2026-11-26T10:00:00.000Z') };
  const rows = { client: new Map<string, ClientRow>([['agent', clientRow('agent')]]), evidence: new Map<string, RowOf['evidence']>() };
  const acts: EntryBody[] = [];
  const faults: unknown[] = [];
  const on = { sound: true, broken: false };
  const make = () =>
    new ProgramEvidence({
      rows,
      sound: () => on.sound,
      change(act, write) {
        if (on.broken) throw new Error('the log is full');
        const put = (_table: string, row: unknown) => {
          const parsed = shapes.evidence.schema.parse(row);
          rows.evidence.set(shapes.evidence.idOf(parsed), parsed);
        };
        write({ put } as never);
        acts.push(act);
      },
      changed: () => {},
      now: () => clock.now,
      report: (error) => faults.push(error),
    });
  const evidence = make();
  const all = () => evidence.of('agent', () => false);
  return { clock, rows, acts, faults, on, make, evidence, all, types: () => acts.map(({ type }) => type) };
}

const from = (program: string | null, pid = 7, proven = true): Launcher => ({ pid, startedAt: `boot:${pid}`, program, proven });

test('T15 another program with the token of a client is told once; the first is not, nor is an update', () => {
  const { evidence, acts, all, rows, clock } = kept();
  evidence.cameFrom('agent', from('/opt/1.0.0/claude'))();
  evidence.cameFrom('agent', from('/opt/1.0.1/claude'))();
  expect(acts).toEqual([{ type: 'client.program', client: 'agent', via: 'connector', program: '/opt/1.0.0/claude' }]);
  expect(newPrograms(rows)).toEqual([]);
  expect(all()).toMatchObject([{ program: '/opt/1.0.1/claude', differs: false, finding: null }]);
  clock.now += hour;
  for (const _ of [1, 2, 3]) evidence.cameFrom('agent', from('/tmp/claude'))();
  expect(acts.slice(1)).toEqual([{ type: 'client.program-new', client: 'agent', via: 'connector', program: '/tmp/claude' }]);
  const found = newPrograms(rows);
  expect(found).toMatchObject([{ rule: 'new-program', severity: 'warning', withholds: false }]);
  expect(all()[1]).toMatchObject({ differs: true, finding: found[0]?.id });
});

test('a program that hides from the system is another one; one that was never named is not', () => {
  const hidden = kept();
  hidden.evidence.cameFrom('agent', from('/usr/bin/claude'));
  hidden.evidence.cameFrom('agent', from(null));
  hidden.evidence.cameFrom('agent', null);
  expect(hidden.types()).toEqual(['client.program', 'client.program-new']);
  expect(newPrograms(hidden.rows)[0]?.detail).toContain('A program that the system does not name came as agent');
  const unnamed = kept();
  unnamed.evidence.cameFrom('agent', null);
  unnamed.evidence.overHttp('agent');
  unnamed.evidence.cameFrom('agent', from('/usr/bin/claude'));
  expect(unnamed.types()).toEqual(['client.program', 'client.http', 'client.program']);
  expect([newPrograms(unnamed.rows), unnamed.all().map(({ differs }) => differs)]).toEqual([[], [false, false, false]]);
});

test('HTTP is one way, never a finding, and says nothing of a process', () => {
  const { evidence, all, rows } = kept();
  evidence.cameFrom('agent', from('/usr/bin/claude'));
  for (const _ of [1, 2]) evidence.overHttp('agent');
  expect(all()).toMatchObject([
    { via: 'connector' },
    { via: 'http', program: null, pid: null, proven: false, differs: false, finding: null },
  ]);
  expect(newPrograms(rows)).toEqual([]);
});

test('a process keeps its since, another one of the same number does not', () => {
  const { evidence, all, clock } = kept();
  const began = new Date(clock.now).toISOString();
  const gone = evidence.cameFrom('agent', from('/usr/bin/claude'));
  expect(all()).toMatchObject([{ connected: true, since: began, pid: 7 }]);
  clock.now += hour;
  const second = evidence.cameFrom('agent', from('/usr/bin/claude'));
  gone();
  expect(all()).toMatchObject([{ connected: true, since: began, firstSeenAt: began }]);
  second();
  expect(all()).toMatchObject([{ connected: false }]);
  evidence.cameFrom('agent', { ...from('/usr/bin/claude'), startedAt: 'boot:later' });
  expect(all()[0]?.since).toBe(new Date(clock.now).toISOString());
});

test('when it was last seen is written once a day and at the end, not at each use', () => {
  const { evidence, types, clock, make, rows } = kept();
  for (let use = 0; use < 30; use++) {
    evidence.cameFrom('agent', from('/usr/bin/claude', 7 + use))();
    clock.now += hour;
  }
  expect(types()).toEqual(['client.program', 'client.seen']);
  evidence.flush();
  evidence.flush();
  expect(types()).toEqual(['client.program', 'client.seen', 'client.seen']);
  expect(make().of('agent', () => false)).toMatchObject([{ lastSeenAt: new Date(clock.now - hour).toISOString(), connected: false }]);
  expect(make().lastSeen('agent')).toBe(clock.now - hour);
  expect(rows.evidence.get('agent')?.ways).toHaveLength(1);
});

test('sixteen ways are kept: the first and the newest among them; and a flood writes sixty entries in a minute', () => {
  const { evidence, types, rows, clock } = kept();
  for (let use = 0; use < 100; use++) {
    evidence.cameFrom('agent', from(`/tmp/p${use}/node`))();
    clock.now += 100;
  }
  const ways = rows.evidence.get('agent')?.ways ?? [];
  expect([ways.length, ways[0]?.program, ways.at(-1)?.program]).toEqual([16, '/tmp/p0/node', '/tmp/p59/node']);
  expect(types()).toHaveLength(60);
  expect(newPrograms(rows)).toHaveLength(15);
});

test('what cannot be written is no fault of the client, and is tried again', () => {
  const { evidence, on, faults, types, all } = kept();
  on.broken = true;
  evidence.cameFrom('agent', from('/usr/bin/claude'))();
  expect([faults.length, all()]).toEqual([1, []]);
  on.broken = false;
  on.sound = false;
  evidence.cameFrom('agent', from('/usr/bin/claude'))();
  expect([faults.length, types()]).toEqual([1, []]);
  on.sound = true;
  evidence.cameFrom('agent', from('/usr/bin/claude'))();
  expect(types()).toEqual(['client.program']);
});

test('another client of the same name begins with nothing, and a revoked one is not looked at', () => {
  const { evidence, rows, all, types } = kept();
  for (const program of ['/usr/bin/claude', '/tmp/claude']) evidence.cameFrom('agent', from(program));
  rows.client.set('agent', clientRow('agent', { state: 'revoked' }));
  expect([newPrograms(rows), all().length]).toEqual([[], 2]);
  evidence.cameFrom('agent', from('/tmp/third'));
  expect(types()).toHaveLength(2);
  rows.client.set('agent', clientRow('agent', { createdAt: '2026-11-27T00:00:00.000Z' }));
  expect([newPrograms(rows), all()]).toEqual([[], []]);
  evidence.cameFrom('agent', from('/tmp/claude'));
  expect(all()).toMatchObject([{ program: '/tmp/claude', differs: false, connected: true }]);
});

const fact = (pid: number, parent: number, program: string) => ({ pid, parent, startedAt: `s${pid}`, program });
const above = [fact(20, 10, '/bin/sh'), fact(10, 1, '/usr/bin/claude'), fact(1, 0, '/sbin/init')];

test('a claim counts where the connector descends from that very process, and else its parent does', async () => {
  const claimed = async (pid: number, startedAt: string) => (await launcherOf(above, { pid, startedAt }))?.program;
  expect(await claimed(10, 's10')).toBe('/usr/bin/claude');
  expect(await claimed(10, 'another start')).toBe('/bin/sh');
  expect(await claimed(99, 's99')).toBe('/bin/sh');
  expect(await claimed(process.pid, 's20')).toBe('/bin/sh');
  expect(await claimed(1, 's1'), 'the first process launched nobody').toBeUndefined();
  expect(await launcherOf(above, null)).toEqual({ pid: 20, startedAt: 's20', program: '/bin/sh', proven: true });
  expect(await launcherOf([fact(1, 0, '/sbin/init')], null)).toBeNull();
  expect(await launcherOf([], { pid: 10, startedAt: 's10' })).toBeNull();
});

test('where the system does not name the peer, a claim counts while exactly that process is there, and is said to be no more than that', async () => {
  const startedAt = (await startTime(process.pid)) ?? '';
  expect(await launcherOf(null, { pid: process.pid, startedAt })).toMatchObject({ pid: process.pid, proven: false });
  expect(await launcherOf(null, { pid: process.pid, startedAt: 'another start' })).toBeNull();
  expect(await launcherOf(null, null)).toBeNull();
  expect(await ancestry({} as never)).toBeNull();
});
