// The log writes before it returns, keeps no raw value in the open, and says what happened to whom.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { compileMask } from '../../broker/record/mask.ts';
import * as vocabulary from '../../shared/vocabulary.ts';
import { within } from '../support/scale.ts';
import { folder, open } from './support.ts';

const call = { client: 'claude', server: 'github', capability: 'tool:create_issue', session: 's1', digest: 'ab'.repeat(32) };

describe('writing', () => {
  test('an entry is in the file when append returns', () => {
    const path = join(folder(), 'audit.db');
    const log = open(path);
    const entry = log.append({ type: 'approved', client: 'claude', reason: 'ok', nothing: undefined });
    expect(vocabulary.entry.parse(entry)).toEqual(entry);
    const row = new DatabaseSync(path, { readOnly: true }).prepare('SELECT seq, prev, hash, body FROM entry').get();
    expect(row).toMatchObject({ seq: 1, prev: '0'.repeat(64), hash: entry.hash });
    expect(Object.keys(JSON.parse(String(row?.body)))).toEqual(['at', 'client', 'reason', 'type']);
    expect(log.list()).toEqual([entry]);
    expect(log.head).toEqual({ seq: 1, hash: entry.hash });
  });

  test('asked and outcome, with what was asked and answered', () => {
    const log = open(join(folder(), 'audit.db'));
    const asked = log.asked({ ...call, arguments: { never: 'kept' }, argumentKeys: ['title'] }, '{"title":"äöü"}');
    expect(asked).toMatchObject({ ...call, type: 'asked', bytes: 18, argumentKeys: ['title'] });
    expect(asked.arguments).toBeUndefined();
    const outcome = log.outcome(asked, { result: 'ok', verdict: 'allow', decidedBy: 'operator' }, '{"content":[]}');
    expect(outcome).toMatchObject({ type: 'outcome', asked: asked.seq, client: 'claude', capability: call.capability, result: 'ok' });
    expect(vocabulary.entry.parse(outcome)).toEqual(outcome);
    const shown = { request: '{"title":"äöü"}', reply: '{"content":[]}' };
    expect(log.get(asked.seq)).toEqual({ entry: asked, related: [outcome], ...shown });
    expect(log.get(outcome.seq)).toEqual({ entry: outcome, related: [asked], ...shown });
    expect(log.list().map(({ type }) => type)).toEqual(['outcome', 'asked']);
    expect(log.get(99)).toBeNull();
    expect(log.outcome(asked, { result: 'denied' }, null).seq).toBe(5);
  });

  test('neither raw values nor secrets stand in the file', async () => {
    const path = join(folder(), 'audit.db');
    const secret = 'ghp_SuperSecretValue123';
    const log = open(path, { mask: compileMask([{ name: 'token', value: secret }]) });
    const text = JSON.stringify({ note: 'RAWVALUE', token: secret, b64: Buffer.from(secret).toString('base64') });
    const asked = log.asked(
      { ...call, capability: `resource:https://x/?key=${secret}`, reason: `why ${secret}`, argumentKeys: [secret] },
      text,
    );
    log.outcome(asked, { result: 'ok' }, `reply RAWVALUE ${secret}`);
    expect(log.get(asked.seq)?.request).toBe('{"note":"RAWVALUE","token":"{{secret:token}}","b64":"{{secret:token}}"}');
    expect(log.get(asked.seq)?.reply).toBe('reply RAWVALUE {{secret:token}}');
    expect(asked.reason).toBe('why {{secret:token}}');
    await log.close();
    const file = readFileSync(path, 'latin1');
    for (const never of [secret, 'RAWVALUE', Buffer.from(secret).toString('base64').slice(0, -4)]) expect(file).not.toContain(never);
  });

  test('names and digests survive a secret that looks like one', () => {
    const log = open(join(folder(), 'audit.db'), {
      mask: compileMask([
        { name: 'x', value: 'abab' },
        { name: 'y', value: 'create' },
      ]),
    });
    const rules = { generation: 3, digest: 'ab'.repeat(32) };
    expect(log.append({ type: 'grant.added', ...call, rules })).toMatchObject({ ...call, rules });
    expect(log.lastRules()).toEqual(rules);
  });

  test('a sealed body opens with its key, its day and its place only', async () => {
    const dir = folder();
    const path = join(dir, 'audit.db');
    const log = open(path);
    const first = log.asked(call, 'one');
    const second = log.asked(call, 'two');
    await log.close();
    const wrong = open(path, { sealKey: Buffer.alloc(32, 4) });
    expect(wrong.get(first.seq)).toMatchObject({ entry: first, request: null });
    expect((await wrong.verify()).problems[0]?.problem).toContain('key of');
    await wrong.close();
    const db = new DatabaseSync(path);
    const bodies = db.prepare(`SELECT seq, body FROM entry WHERE type = 'body'`).all();
    const other = JSON.parse(String(bodies[1]?.body)) as { sealed: string };
    db.prepare('UPDATE entry SET body = ? WHERE seq = ?').run(
      JSON.stringify({ ...JSON.parse(String(bodies[0]?.body)), sealed: other.sealed }),
      Number(bodies[0]?.seq),
    );
    db.exec('DELETE FROM day_key WHERE 0');
    db.close();
    const moved = open(path);
    expect(moved.get(first.seq)?.request).toBeNull();
    expect(moved.get(second.seq)?.request).toBe('two');
    await moved.close();
    const forgotten = new DatabaseSync(path);
    forgotten.exec('DELETE FROM day_key');
    forgotten.close();
    expect(open(path).get(second.seq)?.request).toBeNull();
  });

  test('a long body is cut with a note, and never through a secret', () => {
    const secret = 'S3cretS3cretS3cret';
    const log = open(join(folder(), 'audit.db'), { mask: compileMask([{ name: 's', value: secret }]) });
    for (let shift = 0; shift < 24; shift++) {
      const text = `${'é'.repeat(32_700)}${'x'.repeat(110 + shift)}${secret.repeat(500)}`;
      const kept = log.get(log.asked(call, text).seq)?.request ?? '';
      expect(kept).toContain(`[gatehouse: cut here; the whole was ${Buffer.byteLength(text)} bytes]`);
      expect(Buffer.byteLength(kept)).toBeLessThan(65_536 + 100);
      expect(kept).not.toContain('S3cr');
    }
    const plain = log.get(log.asked(call, 'y'.repeat(500_000)).seq)?.request ?? '';
    expect(plain.length).toBeGreaterThan(65_000);
  });
});

