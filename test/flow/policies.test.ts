// Policies against a real broker: checked, tried on the log, in force, explained, answered, removed; files edited by hand are not followed.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attempt, until } from '../support/attempt.ts';
import { type Den, named, openDen } from '../support/imps.ts';
import { type Connected, connectClient } from '../support/sdk-client.ts';

let den: Den;
let files: Connected;
let chat: Connected;

beforeAll(async () => {
  den = await openDen();
  await den.add('files', { tools: named('read_file', 'delete_file') });
  await den.add('chat', { tools: named('send_message') });
  const help = await den.pair('agent', 'all', 60);
  files = await connectClient(help, 'http', 'files', { capabilities: {} });
  chat = await connectClient(help, 'http', 'chat', { capabilities: {} });
  await den.allow('agent', 'files', '*');
  await den.allow('agent', 'chat', '*');
});
afterAll(async () => {
  await files?.close();
  await chat?.close();
  await den?.close();
});
async function tried({ client }: Connected, name: string, input: Record<string, unknown> = {}) {
  const call = attempt(client, name, input);
  await call.done;
  return call;
}
const only = async () => (await den.questions(1))[0] as Awaited<ReturnType<Den['questions']>>[number];
const answerOf = ({ id, nonce }: { id: string; nonce: string }) => ({ id, nonce });
const noDelete =
  '@id("no-delete") @reason("ask me in person") forbid (principal, action, resource == Capability::"files tool:delete_file");';

test('a policy is tried on what happened, then counts above any grant, and is explained from the log', async () => {
  expect((await tried(files, 'delete_file', { path: '/a' })).result).toBe('answered');
  const checked = await den.api.policy.check({ name: 'mine', text: 'permit (principal, action, resource) when { context.nope };' });
  expect(checked).toMatchObject({ ok: false, problems: [{ message: expect.stringContaining('nope') }] });
  await expect(den.api.policy.add({ name: 'mine', text: 'permit(' })).rejects.toThrow('is not a policy');
  await expect(den.api.policy.add({ name: 'careful', text: noDelete })).rejects.toThrow('comes with Gatehouse');
  const dry = await den.api.policy.add({ name: 'mine', text: noDelete, dryRun: true });
  expect(dry).toMatchObject({ tried: 1, changes: [{ capability: 'tool:delete_file', was: 'none', would: 'deny' }] });
  expect((await tried(files, 'delete_file', { path: '/b' })).result, 'nothing changed yet').toBe('answered');
  await den.api.policy.add({ name: 'mine', text: noDelete });
  const denied = await tried(files, 'delete_file', { path: '/c' });
  expect(denied).toMatchObject({
    result: 'refused',
    words: expect.stringContaining('The policy mine/no-delete forbids it: ask me in person.'),
  });
  expect((await tried(files, 'read_file')).result).toBe('answered');
  const entry = (await den.log()).find(({ decidedBy }) => decidedBy === 'policy:mine/no-delete');
  expect(await den.api.policy.explain({ seq: entry?.seq ?? 0 })).toMatchObject({
    decidedBy: 'policy:mine/no-delete',
    rule: { kind: 'policy', text: expect.stringContaining('@id("no-delete")') },
    now: 'deny',
  });
  expect((await den.api.policy.list()).map(({ name, source }) => [name, source])).toEqual([
    ['careful', 'set'],
    ['mine', 'operator'],
  ]);
  const path = join(den.home, 'policies', 'mine.cedar');
  expect(readFileSync(path, 'utf8')).toBe(noDelete);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a file edited by hand is not followed, and is a finding until the policy is taken over or put back', async () => {
  const path = join(den.home, 'policies', 'mine.cedar');
  writeFileSync(path, 'permit (principal, action, resource);');
  writeFileSync(join(den.home, 'policies', 'backdoor.cedar'), 'permit (principal, action, resource);');
  await until('the edit is noticed', async () => (await den.api.finding.list({})).some(({ rule }) => rule === 'policy-edited'));
  const [found] = (await den.api.finding.list({})).filter(({ rule }) => rule === 'policy-edited');
  expect(found?.detail).toMatch(/mine\.cedar was edited.*backdoor\.cedar was put there/);
  expect((await tried(files, 'delete_file', { path: '/d' })).result).toBe('refused');
  expect((await den.api.policy.show({ name: 'mine' })).text).toBe(noDelete);
  await den.api.policy.add({ name: 'mine', text: noDelete });
  expect((await den.api.finding.list({})).find(({ rule }) => rule === 'policy-edited')?.detail).toMatch(/^backdoor\.cedar was put there/);
}, 60_000);

test('an asking policy asks under a grant; only a grant given in answer to it covers it', async () => {
  await den.api.policy.add({
    name: 'asking',
    text: '@id("sends") @verdict("ask") @reason("it leaves") forbid (principal, action, resource) when { context.labels.contains("outward") };',
  });
  const call = attempt(chat.client, 'send_message', { text: 'one' });
  const question = await only();
  expect(question.reasons.join(' ')).toContain('it leaves');
  await den.api.approval.approve({ ...answerOf(question), for: '1h', match: 'any' });
  await call.done;
  expect(call.result).toBe('answered');
  expect((await tried(chat, 'send_message', { text: 'two' })).result).toBe('answered');
  const [grant] = (await den.api.grant.list()).filter(({ answers }) => answers?.includes('policy:asking/sends'));
  await den.api.grant.revoke({ id: grant?.id ?? '' });
  const again = attempt(chat.client, 'send_message', { text: 'three' });
  await den.api.approval.deny(answerOf(await only()));
  await again.done;
  expect(again.result).toBe('refused');
  await den.api.policy.remove({ name: 'asking' });
  expect(existsSync(join(den.home, 'policies', 'asking.cedar'))).toBe(false);
  expect((await tried(chat, 'send_message', { text: 'four' })).result).toBe('answered');
});

test('cases are held against what is in force and against a policy that is not yet', async () => {
  const cases = [
    { name: 'deleting', client: 'agent', server: 'files', capability: 'tool:delete_file', expect: 'deny' as const },
    { name: 'reading', client: 'agent', server: 'files', capability: 'tool:read_file', arguments: { path: '/x' }, expect: 'none' as const },
  ];
  expect(await den.api.policy.test({ cases })).toMatchObject({ ok: true });
  const text = 'forbid (principal, action, resource) when { context.insideAny.contains("/x") };';
  expect(await den.api.policy.test({ cases, name: 'more', text })).toMatchObject({
    ok: false,
    results: [{ ok: true }, { name: 'reading', got: 'deny', ok: false, by: ['more/1'] }],
  });
});

test('the set is a setting: easy lets readings pass without a grant, and going back takes that away', async () => {
  await den.api.grant.revoke({ client: 'agent' });
  await den.api.setting.set({ key: 'policy.set', value: 'easy' });
  expect((await tried(files, 'read_file', { path: '/a' })).result).toBe('answered');
  expect((await den.log()).find(({ type, capability }) => type === 'asked' && capability === 'tool:read_file')?.decidedBy).toBe(
    'policy:easy/reading-is-free',
  );
  await den.api.setting.set({ key: 'policy.set', value: 'careful' });
  const call = attempt(files.client, 'read_file', { path: '/a' });
  await den.api.approval.deny(answerOf(await only()));
  await call.done;
  expect(call.result).toBe('refused');
  await expect(den.api.setting.set({ key: 'policy.set', value: 'open' })).rejects.toThrow();
});
