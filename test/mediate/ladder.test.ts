// The rungs a width can have: never a whole home, a whole disk or a folder of keys, and each wider than the one before.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isTooWide, ladderOf, projectOf, shortPath, wordsOf } from '../../broker/mediate/ladder.ts';
import type { RequestFacts } from '../../shared/request-facts.ts';
import type { Place } from '../../shared/vocabulary.ts';
import { noFacts } from '../support/facts.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-ladder-')));
afterAll(() => rmSync(top, { recursive: true, force: true }));
const home = join(top, 'home', 'mia');
const code = join(home, 'code', 'acme');
mkdirSync(join(code, 'src', 'deep'), { recursive: true });
for (const [folder, mark] of [
  ...['.git', '.hg', 'package.json', 'pyproject.toml', 'Cargo.toml', 'go.mod', 'pom.xml', '.obsidian'].map(
    (each) => [`p-${each}`, each] as const,
  ),
  ['none', 'readme.md'],
] as const) {
  mkdirSync(join(top, 'projects', folder, 'sub'), { recursive: true });
  writeFileSync(join(top, 'projects', folder, mark), '');
}
const around = { folder: code, home };
const facts = (over: Partial<RequestFacts>): RequestFacts => ({ ...noFacts, ...over });
const path = (at: string, isFolder = false, ...more: string[]) => ({
  argument: 'path',
  path: at,
  readings: [at, ...more],
  isFolder,
  throughLink: false,
});
const host = (name: string, domain = name, scheme = 'https', loopback = false) => ({
  argument: 'url',
  scheme,
  host: name,
  domain,
  loopback,
});

test('home is written short, and only home', () => {
  expect(shortPath('/home/u/a', '/home/u')).toBe('~/a');
  expect(shortPath('/home/u', '/home/u')).toBe('~');
  expect(shortPath('/home/ux/a', '/home/u')).toBe('/home/ux/a');
});

test.each<[string, boolean]>([
  ['/', true],
  ['/etc', true],
  ['/srv/data', false],
  ['/home', true],
  ['/home/u', true],
  ['/home/u/code', false],
  ['/home/u/.ssh', true],
  ['/home/u/.config/app', true],
  ['/home/u/code/.git', false],
  ['/home/other/.ssh', false],
])('%s is too wide: %s', (folder, expected) => {
  expect(isTooWide(folder, '/home/u')).toBe(expected);
});

describe('the project of a path', () => {
  test('is the working folder where it lies in it', () => {
    expect(projectOf(join(code, 'src', 'a.ts'), around)).toBe(code);
    expect(projectOf(join(code, 'src', 'a.ts'), { folder: join(code, 'src'), home })).toBe(join(code, 'src'));
    expect(projectOf(join(home, 'a.ts'), { folder: home, home }), 'but home is no project').toBe(null);
    expect(projectOf('/etc/hosts', around)).toBe(null);
  });
  test.each(['.git', '.hg', 'package.json', 'pyproject.toml', 'Cargo.toml', 'go.mod', 'pom.xml', '.obsidian'])(
    'else the folder above with %s',
    (mark) => {
      const project = join(top, 'projects', `p-${mark}`);
      expect(projectOf(join(project, 'sub', 'a'), { folder: null, home })).toBe(project);
      expect(projectOf(join(project, 'a'), around)).toBe(project);
    },
  );
  test('or none, and never what is too wide', () => {
    expect(projectOf(join(top, 'projects', 'none', 'sub', 'a'), around)).toBe(null);
    mkdirSync(join(home, '.git'));
    expect(projectOf(join(home, 'notes', 'a.md'), { folder: null, home }), 'a home under git').toBe(null);
    rmSync(join(home, '.git'), { recursive: true });
  });
});

test.each<[Place, string]>([
  [{ kind: 'file', path: '/home/u/a' }, '~/a'],
  [{ kind: 'folder', path: '/srv/a' }, '/srv/a'],
  [{ kind: 'repository', name: 'acme/web' }, 'acme/web'],
  [{ kind: 'owner', name: 'acme' }, 'every repository of acme'],
  [{ kind: 'host', scheme: 'https', host: 'a.com' }, 'a.com'],
  [{ kind: 'host', scheme: 'http', host: 'a.com' }, 'http://a.com'],
  [{ kind: 'domain', scheme: 'https', domain: 'a.com' }, 'every host of a.com'],
  [{ kind: 'domain', scheme: 'ftp', domain: 'a.com' }, 'every host of ftp://a.com'],
  [{ kind: 'recipient', name: 'mia' }, 'mia'],
  [{ kind: 'queries' }, 'its database'],
  [{ kind: 'inside' }, 'what it holds itself'],
])('%j is called %s', (place, words) => {
  expect(wordsOf(place, '/home/u')).toBe(words);
});

