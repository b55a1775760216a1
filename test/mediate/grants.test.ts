// Grants with widths: what a prompt offers, what a grant then covers, what makes it rest, and what a verdict costs among many.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { deriveFacts } from '../../broker/mediate/facts/derive.ts';
import { natureOf } from '../../broker/mediate/facts/nature.ts';
import { type Conditions, GrantIndex, type GrantRow } from '../../broker/mediate/grants.ts';
import { covers } from '../../broker/mediate/places.ts';
import { type Asked, widthsFor } from '../../broker/mediate/widths.ts';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { Place } from '../../shared/vocabulary.ts';
import { noFacts } from '../support/facts.ts';
import { underMutation } from '../support/scale.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-grants-')));
const home = join(top, 'home', 'mia');
const acme = join(home, 'code', 'acme');
mkdirSync(join(acme, 'src'), { recursive: true });
mkdirSync(join(home, 'notes', '.git'), { recursive: true });
mkdirSync(join(home, '.ssh'), { recursive: true });
writeFileSync(join(acme, 'src', 'a.ts'), '');
afterAll(() => rmSync(top, { recursive: true, force: true }));

const grounds = { bases: [acme], home, platform: process.platform };
const derive = (capability: string, value: unknown) =>
  deriveFacts({ capability, argumentsText: JSON.stringify(value), definition: null, grounds, secretsIn: () => [] });
const alike = [
  { capability: 'tool:read_file', fingerprint: 'p-1' },
  { capability: 'tool:list_directory', fingerprint: 'p-2' },
];

function offered(capability: string, value: unknown, more: Partial<Asked> = {}) {
  return widthsFor({
    facts: derive(capability, value),
    nature: natureOf(capability, null),
    around: { folder: acme, home },
    lowRisk: true,
    alike,
    otherClients: [],
    atWork: [],
    before: [],
    ...more,
  });
}
const labels = (...asked: Parameters<typeof offered>) => offered(...asked).map(({ label }) => label);

