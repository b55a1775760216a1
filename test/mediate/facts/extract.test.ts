// Facts: what extractors make of the arguments of real servers, and what nobody can read is named.
import { describe, expect, test } from 'vitest';
import { deriveFacts } from '../../../broker/mediate/facts/derive.ts';
import { natureOf } from '../../../broker/mediate/facts/nature.ts';
import { readSql } from '../../../broker/mediate/facts/sql.ts';

const derive = (capability: string, value: unknown, properties: Record<string, object> = {}, secrets: string[] = []) =>
  deriveFacts({
    capability,
    argumentsText: JSON.stringify(value),
    definition: JSON.stringify({ inputSchema: { type: 'object', properties } }),
    grounds: { bases: ['/nowhere/acme'], home: '/nowhere/home', platform: 'linux' },
    secretsIn: (text) => secrets.filter((secret) => text.includes(secret)),
  });
/** The facts in short words: `path /x`, `host https docs.x.com`, `unread a`. */
function words(capability: string, value: unknown, properties: Record<string, object> = {}): string[] {
  const facts = derive(capability, value, properties);
  return [
    ...facts.paths.map(({ path }) => `path ${path}`),
    ...facts.hosts.map(({ scheme, host, domain }) => `host ${scheme} ${host} ${domain}`),
    ...facts.repositories.map(({ owner, name }) => `repository ${owner}/${name ?? '*'}`),
    ...facts.recipients.map(({ recipient }) => `to ${recipient}`),
    ...facts.sql.map(({ verbs, onlyReads }) => `sql ${verbs.join('+')}${onlyReads ? ' reads' : ''}`),
    ...facts.commands.map(({ command }) => `command ${command}`),
    ...facts.unread.map(({ argument }) => `unread ${argument}`),
  ];
}

describe('calls of real servers', () => {
  test.each<[string, unknown, string[]]>([
    ['tool:read_text_file', { path: '/nowhere/acme/a.ts', head: 10 }, ['path /nowhere/acme/a.ts']],
    ['tool:read_multiple_files', { paths: ['a.ts', './b/../c.ts'] }, ['path /nowhere/acme/a.ts', 'path /nowhere/acme/c.ts']],
    ['tool:edit_file', { path: '~/x', edits: [{ oldText: '/etc', newText: 'b' }], dryRun: true }, ['path /nowhere/home/x']],
    ['tool:move_file', { source: '/a', destination: '/b' }, ['path /a', 'path /b']],
    ['tool:search_files', { path: '/a', pattern: '**/*.ts', excludePatterns: ['node_modules'] }, ['path /a']],
    ['tool:git_diff', { repo_path: '/nowhere/acme', target: 'main', context_lines: 3 }, ['path /nowhere/acme']],
    ['tool:git_add', { repo_path: '/nowhere/acme', files: ['src/a.ts'] }, ['path /nowhere/acme', 'path /nowhere/acme/src/a.ts']],
    ['tool:create_issue', { owner: 'Acme', repo: 'web', title: 't', body: 'b', labels: ['bug'] }, ['repository acme/web']],
    ['tool:get_file_contents', { owner: 'acme', repo: 'web', path: 'src/a.ts', branch: 'main' }, ['repository acme/web']],
    ['tool:search_code', { q: 'secret repo:acme/web', per_page: 30 }, ['repository acme/web']],
    ['tool:search_code', { q: 'secret' }, ['unread q']],
    ['tool:search_issues', { q: 'a repo:acme/web OR repo:acme/x' }, ['unread q']],
    [
      'tool:create_merge_request',
      { project_id: 'group/sub/app', title: 't', source_branch: 'a', target_branch: 'b' },
      ['repository group/sub/app'],
    ],
    ['tool:create_merge_request', { project_id: '4711', title: 't' }, ['unread project_id']],
    ['tool:slack_post_message', { channel_id: 'C012AB', text: 'hello' }, ['to c012ab']],
    ['tool:send_email', { to: ['Mia@Example.com'], cc: [], subject: 's', body: 'b' }, ['to mia@example.com']],
    ['tool:send_email', { to: 'a@x.com, b@y.com', subject: 's', body: 'b' }, ['unread to']],
    ['tool:fetch', { url: 'https://Docs.Python.org/3/?q=1#x', max_length: 5000, raw: false }, ['host https docs.python.org python.org']],
    ['tool:browser_navigate', { url: 'http://localhost:3000/a' }, ['host http localhost:3000 localhost']],
    ['tool:browser_click', { element: 'Save button', ref: 'e12' }, []],
    ['tool:query', { sql: 'SELECT 1' }, ['sql SELECT reads']],
    ['tool:read_query', { query: 'select * from t' }, ['sql SELECT reads']],
    ['tool:write_query', { query: 'delete from t' }, ['sql DELETE']],
    ['tool:search_nodes', { query: 'who is Mia' }, []],
    ['tool:query-docs', { libraryId: '/vercel/next.js', query: 'routing in depth' }, []],
    ['tool:query_orders', { query: '/* x */ DELETE FROM orders' }, ['sql DELETE']],
    ['tool:create_entities', { entities: [{ name: 'Mia', entityType: 'person', observations: ['likes tea'] }] }, []],
    ['tool:run_command', { command: 'git status' }, ['command git status']],
    ['tool:get_current_time', { timezone: 'Europe/Berlin' }, []],
    ['tool:read_graph', {}, []],
    ['resource:file:///etc/hosts', 'file:///etc/hosts', ['path /etc/hosts']],
    ['resource:memo://a', 'memo://a', ['unread uri']],
  ])('%s %j', (capability, value, expected) => {
    expect(words(capability, value)).toEqual(expected);
  });
});

