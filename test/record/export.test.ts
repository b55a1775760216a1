// The log as a file: nothing in it is a formula or a control character to whoever opens it, and OCSF says what was done, by whom, and what came of it.
import { expect, test } from 'vitest';
import { headOf, linesOf } from '../../broker/record/export.ts';
import type { Entry } from '../../shared/vocabulary.ts';

const entry = (more: Partial<Entry>): Entry => ({
  seq: 7,
  at: '2026-11-02T08:00:00.000Z',
  type: 'outcome',
  hash: 'ab'.repeat(32),
  ...more,
});

test('a table keeps commas, quotes and lines in their cell, and formulas from being any', () => {
  const text =
    headOf('csv') + linesOf('csv', [entry({ client: '=cmd|calc', reason: 'said "no", twice\nand\u001b[31m', result: 'denied' })], '1');
  const [head, row, rest] = text.split('\r\n');
  expect(head?.split(',').slice(0, 4)).toEqual(['seq', 'at', 'type', 'client']);
  expect(row).toContain(`,'=cmd|calc,`);
  expect(row).toContain('"said ""no"", twice and [31m"');
  expect(rest).toBe('');
});

test('JSON lines are the entries as they are', () => {
  const one = entry({ client: 'cursor' });
  expect(JSON.parse(linesOf('jsonl', [one], '1'))).toEqual(one);
  expect(headOf('jsonl')).toBe('');
});

test('OCSF: a refused call is a denied API activity with who, what and why; an act is a base event', () => {
  const call = entry({
    client: 'cursor',
    server: 'github',
    capability: 'tool:x',
    result: 'denied',
    decidedBy: 'policy:no',
    session: 's',
    asked: 6,
  });
  const [event, act] = linesOf('ocsf', [call, entry({ type: 'grant.revoked' })], '1.2')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(event).toMatchObject({
    ...{ class_uid: 6003, category_uid: 6, type_uid: 600399, activity_id: 99, status_id: 2, action_id: 2, severity_id: 3 },
    ...{ time: Date.parse(call.at), actor: { app_name: 'cursor', session: { uid: 's' } } },
    api: { operation: 'tool:x', service: { name: 'github' }, request: { uid: '6' } },
    metadata: { version: '1.3.0', sequence: 7, product: { version: '1.2' } },
  });
  expect(act).toMatchObject({ class_uid: 0, type_uid: 99, unmapped: { type: 'grant.revoked' } });
});
