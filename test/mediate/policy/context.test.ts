// Facts as the engine sees them: never an empty set, never an argument as it was sent, and what was not read says so in every set.
import { describe, expect, test } from 'vitest';
import { type About, type Context, contextOf, fitsSchema, only } from '../../../broker/mediate/policy/context.ts';
import { schemaText } from '../../../broker/mediate/policy/engine.ts';
import type { RequestFacts } from '../../../shared/request-facts.ts';
import { noFacts } from '../../support/facts.ts';

const about = (over: Partial<RequestFacts> = {}, more: Partial<About> = {}): About => ({
  ...{ capability: 'tool:read:all', nature: 'read', labels: [], sessionLabels: [], completesFlow: false, folder: '/w' },
  facts: { ...noFacts, ...over },
  at: new Date(2026, 10, 26, 14, 30).getTime(),
  ...more,
});
const path = (...readings: string[]) => ({ argument: 'path', path: readings[0] as string, readings, isFolder: false, throughLink: false });
const host = (name: string, domain = name) => ({ argument: 'url', scheme: 'https', host: name, domain, loopback: false });
const of = (over: Partial<RequestFacts> = {}, more: Partial<About> = {}) => contextOf(about(over, more));

test('nothing named: every set says so, and nothing is empty', () => {
  expect(of()).toEqual({
    ...{ kind: 'tool', name: 'read:all', nature: 'read', labels: ['(none)'], sessionLabels: ['(none)'], completesFlow: false },
    ...{ insideAll: ['(none)'], insideAny: ['(none)'], inWorkingFolder: true, hosts: ['(none)'], domains: ['(none)'] },
    ...{ repositories: ['(none)'], owners: ['(none)'], recipients: ['(none)'], sql: ['(none)'], sqlOnlyReads: true, runsCommand: false },
    ...{ argumentKeys: ['(none)'], bytes: 2, contentBytes: 0, secrets: false, hidden: false, uninspectable: false, hour: 14, weekday: 4 },
  });
});

test('everything named', () => {
  const context = of(
    {
      ...{ paths: [path('/w/a/b')], hosts: [host('a.x.com', 'x.com')], recipients: [{ argument: 'to', recipient: 'mia' }] },
      repositories: [
        { argument: 'r', owner: 'acme', name: 'web' },
        { argument: 'r', owner: 'beta', name: null },
      ],
      sql: [
        { argument: 'q', verbs: ['SELECT'], onlyReads: true },
        { argument: 'r', verbs: [], onlyReads: false },
      ],
      ...{
        commands: [{ argument: 'c', command: 'ls' }],
        argumentKeys: ['b', 'a', 'b'],
        bytes: 9,
        contentBytes: 3,
        secrets: ['s'],
        hidden: ['h'],
      },
    },
    { labels: ['private'], sessionLabels: ['untrusted'], completesFlow: true },
  );
  expect(context).toMatchObject({
    ...{
      labels: ['private'],
      sessionLabels: ['untrusted'],
      completesFlow: true,
      hosts: ['a.x.com'],
      domains: ['x.com'],
      recipients: ['mia'],
    },
    ...{ insideAll: ['/w/a/b', '/w/a', '/w', '/'], insideAny: ['/', '/w', '/w/a', '/w/a/b'], inWorkingFolder: true },
    ...{
      repositories: ['acme/web', 'beta/*'],
      owners: ['acme', 'beta'],
      sql: ['SELECT', 'UNCLEAR'],
      sqlOnlyReads: false,
      runsCommand: true,
    },
    ...{ argumentKeys: ['a', 'b'], bytes: 9, contentBytes: 3, secrets: true, hidden: true, uninspectable: false },
  });
  expect(of({}, { nature: 'run' }).runsCommand).toBe(true);
});

describe('folders', () => {
  test('what holds all paths is not what holds any', () => {
    const two = of({ paths: [path('/w/a/x'), path('/w/b')] });
    expect(two).toMatchObject({ insideAll: ['/w', '/'], inWorkingFolder: true });
    expect(two.insideAny).toContain('/w/a');
    expect(of({ paths: [path('/w/a', '/etc/a')] })).toMatchObject({ insideAll: ['/'], inWorkingFolder: false });
  });
  test.each<[string, string | null, boolean]>([
    ['/w/a', '/w', true],
    ['/w', '/w', true],
    ['/wx', '/w', false],
    ['/w/a', null, false],
  ])('%s lies in the working folder %s: %s', (at, folder, expected) => {
    expect(of({ paths: [path(at)] }, { folder }).inWorkingFolder).toBe(expected);
  });
  test('a deep path is cut at its upper end only after 64 folders', () => {
    const deep = `/${Array.from({ length: 80 }, (_, n) => `d${n}`).join('/')}`;
    expect(of({ paths: [path(deep)] }).insideAll).toHaveLength(64);
  });
});

