// Grants made beforehand from a past session: what it used is listed, then granted for a while in its folder, and nothing else.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attempt } from '../support/attempt.ts';
import { type Den, named, openDen } from '../support/imps.ts';
import { type Connected, connectClient } from '../support/sdk-client.ts';

let den: Den;
let one: Connected;
const tried = async (name: string, input: Record<string, unknown> = {}) => {
  const call = attempt(one.client, name, input);
  await call.done;
  return call;
};
const approveAll = async () => {
  for (const { id, nonce } of await den.api.approval.list()) await den.api.approval.approve({ id, nonce });
};
/** Asks, is allowed once, and repeats. */
async function used(name: string, input: Record<string, unknown>): Promise<void> {
  await tried(name, input);
  await approveAll();
  expect(await tried(name, input)).toMatchObject({ result: 'answered' });
}

beforeAll(async () => {
  den = await openDen();
  await den.add('files', { tools: named('read_file', 'list_directory', 'write_file', 'run_command', 'read_blob') });
  one = await connectClient(await den.pair('worker', ['files'], 0), 'http', 'files');
}, 60_000);
afterAll(async () => {
  await one.close();
  await den.close();
});

test('what the session used is covered by as few and as narrow grants as there are; what cannot be is named', async () => {
  for (const name of ['a.txt', 'sub/b.txt']) await used('read_file', { path: `${den.folder}/${name}` });
  await used('list_directory', { path: `${den.folder}/sub` });
  await used('write_file', { path: `${den.folder}/a.txt`, content: 'x' });
  await used('run_command', { command: 'ls' });
  await used('read_blob', { blob: 'x' });
  await tried('read_file', { path: '/etc/refused' });
  for (const { id, nonce } of await den.api.approval.list()) await den.api.approval.deny({ id, nonce });

  const [session] = await den.api.session.list();
  const plan = await den.api.grant.fromSession({ session: session?.id ?? '', for: '8h' });
  expect(await den.api.grant.list(), 'listing makes nothing').toEqual([]);
  expect(plan.left.map(({ capability }) => capability).sort()).toEqual(['tool:read_blob', 'tool:run_command']);
  const made = await den.api.grant.fromSession({ session: session?.id ?? '', for: '8h', make: true });
  expect(made.grants.map(({ capability, capabilities }) => (capabilities?.map((each) => each.capability) ?? [capability]).sort())).toEqual(
    expect.arrayContaining([['tool:write_file']]),
  );
  const reading = made.grants.filter(({ capability }) => capability !== 'tool:write_file');
  expect(JSON.stringify(reading.map(({ match }) => match.places))).not.toContain('/etc');
  expect((await den.log()).filter(({ type }) => type === 'grant.added').every(({ fromSession }) => fromSession === session?.id)).toBe(true);

  for (const name of ['a.txt', 'sub/b.txt'])
    expect(await tried('read_file', { path: `${den.folder}/${name}` })).toMatchObject({ result: 'answered' });
  expect(await tried('write_file', { path: `${den.folder}/a.txt`, content: 'other' })).toMatchObject({ result: 'answered' });
  expect((await tried('read_file', { path: '/etc/hosts' })).words).toContain('still open');
  expect((await tried('run_command', { command: 'ls' })).words).toContain('still open');
  den.skip(8 * 3_600_000 + 1);
  expect((await tried('read_file', { path: `${den.folder}/a.txt` })).words).toContain('still open');
});

test('bound to a folder it holds only there; a session nobody knows is not found', async () => {
  const [asked] = (await den.log()).filter(({ type, client }) => type === 'asked' && client === 'worker').slice(-1);
  const bound = await den.api.grant.fromSession({ session: asked?.session ?? '', for: '1h', folder: '/somewhere/else', make: true });
  expect(bound.grants.every(({ folder }) => folder === '/somewhere/else')).toBe(true);
  expect((await tried('read_file', { path: `${den.folder}/a.txt` })).words, 'this client works elsewhere').toContain('still open');
  await expect(den.api.grant.fromSession({ session: 's-nobody' })).rejects.toThrow('knows nothing');
});
