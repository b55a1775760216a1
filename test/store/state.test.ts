// The store keeps what it was told, changes nothing unlogged, and notices every edit made behind its back.
import { copyFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openDatabase, stateMigrations } from '../../broker/store/open-database.ts';
import { tables } from '../../broker/store/rows.ts';
import type { State } from '../../broker/store/state.ts';
import { canonicalJson } from '../../shared/canonical-json.ts';
import { GatehouseError } from '../../shared/errors.ts';
import { clientRow, grantRow } from './rows.ts';
import { folder, MemoryLog, open } from './support.ts';

const addGrant = (state: State, id: string) => state.change({ type: 'grant.added', grant: id }, (tx) => tx.put('grant', grantRow(id)));

/** A state with three grants and two clients, closed; `edit` is then done to the file. */
function edited(edit: (db: DatabaseSync) => void): State {
  const path = join(folder(), 'state.db');
  const log = new MemoryLog();
  const state = open(path, log);
  for (const id of ['g1', 'g2', 'g3']) addGrant(state, id);
  state.change({ type: 'client.added' }, (tx) => {
    tx.put('client', clientRow('claude'));
    tx.put('client', clientRow('cursor', { state: 'revoked' }));
  });
  state.close();
  const db = new DatabaseSync(path);
  edit(db);
  db.close();
  return open(path, log);
}

describe('keeping', () => {
  test('rows come back as they were put, in a file nobody else can read', () => {
    const path = join(folder(), 'state.db');
    const log = new MemoryLog();
    const state = open(path, log);
    expect(addGrant(state, 'g1')).toEqual(grantRow('g1'));
    state.touchGrant('g1', 5);
    state.touchGrant('g1', 9);
    state.close();
    for (const name of ['state.db']) expect(statSync(join(path, '..', name)).mode & 0o777).toBe(0o600);

    const again = open(path, log);
    expect(again.problems).toEqual([]);
    expect([...again.rows.grant.values()]).toEqual([grantRow('g1')]);
    expect(again.grantUse('g1')).toEqual({ lastUsedAt: 9, uses: 2 });
    again.change({ type: 'grant.revoked' }, (tx) => tx.remove('grant', 'g1'));
    expect(again.grantUse('g1')).toBeNull();
    again.close();
    expect(log.acts.map(({ type }) => type)).toEqual(['grant.added', 'grant.revoked']);
    expect(log.acts.map(({ rules }) => (rules as { generation: number }).generation)).toEqual([1, 2]);
  });

  test('when a grant was used decides whether it lapses: an edited row locks and does not count, an older one lets it lapse sooner', () => {
    const path = join(folder(), 'state.db');
    const log = new MemoryLog();
    const state = open(path, log);
    for (const id of ['g1', 'g2']) {
      addGrant(state, id);
      state.touchGrant(id, 5);
    }
    state.close();
    const edit = (sql: string) => {
      const db = new DatabaseSync(path);
      db.exec(sql);
      db.close();
    };
    edit("UPDATE grant_use SET last_used_at = 999 WHERE id = 'g1'");
    const edited = open(path, log);
    expect(edited.problems).toMatchObject([{ table: 'grant_use', id: 'g1', problem: expect.stringContaining('something other') }]);
    expect(edited.grantUse('g1')).toBeNull();
    expect(edited.grantUse('g2')).toEqual({ lastUsedAt: 5, uses: 1 });
    expect(() => addGrant(edited, 'g3')).toThrow('do not verify');
    edited.mend({ type: 'rules.mended' });
    edited.touchGrant('g2', 7);
    edited.close();
    const mended = open(path, log);
    expect(mended.problems).toEqual([]);
    expect(mended.grantUse('g2')).toEqual({ lastUsedAt: 7, uses: 2 });
    mended.close();
    // Another's proof, none at all, and the row gone: never used, as far as anybody knows.
    edit("UPDATE grant_use SET id = 'g1' WHERE id = 'g2'");
    const moved = open(path, log);
    expect([moved.grantUse('g1'), moved.grantUse('g2'), moved.problems.length]).toEqual([null, null, 1]);
    moved.close();
    edit("UPDATE grant_use SET mac = '', last_used_at = 999");
    const bare = open(path, log);
    expect([bare.grantUse('g1'), bare.problems]).toEqual([null, []]);
    bare.close();
  });

  test('a reader cannot change a row in place', () => {
    const state = open(join(folder(), 'state.db'), new MemoryLog());
    const row = addGrant(state, 'g1');
    expect(() => {
      row.match.kind = 'exact';
    }).toThrow(TypeError);
    state.close();
  });

  test('what is not a row of its table is refused and changes nothing', () => {
    const log = new MemoryLog();
    const state = open(join(folder(), 'state.db'), log);
    expect(() =>
      state.change({ type: 'grant.added' }, (tx) => {
        tx.put('grant', grantRow('g1'));
        tx.put('client', clientRow('no good name'));
      }),
    ).toThrow();
    expect(state.rows.grant.size).toBe(0);
    expect(log.acts).toEqual([]);
    state.close();
  });

  test('any sequence of changes reads the same after each reopening', () => {
    const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const step = fc.record({ id: ids, kind: fc.constantFrom('put', 'remove', 'reopen', 'fail') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const path = join(folder(), 'state.db');
        const log = new MemoryLog();
        const model = new Map<string, unknown>();
        let state = open(path, log);
        steps.forEach(({ id, kind }, index) => {
          if (kind === 'reopen') {
            state.close();
            state = open(path, log);
          } else if (kind === 'fail') {
            log.broken = true;
            expect(() => state.change({ type: 'x' }, (tx) => tx.put('grant', grantRow(id, { session: `no${index}` })))).toThrow(
              GatehouseError,
            );
            log.broken = false;
          } else if (kind === 'put') {
            model.set(
              id,
              state.change({ type: 'x' }, (tx) => tx.put('grant', grantRow(id, { session: `s${index}` }))),
            );
          } else {
            expect(state.change({ type: 'x' }, (tx) => tx.remove('grant', id))).toBe(model.delete(id));
          }
          expect(new Map(state.rows.grant)).toEqual(model);
        });
        state.close();
        state = open(path, log);
        expect(state.problems).toEqual([]);
        expect(new Map(state.rows.grant)).toEqual(model);
        state.close();
      }),
      { numRuns: 25 },
    );
  });

  test('the same value is always the same text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  test('10,000 grants open in well under a second', () => {
    const path = join(folder(), 'state.db');
    const log = new MemoryLog();
    const state = open(path, log);
    state.change({ type: 'many' }, (tx) => {
      for (let i = 0; i < 10_000; i++) tx.put('grant', grantRow(`g${i}`));
    });
    const beforeOne = performance.now();
    addGrant(state, 'one-more');
    const one = performance.now() - beforeOne;
    state.close();
    // Time of this process, not of the clock: other tests run beside it.
    const before = process.cpuUsage();
    const again = open(path, log);
    const { user, system } = process.cpuUsage(before);
    const took = (user + system) / 1000;
    console.log(`10,000 grants: opened and proven in ${took.toFixed(0)} ms; one change among them ${one.toFixed(1)} ms`);
    expect(again.problems).toEqual([]);
    expect(again.rows.grant.size).toBe(10_001);
    expect(took).toBeLessThan(1000);
    again.close();
  });
});

