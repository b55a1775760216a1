// Ways out of a grant that an examiner from outside found: each was covered by a width once, and must never be again.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { deriveFacts } from '../../../broker/mediate/facts/derive.ts';
import { readSql } from '../../../broker/mediate/facts/sql.ts';
import { covers } from '../../../broker/mediate/places.ts';
import type { Place } from '../../../shared/vocabulary.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-escapes-')));
const granted = join(top, 'granted');
for (const folder of [granted, join(top, 'other', 'deep')]) mkdirSync(folder, { recursive: true });
symlinkSync(join(top, 'other', 'deep'), join(granted, 'link'));
afterAll(() => rmSync(top, { recursive: true, force: true }));

const inside: Place = { kind: 'inside' };
const widths = {
  folder: [{ kind: 'folder', path: granted }, inside],
  inside: [inside],
  repository: [{ kind: 'repository', name: 'acme/web' }, inside],
  host: [{ kind: 'host', scheme: 'https', host: 'example.com' }, { kind: 'domain', scheme: 'https', domain: 'example.com' }, inside],
  recipient: [{ kind: 'recipient', name: '10000000000000000' }, inside],
} as const satisfies Record<string, readonly Place[]>;

function covered(width: keyof typeof widths, capability: string, given: unknown, properties: Record<string, object> = {}): boolean {
  const definition = JSON.stringify({ inputSchema: { type: 'object', properties } });
  const grounds = { bases: [granted], home: '/nowhere/home', platform: 'linux' } as const;
  return covers(widths[width], deriveFacts({ capability, argumentsText: JSON.stringify(given), definition, grounds, secretsIn: () => [] }));
}

describe('names of members are looked at like values', () => {
  test.each<[string, unknown]>([
    ['a file name that ends like an argument', { files: { '/etc/cron.d/file': 'a' } }],
    ['one that ends like a small choice', { files: { '/etc/cron.d/size': 'x' } }],
    ['one above the argument', { files: { '/etc/cron.d': { path: 'a' } } }],
    ['one with nothing in it', { path: granted, files: { '/etc/x': {} } }],
    ['one that climbs', { path: granted, files: { '../../x': [] } }],
    ['one with a character that does not show', { path: granted, content: { 'x\u202e': { text: 'a' } } }],
  ])('%s', (_name, given) => {
    expect(covered('folder', 'tool:write_files', given)).toBe(false);
  });
  test('those that the schema knows, and plain ones, are honest', () => {
    expect(covered('folder', 'tool:write_file', { path: granted, content: 'x', headers: {} })).toBe(true);
    expect(covered('folder', 'tool:x', { path: granted, '/odd': 1 }, { '/odd': { type: 'number' } })).toBe(true);
  });
});

describe('an identifier, a small choice or a pattern that is a way out', () => {
  const ways = [
    '/etc/passwd',
    '~/x',
    'https://evil.example/x',
    '//evil/share',
    'C:/x',
    '--output=/etc/x',
    '-x',
    'file:///etc/passwd',
    'a/../../b',
  ];
  test.each(ways)('%s', (way) => {
    expect(covered('inside', 'tool:git_diff', { target: way })).toBe(false);
    expect(covered('inside', 'tool:read_note', { name: way })).toBe(false);
    expect(covered('inside', 'tool:get_time', { timezone: way })).toBe(false);
  });
  test.each(['/etc/*', '../../**', '~/.ssh/*', '{/etc/passwd,x}', 'a/../../x', '{a,../x}', '--pre=bash', 'C:\\Windows\\*'])(
    'pattern %s',
    (way) => {
      for (const name of ['pattern', 'glob', 'include'])
        expect(covered('folder', 'tool:find_files', { path: granted, [name]: way }), name).toBe(false);
    },
  );
  test.each<[string, string]>([
    ['order_by', '1; DROP TABLE t'],
    ['sort', "x' OR 1=1"],
    ['language', 'en`id`'],
    ['order', '$(id)'],
    ['sort_by', 'a--'],
  ])('%s: %s', (name, way) => {
    expect(covered('inside', 'tool:list_x', { [name]: way })).toBe(false);
  });
  test.each<[string, Record<string, unknown>]>([
    ['tool:get-library-docs', { context7CompatibleLibraryID: '/vercel/next.js' }],
    ['tool:git_checkout', { branch_name: 'feature/x-1' }],
    [
      'tool:list_x',
      { order_by: 'created_at desc', timezone: 'Europe/Berlin', cursor: '/abc+/=', content_type: 'text/plain; charset=utf-8' },
    ],
    ['tool:list_x', { unit: '°C', view_range: '[1, 20]', id: '-5', name: 'Meeting 12/3' }],
  ])('honest: %s %j', (capability, given) => {
    expect(covered('inside', capability, given)).toBe(true);
  });
  test.each(['**/*.ts', '*.md', 'src/**/index.*'])('honest pattern %s', (pattern) => {
    expect(covered('folder', 'tool:search_files', { path: granted, pattern })).toBe(true);
  });
  test('a pattern that is held against texts may look like a path', () => {
    expect(covered('folder', 'tool:grep', { path: granted, pattern: '/api/v[0-9]|\\.\\./x' })).toBe(true);
  });
});

