// Answers that need a person who proved it (T37, T39), and the doors no grant opens (T36): against a real broker with a PIN.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attempt } from '../support/attempt.ts';
import { type Den, named, openDen } from '../support/imps.ts';
import { operate } from '../support/operate.ts';
import { type Connected, connectClient } from '../support/sdk-client.ts';

const path = { type: 'object', properties: { path: { type: 'string' }, content: { type: 'string' } } };
let den: Den;
let files: Connected;
let browser: Connected;

beforeAll(async () => {
  den = await openDen();
  await den.proved();
  await den.add('files', {
    tools: [
      { name: 'write_file', inputSchema: path },
      { name: 'read_file', inputSchema: path },
    ],
  });
  await den.add('browser', { tools: named('browser_click', 'browser_navigate') });
  const help = await den.pair('agent', 'all', 60);
  files = await connectClient(help, 'http', 'files', { capabilities: {} });
  browser = await connectClient(help, 'http', 'browser', { capabilities: {} });
  await den.allow('agent', 'files', '*');
});
afterAll(async () => {
  await files?.close();
  await browser?.close();
  await den?.close();
});
const only = async () => (await den.questions(1))[0] as Awaited<ReturnType<Den['questions']>>[number];
const answerOf = ({ id, nonce }: { id: string; nonce: string }) => ({ id, nonce });
/** The console's own session. */
async function console_() {
  const { url } = await (await den.proved()).operator.consoleAddress();
  const secret = new URL(url).hash.slice('#signin='.length);
  const { session } = await operate<{ session: string }>({ mcp: den.broker.ready.mcp, operatorToken: '' }, 'operator/redeem', { secret });
  return <T>(operation: string, input?: object) => operate<T>({ mcp: den.broker.ready.mcp, operatorToken: session }, operation, input);
}

test("T36 the broker's home and address are refused in every argument, whatever was granted, and by nobody to be allowed", async () => {
  for (const given of [
    { path: join(den.home, 'state.db') },
    { path: '/tmp/x', content: `see ${den.home}/run` },
    { path: `/tmp/../${den.home}/policies/x.cedar`, content: 'permit (principal, action, resource);' },
    { path: '/tmp/x', content: `fetch("${new URL(den.broker.ready.mcp).origin}/api/approval/list")` },
  ]) {
    const call = attempt(files.client, 'write_file', given);
    await call.done;
    expect(call, JSON.stringify(given)).toMatchObject({ result: 'refused', words: expect.stringContaining('Nobody can allow this') });
  }
  expect(den.calls('files', 'write_file')).toEqual([]);
  expect((await den.log()).find(({ decidedBy }) => decidedBy === 'protected')).toMatchObject({ verdict: 'deny' });
});

test('T39 what becomes code asks under any grant, and only a PIN answers it', async () => {
  const call = attempt(files.client, 'write_file', { path: '/tmp/project/.git/hooks/pre-commit', content: 'rm -rf /' });
  const question = await only();
  expect(question).toMatchObject({ risk: 'critical', presence: 'pin', alwaysOffered: false });
  await expect(den.api.approval.approve(answerOf(question))).rejects.toMatchObject({ data: { code: 'needs-pin' } });
  expect(den.calls('files', 'write_file')).toEqual([]);
  await (await den.proved()).approval.approve(answerOf(question));
  await call.done;
  expect(call.result).toBe('answered');
  const again = attempt(files.client, 'write_file', { path: '/tmp/project/.git/hooks/pre-commit', content: 'rm -rf /' });
  expect((await only()).presence, 'each time').toBe('pin');
  await den.api.approval.deny(answerOf(await only()));
  await again.done;
});

test('T37 while an agent may click, an answer needs the PIN and the console only shows; denying stays open to all', async () => {
  const page = await console_();
  const before = attempt(files.client, 'read_file', { path: '/tmp/a' });
  await before.done;
  expect(before.result).toBe('answered');
  await (await den.proved()).grant.add({ client: 'agent', server: 'browser', capability: 'tool:browser_click', for: '1h' });
  const call = attempt(browser.client, 'browser_navigate', { to: 'about:blank' });
  const question = await only();
  expect(question).toMatchObject({ presence: 'pin', labels: expect.arrayContaining(['controls-screen']) });
  for (const [operation, input] of [
    ['approval/approve', answerOf(question)],
    ['grant/add', { client: 'agent', server: 'files', capability: '*', for: '1h' }],
    ['client/add', { name: 'second', servers: 'all' }],
    ['server/accept', { name: 'files' }],
    ['setting/set', { key: 'policy.set', value: 'easy' }],
    ['policy/add', { name: 'open', text: 'permit (principal, action, resource);' }],
    ['label/set', { server: 'browser', capability: 'tool:browser_click', label: 'controls-screen', on: false }],
    ['operator/consoleAddress', undefined],
    ['operator/setPin', { pin: 'another pin', current: 'wrong' }],
    ['secret/set', { name: 'x', value: 'y' }],
    ['unlock', undefined],
  ] as const)
    await expect(page(operation, input as object | undefined), operation).rejects.toMatchObject({ code: 'needs-pin' });
  expect(await page<unknown[]>('approval/list')).toHaveLength(1);
  await expect(den.api.approval.approve(answerOf(question)), 'a token in a shell can be typed by an agent too').rejects.toMatchObject({
    data: { code: 'needs-pin' },
  });
  await page('approval/deny', answerOf(question));
  await call.done;
  expect(call.result).toBe('refused');
  const [grant] = (await den.api.grant.list()).filter(({ server }) => server === 'browser');
  await page('grant/revoke', { id: grant?.id ?? '' });
  const free = attempt(files.client, 'read_file', { path: '/tmp/b' });
  await free.done;
  expect(free.result).toBe('answered');
  await page('setting/set', { key: 'approval.expiry', value: '20m' });
});
