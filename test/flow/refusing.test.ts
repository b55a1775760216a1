// A remembered no has the widths of a yes: it refuses what lies in it before any yes, and asks about the rest as before.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attempt } from '../support/attempt.ts';
import { type Den, openDen } from '../support/imps.ts';
import { type Connected, connectClient } from '../support/sdk-client.ts';

let den: Den;
let one: Connected;
const inputSchema = { type: 'object', properties: { path: { type: 'string' } } };

beforeAll(async () => {
  den = await openDen();
  mkdirSync(join(den.folder, 'plans', '.git'), { recursive: true });
  mkdirSync(join(den.folder, 'notes', '.git'), { recursive: true });
  await den.add('notes', { tools: ['read_note', 'list_notes', 'write_note'].map((name) => ({ name, inputSchema })) });
  one = await connectClient(await den.pair('reader', ['notes'], 60), 'http', 'notes', { capabilities: {} });
}, 180_000);
afterAll(async () => {
  await one?.close().catch(() => {});
  await den?.close();
});

const at = (...parts: string[]) => ({ path: join(den.folder, ...parts) });
async function refused(tool: string, input: Record<string, unknown>) {
  const call = attempt(one.client, tool, input);
  await call.done;
  expect(call.result, call.words).toBe('refused');
  return call.words;
}

test('a no to a folder refuses reading there for good, whatever was allowed; elsewhere it asks', async () => {
  await den.allow('reader', 'notes', 'tool:read_note', 'tool:list_notes');
  await den.api.grant.revoke({ client: 'reader' });
  const call = attempt(one.client, 'read_note', at('plans', 'a.md'));
  const [question] = await den.questions(1);
  const width = question?.widths.find(({ label }) => label.startsWith('reading in') && label.endsWith('plans'));
  const answer = { id: question?.id ?? '', nonce: question?.nonce ?? '', for: 'always' as const };
  await expect(den.api.approval.deny({ ...answer, match: 'suggested:9' })).rejects.toThrow('no width');
  const { grant } = await den.api.approval.deny({ ...answer, match: width?.id as 'exact', reason: 'these are private' });
  await call.done;
  expect(call.words).toContain('these are private');
  expect(grant).toMatchObject({
    effect: 'deny',
    until: null,
    session: null,
    match: { kind: 'within', label: width?.label },
    capabilities: [{ capability: 'tool:read_note' }, { capability: 'tool:list_notes' }],
  });
  // A yes to everything does not reach in there.
  await den.allow('reader', 'notes', '*');
  expect(await refused('read_note', at('plans', 'b.md'))).toContain('refused this before');
  expect(await refused('list_notes', at('plans'))).toContain('refused this before');
  expect(await refused('list_notes', at('notes', '..', 'plans'))).toContain('refused this before');
  expect(await refused('list_notes', at()), 'a folder around it').toContain('refused this before');
  for (const [tool, ...where] of [
    ['read_note', 'notes', 'a.md'],
    ['write_note', 'plans', 'a.md'],
  ] as const) {
    const other = attempt(one.client, tool, at(...where));
    await other.done;
    expect(other.result, `${tool}: ${other.words}`).toBe('answered');
  }
  const acts = (await den.log()).filter(({ type }) => type === 'denied');
  expect(acts).toMatchObject([{ for: 'always', match: width?.id, grant: grant?.id, reason: 'these are private' }]);
  await den.api.grant.revoke({ id: grant?.id ?? '' });
  const again = attempt(one.client, 'read_note', at('plans', 'b.md'));
  await again.done;
  expect(again.result).toBe('answered');
  await den.api.grant.revoke({ client: 'reader' });
});

test('for the session, for these bytes, and as it was: anything', async () => {
  const answered = async (input: Record<string, unknown>, how: object) => {
    const call = attempt(one.client, 'write_note', input);
    const [question] = await den.questions(1);
    const result = await den.api.approval.deny({ id: question?.id ?? '', nonce: question?.nonce ?? '', ...how });
    await call.done;
    return result.grant;
  };
  const exact = await answered(at('notes', 'x'), { for: 'always', match: 'exact' });
  expect(exact).toMatchObject({ effect: 'deny', match: { kind: 'exact' } });
  await refused('write_note', at('notes', 'x'));
  const session = await answered(at('notes', 'y'), { for: 'session', match: 'suggested:1' });
  expect(session).toMatchObject({ session: expect.any(String), match: { kind: 'within' } });
  expect(session, 'a no to changes is none to looking').not.toHaveProperty('capabilities');
  await refused('write_note', at('notes', 'z'));
  await den.api.grant.revoke({ client: 'reader' });
  expect(await answered(at('notes', 'y'), { for: 'once', match: 'suggested:1' })).toBeNull();
  // Three denials of one capability are a quiet no for half an hour.
  den.skip(31 * 60_000);
  expect(await answered(at('notes', 'y'), { for: 'always' })).toMatchObject({ match: { kind: 'any' } });
});