describe('what nobody can read is uninspectable', () => {
  test.each<[string, unknown, string]>([
    ['an argument nobody knows', { blob: 'x' }, 'blob'],
    ['a flag that decides how far it reaches', { force: true }, 'force'],
    ['an identifier that is a way out', { issue_number: '1/../../../orgs' }, 'issue_number'],
    ['a long thing under a neutral name', { limit: 'x'.repeat(301) }, 'limit'],
    ['a repository that is a path', { owner: 'acme', repo: '../other' }, 'repo'],
    ['a path out of its repository', { owner: 'acme', repo: 'web', path: '../../other/repo' }, 'path'],
    ['the same, encoded', { owner: 'acme', repo: 'web', path: '%2e%2e/x' }, 'path'],
    ['an address with a name in it', { url: 'https://docs.x.com@evil.com/' }, 'url'],
    ['a host with strokes turned', { url: 'https:\\\\evil.com' }, 'url'],
    ['a host in another number system', { url: 'http://0x7f.1/' }, 'url'],
    ['a host in full-width letters', { url: 'https://ｅvil.com/' }, 'url'],
    ['an address without a host', { url: 'javascript:alert(1)' }, 'url'],
    ['an address with a line end', { url: 'https://a.com/\nx' }, 'url'],
  ])('%s', (_name, value, argument) => {
    expect(words('tool:get_x', value)).toContain(`unread ${argument}`);
  });

  test('more arguments than anybody looks through', () => {
    expect(derive('tool:x', { text: Array.from({ length: 3000 }, () => 'a') }).unread).toHaveLength(1);
  });
});

test('a schema that says what a string is counts as much as its name', () => {
  expect(words('tool:x', { where: 'https://a.example.co.uk/' }, { where: { type: 'string', format: 'uri' } })).toEqual([
    'host https a.example.co.uk example.co.uk',
  ]);
  expect(words('tool:x', { who: 'a@b.com' }, { who: { format: 'email' } })).toEqual(['to a@b.com']);
  expect(words('tool:x', { color: 'red' }, { color: { enum: ['red', 'blue'] } })).toEqual([]);
  expect(words('tool:x', { color: 'green' }, { color: { enum: ['red', 'blue'] } })).toEqual(['unread color']);
});

test('hidden characters and stored secrets are named, emoji are not', () => {
  expect(derive('tool:x', { text: 'a\u200bb' }).hidden).toEqual(['text']);
  expect(derive('tool:x', { text: '\u202eabc' }).hidden).toEqual(['text']);
  expect(derive('tool:x', { text: 'two\nlines and a \u2764\ufe0f and \ud83d\udc69\u200d\ud83d\udcbb' }).hidden).toEqual([]);
  expect(derive('tool:x', { text: 'my s3cret' }, {}, ['s3cret']).secrets).toEqual(['s3cret']);
});

