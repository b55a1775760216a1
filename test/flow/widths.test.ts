// Widths with a real broker and the real filesystem server: offered, chosen, kept over a restart, never wider than said.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Approval, Entry, Grant } from '../../shared/vocabulary.ts';
import { attempt, until } from '../support/attempt.ts';
import { closeHouse, type House, openHouse, serverEntry } from '../support/house.ts';
import { type Connected, connectClient, type Help } from '../support/sdk-client.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-widths-')));
const acme = join(top, 'code', 'acme');
let house: House;
let [help, other] = [{} as Help, {} as Help];
let one: Connected;

async function question(): Promise<Approval> {
  let list: Approval[] = [];
  await until('one question', async () => {
    list = await house.ask<Approval[]>('pending');
    return list.length === 1;
  });
  return list[0] as Approval;
}
/** What a call of the filesystem server came to; `asked` when a question stands, which is then denied. */
async function call(client: Connected, name: string, args: Record<string, unknown>): Promise<'answered' | 'asked'> {
  const tried = attempt(client.client, name, args);
  await until('an end or a question', async () => tried.result !== 'open' || (await house.ask<Approval[]>('pending')).length > 0);
  if (tried.result === 'answered') return 'answered';
  await house.ask('deny', (await question()).id);
  await tried.done;
  return 'asked';
}

beforeAll(async () => {
  mkdirSync(join(acme, 'src'), { recursive: true });
  mkdirSync(join(top, 'code', 'secret'));
  for (const file of ['README.md', 'src/a.ts', 'src/b.ts', '../secret/key']) writeFileSync(join(acme, file), 'words');
  symlinkSync(join(top, 'code', 'secret'), join(acme, 'out'));
  house = await openHouse();
  await house.ask('server', 'add', 'files', '--accept', '--', process.execPath, serverEntry('filesystem'), top);
  help = await house.ask<Help>('client', 'add', 'coder', '--servers', 'all');
  other = await house.ask<Help>('client', 'add', 'second', '--servers', 'all');
  one = await connectClient(help, 'connector', 'files', { cwd: acme });
}, 90_000);
afterAll(async () => {
  await one.close();
  await closeHouse(house);
  rmSync(top, { recursive: true, force: true });
});

test('reading in the project is one answer; what leads out of it, what changes, and what came later still ask', async () => {
  const first = attempt(one.client, 'read_text_file', { path: join(acme, 'README.md') });
  const asked = await question();
  const labels = asked.widths.map(({ label }) => label);
  expect(labels[0], 'the other client is not there').toBe(`reading in ${acme}`);
  const shared = asked.widths.find(({ label }) => label === `reading in ${acme}, for your other clients too`);
  expect(labels).toContain(`this in ${acme}`);
  expect(asked.facts).toEqual([{ name: 'Where', value: join(acme, 'README.md') }]);
  const answer = await house.ask<{ grant: Grant; note: string }>('approve', asked.id, '--for', '30d', '--match', shared?.id ?? '');
  await first.done;
  expect(first.result, first.words).toBe('answered');
  expect(answer.grant).toMatchObject({ match: { kind: 'within', label: shared?.label }, alsoClients: ['second'] });
  expect(answer.grant.capabilities?.map(({ capability }) => capability)).toEqual(
    expect.arrayContaining(['tool:read_text_file', 'tool:list_directory']),
  );
  expect(answer.grant.capabilities?.map(({ capability }) => capability)).not.toContain('tool:write_file');

  expect(await call(one, 'read_text_file', { path: join(acme, 'src', 'a.ts') })).toBe('answered');
  expect(await call(one, 'list_directory', { path: acme })).toBe('answered');
  expect(await call(one, 'list_allowed_directories', {})).toBe('answered');
  // Two denials of each: the third would be a quiet no, without a question.
  const escapes = [join(acme, '..', 'secret', 'key'), join(acme, 'out', 'key')];
  for (const path of escapes) expect(await call(one, 'read_text_file', { path }), path).toBe('asked');
  for (const path of [top, `${acme}/src/../../secret`]) expect(await call(one, 'list_directory', { path }), path).toBe('asked');
  expect(await call(one, 'write_file', { path: join(acme, 'new.txt'), content: 'x' })).toBe('asked');

  const shown = await house.cli(['grant', 'show', answer.grant.id]);
  expect(shown.stdout).toContain(`within: reading in ${acme}`);
  expect(shown.stdout).toContain('also for');
  const entries = await house.ask<Entry[]>('log', '--limit', '200');
  expect(
    entries.find(({ type, capability, verdict }) => type === 'asked' && capability === 'tool:list_directory' && verdict === 'allow'),
  ).toMatchObject({
    decidedBy: `grant:${answer.grant.id}`,
    facts: { paths: { some: [acme] } },
  });
}, 60_000);

test('the other client has it too; revoking the one leaves the other without; a restart keeps the rest', async () => {
  const two = await connectClient(other, 'connector', 'files', { cwd: acme });
  expect(await call(two, 'read_text_file', { path: join(acme, 'src', 'b.ts') })).toBe('answered');
  await two.close();
  await house.ask('client', 'revoke', 'second');
  expect((await house.ask<Grant[]>('grant', 'list'))[0]?.alsoClients).toEqual([]);

  await one.close();
  expect(await house.stop()).toBe(0);
  house = await openHouse({ home: house.home });
  one = await connectClient(help, 'connector', 'files', { cwd: acme });
  expect(await call(one, 'read_text_file', { path: join(acme, 'src', 'b.ts') })).toBe('answered');
  expect(await call(one, 'read_text_file', { path: join(top, 'code', 'secret', 'key') })).toBe('asked');
  const [grant] = await house.ask<Grant[]>('grant', 'list');
  expect(grant?.uses).toBeGreaterThanOrEqual(4);
}, 60_000);

test('a yes to a change is for changes in the project, and a width that was not offered is refused', async () => {
  const write = attempt(one.client, 'write_file', { path: join(acme, 'src', 'new.ts'), content: 'x' });
  const asked = await question();
  expect(asked.widths[0]?.label).toBe(`changes in ${acme}`);
  expect((await house.cli(['approve', asked.id, '--for', '8h', '--match', 'suggested:9'])).code).toBe(2);
  await house.ask('approve', asked.id, '--for', '8h', '--match', 'suggested:1');
  await write.done;
  expect(write.result, write.words).toBe('answered');
  expect(await call(one, 'create_directory', { path: join(acme, 'docs') })).toBe('answered');
  expect(await call(one, 'write_file', { path: join(top, 'code', 'secret', 'new'), content: 'x' })).toBe('asked');
}, 60_000);
