// Places: compared by their parts, and everything a request names must lie in one of them.
import { describe, expect, test } from 'vitest';
import { anchorOf, anchorsFor, covers, isInspectable, isWithin } from '../../broker/mediate/places.ts';
import type { RequestFacts } from '../../shared/request-facts.ts';
import type { Place } from '../../shared/vocabulary.ts';
import { noFacts } from '../support/facts.ts';

const facts = (over: Partial<RequestFacts>): RequestFacts => ({ ...noFacts, ...over });
const path = (...readings: string[]) => ({ argument: 'path', path: readings[0] as string, readings, isFolder: false, throughLink: false });
const host = (name: string, scheme = 'https', domain = name) => ({ argument: 'url', scheme, host: name, domain, loopback: false });
const repository = (owner: string, name: string | null) => ({ argument: 'repo', owner, name });
const to = (recipient: string) => ({ argument: 'to', recipient });
const sql = (onlyReads: boolean) => ({ argument: 'sql', verbs: ['SELECT'], onlyReads });

test.each<[string, string, boolean]>([
  ['/a/b', '/a/b', true],
  ['/a/b', '/a/b/c', true],
  ['/a/b', '/a/bc', false],
  ['/a/b', '/a', false],
  ['/a/b', '/x/a/b', false],
  ['/', '/a', true],
  ['/a/', '/a/b', true],
  ['c:\\a', 'c:\\a\\b', true],
  ['c:\\a\\', 'c:\\a\\b', true],
  ['c:\\a', 'c:\\ab', false],
])('%s holds %s: %s', (folder, at, expected) => {
  expect(isWithin(folder, at)).toBe(expected);
});

test.each<[Partial<RequestFacts>, boolean]>([
  [{}, true],
  [{ paths: [path('/a')] }, true],
  [{ unread: [{ argument: 'a', why: 'x' }] }, false],
  [{ hidden: ['a'] }, false],
  [{ secrets: ['a'] }, false],
  [{ commands: [{ argument: 'a', command: 'ls' }] }, false],
])('%j: nothing is left to guess: %s', (over, expected) => {
  expect(isInspectable(facts(over))).toBe(expected);
});

describe('what places cover', () => {
  const folder: Place = { kind: 'folder', path: '/w' };
  const site: Place = { kind: 'host', scheme: 'https', host: 'a.x.com' };
  const domain: Place = { kind: 'domain', scheme: 'https', domain: 'x.com' };
  const web: Place = { kind: 'repository', name: 'acme/web' };
  const owner: Place = { kind: 'owner', name: 'acme' };
  const mia: Place = { kind: 'recipient', name: 'mia' };
  const queries: Place = { kind: 'queries' };
  const inside: Place = { kind: 'inside' };
  test.each<[string, Place[], Partial<RequestFacts>, boolean]>([
    ['a folder, a file in it', [folder], { paths: [path('/w/a')] }, true],
    ['a folder, a file beside it', [folder], { paths: [path('/wx')] }, false],
    ['a file, itself', [{ kind: 'file', path: '/w/a' }], { paths: [path('/w/a')] }, true],
    ['a file, what is below its name', [{ kind: 'file', path: '/w/a' }], { paths: [path('/w/a/b')] }, false],
    ['one reading of two', [folder], { paths: [path('/w/a', '/etc/a')] }, false],
    ['one path of two', [folder], { paths: [path('/w/a'), path('/etc/a')] }, false],
    ['each in a place of its own', [folder, { kind: 'file', path: '/etc/a' }], { paths: [path('/w/a', '/etc/a')] }, true],
    ['a host', [site], { hosts: [host('a.x.com')] }, true],
    ['another host', [site], { hosts: [host('b.x.com', 'https', 'x.com')] }, false],
    ['without TLS', [site], { hosts: [host('a.x.com', 'http')] }, false],
    ['a domain, its hosts', [domain], { hosts: [host('b.x.com', 'https', 'x.com')] }, true],
    ['a domain, another', [domain], { hosts: [host('x.com.evil.org', 'https', 'evil.org')] }, false],
    ['a domain without TLS', [domain], { hosts: [host('b.x.com', 'http', 'x.com')] }, false],
    ['one host of two', [site], { hosts: [host('a.x.com'), host('evil.org')] }, false],
    ['a host is no domain', [{ kind: 'host', scheme: 'https', host: 'x.com' }], { hosts: [host('b.x.com', 'https', 'x.com')] }, false],
    ['a repository', [web], { repositories: [repository('acme', 'web')] }, true],
    ['another of its owner', [web], { repositories: [repository('acme', 'app')] }, false],
    ['everything of its owner', [web], { repositories: [repository('acme', null)] }, false],
    ['named null', [{ kind: 'repository', name: 'acme/null' }], { repositories: [repository('acme', null)] }, false],
    ['an owner', [owner], { repositories: [repository('acme', 'app')] }, true],
    ['an owner, all of it', [owner], { repositories: [repository('acme', null)] }, true],
    ['another owner', [owner], { repositories: [repository('evil', 'web')] }, false],
    ['one repository of two', [web], { repositories: [repository('acme', 'web'), repository('acme', 'app')] }, false],
    ['a recipient', [mia], { recipients: [to('mia')] }, true],
    ['one of two', [mia], { recipients: [to('mia'), to('eve')] }, false],
    ['queries that read', [queries], { sql: [sql(true)] }, true],
    ['queries that change', [queries], { sql: [sql(true), sql(false)] }, false],
    ['queries, where none were granted', [inside], { sql: [sql(true)] }, false],
    ['nothing outside', [inside], {}, true],
    ['nothing outside, where only a folder was granted', [folder], {}, false],
    ['inside is no folder', [inside], { paths: [path('/w/a')] }, false],
    ['a file of a folder, sent to a host of none', [folder], { paths: [path('/w/a')], hosts: [host('a.x.com')] }, false],
    ['both', [folder, site], { paths: [path('/w/a')], hosts: [host('a.x.com')] }, true],
    ['both, and a recipient', [folder, site], { paths: [path('/w/a')], hosts: [host('a.x.com')], recipients: [to('eve')] }, false],
    ['both, and a repository', [folder, site], { paths: [path('/w/a')], repositories: [repository('acme', 'web')] }, false],
    ['something unread beside it', [folder], { paths: [path('/w/a')], unread: [{ argument: 'x', why: 'y' }] }, false],
    ['no place', [], { paths: [path('/w/a')] }, false],
  ])('%s', (_name, places, over, expected) => {
    expect(covers(places, facts(over))).toBe(expected);
  });
});