describe('a path that is more than a path', () => {
  const texts = [
    'https://evil.example/x',
    'smb://evil/share/x',
    'data:text/plain,x',
    'pipe:0',
    'concat:/etc/passwd',
    '....//....//x',
    '%u002e%u002e/x',
    '--help',
  ];
  test.each([...texts, `file://${granted}/link/../x`, `file://${granted}/link/%2e%2e/x`, `file://${granted}/.\t./x`])('%s', (path) => {
    expect(covered('folder', 'tool:read_file', { path })).toBe(false);
    expect(covered('folder', `resource:${path}`, path)).toBe(false);
  });
  test.each<[string, unknown]>([
    ['an open file', { path: 3 }],
    ['a switch', { path: true }],
    ['a number for an address', { url: 2130706433 }],
  ])('%s', (_name, given) => {
    expect(covered('folder', 'tool:read_file', given)).toBe(false);
  });
  test('a number where the schema says so is one', () => {
    expect(covered('folder', 'tool:x', { path: granted, files: 3 }, { files: { type: ['integer', 'null'] } })).toBe(true);
  });
});

describe('whose repository it is', () => {
  test.each<[string, unknown]>([
    ['two words for the owner', { org: 'acme', owner: 'evil', repo: 'web' }],
    ['the other way round', { owner: 'acme', repo: 'web', organization: 'evil' }],
    ['one owner for each', { items: [{ owner: 'acme', repo: 'web' }, { owner: 'evil', repo: 'web' }] }], // biome-ignore format: one case a line
    ['one deeper', { owner: 'acme', repo: 'web', extra: { owner: 'evil', repo: 'web' } }],
    ['an owner whose repository is none', { owner: 'evil', repo: null }],
    ['an option', { owner: 'acme', repo: 'web', path: '--output=x' }],
  ])('%s', (_name, given) => {
    expect(covered('repository', 'tool:get_file', given)).toBe(false);
  });
  test('the same owner twice is one', () => {
    expect(covered('repository', 'tool:get_files', { items: [{ owner: 'acme', repo: 'web', path: 'a' }, { owner: 'acme', repo: 'web' }] })).toBe(true); // biome-ignore format: one case a line
  });
});

test('a host with a stop behind it, and a recipient that is two numbers', () => {
  for (const url of ['https://example.com.', 'https://example.com.:444', 'https://example.com..', 'https://a.example.com.'])
    expect(covered('host', 'tool:fetch', { url }), url).toBe(false);
  expect(covered('recipient', 'tool:send_message', { chat_id: 1e16 })).toBe(false);
});

test.each(['DELETE FROM users', 'DROP TABLE x', '-- a\n insert into t values (1)', 'pragma user_version(5)'])(
  'a statement is one, whatever its argument is called: %s',
  (query) => {
    expect(covered('inside', 'tool:ask_data', { query })).toBe(false);
    expect(covered('inside', 'tool:search_docs', { query })).toBe(true);
  },
);

describe('SQL that does more than read', () => {
  test.each([
    'SELECT 1; -- x\rDELETE FROM t',
    'SELECT 1; -- x\u2028DELETE FROM t',
    'SELECT 1 --\u00a0;DELETE FROM t',
    'PRAGMA user_version(5)',
    'PRAGMA schema_version(7)',
    "PRAGMA encoding('UTF-8')",
    "SELECT pg_notify('a', 'b')",
    "SELECT pg_file_write('x', 'y', true)",
    'SELECT delete_all_users()',
    'SELECT public.lower(1)',
    'SELECT "f"(1)',
    "SELECT net.http_post('x')",
    "SELECT cron.schedule('* * * * *', 'DELETE FROM t')",
    "SELECT * FROM ts_stat('delete from t')",
    'SELECT * FROM a, f(x) AS (b int)',
    'WITH a AS (SELECT 1) SELECT * FROM a, f(x) AS (b int)',
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM a JOIN '/etc/passwd'",
    'SELECT * FROM "/etc/x.csv"',
    'SELECT * FROM csv.`/etc/passwd`',
    "SELECT * FROM fsdir('/etc')",
    'SELECT 1 \\! id',
    'SELECT 1 \\g |id',
    'SELECT 1 USE master',
    'SELECT 1 DISABLE TRIGGER x ON y',
    'SELECT @a := 1',
    'EXPLAIN ANALYZE SELECT f()',
    'SELECT UUID_SHORT(), LAST_INSERT_ID(5)',
  ])('%j', (sql) => {
    expect(readSql(sql).onlyReads).toBe(false);
  });
  test.each([
    'SELECT count(*), max(a) FROM t WHERE x LIKE $1',
    'SELECT lower(name), coalesce(a, 0) FROM users u JOIN o ON (u.id = o.id) WHERE a IN (1, 2) AND EXISTS (SELECT 1)',
    'WITH a AS (SELECT 1), b(x) AS (VALUES (1)) SELECT * FROM a, b',
    'WITH RECURSIVE t(n) AS NOT MATERIALIZED (SELECT 1) SELECT * FROM t AS x(m)',
    "SELECT date_trunc('day', now()), sum(x) OVER (PARTITION BY y ORDER BY z) FROM t GROUP BY 1",
    'PRAGMA table_info(users)',
    'PRAGMA user_version',
    "SELECT json_extract(a, '$.b'), strftime('%Y', d) FROM t",
    'SELECT a AS "Cost/Unit" FROM "My Table" -- comment\r\nWHERE x = 1',
    'SELECT CAST(a AS varchar(10)), substring(b from 1 for 2) FROM t',
    'SELECT unnest(array_agg(a)) FILTER (WHERE b) FROM t',
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
    "SELECT INTERVAL '1 day', EXTRACT(year FROM d) FROM t JOIN s USING (id) WHERE a BETWEEN (1) AND (2)",
  ])('and this only reads: %j', (sql) => {
    expect(readSql(sql).onlyReads).toBe(true);
  });
});
