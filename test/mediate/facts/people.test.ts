// Repositories, owners and recipients: one name each, or nothing.
import { describe, expect, test } from 'vitest';
import { readOwner, readRecipient, readRepository, repositoriesInWords } from '../../../broker/mediate/facts/people.ts';

const brief = (fact: object) => ('why' in fact ? fact.why : Object.values(fact).slice(1));

describe('repositories', () => {
  const noOwner = 'it does not say whose repository it is';
  const noName = 'it is not the name of a repository';
  test.each<[string, string | null, unknown]>([
    ['web', 'Acme', ['acme', 'web']],
    ['Acme/Web', null, ['acme', 'web']],
    ['group/sub/app', null, ['group/sub', 'app']],
    ['group%2Fapp', null, ['group', 'app']],
    ['group%2fapp', null, ['group', 'app']],
    ['a.b-c_d', 'x', ['x', 'a.b-c_d']],
    ['web', null, noOwner],
    ['', null, noOwner],
    ['', 'acme', noName],
    ['..', 'acme', noName],
    ['.', 'acme', noName],
    ['../other', 'acme', noName],
    ['a/../b', null, noName],
    ['a//b', null, noName],
    ['a b', 'acme', noName],
    ['web?x', 'acme', noName],
    ['web#x', 'acme', noName],
    ['w\u00e9b', 'acme', noName],
    ['x'.repeat(100), 'acme', ['acme', 'x'.repeat(100)]],
    ['x'.repeat(101), 'acme', noName],
    [Array.from({ length: 12 }, () => 'a').join('/'), null, [Array.from({ length: 11 }, () => 'a').join('/'), 'a']],
    [Array.from({ length: 13 }, () => 'a').join('/'), null, noName],
    ['...', 'acme', ['acme', '...']],
  ])('%j of %j', (text, owner, expected) => {
    expect(brief(readRepository('repo', text, owner))).toEqual(expected);
  });
  test.each<[string, unknown]>([
    ['Acme', ['acme', null]],
    ['group/sub', ['group/sub', null]],
    ['..', 'it is not the name of an owner'],
    ['', 'it is not the name of an owner'],
    ['a b', 'it is not the name of an owner'],
    [Array.from({ length: 12 }, () => 'a').join('/'), [Array.from({ length: 12 }, () => 'a').join('/'), null]],
    [Array.from({ length: 13 }, () => 'a').join('/'), 'it is not the name of an owner'],
  ])('the owner %j', (text, expected) => {
    expect(brief(readOwner('owner', text))).toEqual(expected);
  });
});

describe('words of a search', () => {
  const search = (words: string, capability = ['search', 'issues']) => {
    const found = repositoriesInWords('q', words, capability);
    return 'why' in found ? found.why : found.map(({ owner, name }) => `${owner}/${name ?? '*'}`);
  };
  const more = 'its words search more than one repository';
  test.each<[string, unknown]>([
    ['bug repo:Acme/web is:open', ['acme/web']],
    ['repo:"acme/web" bug', ['acme/web']],
    ['repo:acme/web repo:acme/app', ['acme/web', 'acme/app']],
    ['org:acme bug', ['acme/*']],
    ['USER:mia bug', ['mia/*']],
    ['owner:mia', ['mia/*']],
    ['bug', more],
    ['', more],
    ['-repo:acme/web bug', more],
    ['repo:acme/web -org:other', more],
    ['repo:acme/web OR bug', more],
    ['OR repo:acme/web', more],
    ['repo:acme/web NOT x', more],
    ['repo:acme/web NOT', more],
    ['xrepo:acme/web', more],
    ['my-repo:acme/web', more],
    ['repo:acme/web order NOTES', ['acme/web']],
    ['repo:acme', 'it does not say whose repository it is'],
    ['repo:acme/web repo:../x', 'it is not the name of a repository'],
    ['org:a/../b', 'it is not the name of an owner'],
  ])('%j', (words, expected) => {
    expect(search(words)).toEqual(expected);
  });
  test.each(['code', 'issues', 'repositories', 'commits', 'pull', 'users', 'discussions'])('of %s', (subject) => {
    expect(search('bug', ['search', subject])).toBe(more);
    expect(search('bug', ['list', subject]), 'what does not search says nothing').toEqual([]);
  });
  test('another search has no repositories', () => {
    expect(search('bug', ['search', 'files'])).toEqual([]);
  });
});

describe('recipients', () => {
  test.each<[string, string]>([
    ['Mia@Example.com', 'mia@example.com'],
    ['a.b+c@x-y.example.com', 'a.b+c@x-y.example.com'],
    ['C012AB', 'c012ab'],
    ['#general', '#general'],
    ['@mia', '@mia'],
    ['+491234', '+491234'],
    ['Bj\u00f6rn_1', 'bj\u00f6rn_1'],
  ])('%s', (text, recipient) => {
    expect(readRecipient('to', text)).toEqual({ argument: 'to', recipient });
  });
  test.each([
    '',
    'a b',
    'a@x.com, b@y.com',
    'a@x.com;b@y.com',
    'Mia <mia@x.com>',
    'mia@x.com>',
    '<mia@x.com',
    'a@b@c',
    '@',
    '#',
    '##x',
    '-x',
    'x'.repeat(101),
    `${'x'.repeat(65)}@y.com`,
    'a@x com',
    'a@',
    '@x.com y',
    'mia@x.com\n',
    'a:b@x.com',
    'a(b)@x.com',
    '"a"@x.com',
    'a\\b@x.com',
    'a[b]@x.com',
  ])('%j is not one', (text) => {
    expect(readRecipient('to', text)).toHaveProperty('why');
  });
  test('what does not show is no name', () => {
    expect(readRecipient('to', 'mi\u200ba')).toEqual({ why: 'it holds characters that do not show' });
    expect(readRecipient('to', 'a b')).toEqual({ why: 'it does not name one recipient' });
    expect(readRecipient('to', 'x'.repeat(100))).toHaveProperty('recipient');
    expect(readRecipient('to', `${'x'.repeat(64)}@y.com`)).toHaveProperty('recipient');
  });
});
