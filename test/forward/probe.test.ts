// Trial starts and listings: everything is found, as the exact text it came as, and no list goes on for ever.
import { afterEach, expect, test } from 'vitest';
import { type Bench, bench, everything, installed, owner, params, rascal } from './support.ts';

let b: Bench;
afterEach(() => b?.pool.close());

const all = { roots: { listChanged: true }, sampling: {}, elicitation: {} };

function kinds(definitions: readonly { capability: string }[]): Record<string, number> {
  const count: Record<string, number> = {};
  for (const { capability } of definitions) {
    const kind = capability.slice(0, capability.indexOf(':'));
    count[kind] = (count[kind] ?? 0) + 1;
  }
  return count;
}

test('server-everything registers what depends on the client, and all of it is found', async () => {
  b = bench();
  const offer = await b.pool.probe(everything, all);
  const poor = await b.pool.probe(everything, {});
  expect(JSON.parse(offer.openingText).protocolVersion).toBe('2025-11-25');
  expect(kinds(offer.definitions).tool).toBe(16);
  expect(kinds(poor.definitions).tool).toBe(13);
  expect(kinds(offer.definitions)).toMatchObject({ prompt: 4, resource: 7, template: 2 });
  expect(offer.definitions.map(({ capability }) => capability)).toContain('tool:get-roots-list');
  expect(JSON.parse(offer.openingText).serverInfo.name).toBe('mcp-servers/everything');
  expect(b.pool.processes('everything')).toEqual([]);
  expect(b.events.filter((event) => event.type === 'server.protocol-error')).toEqual([]);
});

test('server-filesystem', async () => {
  b = bench();
  const offer = await b.pool.probe(installed('files', 'server-filesystem/dist/index.js', ['/tmp']), {});
  expect(kinds(offer.definitions)).toEqual({ tool: 14 });
});

test('definitions are exact, over pages, and a list nobody knows is empty', async () => {
  b = bench();
  const offer = await b.pool.probe(rascal(), all);
  expect(offer.definitions).toEqual([
    { capability: 'tool:a', name: 'a', text: '{"name":"a","big":12345678901234567890, "z":1.0}' },
    { capability: 'tool:b', name: 'b', text: '{"name":"b"}' },
    { capability: 'resource:x://1', name: 'x://1', text: '{"uri":"x://1","name":"one"}' },
  ]);
});

test('a running server is listed the same way', async () => {
  b = bench();
  const server = await b.pool.upstream(owner('c1'), rascal(), params);
  expect((await b.pool.fetchDefinitions(server)).map(({ capability }) => capability)).toEqual(['tool:a', 'tool:b', 'resource:x://1']);
});

test.each([
  ['endless', 'more than 1000 pages'],
  ['circle', 'tools/list never ends'],
  ['many', 'more than 10000 items'],
  ['crash-on-start', 'exited with code 7'],
])('%s fails in words', async (mode, reason) => {
  b = bench();
  await expect(b.pool.probe(rascal(mode), {})).rejects.toThrow(reason);
  expect(b.ofType('server.failed')[0]).toMatchObject({ connection: null, server: 'rascal' });
  expect(b.pool.processes('rascal')).toEqual([]);
});

test('a trial start can be stopped', async () => {
  b = bench();
  const probing = b.pool.probe(rascal('mute'), {}).catch((error: Error) => error.message);
  setTimeout(() => void b.pool.stopServer('rascal'), 200);
  expect(await probing).toContain('stopped by the operator');
});