describe('nothing decides unlogged', () => {
  test('a state that cannot be written changes nothing', () => {
    const log = new MemoryLog();
    let broken = false;
    const state = open(join(folder(), 'state.db'), log, (point) => {
      if (broken && point === 'state.write') throw new Error('disk full');
    });
    broken = true;
    expect(() => addGrant(state, 'g1')).toThrow(expect.objectContaining({ code: 'unavailable' }));
    broken = false;
    expect(state.rows.grant.size).toBe(0);
    expect(log.acts).toEqual([]);
    addGrant(state, 'g2');
    expect([...state.rows.grant.keys()]).toEqual(['g2']);
    state.close();
  });

  test('a log that cannot be written: the change is taken back, and the attempt is logged later', () => {
    const path = join(folder(), 'state.db');
    const log = new MemoryLog();
    const state = open(path, log);
    log.broken = true;
    expect(() => addGrant(state, 'g1')).toThrow(/The change was not made/);
    expect(() => addGrant(state, 'g1')).toThrow('the log is full');
    expect(state.rows.grant.size).toBe(0);
    state.close();
    log.broken = false;
    const again = open(path, log);
    expect(again.problems).toEqual([]);
    expect(again.rows.grant.size).toBe(0);
    expect(log.acts.map(({ type, of }) => [type, of])).toEqual([['rules.undone', 'grant.added']]);
    addGrant(again, 'g2');
    again.close();
  });

  test('neither log nor way back: not in force now, logged and in force at the next start', () => {
    const path = join(folder(), 'state.db');
    const log = new MemoryLog();
    let writes = 0;
    const state = open(path, log, (point) => {
      if (point === 'state.write' && ++writes > 1) throw new Error('disk full');
    });
    log.broken = true;
    expect(() => addGrant(state, 'g1')).toThrow(/could not be finished/);
    log.broken = false;
    expect(state.rows.grant.size).toBe(0);
    expect(() => addGrant(state, 'g2')).toThrow(expect.objectContaining({ code: 'unavailable' }));
    expect(log.acts).toEqual([]);
    state.close();

    log.broken = true;
    const locked = open(path, log);
    expect(locked.problems[0]).toMatchObject({ table: 'outbox' });
    expect(() => addGrant(locked, 'g3')).toThrow();
    locked.close();

    log.broken = false;
    const again = open(path, log);
    expect(again.problems).toEqual([]);
    expect(log.acts).toMatchObject([{ type: 'grant.added', grant: 'g1', rules: { generation: 1 } }]);
    expect([...again.rows.grant.keys()]).toEqual(['g1']);
    again.close();
  });

  test('a crash after the log was written does not log twice', () => {
    const dir = folder();
    const log = new MemoryLog();
    const crashed = { ...log, lastLogged: log.lastLogged } as MemoryLog;
    const state = open(join(dir, 'state.db'), {
      ...crashed,
      log: (act: Parameters<MemoryLog['log']>[0]) => {
        const entry = log.log(act);
        // The moment of the crash: what is on the disk now is what the next start finds.
        for (const end of ['', '-wal']) copyFileSync(join(dir, `state.db${end}`), join(dir, `crash.db${end}`));
        return entry;
      },
    } as MemoryLog);
    addGrant(state, 'g1');
    state.close();
    const again = open(join(dir, 'crash.db'), log);
    expect(again.problems).toEqual([]);
    expect(again.rows.grant.size).toBe(1);
    expect(log.acts.length).toBe(1);
    again.close();
  });
});

