// Away: asks are refused at once with words a model can use, gathered, and in the morning become the grants that would have covered them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attempt } from '../support/attempt.ts';
import { type Den, named, openDen } from '../support/imps.ts';
import { type Connected, connectClient, type Help } from '../support/sdk-client.ts';

let den: Den;
let one: Connected;
let help: Help;
const tried = async (name: string, input: Record<string, unknown> = {}) => {
  const call = attempt(one.client, name, input);
  await call.done;
  return call;
};
const away = (value: string) => den.api.setting.set({ key: 'away', value });

beforeAll(async () => {
  den = await openDen();
  await den.add('memory', { tools: named('search_nodes', 'read_graph', 'delete_entities') });
  help = await den.pair('night', ['memory'], 0);
  one = await connectClient(help, 'http', 'memory');
}, 60_000);
afterAll(async () => {
  await one.close();
  await den.close();
});

test('while nobody is there: refused at once, gathered once for each request, with the grant that would have covered it', async () => {
  await away('8h');
  expect(await den.api.setting.list()).toMatchObject({ away: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
  for (let n = 0; n < 3; n++) {
    const call = await tried('search_nodes', { query: 'tea' });
    expect(call).toMatchObject({ result: 'refused', words: expect.stringMatching(/operator is away.*other work/is) });
  }
  await tried('delete_entities', { entityNames: ['x'] });
  expect(await den.api.approval.list()).toEqual([]);
  const list = await den.api.gathered.list();
  expect(list.map(({ capability, times }) => [capability, times])).toEqual([
    ['tool:search_nodes', 3],
    ['tool:delete_entities', 1],
  ]);
  expect(list[0]?.widths[0]?.label).toBe('reading what it holds itself');
  expect((await den.log()).find(({ type, decidedBy }) => type === 'outcome' && decidedBy === 'away')).toMatchObject({ result: 'denied' });
});

test('a night outlives the broker: the same list after a restart, its arguments sealed in the file, a foreign row found', async () => {
  const before = await den.api.gathered.list();
  await one.close();
  await den.restart();
  one = await connectClient(help, 'http', 'memory');
  expect(await den.api.gathered.list()).toEqual(before);
  const file = readFileSync(join(den.home, 'state.db'), 'latin1') + readFileSync(join(den.home, 'state.db-wal'), 'latin1');
  expect(file).toContain('tool:search_nodes');
  expect(file, 'arguments are sealed').not.toContain('"query":"tea"');
  expect(file).not.toContain('{\\"query');
  expect((await den.log()).filter(({ type }) => type === 'gathered').map(({ capability, client }) => [capability, client])).toEqual([
    // How often, written when the broker ended.
    ['tool:search_nodes', 'night'],
    ['tool:delete_entities', 'night'],
    ['tool:search_nodes', 'night'],
  ]);
});

test('in the morning: one answer makes the grant, nothing is sent by it, and the next call goes through', async () => {
  const [first] = await den.api.gathered.list();
  await expect(den.api.gathered.allow({ id: first?.id ?? '', digest: 'another', match: 'suggested:1' })).rejects.toThrow(
    'not what was asked',
  );
  await expect(den.api.gathered.allow({ id: first?.id ?? '', digest: first?.digest ?? '', match: 'suggested:9' })).rejects.toThrow(
    'no width',
  );
  const { grant } = await den.api.gathered.allow({ id: first?.id ?? '', digest: first?.digest ?? '', for: '7d', match: 'suggested:1' });
  expect(grant).toMatchObject({ client: 'night', effect: 'allow', match: { kind: 'within' }, approval: null });
  expect(den.calls('memory', 'search_nodes')).toEqual([]);
  expect(await tried('search_nodes', { query: 'coffee' }), 'away or not, a grant counts').toMatchObject({ result: 'answered' });
  expect(await tried('read_graph')).toMatchObject({ result: 'answered' });
  expect((await den.api.gathered.list()).map(({ capability }) => capability)).toEqual(['tool:delete_entities']);
  await den.api.gathered.forget({});
  expect(await den.api.gathered.list()).toEqual([]);
});

test('what was accepted anew meanwhile, and what belongs to a client that is gone, is no grant any more', async () => {
  await den.add('other', { tools: named('get_thing') });
  const visitor = await connectClient(await den.pair('visitor', ['other'], 0), 'http', 'other');
  await attempt(visitor.client, 'get_thing').done;
  const [kept] = await den.api.gathered.list();
  den.order('other', { tools: [{ name: 'get_thing', description: 'another meaning' }] });
  await den.api.server.review({ name: 'other' });
  await den.api.server.accept({ name: 'other' });
  await expect(den.api.gathered.allow({ id: kept?.id ?? '', digest: kept?.digest ?? '' })).rejects.toThrow('changed and accepted after');
  await visitor.close();
  await den.api.client.revoke({ name: 'visitor' });
  expect(await den.api.gathered.list()).toEqual([]);
});

test('when the time is over, or the operator is back, it asks again', async () => {
  den.skip(8 * 3_600_000 + 1);
  expect((await tried('delete_entities', { entityNames: ['y'] })).words).toContain('still open');
  expect((await den.api.setting.list()).away).toBe('off');
  await away('1h');
  await away('off');
  expect((await tried('delete_entities', { entityNames: ['z'] })).words).toContain('still open');
  for (const { id, nonce } of await den.api.approval.list()) await den.api.approval.deny({ id, nonce });
});

describe('how long', () => {
  test.each(['18:00', '7:30', '15m', '30d', 'off'])('%s is taken', async (value) => {
    await away(value);
  });
  test.each(['', '25:00', '18:61', '31d', 'for ever', '2026-01-01'])('%j is not', async (value) => {
    await expect(away(value)).rejects.toThrow('away cannot be');
  });
  afterAll(() => away('off'));
});

test('three denials of one capability by the operator: the next call is a quiet no, without a question; a flood pauses its client', async () => {
  // The two denials of before are too long ago to count.
  den.skip(31 * 60_000);
  for (const entityNames of [['a'], ['b'], ['c']]) {
    await tried('delete_entities', { entityNames });
    const [question] = await den.questions(1);
    await den.api.approval.deny({ id: question?.id ?? '', nonce: question?.nonce ?? '' });
  }
  expect((await tried('delete_entities', { entityNames: ['d'] })).words).toContain('several times');
  expect(await den.api.approval.list()).toEqual([]);

  await away('1h');
  const calls = Array.from({ length: 130 }, (_, n) => attempt(one.client, `search_nodes`, { query: 'x', blob: String(n) }));
  await Promise.all(calls.map(({ done }) => done));
  expect(await den.api.client.show({ name: 'night' })).toMatchObject({ state: 'paused' });
  expect((await den.log()).find(({ type }) => type === 'client.paused')).toMatchObject({ decidedBy: 'surge', client: 'night' });
  expect(await den.api.log.verify()).toMatchObject({ ok: true });
});