describe('the widths of a prompt', () => {
  test.each<[string, string, unknown, string[]]>([
    [
      'a file of the project',
      'tool:read_file',
      { path: 'src/a.ts' },
      ['reading in ~/code/acme', 'this in ~/code/acme', 'this on ~/code/acme/src/a.ts', 'this in ~/code/acme/src'],
    ],
    [
      'a file of another project',
      'tool:read_file',
      { path: join(home, 'notes', 'x.md') },
      ['reading in ~/notes', 'this in ~/notes', 'this on ~/notes/x.md'],
    ],
    ['a file that no project holds', 'tool:read_file', { path: '/etc/hosts' }, ['reading /etc/hosts', 'this on /etc/hosts']],
    [
      'a file among keys: never its folder',
      'tool:read_file',
      { path: '~/.ssh/config' },
      ['reading ~/.ssh/config', 'this on ~/.ssh/config'],
    ],
    ['home itself: nothing', 'tool:list_directory', { path: '~' }, []],
    [
      'a page',
      'tool:fetch',
      { url: 'https://docs.python.org/3/' },
      ['reading from docs.python.org', 'this at docs.python.org', 'this at every host of python.org'],
    ],
    ['a page without TLS', 'tool:fetch', { url: 'http://example.com/' }, ['reading from http://example.com', 'this at http://example.com']],
    [
      'an issue',
      'tool:create_issue',
      { owner: 'acme', repo: 'web', title: 't' },
      ['changes in acme/web', 'this in acme/web', 'this in every repository of acme'],
    ],
    ['a message', 'tool:send_message', { to: 'mia@example.com', text: 'x' }, ['this to mia@example.com']],
    ['a query', 'tool:query', { sql: 'select 1' }, ['reading in its database', 'this in its database']],
    ['a query that changes', 'tool:query', { sql: 'delete from t' }, []],
    ['a command', 'tool:run_command', { command: 'ls' }, []],
    ['something nobody can read', 'tool:read_file', { path: 'src/a.ts', where: 'x' }, []],
    ['nothing outside', 'tool:read_graph', {}, ['reading what it holds itself', 'this, within what it holds itself']],
  ])('%s', (_name, capability, value, expected) => {
    expect(labels(capability, value)).toEqual(expected);
  });

  test('after repeats, the narrowest that would have covered them comes first', () => {
    const before = ['src/a.ts', 'src/b.ts'].map((path) => derive('tool:read_file', { path }));
    expect(labels('tool:read_file', { path: 'src/c.ts' }, { before })[0]).toBe('reading in ~/code/acme/src');
    expect(labels('tool:read_file', { path: 'README.md' }, { before })[0]).toBe('reading in ~/code/acme');
    const same = [derive('tool:read_file', { path: 'src/a.ts' })];
    expect(labels('tool:read_file', { path: 'src/a.ts' }, { before: same })[0]).toBe('reading ~/code/acme/src/a.ts');
    const hosts = ['https://docs.python.org/', 'https://wiki.python.org/'].map((url) => derive('tool:fetch', { url }));
    expect(labels('tool:fetch', { url: 'https://pypi.python.org/' }, { before: hosts })[0]).toBe('reading from every host of python.org');
  });

  test('other clients come second, at low risk only, and only for reading', () => {
    const otherClients = ['zed', 'vim'];
    expect(labels('tool:read_file', { path: 'src/a.ts' }, { otherClients })).toEqual([
      'reading in ~/code/acme',
      'reading in ~/code/acme, for your other clients too',
      'this in ~/code/acme',
      'this on ~/code/acme/src/a.ts',
    ]);
    expect(labels('tool:read_file', { path: 'src/a.ts' }, { otherClients, lowRisk: false }).join()).not.toContain('other clients');
    expect(labels('tool:write_file', { path: 'src/a.ts' }, { otherClients }).join()).not.toContain('other clients');
  });

  test('those that work in the same place just now come first, and by name', () => {
    const otherClients = ['zed', 'vim'];
    const first = (folder: string, value: unknown, more: Partial<Asked> = {}, capability = 'tool:read_file') =>
      offered(capability, value, {
        otherClients,
        atWork: [
          { client: 'vim', folder },
          { client: 'gone', folder },
        ],
        ...more,
      })[0];
    expect(first(acme, { path: 'src/a.ts' })).toMatchObject({ label: 'reading in ~/code/acme, for vim too', alsoClients: ['vim'] });
    expect(first(join(acme, 'src'), { path: 'src/a.ts' })?.alsoClients, 'below it').toEqual(['vim']);
    expect(
      offered('tool:read_file', { path: 'src/a.ts' }, { otherClients, atWork: [{ client: 'vim', folder: acme }] }).map(
        ({ alsoClients }) => alsoClients,
      ),
    ).toEqual([['vim'], [], ['zed', 'vim'], []]);
    const both = otherClients.map((client) => ({ client, folder: acme }));
    expect(first(acme, { path: 'src/a.ts' }, { atWork: both })?.label).toBe('reading in ~/code/acme, for your other clients too');
    for (const elsewhere of [join(home, 'notes'), home, '/'])
      expect(first(elsewhere, { path: 'src/a.ts' })?.alsoClients, elsewhere).toEqual([]);
    expect(first(acme, { url: 'https://docs.python.org/' }, {}, 'tool:fetch')?.alsoClients, "a host is nobody's folder").toEqual([]);
    expect(first(acme, { path: 'src/a.ts' }, { lowRisk: false })?.alsoClients).toEqual([]);
    expect(first(acme, { path: 'src/a.ts' }, {}, 'tool:write_file')?.alsoClients).toEqual([]);
    expect(first(join(home, '.ssh'), { path: '~/.ssh/config' })?.alsoClients, 'a folder of keys is too wide to work in').toEqual([]);
  });

  test('every width covers the request it was offered for, and at most four are offered', () => {
    for (const value of [{ path: 'src/a.ts' }, { url: 'https://a.example.com/' }, { owner: 'a', repo: 'b' }, {}]) {
      const widths = offered('tool:get_thing', value);
      expect(widths.length).toBeGreaterThan(0);
      expect(widths.length).toBeLessThanOrEqual(4);
      for (const { places } of widths) expect(covers(places, derive('tool:get_thing', value))).toBe(true);
      expect(widths.map(({ id }) => id)).toEqual(widths.map((_, at) => `suggested:${at + 1}`));
    }
  });
});

const caller: Caller = { client: 'cursor', session: 's-1', connection: 'c-1', folder: acme, via: 'connector' };
const row = (over: Partial<GrantRow> = {}, ...places: Place[]): GrantRow => ({
  ...{ id: 'g-1', client: 'cursor', server: 'files', capability: 'tool:read_file', effect: 'allow', until: null, session: null },
  match: { kind: 'within', places: places.length > 0 ? places : [{ kind: 'folder', path: acme }] },
  createdAt: new Date(0).toISOString(),
  ...over,
});
const world: { pins: Record<string, string>; lastUsed: number | null; secrets: string[] } = { pins: {}, lastUsed: null, secrets: [] };
const conditions: Conditions = {
  factsOf: (_caller, { capability, argumentsText }) => ({ ...derive(capability ?? '', JSON.parse(argumentsText)), secrets: world.secrets }),
  pin: (_server, capability) => world.pins[capability] ?? 'p-1',
  lastUsed: () => world.lastUsed,
  lapseMs: () => 30 * 86_400_000,
};
const request = (capability: string, value: unknown, server = 'files') =>
  ({ server, capability, argumentsText: JSON.stringify(value), canonicalDigest: `d ${JSON.stringify(value)}` }) as ServerRequest;
