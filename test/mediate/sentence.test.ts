// Requests in our words: verbs only for what is pinned and known, objects only from facts, silence where a sentence would leave something out.
import { describe, expect, test } from 'vitest';
import { LastYes } from '../../broker/mediate/last-yes.ts';
import { type Sentence, sentenceOf } from '../../broker/mediate/sentence.ts';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { PathFact, RequestFacts } from '../../shared/request-facts.ts';
import { noFacts } from '../support/facts.ts';

const home = '/home/ada';
const files = 'npm:@modelcontextprotocol/server-filesystem';
const github = 'npm:@modelcontextprotocol/server-github';
const path = (text: string, argument = 'path'): PathFact => ({
  ...{ argument, path: text, readings: [text], isFolder: false, throughLink: false },
});
const host = (name: string) => ({ argument: 'url', scheme: 'https', host: name, domain: name, loopback: false });
const paths = (...texts: string[]) => ({ paths: texts.map((text) => path(text)) });

const words = (parts: Sentence | null, done = false) =>
  parts?.map(({ verb, past, object }) => [done ? (past ?? verb) : verb, object].filter(Boolean).join(' ')).join(' ') ?? null;
const said = (identity: string | null, capability: string, facts: Partial<RequestFacts> = {}, done = false) =>
  words(sentenceOf(identity, capability, { ...noFacts, ...facts }, home), done);

test.each<[string, string, Partial<RequestFacts>, string | null]>([
  ['tool:read_text_file', files, paths('/home/ada/code/acme/README.md'), 'read README.md in ~/code/acme'],
  ['tool:write_file', files, paths('/home/ada/a.txt'), 'wrote a.txt in ~'],
  ['tool:read_multiple_files', files, paths('/srv/a/x', '/srv/a/b/y', '/srv/a/b/z'), 'read 3 files in /srv/a'],
  ['tool:read_multiple_files', files, paths('/srv/x', '/etc/y'), 'read 2 files'],
  ['tool:read_multiple_files', files, paths('/srv/ab/x', '/srv/a/y'), 'read 2 files in /srv'],
  ['tool:list_directory', files, paths('/home/ada'), 'listed ~'],
  ['tool:list_directory', files, paths('/home/adam/x'), 'listed x in /home/adam'],
  ['tool:move_file', files, { paths: [path('/home/ada/a', 'source'), path('/home/ada/b', 'destination')] }, 'moved ~/a to ~/b'],
  ['tool:move_file', files, { paths: [path('/home/ada/b', 'destination'), path('/home/ada/a', 'source')] }, null],
  ['tool:list_allowed_directories', files, {}, 'said which folders it may use'],
  ['tool:create_issue', github, { repositories: [{ argument: 'repo', owner: 'acme', name: 'web' }] }, 'opened an issue in acme/web'],
  ['tool:fork_repository', github, { repositories: [{ argument: 'o', owner: 'acme', name: null }] }, 'forked acme'],
  ['tool:fetch', 'pypi:mcp-server-fetch', { hosts: [host('docs.python.org')] }, 'read a page of docs.python.org'],
  ['tool:tavily_extract', 'npm:tavily-mcp', { hosts: [host('a.org'), host('b.org')] }, 'read a page of 2 hosts'],
  [
    'tool:slack_post_message',
    'npm:@modelcontextprotocol/server-slack',
    { recipients: [{ argument: 'channel_id', recipient: 'C1' }] },
    'posted a message to C1',
  ],
  [
    'tool:query',
    'npm:@modelcontextprotocol/server-postgres',
    { sql: [{ argument: 'sql', verbs: ['SELECT'], onlyReads: true }] },
    'ran SELECT on its database',
  ],
])('%s of %s', (capability, identity, facts, expected) => {
  expect(said(identity, capability, facts, true)).toBe(expected);
});

