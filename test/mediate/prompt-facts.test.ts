// What the facts add to a prompt: a second look where nobody can tell, where something runs, where a secret leaves.
import { describe, expect, test } from 'vitest';
import { isBound, isGrave, reasonsOf, rowsOf } from '../../broker/mediate/prompt-facts.ts';
import type { Nature, RequestFacts } from '../../shared/request-facts.ts';
import { noFacts } from '../support/facts.ts';

const facts = (over: Partial<RequestFacts>): RequestFacts => ({ ...noFacts, ...over });
const path = (at: string, throughLink = false) => ({ argument: 'path', path: at, readings: [at], isFolder: false, throughLink });
const unread = (...names: string[]) => names.map((argument) => ({ argument, why: 'nothing here knows what it is for' }));
const runs = 'It runs what its arguments say';
const command = [{ argument: 'c', command: 'ls' }];

describe('reasons', () => {
  test.each<[Partial<RequestFacts>, Nature, string[]]>([
    [{}, 'read', []],
    [{}, 'destroy', []],
    [{}, 'run', [runs]],
    [{ commands: command }, 'read', [runs]],
    [{ secrets: ['a'] }, 'send', ['Its arguments hold your secret a']],
    [{ secrets: ['a', 'b', 'c'] }, 'send', ['Its arguments hold your secret a, b, c']],
    [{ secrets: ['a', 'b', 'c', 'd', 'e'] }, 'send', ['Its arguments hold your secret a, b, c and 2 more']],
    [{ unread: unread('blob') }, 'read', ['Nobody can tell what "blob" names: nothing here knows what it is for']],
    [{ unread: unread('') }, 'read', ['Nobody can tell what all of it names: nothing here knows what it is for']],
    [{ unread: unread('a', 'b', 'c') }, 'read', ['Nobody can tell what "a" names: nothing here knows what it is for, and 2 more like it']],
    [{ paths: [path('/a')] }, 'read', []],
    [
      { paths: [path('/a'), path('/b', true)] },
      'read',
      ['Its path goes through a link, which could point elsewhere by the time it is used; only a sandbox would close that'],
    ],
  ])('%j %s', (over, nature, reasons) => {
    expect(reasonsOf(facts(over), nature)).toEqual(reasons);
  });
});

test.each<[Partial<RequestFacts>, Nature, boolean]>([
  [{}, 'read', false],
  [{}, 'destroy', false],
  [{}, 'run', true],
  [{ commands: command }, 'read', true],
  [{ secrets: ['a'] }, 'read', true],
  [{ unread: unread('a') }, 'send', false],
])('%j %s is grave: %s', (over, nature, grave) => {
  expect(isGrave(facts(over), nature)).toBe(grave);
});

test('what leaves, destroys or runs is bound to its folder', () => {
  expect((['read', 'change', 'send', 'destroy', 'run'] as const).filter(isBound)).toEqual(['send', 'destroy', 'run']);
});

describe('rows', () => {
  const rows = (over: Partial<RequestFacts>) => rowsOf(facts(over), '/home/u').map(({ name, value }) => `${name}: ${value}`);
  const host = (name: string) => ({ argument: 'url', scheme: 'https', host: name, domain: name, loopback: false });
  const sql = (...verbs: string[]) => ({ argument: 'sql', verbs, onlyReads: true });
  test.each<[Partial<RequestFacts>, string[]]>([
    [{}, []],
    [{ paths: [path('/home/u/a'), path('/etc/b')] }, ['Where: ~/a', 'Where: /etc/b']],
    [{ paths: [path('/a')], hosts: [host('x.y')] }, ['Where: /a', 'Where: x.y']],
    [
      {
        repositories: [
          { argument: 'r', owner: 'acme', name: 'web' },
          { argument: 'o', owner: 'acme', name: null },
        ],
      },
      ['Where: acme/web', 'Where: acme'],
    ],
    [{ hosts: ['a', 'b', 'c'].map(host) }, ['Where: a', 'Where: b', 'Where: c']],
    [{ hosts: ['a', 'b', 'c', 'd', 'e'].map(host) }, ['Where: a', 'Where: b', 'Where: c', 'Where: and 2 more']],
    [{ recipients: [{ argument: 'to', recipient: 'a@b.c' }] }, ['To: a@b.c']],
    [
      { recipients: ['a', 'b', 'c', 'd'].map((recipient) => ({ argument: 'to', recipient })) },
      ['To: a', 'To: b', 'To: c', 'To: and 1 more'],
    ],
    [{ sql: [sql('SELECT'), sql('SELECT', 'DELETE')] }, ['SQL: SELECT, DELETE']],
    [{ sql: [sql()] }, ['SQL: unclear']],
    [{ sql: [sql('A', 'B', 'C', 'D')] }, ['SQL: A, B, C and 1 more']],
  ])('%j', (over, expected) => {
    expect(rows(over)).toEqual(expected);
  });
  test('no row stands for an argument', () => {
    expect(rowsOf(facts({ paths: [path('/a')] }), '/home/u')[0]).not.toHaveProperty('covers');
  });
});