const found = (grants: GrantRow[], asked: ServerRequest, who: Caller = caller, now = 1) =>
  new GrantIndex(grants, conditions).find(who, asked, now)?.id ?? null;
const inside = request('tool:read_file', { path: 'src/a.ts' });

describe('what a grant covers', () => {
  test('its client, server, capability and places, and no other', () => {
    expect(found([row()], inside)).toBe('g-1');
    expect(found([row()], request('tool:read_file', { path: '/etc/passwd' }))).toBe(null);
    expect(found([row()], request('tool:write_file', { path: 'src/a.ts' }))).toBe(null);
    expect(found([row()], request('tool:read_file', { path: 'src/a.ts' }, 'other'))).toBe(null);
    expect(found([row()], inside, { ...caller, client: 'zed' })).toBe(null);
    expect(found([row()], request('tool:read_file', { path: 'src/a.ts', blob: 'x' })), 'an argument nobody read').toBe(null);
  });

  test('the capabilities listed when it was given, as long as each is what it was; later ones never', () => {
    const set = row({ capabilities: alike });
    world.pins = { 'tool:list_directory': 'p-2' };
    expect(found([set], request('tool:list_directory', { path: '.' }))).toBe('g-1');
    expect(found([set], request('tool:read_later', { path: '.' }))).toBe(null);
    world.pins = { 'tool:list_directory': 'p-9' };
    expect(found([set], request('tool:list_directory', { path: '.' })), 'changed since').toBe(null);
    expect(found([set], inside), 'the other one is what it was').toBe('g-1');
    world.pins = {};
  });

  test('the other clients named in it', () => {
    expect(found([row({ alsoClients: ['zed'] })], inside, { ...caller, client: 'zed' })).toBe('g-1');
    expect(found([row({ alsoClients: ['zed'] })], inside, { ...caller, client: 'later' })).toBe(null);
  });

  test('T40: bound to a folder, it holds there and below, and nowhere else', () => {
    const bound = row({ folder: acme });
    expect(found([bound], inside)).toBe('g-1');
    expect(found([bound], inside, { ...caller, folder: join(acme, 'src') })).toBe('g-1');
    for (const folder of [home, `${acme}-old`, null]) expect(found([bound], inside, { ...caller, folder })).toBe(null);
  });

  test('T35: unused for long it lapses, with an end of its own it does not', () => {
    const day = 86_400_000;
    expect(found([row()], inside, caller, 29 * day)).toBe('g-1');
    expect(found([row()], inside, caller, 31 * day)).toBe(null);
    world.lastUsed = 5 * day;
    expect(found([row()], inside, caller, 31 * day), 'it was of use').toBe('g-1');
    world.lastUsed = null;
    expect(found([row({ until: new Date(60 * day).toISOString() })], inside, caller, 31 * day)).toBe('g-1');
    expect(found([row({ effect: 'deny', match: { kind: 'any' } })], inside, caller, 400 * day), 'a refusal does not lapse').toBe('g-1');
  });

  test('T04: it rests while its capability is another than it was given for', () => {
    for (const match of [
      { kind: 'within', places: [{ kind: 'folder', path: acme }] },
      { kind: 'any' },
      { kind: 'exact', canonicalDigest: inside.canonicalDigest },
    ] as const) {
      expect(found([row({ match, pin: 'p-1' })], inside)).toBe('g-1');
      expect(found([row({ match, pin: 'p-0' })], inside)).toBe(null);
    }
  });

  test('T30: with a stored secret among the arguments only an exact grant counts', () => {
    world.secrets = ['key'];
    expect(found([row()], inside)).toBe(null);
    expect(found([row({ match: { kind: 'any' } })], inside)).toBe(null);
    expect(found([row({ match: { kind: 'exact', canonicalDigest: inside.canonicalDigest } })], inside)).toBe('g-1');
    expect(found([row({ match: { kind: 'any' }, effect: 'deny' })], inside)).toBe('g-1');
    world.secrets = [];
  });

  test('a refusal wins over every width', () => {
    const deny = row({ id: 'no', effect: 'deny', match: { kind: 'any' } });
    expect(found([row(), deny], inside)).toBe('no');
    expect(found([deny, row()], inside)).toBe('no');
  });

  test('two places named need two places granted', () => {
    const both = request('tool:read_file', { path: 'src/a.ts', url: 'https://a.example.com/' });
    expect(found([row()], both)).toBe(null);
    expect(found([row({}, { kind: 'folder', path: acme }, { kind: 'host', scheme: 'https', host: 'a.example.com' })], both)).toBe('g-1');
  });

  test('repositories, owners, hosts, domains, recipients', () => {
    const cases: [Place, unknown, boolean][] = [
      [{ kind: 'repository', name: 'acme/web' }, { owner: 'ACME', repo: 'Web' }, true],
      [{ kind: 'repository', name: 'acme/web' }, { owner: 'acme', repo: 'website' }, false],
      [{ kind: 'repository', name: 'acme/web' }, { owner: 'acme' }, false],
      [{ kind: 'owner', name: 'acme' }, { owner: 'acme', repo: 'web' }, true],
      [{ kind: 'owner', name: 'acme' }, { owner: 'acme-evil', repo: 'web' }, false],
      [{ kind: 'host', scheme: 'https', host: 'a.example.com' }, { url: 'https://a.example.com/x' }, true],
      [{ kind: 'host', scheme: 'https', host: 'a.example.com' }, { url: 'https://a.example.com.evil.com/' }, false],
      [{ kind: 'host', scheme: 'https', host: 'a.example.com' }, { url: 'http://a.example.com/' }, false],
      [{ kind: 'host', scheme: 'https', host: 'a.example.com' }, { url: 'https://a.example.com:8443/' }, false],
      [{ kind: 'host', scheme: 'https', host: 'a.example.com' }, { url: 'https://evil.com/?https://a.example.com' }, false],
      [{ kind: 'domain', scheme: 'https', domain: 'example.co.uk' }, { url: 'https://b.example.co.uk/' }, true],
      [{ kind: 'domain', scheme: 'https', domain: 'example.co.uk' }, { url: 'https://other.co.uk/' }, false],
      [{ kind: 'domain', scheme: 'https', domain: 'mia.github.io' }, { url: 'https://eve.github.io/' }, false],
      [{ kind: 'recipient', name: 'mia@example.com' }, { to: 'Mia@Example.com' }, true],
      [{ kind: 'recipient', name: 'mia@example.com' }, { to: ['mia@example.com', 'eve@evil.com'] }, false],
      [{ kind: 'queries' }, { sql: 'select 1' }, true],
      [{ kind: 'queries' }, { sql: 'select 1; delete from t' }, false],
      [{ kind: 'inside' }, { limit: 3 }, true],
      [{ kind: 'inside' }, { path: 'src/a.ts' }, false],
    ];
    for (const [granted, value, expected] of cases) {
      expect(found([row({}, granted)], request('tool:read_file', value)) !== null, JSON.stringify([granted, value])).toBe(expected);
    }
  });
});

