// The operating system's own question in place of the PIN, from the window to the answered request: only a yes counts, all else is left to the PIN.
import { MessageChannel } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Asking } from '../../broker/host/system-proof.ts';
import type { Contract } from '../../shared/contract.ts';
import { attempt } from '../support/attempt.ts';
import { type Den, openDen } from '../support/imps.ts';
import { type Connected, connectClient } from '../support/sdk-client.ts';

/** The system of the test, and what its programs answer. */
let system: Asking;
vi.mock('../../broker/host/system-proof.ts', async (original) => {
  const real = await original<typeof import('../../broker/host/system-proof.ts')>();
  return { ...real, provedBySystem: (signal?: AbortSignal) => real.provedBySystem(signal, system) };
});
type Answer = Awaited<ReturnType<Asking['run']>>;
const answers = (platform: NodeJS.Platform, run: (signal?: AbortSignal) => Promise<Answer>): Asking => ({
  platform,
  pid: 4711,
  run: (_program, _args, _limit, signal) => run(signal),
});

let den: Den;
let files: Connected;
const { port1, port2 } = new MessageChannel();
const window = createORPCClient<ContractRouterClient<Contract, { credential?: string }>>(
  new RPCLink<{ credential?: string }>({
    port: port2,
    headers: ({ context }) => (context.credential === undefined ? {} : { authorization: `Bearer ${context.credential}` }),
  }),
);

beforeAll(async () => {
  den = await openDen();
  await den.proved();
  const inputSchema = { type: 'object', properties: { path: { type: 'string' } } };
  await den.add('files', { tools: [{ name: 'write_file', inputSchema }] });
  files = await connectClient(await den.pair('agent', 'all', 60), 'http', 'files', { capabilities: {} });
  await den.allow('agent', 'files', '*');
  await den.api.setting.set({ key: 'presence.system', value: 'on' });
  den.broker.attach(port1, true);
  port1.start();
  port2.start();
});
afterAll(async () => {
  port2.close();
  await files?.close();
  await den?.close();
});

/** What becomes code is critical: it asks under any grant. */
async function critical() {
  const call = attempt(files.client, 'write_file', { path: '/tmp/project/.git/hooks/pre-commit' });
  const [question] = await den.questions(1);
  expect(question).toMatchObject({ risk: 'critical', presence: 'pin' });
  return { call, answer: { id: question?.id ?? '', nonce: question?.nonce ?? '' } };
}

const noes: [string, Asking][] = [
  ['a cancelled password window of polkit', answers('linux', async () => ({ code: 3, out: '' }))],
  ['no polkit', answers('linux', async () => null)],
  ['a finger that is not theirs', answers('darwin', async () => ({ code: 0, out: 'gatehouse: no\n' }))],
  ['a script that was ended by the clock', answers('darwin', async () => null)],
  ['a Windows without Hello', answers('win32', async () => ({ code: 1, out: '' }))],
  ['a program that breaks', answers('win32', () => Promise.reject(new Error('broken')))],
];
test('a no of the system, in whatever way, lets nothing through, and leaves the question to the PIN', async () => {
  const { call, answer } = await critical();
  for (const [name, given] of noes) {
    system = given;
    await expect(window.operator.proveBySystem(), name).rejects.toMatchObject({ message: 'The system did not say that it is you.' });
    await expect(window.approval.approve(answer), name).rejects.toMatchObject({ data: { code: 'needs-pin' } });
    expect(call.result, name).toBe('open');
  }
  await (await den.proved()).approval.approve(answer);
  await call.done;
  expect(call.result, call.words).toBe('answered');
});

test.each<[string, Asking]>([
  ['polkit', answers('linux', async () => ({ code: 0, out: '' }))],
  ['Touch ID', answers('darwin', async () => ({ code: 0, out: 'gatehouse: yes\n' }))],
  ['Windows Hello', answers('win32', async () => ({ code: 0, out: 'gatehouse: yes\r\n' }))],
])('a yes of %s answers one critical request, is written down, and is over after a minute', async (_name, given) => {
  system = given;
  const { call, answer } = await critical();
  const { credential } = await window.operator.proveBySystem();
  await window.approval.approve(answer, { context: { credential } });
  await call.done;
  expect(call.result, call.words).toBe('answered');
  expect((await den.log()).filter(({ reason }) => reason === 'operating system').length).toBeGreaterThan(0);
  den.skip(61_000);
  await expect(window.setting.list(undefined, { context: { credential } })).rejects.toMatchObject({ data: { code: 'not-verified' } });
});

test('who puts the question aside while the system asks ends its asking', async () => {
  let ended = false;
  system = answers(
    'linux',
    (signal) =>
      new Promise((resolve) => {
        signal?.addEventListener('abort', () => {
          ended = true;
          resolve(null);
        });
      }),
  );
  const leave = new AbortController();
  const asked = window.operator.proveBySystem(undefined, { signal: leave.signal });
  setTimeout(() => leave.abort(), 100);
  await expect(asked).rejects.toThrow();
  await vi.waitFor(() => expect(ended).toBe(true), { timeout: 15_000 });
});
