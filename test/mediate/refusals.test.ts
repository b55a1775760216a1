// Refusals with widths: a no to a place counts for whatever touches it, before any yes, and where nobody can tell a wide yes is none.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { deriveFacts } from '../../broker/mediate/facts/derive.ts';
import { type Conditions, GrantIndex, type GrantRow } from '../../broker/mediate/grants.ts';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { Place } from '../../shared/vocabulary.ts';

const home = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-refusals-')));
const secret = join(home, 'work', 'secret');
mkdirSync(secret, { recursive: true });
symlinkSync(secret, join(home, 'work', 'link'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const caller: Caller = { client: 'cursor', session: 's-1', connection: 'c-1', folder: home, via: 'connector' };
const grounds = { bases: [home], home, platform: process.platform };
const conditions: Conditions = {
  factsOf: (_caller, { capability, argumentsText }) =>
    deriveFacts({ capability: capability ?? '', argumentsText, definition: null, grounds, secretsIn: () => [] }),
  pin: () => 'p-1',
  lastUsed: () => null,
  lapseMs: () => 86_400_000,
};
const row = (id: string, over: Partial<GrantRow>): GrantRow => ({
  ...{ id, client: 'cursor', server: 'files', capability: 'tool:read', effect: 'allow', match: { kind: 'any' } },
  ...{ until: null, session: null, createdAt: new Date(0).toISOString() },
  ...over,
});
const no = (place: Place, over: Partial<GrantRow> = {}) =>
  row('no', { effect: 'deny', match: { kind: 'within', places: [place] }, ...over });
const yes = row('yes', {});
const request = (value: unknown, capability = 'tool:read') =>
  ({ server: 'files', capability, argumentsText: JSON.stringify(value), canonicalDigest: JSON.stringify(value) }) as ServerRequest;
const found = (grants: GrantRow[], asked: ServerRequest, who = caller) =>
  new GrantIndex(grants, conditions).find(who, asked, 1)?.id ?? null;

const folder: Place = { kind: 'folder', path: secret };

test.each<[string, Place, unknown, string]>([
  ['the place itself', folder, { path: secret }, 'no'],
  ['something in it', folder, { path: join(secret, 'a', 'b') }, 'no'],
  ['one of several', folder, { paths: [join(home, 'x'), join(secret, 'y')] }, 'no'],
  ['a way around', folder, { path: join(home, 'work', 'x', '..', 'secret', 'y') }, 'no'],
  ['a link to it', folder, { path: join(home, 'work', 'link', 'y') }, 'no'],
  ['a folder around it', folder, { path: join(home, 'work') }, 'no'],
  ['a file beside it', folder, { path: join(home, 'work', 'other') }, 'yes'],
  ['a name that begins alike', folder, { path: `${secret}s` }, 'yes'],
  ['one file', { kind: 'file', path: join(secret, 'k') }, { path: join(secret, 'k') }, 'no'],
  ['another file beside it', { kind: 'file', path: join(secret, 'k') }, { path: join(secret, 'l') }, 'yes'],
  ['a host', { kind: 'host', scheme: 'https', host: 'a.org' }, { urls: ['https://b.org/', 'https://a.org/x'] }, 'no'],
  ['a host under a domain', { kind: 'domain', scheme: 'https', domain: 'a.org' }, { url: 'https://deep.a.org/x' }, 'no'],
  ['another host', { kind: 'host', scheme: 'https', host: 'a.org' }, { url: 'https://b.org/' }, 'yes'],
  ['a repository', { kind: 'repository', name: 'acme/web' }, { owner: 'acme', repo: 'web' }, 'no'],
  ['everything of its owner', { kind: 'repository', name: 'acme/web' }, { owner: 'acme' }, 'no'],
  ['another repository', { kind: 'repository', name: 'acme/web' }, { owner: 'acme', repo: 'site' }, 'yes'],
  ['a repository of an owner', { kind: 'owner', name: 'acme' }, { owner: 'acme', repo: 'site' }, 'no'],
  ['a recipient', { kind: 'recipient', name: 'c1' }, { channel_id: 'C1', limit: 3 }, 'no'],
  ['what it holds itself', { kind: 'inside' }, { limit: 3 }, 'no'],
  ['a place is not what it holds itself', { kind: 'inside' }, { path: '/tmp/x' }, 'yes'],
])('a no to a place and a yes to anything: %s', (_, place, value, expected) => {
  expect(found([yes, no(place)], request(value))).toBe(expected);
  expect(found([no(place), yes], request(value)), 'in whatever order they were given').toBe(expected);
});

test('a query', () => {
  const reading = no({ kind: 'queries' }, { capability: 'tool:query' });
  const any = row('yes', { capability: 'tool:query' });
  expect(found([any, reading], request({ sql: 'select 1' }, 'tool:query'))).toBe('no');
  expect(found([any, reading], request({ limit: 1 }, 'tool:query'))).toBe('yes');
});

test('it comes before a yes to the very bytes, and before a narrower yes', () => {
  const exact = row('yes', { match: { kind: 'exact', canonicalDigest: JSON.stringify({ path: join(secret, 'k') }) } });
  expect(found([exact, no(folder)], request({ path: join(secret, 'k') }))).toBe('no');
  const narrow = row('yes', { match: { kind: 'within', places: [{ kind: 'file', path: join(secret, 'k') }] } });
  expect(found([narrow, no(folder)], request({ path: join(secret, 'k') }))).toBe('no');
});

test('what nobody can read may be what was refused: a yes to anything is none then, a yes to these bytes is', () => {
  const unreadable = request({ path: join(home, 'x'), thing: 'y' });
  expect(found([yes], unreadable)).toBe('yes');
  expect(found([yes, no(folder)], unreadable)).toBeNull();
  const exact = row('yes', { match: { kind: 'exact', canonicalDigest: unreadable.canonicalDigest } });
  expect(found([exact, no(folder)], unreadable)).toBe('yes');
  expect(found([yes, no(folder, { session: 's-9' })], unreadable), 'a no of another session').toBe('yes');
  expect(found([yes, no(folder, { until: new Date(0).toISOString() })], unreadable), 'a no that is over').toBe('yes');
});

test('it is as wide as was said: its client and those named, its capabilities, its session', () => {
  const at = request({ path: secret });
  expect(found([row('yes', { client: 'zed' }), no(folder)], at, { ...caller, client: 'zed' })).toBe('yes');
  expect(found([row('yes', { client: 'zed' }), no(folder, { alsoClients: ['zed'] })], at, { ...caller, client: 'zed' })).toBe('no');
  const set = no(folder, { capabilities: ['tool:read', 'tool:list'].map((capability) => ({ capability, fingerprint: 'p-0' })) });
  expect(found([set], request({ path: secret }, 'tool:list')), 'whatever their definitions are now').toBe('no');
  expect(found([set], request({ path: secret }, 'tool:other'))).toBeNull();
  expect(found([no(folder, { session: 's-1' })], at)).toBe('no');
  expect(found([no(folder, { session: 's-2' })], at)).toBeNull();
});

test('taken back, it is gone from every place it was found by', () => {
  const index = new GrantIndex([yes, no(folder)], conditions);
  index.remove('no');
  for (const path of [secret, join(secret, 'x'), join(home, 'work')]) expect(index.find(caller, request({ path }), 1)?.id).toBe('yes');
  expect(index.find(caller, request({ path: '/x', thing: 'y' }), 1)?.id).toBe('yes');
});

test('ten thousand refusals are no list to go through', () => {
  const asked = request({ path: join(home, 'e', 'x') });
  const facts = conditions.factsOf(caller, asked);
  const many = (count: number) =>
    new GrantIndex(
      Array.from({ length: count }, (_, at) => no({ kind: 'folder', path: join(home, 'd', `${at}`) }, { id: `n-${at}` })),
      { ...conditions, factsOf: () => facts },
    );
  const took = (index: GrantIndex) => {
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 30; round++) {
      const start = performance.now();
      for (let at = 0; at < 50; at++) index.find(caller, asked, 1);
      best = Math.min(best, performance.now() - start);
    }
    return best;
  };
  const [few, lots] = [many(10), many(10_000)];
  took(few);
  const ratio = took(lots) / took(few);
  console.log(`a verdict among 10,000 refusals: ${ratio.toFixed(2)} times that among 10`);
  // Going through them would cost a thousand times as much.
  expect(ratio).toBeLessThan(30);
});