describe('every edit is found', () => {
  const table = (state: State) => state.problems.map((problem) => [problem.table, problem.id]);

  test('a changed body', () => {
    const state = edited((db) => db.exec(`UPDATE client SET body = replace(body, 'revoked', 'active') WHERE id = 'cursor'`));
    expect(table(state)).toEqual([['client', 'cursor']]);
    expect(state.rows.client.has('cursor')).toBe(false);
    expect(() => addGrant(state, 'x')).toThrow(expect.objectContaining({ code: 'locked' }));
    state.mend({ type: 'rules.mended' });
    expect(state.problems).toEqual([]);
    addGrant(state, 'x');
    state.close();
  });

  test('a deleted row', () => {
    expect(table(edited((db) => db.exec(`DELETE FROM client WHERE id = 'cursor'`)))).toEqual([['client', '*']]);
  });

  test('an added row', () => {
    const state = edited((db) => db.exec(`INSERT INTO "grant" SELECT 'g9', replace(body, 'g1', 'g9'), mac FROM "grant" WHERE id = 'g1'`));
    expect(table(state)).toEqual([
      ['grant', 'g9'],
      ['grant', '*'],
    ]);
  });

  test('a row put back that was honest once', () => {
    const path = join(folder(), 'state.db');
    const log = new MemoryLog();
    const state = open(path, log);
    addGrant(state, 'g1');
    const [mac] = new DatabaseSync(path, { readOnly: true }).prepare('SELECT body, mac FROM "grant"').all();
    state.change({ type: 'grant.revoked' }, (tx) => tx.remove('grant', 'g1'));
    state.close();
    const db = new DatabaseSync(path);
    db.prepare('INSERT INTO "grant" VALUES (?, ?, ?)').run('g1', String(mac?.body), String(mac?.mac));
    db.close();
    expect(table(open(path, log))).toEqual([['grant', '*']]);
  });

  test('two bodies swapped, with their MACs', () => {
    const state = edited((db) =>
      db.exec(`UPDATE client SET id = 'x' WHERE id = 'claude'; UPDATE client SET id = 'claude' WHERE id = 'cursor';
               UPDATE client SET id = 'cursor' WHERE id = 'x'`),
    );
    expect(table(state)).toEqual([
      ['client', 'claude'],
      ['client', 'cursor'],
    ]);
  });

  test('a row moved to another table', () => {
    const state = edited((db) => db.exec(`INSERT INTO setting SELECT id, body, mac FROM client WHERE id = 'claude'`));
    expect(table(state)).toContainEqual(['setting', 'claude']);
  });

  test('ledger changed, ledger gone', () => {
    expect(table(edited((db) => db.exec('UPDATE ledger SET generation = generation + 1'))).length).toBeGreaterThan(0);
    expect(table(edited((db) => db.exec('DELETE FROM ledger')))[0]).toEqual(['ledger', '*']);
  });

  test('a forged act in the outbox', () => {
    const state = edited((db) => db.exec(`INSERT INTO outbox VALUES (99, '{"type":"approved"}', 'ab')`));
    expect(table(state)).toEqual([['outbox', '*']]);
  });

  test('an older copy, an emptied file, another key', () => {
    const dir = folder();
    const path = join(dir, 'state.db');
    const log = new MemoryLog();
    const state = open(path, log);
    addGrant(state, 'g1');
    state.close();
    copyFileSync(path, join(dir, 'old.db'));
    const later = open(path, log);
    later.change({ type: 'grant.revoked' }, (tx) => tx.remove('grant', 'g1'));
    later.close();
    for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true });

    copyFileSync(join(dir, 'old.db'), path);
    const old = open(path, log);
    expect(old.problems).toMatchObject([{ table: 'ledger', problem: expect.stringContaining('older than the log') }]);
    old.close();

    const empty = open(join(dir, 'empty.db'), log);
    expect(empty.problems[0]?.problem).toContain('older than the log');
    empty.close();

    const newer = open(join(dir, 'old.db'), new MemoryLog());
    expect(newer.problems[0]?.problem).toContain('newer than the log');
    newer.close();

    const foreign = open(join(dir, 'old.db'), log, () => {}, Buffer.alloc(32, 8));
    expect(foreign.problems).toContainEqual(expect.objectContaining({ table: 'grant', id: 'g1' }));
    foreign.close();
  });

  test('one byte, anywhere in any deciding row', () => {
    fc.assert(
      fc.property(fc.nat(2), fc.nat(10_000), (which, place) => {
        const state = edited((db) => {
          const id = `g${which + 1}`;
          const body = String(db.prepare('SELECT body FROM "grant" WHERE id = ?').get(id)?.body);
          const i = place % body.length;
          const other = body[i] === 'x' ? 'y' : 'x';
          db.prepare('UPDATE "grant" SET body = ? WHERE id = ?').run(body.slice(0, i) + other + body.slice(i + 1), id);
        });
        expect(state.problems).toMatchObject([{ table: 'grant', id: `g${which + 1}` }]);
        state.close();
      }),
      { numRuns: 20 },
    );
  });
});