describe('anchors', () => {
  test.each<[Partial<RequestFacts>, string[]]>([
    [{ paths: [path('/w/a/b', '/other')] }, ['file /w/a/b', 'folder /w/a/b', 'folder /w/a', 'folder /w', 'folder /']],
    [{ hosts: [host('a.x.com', 'https', 'x.com')] }, ['host https a.x.com', 'domain https x.com']],
    [{ repositories: [repository('acme', 'web')] }, ['repository acme/web', 'owner acme']],
    [{ repositories: [repository('acme', null)] }, ['owner acme']],
    [{ recipients: [to('mia')] }, ['recipient mia']],
    [{ sql: [sql(true)] }, ['queries']],
    [{}, ['inside']],
    [{ hosts: [host('a.b')], recipients: [to('mia')] }, ['host https a.b', 'domain https a.b']],
  ])('%j', (over, expected) => {
    expect(anchorsFor(facts(over))).toEqual(expected);
  });
  test('every place is found by the anchor of what it covers', () => {
    const pairs: [Place, Partial<RequestFacts>][] = [
      [{ kind: 'file', path: '/w/a' }, { paths: [path('/w/a')] }],
      [{ kind: 'folder', path: '/w' }, { paths: [path('/w/a')] }],
      [{ kind: 'host', scheme: 'https', host: 'a.x.com' }, { hosts: [host('a.x.com', 'https', 'x.com')] }],
      [{ kind: 'domain', scheme: 'https', domain: 'x.com' }, { hosts: [host('a.x.com', 'https', 'x.com')] }],
      [{ kind: 'repository', name: 'acme/web' }, { repositories: [repository('acme', 'web')] }],
      [{ kind: 'owner', name: 'acme' }, { repositories: [repository('acme', 'web')] }],
      [{ kind: 'recipient', name: 'mia' }, { recipients: [to('mia')] }],
      [{ kind: 'queries' }, { sql: [sql(true)] }],
      [{ kind: 'inside' }, {}],
    ];
    for (const [place, over] of pairs) {
      expect(covers([place], facts(over)), JSON.stringify(place)).toBe(true);
      expect(anchorsFor(facts(over))).toContain(anchorOf(place));
    }
    expect(new Set(pairs.map(([place]) => anchorOf(place))).size).toBe(pairs.length);
  });
});
