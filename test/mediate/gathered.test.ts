// What is gathered while nobody is there: one for each request, written down now and then, bounded, and whole again after a restart.
import { describe, expect, test } from 'vitest';
import { Gathered, type Kept, type Store } from '../../broker/mediate/gathered.ts';
import type { Presentation } from '../../broker/mediate/question.ts';
import type { Caller, ServerRequest } from '../../shared/request.ts';

const caller: Caller = { client: 'night', session: 's-1', connection: 'c-1', folder: '/home/ada', via: 'http' };
const request = (argumentsText: string, canonicalDigest = argumentsText) =>
  ({ server: 'files', capability: 'tool:read', argumentsText, digest: `d ${argumentsText}`, canonicalDigest }) as ServerRequest;
const shown: Presentation = {
  ...{ risk: 'medium', reasons: ['why'], claim: {}, alwaysOffered: false, boundTo: '/home/ada', answers: ['flow'] },
  widths: [{ id: 'suggested:1', label: 'this', places: [{ kind: 'inside' }], capabilities: null, alsoClients: [] }],
};
const day = 86_400_000;

function setUp(loaded: Kept[] = []) {
  const world = { now: 1_000_000, saved: [] as [string[], string[]][], rows: new Map(loaded.map((each) => [each.id, each])) };
  const store: Store = {
    load: () => [...world.rows.values()],
    save(kept, gone) {
      world.saved.push([kept.map(({ id }) => id), [...gone]]);
      for (const each of kept) world.rows.set(each.id, each);
      for (const id of gone) world.rows.delete(id);
    },
    definition: () => 'p-1',
  };
  return { world, store, gathered: new Gathered(() => world.now, store) };
}

test('equal requests are one, counted; each is written once a minute at most', () => {
  const { world, gathered } = setUp();
  gathered.put(caller, request('{}'), shown);
  gathered.put(caller, request('{}'), shown);
  const [item] = gathered.list();
  expect(item).toMatchObject({ times: 2, client: 'night', session: 's-1', folder: '/home/ada', risk: 'medium', reasons: ['why'] });
  expect(item?.widths).toEqual([{ id: 'suggested:1', label: 'this' }]);
  expect(world.saved).toEqual([[[item?.id], []]]);
  world.now += 59_999;
  gathered.put(caller, request('{}'), shown);
  expect(world.saved).toHaveLength(1);
  world.now += 1;
  gathered.put(caller, request('{}'), shown);
  expect(world.saved).toHaveLength(2);
  expect(world.rows.get(item?.id ?? '')).toMatchObject({ times: 4, firstAt: 1_000_000, lastAt: 1_060_000 });
});

test('what was only counted is written when the broker ends, and not twice', () => {
  const { world, gathered } = setUp();
  gathered.flush();
  gathered.put(caller, request('{}'), shown);
  gathered.put(caller, request('{"a":1}'), shown);
  gathered.put(caller, request('{}'), shown);
  gathered.flush();
  gathered.flush();
  const [first] = gathered.list();
  expect(world.saved.slice(2)).toEqual([[[first?.id], []]]);
  expect(world.rows.get(first?.id ?? '')?.times).toBe(2);
});

test('another client, server or content is another', () => {
  const { gathered } = setUp();
  gathered.put(caller, request('{}'), shown);
  gathered.put({ ...caller, client: 'day' }, request('{}'), shown);
  gathered.put(caller, { ...request('{}'), server: 'notes' }, shown);
  gathered.put(caller, request('{"a":1}'), shown);
  gathered.put({ ...caller, session: 's-2' }, request('{}'), shown);
  expect(gathered.list().map(({ times }) => times)).toEqual([2, 1, 1, 1]);
});

test('after a restart it is whole: with what a grant needs, and which definition it was asked of', () => {
  const { world, gathered } = setUp();
  gathered.put(caller, request('{"a":1}'), { ...shown, repin: { definition: 'x', openingText: null } });
  gathered.put(caller, request('{"a":2}'), shown);
  const again = setUp([...world.rows.values()]);
  expect(again.gathered.list()).toEqual(gathered.list());
  const kept = again.gathered.find(gathered.list()[1]?.id ?? '');
  expect(kept).toMatchObject({
    changed: false,
    definition: 'p-1',
    request: request('{"a":2}'),
    shown: { boundTo: '/home/ada', answers: ['flow'] },
  });
  expect(again.gathered.find(gathered.list()[0]?.id ?? '').changed).toBe(true);
  again.gathered.put(caller, request('{"a":1}'), shown);
  expect(again.gathered.list().map(({ times }) => times)).toEqual([2, 1]);
});

describe('what goes', () => {
  test('is named to the store: one, all of a client or server, all', () => {
    const { world, gathered } = setUp();
    gathered.put(caller, request('1'), shown);
    gathered.put({ ...caller, client: 'day' }, request('2'), shown);
    gathered.put(caller, { ...request('3'), server: 'notes' }, shown);
    gathered.put(caller, request('4'), shown);
    const ids = gathered.list().map(({ id }) => id);
    gathered.forget(ids[0] ?? '');
    gathered.forget({ client: 'day' });
    gathered.forget({ server: 'notes' });
    expect(gathered.list().map(({ id }) => id)).toEqual([ids[3]]);
    gathered.forget(null);
    gathered.forget(null);
    expect(world.saved.slice(4).map(([, gone]) => gone)).toEqual([[ids[0]], [ids[1]], [ids[2]], [ids[3]]]);
    expect(() => gathered.find(ids[0] ?? '')).toThrow('Nothing was gathered');
    expect(world.rows.size).toBe(0);
  });
  test('is the oldest past 500, and past eight million characters', () => {
    const { world, gathered } = setUp();
    for (let at = 0; at <= 500; at++) gathered.put(caller, request(`${at}`), shown);
    expect(gathered.size).toBe(500);
    expect(world.rows.size).toBe(500);
    const large = setUp();
    for (let at = 0; at < 4; at++) large.gathered.put(caller, request(`"${'x'.repeat(3 * 1024 * 1024)}"`, `${at}`), shown);
    expect(large.gathered.size).toBe(2);
  });
  test('is what nobody asked again for a month, also at a start', () => {
    const { world, gathered } = setUp();
    gathered.put(caller, request('old'), shown);
    const later = new Gathered(() => world.now + 30 * day + 1, setUp([...world.rows.values()]).store);
    expect(later.size).toBe(0);
    world.now += 29 * day;
    gathered.put(caller, request('new'), shown);
    world.now += 2 * day;
    gathered.put(caller, request('newer'), shown);
    expect(gathered.list().map(({ argumentsText }) => argumentsText)).toEqual(['new', 'newer']);
  });
});

test('a store that is none keeps it in memory', () => {
  const gathered = new Gathered(() => 1);
  gathered.put(caller, request('{}'), shown);
  expect(gathered.find(gathered.list()[0]?.id ?? '')).toMatchObject({ definition: null, changed: false });
});