test.skipIf(underMutation)('a verdict among 10, 1,000 and 10,000 grants of every width: p99 stays flat', () => {
  const kinds: ((n: number) => GrantRow['match'])[] = [
    (n) => ({ kind: 'exact', canonicalDigest: `x${n}` }),
    (n) => ({ kind: 'within', places: [{ kind: 'folder', path: `${acme}/f${n}` }] }),
    (n) => ({ kind: 'within', places: [{ kind: 'host', scheme: 'https', host: `h${n}.example.com` }] }),
    (n) => ({ kind: 'within', places: [{ kind: 'repository', name: `acme/r${n}` }] }),
  ];
  const facts = {
    ...noFacts,
    paths: [{ argument: 'path', path: `${acme}/src/a.ts`, readings: [`${acme}/src/a.ts`], isFolder: false, throughLink: false }],
  };
  const indexOf = (count: number) =>
    new GrantIndex(
      Array.from({ length: count }, (_, n) =>
        row({ id: `g-${n}`, match: (kinds[n % kinds.length] as (n: number) => GrantRow['match'])(n) }),
      ).concat(row()),
      { ...conditions, factsOf: () => facts },
    );
  const p99 = (index: GrantIndex): number => {
    const times = Array.from({ length: 4_000 }, () => {
      const began = performance.now();
      index.find(caller, inside, 1);
      return (performance.now() - began) * 1000;
    }).sort((a, b) => a - b);
    return times[Math.floor(times.length * 0.99)] as number;
  };
  const indexes = [10, 1_000, 10_000].map((count) => [count, indexOf(count)] as const);
  for (const [, index] of indexes) p99(index);
  // The best of several rounds: what other programs do to this machine is not what is measured.
  const best = indexes.map(([count, index]) => [count, Math.min(...Array.from({ length: 5 }, () => p99(index)))] as const);
  console.log(`verdict by index, p99: ${best.map(([count, us]) => `${count} grants ${us.toFixed(1)} us`).join(', ')}`);
  const [few, , many] = best.map(([, us]) => us) as [number, number, number];
  expect(many).toBeLessThan(Math.max(few, 2) * 4);
});