describe('when it cannot be written', () => {
  test('nothing is, and it says so; afterwards it goes on', async () => {
    const path = join(folder(), 'audit.db');
    let broken = false;
    const faults = {
      check: (point: string) => {
        if (broken && point === 'log.append') throw new Error('disk full');
      },
    };
    const log = open(path, { faults });
    const asked = log.asked(call, '{}');
    broken = true;
    const refused = expect.objectContaining({ code: 'unavailable', message: expect.stringContaining('disk full') });
    expect(() => log.append({ type: 'x' })).toThrow(refused);
    expect(() => log.asked(call, '{}')).toThrow(refused);
    expect(() => log.outcome(asked, { result: 'ok' }, '{}')).toThrow(refused);
    expect(log.list().length).toBe(1);
    broken = false;
    log.outcome(asked, { result: 'ok' }, '{}');
    expect(await log.verify()).toMatchObject({ ok: true, entries: 4 });
  });

  test('a file held by another process: refused within half a second, then it goes on', async () => {
    const path = join(folder(), 'audit.db');
    const log = open(path);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const started = performance.now();
    expect(() => log.append({ type: 'x' })).toThrow(expect.objectContaining({ code: 'unavailable' }));
    expect(() => log.asked(call, '{}')).toThrow(expect.objectContaining({ code: 'unavailable' }));
    expect(performance.now() - started).toBeLessThan(within(1500));
    other.exec('ROLLBACK');
    other.close();
    log.asked(call, '{}');
    expect(await log.verify()).toMatchObject({ ok: true, entries: 2 });
  });

  test('a full disk', async () => {
    const path = join(folder(), 'audit.db');
    const { openDatabase } = await import('../../broker/store/open-database.ts');
    const { logMigrations, openLog } = await import('../../broker/record/log.ts');
    const db = openDatabase(path, logMigrations);
    const { page_count: pages } = db.prepare('PRAGMA page_count').get() as { page_count: number };
    db.exec(`PRAGMA max_page_count = ${pages + 60}`);
    const log = openLog({ db, sealKey: Buffer.alloc(32), clock: Date.now, faults: { check: () => {} }, mask: compileMask([]) });
    let written = 0;
    expect(() => {
      for (;;) {
        log.asked(call, 'z'.repeat(5000));
        written += 2;
      }
    }).toThrow(expect.objectContaining({ code: 'unavailable', message: expect.stringContaining('full') }));
    expect(log.head.seq).toBe(written);
    db.exec('PRAGMA max_page_count = 100000');
    log.asked(call, 'again');
    expect(await log.verify()).toMatchObject({ ok: true, entries: written + 2 });
    await log.close();
    expect(() => log.append({ type: 'x' })).toThrow(expect.objectContaining({ code: 'unavailable' }));
  });
});

