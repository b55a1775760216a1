// Which folders a server may be told of, and that it is asked to ask again when that changes.
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { ToldFolders } from '../../broker/start/told-folders.ts';
import type { GrantRow, ServerRow } from '../../broker/store/rows.ts';
import { parseMessage } from '../../broker/wire/gate.ts';
import type { Caller } from '../../shared/request.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-told-')));
for (const name of ['work/src', 'data', 'granted/deep', 'other']) mkdirSync(join(top, name), { recursive: true });
afterAll(() => rmSync(top, { recursive: true, force: true }));
const at = (name: string) => join(top, name);

const caller: Caller = { client: 'coder', session: 's-1', connection: 'c-1', folder: at('work'), via: 'connector' };
const grant = (over: Partial<GrantRow>): GrantRow => ({
  ...{ id: 'g', client: 'coder', server: 'files', capability: 'tool:read', effect: 'allow', until: null, session: null, approval: null },
  match: { kind: 'within', label: '', places: [{ kind: 'folder', path: at('granted') }] },
  createdAt: new Date(0).toISOString(),
  ...over,
});
function setUp(grants: GrantRow[] = [], server: Partial<ServerRow> = {}) {
  const row = { name: 'files', args: ['--x', at('data'), '/none/such'], cwd: null, remote: null, ...server } as ServerRow;
  const notes: string[] = [];
  const folders = new ToldFolders({
    server: (name) => (name === 'files' ? row : undefined),
    grants: () => grants,
    notify: (connection, name, text) => void notes.push(`${connection} ${name} ${JSON.parse(text).method}`),
    now: () => 1_000,
  });
  return { folders, grants, notes, granted: (who = caller) => folders.granted(who, 'files') };
}
const answer = (...paths: string[]) =>
  parseMessage(
    JSON.stringify({ jsonrpc: '2.0', id: 1, result: { roots: paths.map((path) => ({ uri: pathToFileURL(path).href, name: path })) } }),
  );

test('those it was started with, the one it runs in, and those of its grants', () => {
  expect(setUp().granted()).toEqual([at('data'), at('work')]);
  expect(setUp([], { cwd: at('other') }).granted()).toEqual([at('data'), at('other')]);
  expect(setUp([grant({})]).granted()).toEqual([at('data'), at('granted'), at('work')]);
  expect(setUp([grant({})], { remote: {} as never }).granted(), 'a server elsewhere runs in no folder').toEqual([at('granted')]);
  expect(setUp([grant({ match: { kind: 'any', label: '' } })]).granted(), 'any arguments').toBeNull();
});

test('only grants that count, of this client, server and session', () => {
  const own = [at('data'), at('work')];
  for (const over of [
    { effect: 'deny' },
    { client: 'zed' },
    { server: 'other' },
    { session: 's-2' },
    { until: new Date(999).toISOString() },
    { capability: 'sampling:createMessage', match: { kind: 'any', label: '' } },
  ] as const)
    expect(setUp([grant(over)]).granted(), JSON.stringify(over)).toEqual(own);
  expect(setUp([grant({ client: 'zed', alsoClients: ['coder'] })]).granted()).toContain(at('granted'));
  expect(setUp([grant({ until: new Date(1_001).toISOString(), session: 's-1' })]).granted()).toContain(at('granted'));
});

test('the answer is cut, and as it came where nothing had to go', () => {
  const { folders } = setUp([grant({})]);
  const whole = answer(at('work'), at('granted/deep'));
  expect(folders.cut(caller, 'files', whole)).toMatchObject({ reply: whole, told: 2, had: 2 });
  expect(folders.cut(caller, 'files', whole)?.reply).toBe(whole);
  const cut = folders.cut(caller, 'files', answer(at('other'), top, at('work')));
  expect(cut).toMatchObject({ told: 3, had: 3 });
  expect(JSON.parse(cut?.reply.text ?? '')).toMatchObject({
    id: 1,
    result: { roots: [{ name: at('work') }, { uri: pathToFileURL(at('data')).href, name: 'data' }, { name: 'granted' }] },
  });
  const strange = parseMessage('{"jsonrpc":"2.0","id":1,"result":{"roots":[{"uri":"https://a.example/"},{"uri":7},null]}}');
  expect(folders.cut(caller, 'files', strange)).toMatchObject({ told: 0, had: 3 });
  expect(folders.cut(caller, 'files', parseMessage('{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}'))).toBeNull();
});

test('who was told is asked to ask again when its grants change, and only then', () => {
  const { folders, grants, notes } = setUp();
  folders.cut(caller, 'files', answer(at('work')));
  folders.changed();
  expect(notes).toEqual([]);
  grants.push(grant({}));
  folders.changed();
  folders.changed();
  expect(notes).toEqual(['c-1 files notifications/roots/list_changed']);
  folders.forget('c-1');
  grants.pop();
  folders.changed();
  expect(notes).toHaveLength(1);
});
