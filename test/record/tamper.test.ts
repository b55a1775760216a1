// Every edit of the log's file is found and named, by us and by the independent verifier.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Anchor } from '../../broker/record/anchor.ts';
import { verifyFile } from '../../broker/record/verify-file.ts';
import type { Verification } from '../../shared/vocabulary.ts';
import { scale } from '../support/scale.ts';
import { folder, open, sqlite } from './support.ts';

const verifier = join(import.meta.dirname, '../../bin/verify-log.mjs');

function independent(path: string, ...words: string[]): Verification & { exit: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [verifier, path, ...words], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Verification), exit: status };
}

/** A closed log of `requests` requests, four records each. */
async function written(requests: number): Promise<string> {
  const path = join(folder(), 'audit.db');
  const log = open(path);
  for (let i = 0; i < requests; i++) {
    const facts = { client: 'claude', server: 'github', capability: 'tool:create_issue', verdict: 'allow', reason: `call ${i}` };
    log.outcome(log.asked(facts, `{"n":${i}}`), { result: 'ok' }, `{"n":${i}}`);
  }
  expect(await log.verify()).toMatchObject({ ok: true, entries: requests * 4 });
  await log.close();
  return path;
}

/** The same finding from both verifiers. */
async function found(path: string): Promise<{ seq: number; problem: string }[]> {
  const ours = await verifyFile(path);
  const theirs = independent(path);
  expect([ours.ok, theirs.ok, theirs.exit]).toEqual([false, false, 4]);
  expect(theirs.head).toBe(ours.head);
  return ours.problems;
}

describe('an edit with the sqlite3 command', () => {
  test('one byte of one entry in 10,000', async () => {
    const path = await written(2500);
    const ok = await verifyFile(path);
    expect(independent(path)).toEqual({ ...ok, exit: 0 });
    expect(ok).toMatchObject({ ok: true, entries: 10_000 });
    sqlite(path, `UPDATE entry SET body = replace(body, '"call 1234"', '"call 1235"') WHERE seq = ${1234 * 4 + 1}`);
    expect(await found(path)).toEqual([{ seq: 1234 * 4 + 1, problem: 'its text was changed' }]);
    expect(independent(path).problems).toEqual([{ seq: 1234 * 4 + 1, problem: 'hash does not fit prev and body' }]);
  });

  const edits: [string, string, { seq: number; problem: string | RegExp }[]][] = [
    ['hash', `UPDATE entry SET hash = replace(hash, substr(hash, 1, 1), 'g') WHERE seq = 6`, [{ seq: 6, problem: 'its hash was changed' }]],
    [
      'prev',
      `UPDATE entry SET prev = '${'0'.repeat(64)}' WHERE seq = 6`,
      [{ seq: 6, problem: 'its link to the entry before was changed' }],
    ],
    ['last body', `UPDATE entry SET body = replace(body, '{', '{ ') WHERE seq = 20`, [{ seq: 20, problem: /its text or its hash/ }]],
    ['one gone', 'DELETE FROM entry WHERE seq = 9', [{ seq: 9, problem: 'is missing' }]],
    ['the first gone', 'DELETE FROM entry WHERE seq = 1', [{ seq: 1, problem: 'is missing' }]],
    ['some gone', 'DELETE FROM entry WHERE seq BETWEEN 9 AND 12', [{ seq: 9, problem: 'entries 9 to 12 are missing' }]],
    [
      'closed gap',
      'DELETE FROM entry WHERE seq = 9; UPDATE entry SET seq = seq - 1 WHERE seq > 9; DELETE FROM shelf',
      [{ seq: 9, problem: /does not follow/ }],
    ],
    ['column', `UPDATE shelf SET verdict = 'deny' WHERE seq = 5`, [{ seq: 5, problem: /column verdict/ }]],
    ['off the shelf', `UPDATE shelf SET client = NULL WHERE seq = 5`, [{ seq: 5, problem: /column client/ }]],
    ['hidden', `UPDATE entry SET type = 'body' WHERE seq = 5`, [{ seq: 5, problem: /column type/ }]],
    [
      'not text',
      `UPDATE entry SET body = 'nonsense' WHERE seq = 5`,
      [
        { seq: 5, problem: /not an entry/ },
        { seq: 5, problem: /text was changed/ },
      ],
    ],
    [
      'sealed body',
      `UPDATE entry SET body = replace(body, '"sealed":"', '"sealed":"A') WHERE seq = 6`,
      [{ seq: 6, problem: /text was changed/ }],
    ],
    [
      'two swapped',
      `UPDATE entry SET seq = -1 WHERE seq = 5; UPDATE entry SET seq = 5 WHERE seq = 9; UPDATE entry SET seq = 9 WHERE seq = -1`,
      [
        { seq: 5, problem: /does not follow/ },
        { seq: 6, problem: /does not follow/ },
        { seq: 9, problem: /does not follow/ },
        { seq: 10, problem: /does not follow/ },
      ],
    ],
  ];
  test.each(edits)('%s', async (_, sql, expected) => {
    const path = await written(5);
    sqlite(path, sql);
    const problems = await found(path);
    expect(problems).toEqual(
      expected.map(({ seq, problem }) => ({ seq, problem: typeof problem === 'string' ? problem : expect.stringMatching(problem) })),
    );
  });

  test('any byte of any hashed column names the entry or its neighbour', async () => {
    const path = await written(5);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom('body', 'prev', 'hash'),
        fc.nat(5000),
        async (seq, column, place) => {
          const copy = `${path}.copy`;
          copyFileSync(path, copy);
          const at = `(1 + ${place} % length(${column}))`;
          sqlite(
            copy,
            `UPDATE entry SET ${column} = substr(${column}, 1, ${at} - 1) || iif(substr(${column}, ${at}, 1) = '7', '8', '7') || substr(${column}, ${at} + 1) WHERE seq = ${seq}`,
          );
          const { problems } = await verifyFile(copy);
          expect(problems.length).toBeGreaterThan(0);
          expect(problems.every((problem) => problem.seq === seq)).toBe(true);
        },
      ),
      { numRuns: scale(25, 300) },
    );
  });
});