describe('SQL', () => {
  test.each<[string, string, boolean]>([
    ['select a from b where c = ?', 'SELECT', true],
    ['SELECT "delete" FROM t', 'SELECT', true],
    ["SELECT 'drop table x'", 'SELECT', true],
    ['-- drop\nselect 1', 'SELECT', true],
    ['with x as (select 1) select * from x', 'WITH', true],
    ['select replace(a, 1, 2) from t', 'SELECT', true],
    ['select comment, start from t', 'SELECT', true],
    ['explain select 1', 'EXPLAIN', true],
    ['PRAGMA table_info(t)', 'PRAGMA', true],
    ['PRAGMA journal_mode = DELETE', 'PRAGMA+DELETE', false],
    ['PRAGMA writable_schema(1)', 'PRAGMA', false],
    ['with x as (delete from t returning *) select * from x', 'WITH+DELETE', false],
    ['select 1; drop table t', 'SELECT+DROP', false],
    ['select 1 into outfile "/etc/x"', 'SELECT+INTO+OUTFILE', false],
    ['explain analyze delete from t', 'EXPLAIN+DELETE', false],
    ["select pg_read_file('/etc/passwd')", 'SELECT', false],
    ["select load_extension('x')", 'SELECT', false],
    ['select * from "pg_read_file"(1)', 'SELECT', false],
    ['select 1 drop table t', 'SELECT+DROP', false],
    ["select '\\'; drop table t; --'", '', false],
    ['select 1 /*! ; drop table t */', '', false],
    ['select 1 /* a /* b */ ; delete from t */', '', false],
    ['select 1 --drop', '', false],
    ['select 1 # drop', '', false],
    ['select $$ a $$', '', false],
    ["select E'a'", '', false],
    ["select 'a", '', false],
    ['copy t to program $1', 'COPY', false],
    ['', '', false],
  ])('%s', (sql, verbs, onlyReads) => {
    expect(readSql(sql)).toEqual({ verbs: verbs === '' ? [] : verbs.split('+'), onlyReads });
  });
});

describe('what a capability does', () => {
  const definition = (properties: string[], annotations: object = {}) =>
    JSON.stringify({ annotations, inputSchema: { properties: Object.fromEntries(properties.map((name) => [name, {}])) } });
  test.each<[string, string | null, string]>([
    ['tool:read_text_file', null, 'read'],
    ['tool:list_directory_with_sizes', null, 'read'],
    ['tool:get_commit', definition(['owner', 'repo']), 'read'],
    ['tool:slack_get_channel_history', definition(['channel_id']), 'read'],
    ['tool:issue_read', null, 'read'],
    ['tool:read_query', null, 'read'],
    ['tool:browser_take_screenshot', null, 'read'],
    ['tool:browser_console_messages', null, 'read'],
    ['tool:write_file', definition(['path']), 'change'],
    ['tool:find_and_replace', null, 'change'],
    ['tool:get_or_create_page', null, 'change'],
    ['tool:git_commit', definition(['repo_path']), 'change'],
    ['tool:frobnicate', null, 'change'],
    ['tool:create_issue', definition(['owner', 'repo']), 'send'],
    ['tool:add_issue_comment', definition(['owner', 'repo']), 'send'],
    ['tool:slack_post_message', definition(['channel_id']), 'send'],
    ['tool:delete_entities', null, 'destroy'],
    ['tool:browser_evaluate', null, 'run'],
    ['tool:run_command', null, 'run'],
    ['tool:read_file', definition([], { readOnlyHint: false }), 'change'],
    ['tool:read_file', definition([], { destructiveHint: true }), 'destroy'],
    ['tool:browser_navigate', definition(['url'], { destructiveHint: true, readOnlyHint: false }), 'change'],
    ['tool:delete_file', definition([], { readOnlyHint: true }), 'destroy'],
    ['prompt:review', null, 'read'],
  ])('%s %s', (capability, text, nature) => {
    expect(natureOf(capability, text)).toBe(nature);
  });
});