describe('the rungs', () => {
  const rungs = (over: Partial<RequestFacts>) => ladderOf(facts(over), around).map(({ step, words }) => `${step}: ${words}`);
  const [a, b] = [join(code, 'src', 'a.ts'), join(code, 'src', 'b.ts')];
  test.each<[string, Partial<RequestFacts>, string[]]>([
    ['a file', { paths: [path(a)] }, ['item: ~/code/acme/src/a.ts', 'folder: ~/code/acme/src', 'project: ~/code/acme']],
    ['a folder is its own folder', { paths: [path(join(code, 'src'), true)] }, ['folder: ~/code/acme/src', 'project: ~/code/acme']],
    ['the project itself', { paths: [path(code, true)] }, ['project: ~/code/acme']],
    [
      'two files of a folder',
      { paths: [path(a), path(b)] },
      ['item: ~/code/acme/src/a.ts, ~/code/acme/src/b.ts', 'folder: ~/code/acme/src', 'project: ~/code/acme'],
    ],
    [
      'a file inside a folder that is named too',
      { paths: [path(join(code, 'src'), true), path(a)] },
      ['folder: ~/code/acme/src', 'project: ~/code/acme'],
    ],
    [
      'two readings',
      { paths: [path(a, false, '/srv/data/x')] },
      ['item: ~/code/acme/src/a.ts, /srv/data/x', 'folder: ~/code/acme/src, /srv/data'],
    ],
    ['a file in home', { paths: [path(join(home, 'a'))] }, ['item: ~/a']],
    ['home itself', { paths: [path(home, true)] }, []],
    ['more files than are read', { paths: ['1', '2', '3', '4', '5'].map((n) => path(`/srv/data/${n}`)) }, ['folder: /srv/data']],
    [
      'four files',
      { paths: ['1', '2', '3', '4'].map((n) => path(`/srv/data/${n}`)) },
      ['item: /srv/data/1, /srv/data/2, /srv/data/3, /srv/data/4', 'folder: /srv/data'],
    ],
    [
      'a file and a host',
      { paths: [path(a)], hosts: [host('x.com')] },
      ['item: ~/code/acme/src/a.ts, x.com', 'folder: ~/code/acme/src, x.com', 'project: ~/code/acme, x.com'],
    ],
    ['a host of a domain', { hosts: [host('a.x.com', 'x.com')] }, ['item: a.x.com', 'whole: every host of x.com']],
    ['a host that is its domain', { hosts: [host('x.com')] }, ['whole: x.com']],
    ['this machine', { hosts: [host('app.localhost', 'localhost', 'http', true)] }, ['whole: http://app.localhost']],
    [
      'a repository',
      { repositories: [{ argument: 'r', owner: 'acme', name: 'web' }] },
      ['item: acme/web', 'whole: every repository of acme'],
    ],
    ['an owner', { repositories: [{ argument: 'r', owner: 'acme', name: null }] }, ['whole: every repository of acme']],
    ['somebody', { recipients: [{ argument: 'to', recipient: 'mia' }] }, ['whole: mia']],
    ['a query', { sql: [{ argument: 'q', verbs: ['SELECT'], onlyReads: true }] }, ['whole: its database']],
    ['a query that changes', { sql: [{ argument: 'q', verbs: ['DELETE'], onlyReads: false }] }, []],
    [
      'one that reads and one that changes',
      {
        sql: [
          { argument: 'q', verbs: [], onlyReads: true },
          { argument: 'r', verbs: [], onlyReads: false },
        ],
      },
      [],
    ],
    ['nothing outside', {}, ['item: what it holds itself']],
    ['something unread', { unread: [{ argument: 'x', why: 'y' }], paths: [path(a)] }, []],
  ])('%s', (_name, over, expected) => {
    expect(rungs(over)).toEqual(expected);
  });
  test('what a rung says is what it covers', () => {
    expect(ladderOf(facts({ paths: [path(a)], recipients: [{ argument: 'to', recipient: 'mia' }] }), around)[0]?.places).toEqual([
      { kind: 'file', path: a },
      { kind: 'recipient', name: 'mia' },
    ]);
    expect(ladderOf(facts({ hosts: [host('a.x.com', 'x.com', 'http')] }), around).map(({ places }) => places)).toEqual([
      [{ kind: 'host', scheme: 'http', host: 'a.x.com' }],
      [{ kind: 'domain', scheme: 'http', domain: 'x.com' }],
    ]);
    expect(ladderOf(facts({}), around)[0]?.places).toEqual([{ kind: 'inside' }]);
    expect(ladderOf(facts({ sql: [{ argument: 'q', verbs: [], onlyReads: true }] }), around)[0]?.places).toEqual([{ kind: 'queries' }]);
  });
});