describe('no sentence', () => {
  const readme = paths('/home/ada/README.md');
  test('for a server that is not pinned, not known, or has another tool of that name', () => {
    expect(said(files, 'tool:read_file', readme)).toBe('read README.md in ~');
    expect(said(null, 'tool:read_file', readme)).toBeNull();
    expect(said('npm:server-filesystem', 'tool:read_file', readme)).toBeNull();
    expect(said(github, 'tool:read_file', readme)).toBeNull();
    expect(said(files, 'tool:constructor', readme)).toBeNull();
    expect(said('constructor', 'tool:read_file', readme)).toBeNull();
    expect(said(files, 'prompt:read_file', readme)).toBeNull();
  });
  test.each<[string, Partial<RequestFacts>]>([
    ['something nobody could read', { unread: [{ argument: 'x', why: 'unknown' }] }],
    ['a host', { hosts: [host('evil.example')] }],
    ['a repository', { repositories: [{ argument: 'r', owner: 'a', name: 'b' }] }],
    ['somebody', { recipients: [{ argument: 'to', recipient: 'eve@example.org' }] }],
    ['a query', { sql: [{ argument: 'q', verbs: ['SELECT'], onlyReads: true }] }],
    ['a command', { commands: [{ argument: 'c', command: 'rm' }] }],
    ['a stored secret', { secrets: ['token'] }],
  ])('where the request names more than the sentence would say: %s', (_, more) => {
    expect(said(files, 'tool:read_file', { ...readme, ...more })).toBeNull();
  });
  test('where what it is about is missing, or the query is unclear', () => {
    expect(said(files, 'tool:read_file')).toBeNull();
    expect(said(github, 'tool:create_issue')).toBeNull();
    expect(said('pypi:mcp-server-fetch', 'tool:fetch')).toBeNull();
    const unclear = { sql: [{ argument: 'sql', verbs: ['SELECT', 'UNCLEAR'], onlyReads: false }] };
    expect(said('npm:@modelcontextprotocol/server-postgres', 'tool:query', unclear)).toBeNull();
    expect(
      said('npm:@modelcontextprotocol/server-postgres', 'tool:query', { sql: [{ argument: 'sql', verbs: [], onlyReads: false }] }),
    ).toBeNull();
    expect(said('npm:@modelcontextprotocol/server-slack', 'tool:slack_post_message')).toBeNull();
    expect(said('npm:@modelcontextprotocol/server-memory', 'tool:read_graph', paths('/x'))).toBeNull();
  });
});

test('an object is as long as a log row bears, and equal things are one', () => {
  const long = sentenceOf(files, 'tool:read_file', { ...noFacts, ...paths(`/srv/${'a'.repeat(500)}`) }, home);
  expect(long?.[0]).toMatchObject({ object: `${'a'.repeat(200)}…`, several: 'files' });
  const twice = { repositories: [1, 2].map((at) => ({ argument: `r${at}`, owner: 'acme', name: 'web' })) };
  expect(said(github, 'tool:create_issue', twice)).toBe('open an issue in acme/web');
});

describe('the last yes', () => {
  const caller = (client: string): Caller => ({ client, session: 's', connection: 'c', folder: null, via: 'http' });
  const request = (argumentsText: string, capability = 'tool:a') => ({ server: 'files', capability, argumentsText }) as ServerRequest;
  const memory = (earlier: string | null = null) => {
    const asked: string[] = [];
    const last = new LastYes({
      now: () => 1_000,
      earlier(client, server, capability) {
        asked.push(`${client} ${server} ${capability}`);
        return earlier === null ? null : { at: new Date(5).toISOString(), argumentsText: earlier };
      },
    });
    return { last, asked };
  };

  test('is the newest, by client and capability', () => {
    const { last } = memory();
    last.put(caller('a'), request('{"x":1}'));
    last.put(caller('a'), request('{"x":2}'));
    expect(last.of(caller('a'), request('{"x":3}'))).toEqual({ at: new Date(1_000).toISOString(), argumentsText: '{"x":2}' });
    expect(last.of(caller('b'), request('{"x":3}'))).toBeUndefined();
    expect(last.of(caller('a'), request('{"x":3}', 'tool:b'))).toBeUndefined();
  });
  test('comes from the log where this start has none, which is read once', () => {
    const { last, asked } = memory('{"x":1}');
    expect(last.of(caller('a'), request('{}'))?.argumentsText).toBe('{"x":1}');
    last.of(caller('a'), request('{}'));
    expect(asked).toEqual(['a files tool:a']);
  });
  test('is none where it was too long to compare, or cut', () => {
    const { last } = memory('{"x":"cut');
    expect(last.of(caller('a'), request('{}'))).toBeUndefined();
    last.put(caller('a'), request('{}'));
    last.put(caller('a'), request(`"${'x'.repeat(17_000)}"`));
    expect(last.of(caller('a'), request('{}'))).toBeUndefined();
    expect(memory(`"${'x'.repeat(17_000)}"`).last.of(caller('a'), request('{}'))).toBeUndefined();
  });
  test('forgets the oldest pair past five hundred', () => {
    const { last } = memory();
    for (let at = 0; at <= 500; at++) last.put(caller(`c${at}`), request('{}'));
    expect(last.of(caller('c1'), request('{}'))).toBeDefined();
    expect(last.of(caller('c0'), request('{}'))).toBeUndefined();
  });
});