describe('the file', () => {
  test('a newer format, an open mode and a file that is no database are refused in words', () => {
    const dir = folder();
    const path = join(dir, 'state.db');
    const db = openDatabase(path, stateMigrations);
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(() => openDatabase(path, stateMigrations)).toThrow(/newer Gatehouse/);
    writeFileSync(join(dir, 'loose.db'), '', { mode: 0o644 });
    expect(() => openDatabase(join(dir, 'loose.db'), stateMigrations)).toThrow(/read by others/);
    writeFileSync(join(dir, 'noise.db'), 'x'.repeat(5000), { mode: 0o600 });
    expect(() => openDatabase(join(dir, 'noise.db'), stateMigrations)).toThrow(/could not be opened/);
  });

  test('another process that holds the file makes a change fail, not hang', () => {
    const path = join(folder(), 'state.db');
    const log = new MemoryLog();
    const state = open(path, log);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    expect(() => addGrant(state, 'g1')).toThrow(expect.objectContaining({ code: 'unavailable' }));
    other.exec('ROLLBACK');
    other.close();
    addGrant(state, 'g1');
    state.close();
  });

  test('a home from before the later tables still proves itself, and a row of theirs put in or taken out is found', () => {
    const path = join(folder(), 'state.db');
    const log = new MemoryLog();
    const state = open(path, log);
    addGrant(state, 'g1');
    state.close();
    const db = new DatabaseSync(path);
    expect(Object.keys(JSON.parse(String(db.prepare('SELECT tables FROM ledger').get()?.tables))).sort()).toEqual(
      ['client', 'definition', 'grant', 'secret', 'server', 'setting'].sort(),
    );
    const again = open(path, log);
    expect(again.problems).toEqual([]);
    again.change({ type: 'label.set' }, (tx) =>
      tx.put('label', { id: 'a tool:x', server: 'a', capability: 'tool:x', add: ['private'], remove: [] }),
    );
    again.close();
    db.exec('DELETE FROM label');
    db.close();
    expect(open(path, log).problems).toEqual([{ table: 'label', id: '*', problem: expect.stringContaining('removed') }]);
  });

  test('there is a table for each kind of row', () => {
    const db = openDatabase(join(folder(), 'state.db'), stateMigrations);
    const names = db.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all();
    expect(names.map(({ name }) => name)).toEqual(expect.arrayContaining([...tables]));
    db.close();
  });
});