describe('against the anchor', () => {
  test('a cut end, an older copy and a rewritten one are told from a crash tail', async () => {
    const dir = folder();
    const path = join(dir, 'audit.db');
    const anchors: Anchor[] = [];
    const log = open(path, { anchor: (anchor) => void anchors.push(anchor) });
    expect(log.compareAnchor(null)).toMatchObject({ kind: 'match', problem: null });
    await log.anchorNow();
    expect(anchors).toMatchObject([{ seq: 0 }]);
    for (let i = 0; i < 10; i++) log.append({ type: 'x', n: i, rules: { generation: i, digest: '' } });
    await log.close();
    const last = anchors.at(-1) as Anchor;
    expect(last).toMatchObject({ seq: 10, generation: 9 });
    copyFileSync(path, join(dir, 'ten.db'));

    const again = open(path);
    expect(again.compareAnchor(last)).toMatchObject({ kind: 'match', after: 0 });
    again.append({ type: 'x' });
    expect(again.compareAnchor(last)).toMatchObject({ kind: 'tail', after: 1, problem: null });
    expect(again.compareAnchor(null)).toMatchObject({ kind: 'unanchored' });
    await again.close();

    sqlite(join(dir, 'ten.db'), 'DELETE FROM entry WHERE seq > 7');
    const stored: Anchor[] = [];
    const cut = open(join(dir, 'ten.db'), { anchor: (anchor) => void stored.push(anchor) });
    expect(cut.compareAnchor(last)).toMatchObject({ kind: 'rollback', problem: expect.stringContaining('cut') });
    expect((await cut.verify()).problems).toEqual([{ seq: 8, problem: 'entries 8 to 10 are missing at the end' }]);
    expect(independent(join(dir, 'ten.db'), '--at-least', '10').ok).toBe(false);
    expect(independent(join(dir, 'ten.db')).ok).toBe(true);
    // The proof of the rollback is not overwritten until the operator accepts the log.
    for (let i = 0; i < 200; i++) cut.append({ type: 'y' });
    expect(cut.compareAnchor(last)).toMatchObject({ kind: 'rewritten' });
    expect((await cut.verify()).problems).toEqual([{ seq: 10, problem: 'is not the entry that was anchored outside the log' }]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(stored).toEqual([]);
    await cut.anchorNow();
    expect(stored.length).toBe(1);
    expect(await cut.verify()).toMatchObject({ ok: true });
  });

  test('every 64 entries; a late anchor is one entry, not a stop', async () => {
    const anchors: number[] = [];
    let failing = false;
    const log = open(join(folder(), 'audit.db'), {
      anchor: async ({ seq }) => {
        if (failing) throw new Error('the keychain is locked');
        anchors.push(seq);
      },
    });
    for (let i = 0; i < 64; i++) log.append({ type: 'x' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(anchors).toEqual([64]);
    failing = true;
    for (let i = 0; i < 500; i++) log.append({ type: 'x' });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(log.list({ search: 'keychain' }).map(({ type }) => type)).toEqual(['anchor.late']);
    failing = false;
    await log.anchorNow();
    expect(log.list({ limit: 1 })[0]?.type).toBe('anchor.kept');
    await log.close();
    expect(anchors.at(-1)).toBe(566);
  });
});

describe('a file alone', () => {
  test('verifies while the broker writes, and nothing is left beside a copy', async () => {
    const dir = folder();
    const path = join(dir, 'audit.db');
    const log = open(path);
    for (let i = 0; i < 100; i++) log.append({ type: 'x' });
    expect(await verifyFile(path)).toMatchObject({ ok: true, entries: 100 });
    expect(independent(path)).toMatchObject({ ok: true, entries: 100 });
    log.append({ type: 'x' });
    // As a crash leaves it: the newest entries only in the side file.
    for (const end of ['', '-wal']) copyFileSync(path + end, join(dir, `copy.db${end}`));
    expect(await verifyFile(join(dir, 'copy.db'))).toMatchObject({ ok: true, entries: 101 });
    await log.close();
    rmSync(join(dir, 'copy.db-wal'), { force: true });
    rmSync(join(dir, 'copy.db-shm'), { force: true });
    const before = readdirSync(dir);
    chmodSync(dir, 0o500);
    expect(await verifyFile(path)).toMatchObject({ ok: true, entries: 101 });
    expect(independent(path)).toMatchObject({ ok: true, entries: 101 });
    chmodSync(dir, 0o700);
    expect(readdirSync(dir)).toEqual(before);
    // Emptied, it would have nothing left that could be wrong.
    copyFileSync(path, join(dir, 'emptied.db'));
    const emptied = new DatabaseSync(join(dir, 'emptied.db'));
    emptied.exec('DELETE FROM entry');
    emptied.close();
    const none = await verifyFile(join(dir, 'emptied.db'));
    expect([none.ok, none.entries, none.problems[0]?.problem]).toEqual([false, 0, expect.stringContaining('holds no entries')]);
  });

  test('what is no log is said to be none', async () => {
    await expect(verifyFile(verifier)).rejects.toThrow(expect.objectContaining({ code: 'not-verified' }));
    await expect(verifyFile('/nowhere/audit.db')).rejects.toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(independent(verifier)).toMatchObject({ ok: false, exit: 4 });
  });
});
