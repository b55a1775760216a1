// The widths of a prompt: what each would really grant, beside what it says.
import { describe, expect, test } from 'vitest';
import { type Asked, widthsFor } from '../../broker/mediate/widths.ts';
import type { RequestFacts } from '../../shared/request-facts.ts';
import { noFacts } from '../support/facts.ts';

const facts = (over: Partial<RequestFacts>): RequestFacts => ({ ...noFacts, ...over });
const file = facts({
  paths: [{ argument: 'path', path: '/srv/data/x/a', readings: ['/srv/data/x/a'], isFolder: false, throughLink: false }],
});
const site = facts({ hosts: [{ argument: 'url', scheme: 'https', host: 'a.x.com', domain: 'x.com', loopback: false }] });
const alike = [
  { capability: 'tool:read', fingerprint: 'p1' },
  { capability: 'tool:list', fingerprint: 'p2' },
];
const asked = (over: Partial<Asked> = {}): Asked => ({
  ...{
    facts: file,
    nature: 'read',
    around: { folder: '/srv/data', home: '/home/u' },
    lowRisk: true,
    alike,
    otherClients: ['zed'],
    atWork: [{ client: 'zed', folder: '/srv/data' }],
    before: [],
  },
  ...over,
});
const offers = (over: Partial<Asked> = {}) => widthsFor(asked(over));
const item = { kind: 'file', path: '/srv/data/x/a' } as const;
const project = { kind: 'folder', path: '/srv/data' } as const;

test('each width says and grants the same', () => {
  expect(offers()).toEqual([
    {
      id: 'suggested:1',
      label: 'reading in /srv/data, for your other clients too',
      places: [project, { kind: 'inside' }],
      capabilities: alike,
      alsoClients: ['zed'],
    },
    { id: 'suggested:2', label: 'reading in /srv/data', places: [project, { kind: 'inside' }], capabilities: alike, alsoClients: [] },
    { id: 'suggested:3', label: 'this in /srv/data', places: [project], capabilities: null, alsoClients: [] },
    { id: 'suggested:4', label: 'this on /srv/data/x/a', places: [item], capabilities: null, alsoClients: [] },
  ]);
});

test('several capabilities at once only for looking and for changes here', () => {
  expect(offers({ nature: 'change' })[0]).toEqual({
    ...{ id: 'suggested:1', label: 'changes in /srv/data', places: [project], capabilities: alike, alsoClients: [] },
  });
  for (const nature of ['send', 'destroy'] as const) {
    const widths = offers({ nature });
    expect(
      widths.map(({ label }) => label),
      nature,
    ).toEqual(['this on /srv/data/x/a', 'this in /srv/data/x', 'this in /srv/data']);
    for (const width of widths) expect(width).toMatchObject({ capabilities: null, alsoClients: [] });
  }
  expect(offers({ nature: 'run' })).toEqual([]);
});

test('one capability alone is no set', () => {
  const [first, second] = offers({ alike: alike.slice(0, 1), otherClients: [] });
  expect(first).toEqual({ id: 'suggested:1', label: 'this in /srv/data', places: [project], capabilities: null, alsoClients: [] });
  expect(second?.label).toBe('this on /srv/data/x/a');
});

test('other clients only at low risk, and only for looking', () => {
  expect(offers({ lowRisk: false }).some(({ alsoClients }) => alsoClients.length > 0)).toBe(false);
  expect(offers({ nature: 'change' }).some(({ alsoClients }) => alsoClients.length > 0)).toBe(false);
  expect(offers({ otherClients: [] })[0]?.label).toBe('reading in /srv/data');
});

test('the usual step comes first: a project for what stays here, the one thing for what leaves', () => {
  expect(offers({ facts: site, otherClients: [], alike: [] }).map(({ label }) => label)).toEqual([
    'this at a.x.com',
    'this at every host of x.com',
  ]);
  expect(offers({ nature: 'change', otherClients: [], alike: [] })[0]?.label).toBe('this in /srv/data');
  expect(
    offers({ facts: file, around: { folder: null, home: '/home/u' }, nature: 'change', alike: [] })[0]?.label,
    'without a project the first rung',
  ).toBe('this on /srv/data/x/a');
});

test('after repeats the narrowest that would have covered all of them', () => {
  const other = (at: string) => facts({ paths: [{ argument: 'path', path: at, readings: [at], isFolder: false, throughLink: false }] });
  const first = (...before: RequestFacts[]) => offers({ before, otherClients: [], alike: [] })[0]?.label;
  expect(first(other('/srv/data/x/a'))).toBe('this on /srv/data/x/a');
  expect(first(other('/srv/data/x/a'), other('/srv/data/x/b'))).toBe('this in /srv/data/x');
  expect(first(other('/srv/data/x/b'), other('/srv/data/y/b'))).toBe('this in /srv/data');
  expect(first(other('/etc/hosts')), 'none would: the usual one').toBe('this in /srv/data');
});

describe('what stays inside the server', () => {
  test('is called so, and is not added twice', () => {
    const inside = offers({ facts: noFacts });
    expect(inside.map(({ label }) => label)).toEqual([
      'reading what it holds itself',
      'reading what it holds itself, for your other clients too',
      'this, within what it holds itself',
    ]);
    expect(inside[0]?.places).toEqual([{ kind: 'inside' }]);
    expect(offers({ facts: noFacts, nature: 'change' })[0]?.label).toBe('changes what it holds itself');
  });
});

test('no more than four', () => {
  expect(offers({ otherClients: ['a', 'b'] })).toHaveLength(4);
  expect(offers({ facts: facts({ unread: [{ argument: 'x', why: 'y' }] }) })).toEqual([]);
});