describe('what was not read', () => {
  const unread = [{ argument: 'x', why: 'y' }];
  test('stands in every set, and no folder holds all of it', () => {
    const context = of({ unread, paths: [path('/w/a')], hosts: [host('a.com')] });
    expect(context).toMatchObject({
      uninspectable: true,
      insideAll: ['(none)'],
      inWorkingFolder: false,
      hosts: ['a.com', '(unread)'],
      recipients: ['(unread)'],
    });
    expect(context.insideAny).toContain('(unread)');
    expect(of({ unread })).toMatchObject({ inWorkingFolder: false, argumentKeys: ['(unread)'] });
  });
  test.each<[string, (count: number) => Partial<RequestFacts>]>([
    ['paths', (count) => ({ paths: [path(...Array.from({ length: count }, (_, n) => `/w/${n}`))] })],
    ['hosts', (count) => ({ hosts: Array.from({ length: count }, (_, n) => host(`h${n}.com`)) })],
    ['recipients', (count) => ({ recipients: Array.from({ length: count }, (_, n) => ({ argument: 'to', recipient: `r${n}` })) })],
  ])('more than 64 %s are not read', (_name, many) => {
    expect(of(many(64)).uninspectable).toBe(false);
    expect(of(many(65)).uninspectable).toBe(true);
  });
  test('a set leaves nothing out, and what is too much for one cannot be asked about', () => {
    const deep = Array.from({ length: 40 }, (_, n) => path(`/w/${n}/a/b/c`));
    expect(of({ paths: [...deep, path('/home/ada/.ssh/id')] }).insideAny).toContain('/home/ada/.ssh');
    expect(of({ hosts: Array.from({ length: 70 }, (_, n) => host(`h${n}.com`)) }).hosts).toHaveLength(71);
    expect(() => of({ argumentKeys: Array.from({ length: 5000 }, (_, n) => `k${n}`) })).toThrow('more places');
  });
});

test.each<[number, number, number]>([
  [22, 7, 0],
  [23, 1, 1],
  [24, 2, 12],
  [28, 6, 23],
])('the %i November 2026 is weekday %i', (day, weekday, hour) => {
  expect(of({}, { at: new Date(2026, 10, day, hour).getTime() })).toMatchObject({ weekday, hour });
});

describe('what we check of the facts is what the published schema says', () => {
  const published = new Map(
    Array.from(schemaText.matchAll(/^ {2}(\w+): (String|Set<String>|Long|Bool),$/gm), ([, name = '', type = '']) => [name, type]),
  );
  const good: Record<string, unknown[]> = {
    String: ['', 'x'],
    'Set<String>': [['a'], ['a', 'b']],
    Long: [0, -1, 2 ** 53 - 1],
    Bool: [true, false],
  };
  const bad = [
    null,
    undefined,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    {},
    { __entity: { type: 'Client', id: 'x' } },
    [],
    [1],
    ['a', null],
  ];
  const context = of();
  test('name by name', () => {
    expect([...published.keys()].sort()).toEqual(Object.keys(context).sort());
    expect(fitsSchema(context)).toBe(true);
    for (const [name, type] of published) {
      const put = (value: unknown) => fitsSchema({ ...context, [name]: value } as Context);
      for (const [each, values] of Object.entries(good))
        for (const value of values) expect(put(value), `${name}: ${JSON.stringify(value)}`).toBe(each === type);
      for (const value of bad) expect(put(value), `${name}: ${JSON.stringify(value)}`).toBe(false);
    }
  });
  test('nothing missing, nothing more', () => {
    for (const name of published.keys()) {
      const { [name]: _left, ...rest } = context;
      expect(fitsSchema(rest), name).toBe(false);
      expect(fitsSchema({ ...rest, other: 'x' }), name).toBe(false);
    }
    expect(fitsSchema({ ...context, other: 'x' })).toBe(false);
  });
  test('some of them', () => {
    expect(only(context, ['kind', 'bytes', 'nothing'])).toEqual({ kind: 'tool', bytes: 2 });
    expect(only(context, [])).toEqual({});
  });
});