describe('reading', () => {
  test('each filter, paging and search', () => {
    let now = Date.parse('2026-11-23T10:00:00.000Z');
    const log = open(join(folder(), 'audit.db'), { clock: () => now });
    for (let i = 0; i < 60; i++) {
      now += 1000;
      const client = i % 2 ? 'claude' : 'cursor';
      log.append({
        type: 'outcome',
        client,
        server: i % 3 ? 'github' : 'files',
        capability: `tool:do_thing_${i}`,
        verdict: i % 5 ? 'allow' : 'deny',
        reason: `rule Nr${i} says "so"`,
      });
      log.asked({ client: 'other' }, 'not searched');
    }
    const all = log.list({ limit: 5000 });
    expect(all.length).toBe(120);
    expect(all.map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq).sort((a, b) => b - a));
    const listed = (filter: Parameters<typeof log.list>[0]) => log.list({ limit: 5000, ...filter }).length;
    expect(listed({ client: 'claude' })).toBe(30);
    expect(listed({ server: 'files' })).toBe(20);
    expect(listed({ capability: 'tool:do_thing_7' })).toBe(1);
    expect(listed({ verdict: 'deny' })).toBe(12);
    expect(listed({ client: 'claude', server: 'files', verdict: 'deny' })).toBe(2);
    expect(listed({ since: '2026-11-23T10:00:51.000Z' })).toBe(20);
    expect(listed({ until: '2026-11-23T10:00:10.000Z' })).toBe(20);
    expect(listed({ since: '2026-11-23T10:00:10.000Z', until: '2026-11-23T10:00:11.000Z' })).toBe(4);
    expect(listed({ search: 'do_thing_7' })).toBe(1);
    expect(listed({ search: 'rule says' })).toBe(60);
    expect(listed({ search: 'RULE nr5', client: 'claude' })).toBe(6);
    expect(listed({ search: 'searched' })).toBe(0);
    for (const odd of ['"', "'; DROP TABLE entry", 'a" OR "b', '*', 'NEAR(', '-x', 'a:b'])
      expect(() => listed({ search: odd })).not.toThrow();
    const page = log.list({ limit: 7 });
    expect(log.list({ limit: 7, before: page.at(-1)?.seq }).map(({ seq }) => seq)).toEqual(all.slice(7, 14).map(({ seq }) => seq));
    expect(log.list({ after: 3, limit: 2 }).map(({ seq }) => seq)).toEqual([4, 5]);

    now -= 3_600_000;
    log.append({ type: 'late', reason: 'the clock went back' });
    expect(listed({ until: '2026-11-23T10:00:00.000Z' })).toBe(1);
    expect(listed({ since: '2026-11-23T10:00:51.000Z' })).toBe(20);
  });

  test('watchers get what passes, later, and cannot disturb', async () => {
    const reported: unknown[] = [];
    const log = open(join(folder(), 'audit.db'), { report: (error) => reported.push(error) });
    const seen: number[] = [];
    const denied: string[] = [];
    log.append({ type: 'before' });
    log.subscribe(() => {
      throw new Error('a broken watcher');
    });
    const stop = log.subscribe(({ seq }) => seen.push(seq));
    log.subscribe(({ type }) => denied.push(type), { verdict: 'deny', search: 'hello wor' });
    log.append({ type: 'one' });
    log.asked(call, '{}');
    log.append({ type: 'two', verdict: 'deny', reason: 'Hello world' });
    expect(seen).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toEqual([2, 3, 5]);
    expect(denied).toEqual(['two']);
    expect(reported.length).toBe(3);
    stop();
    log.append({ type: 'three' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen.length).toBe(3);
  });
});
