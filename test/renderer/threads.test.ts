// How the log is arranged: what one session did stands together, and the thread in which something happened last stands first.
import { expect, test } from 'vitest';
import { type Line, linesOf } from '../../renderer/activity/threads.ts';
import type { Entry } from '../../shared/vocabulary.ts';

/** Entries newest first, as a log gives them. */
const arranged = (...bodies: Partial<Entry>[]) => {
  const live = bodies.map((body, index) => ({ seq: bodies.length - index, at: '2026-11-26T10:00:00.000Z', hash: 'h', ...body }) as Entry);
  const state = { live, older: [], outcomes: new Map<number, Entry>() } as unknown as Parameters<typeof linesOf>[0];
  return linesOf(state, new Set()).lines.map((line: Line) =>
    line.kind === 'thread' ? (line.client ?? 'you') : line.kind === 'entry' ? `  ${line.entry.type} ${line.entry.seq}` : line.kind,
  );
};
const asked = (client: string) => ({ type: 'asked', client, session: `s-${client}`, server: 'files', capability: 'tool:read' });

test('what a session touched, and the end of a tool of its own, stand in its thread', () => {
  const cursor = { client: 'cursor', session: 's-cursor' };
  expect(arranged({ type: 'client-tool.ended', ...cursor }, { type: 'session.labelled', ...cursor }, asked('cursor'))).toEqual([
    'cursor',
    '  client-tool.ended 3',
    '  session.labelled 2',
    '  asked 1',
  ]);
});

test('opening the console puts nothing above what agents did; what the operator does, does', () => {
  const opened = [{ type: 'operator.redeemed' }, { type: 'operator.signed-in' }, { type: 'server.exited', server: 'files' }];
  expect(arranged(...opened, asked('cursor'), asked('codex'))).toEqual([
    ...['cursor', '  asked 2', 'codex', '  asked 1'],
    ...['you', '  operator.redeemed 5', '  operator.signed-in 4', '  server.exited 3'],
  ]);
  expect(arranged({ type: 'grant.revoked', client: 'cursor', session: 's-cursor' }, asked('cursor'))[0]).toBe('you');
});
