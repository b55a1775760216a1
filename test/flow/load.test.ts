// Many clients at once, each with mixed calls, cancellation at random, progress and questions of the server in between: every message reaches
// the party it is for and no other, none is lost, and nothing is left over when they are gone.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CreateMessageRequestSchema, ElicitRequestSchema, LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/attempt.ts';
import { checkout } from '../support/house.ts';
import { type Den, openDen } from '../support/imps.ts';
import { scale } from '../support/scale.ts';
import { type Connected, connectClient, type Help, textOf } from '../support/sdk-client.ts';

const clients = scale(3, 32);
const calls = scale(24, 200);
const atOnce = 8;
const kinds = ['echo', 'slow', 'progress', 'sample', 'elicit', 'log'] as const;

let den: Den;
const helps: Help[] = [];
const warnings: string[] = [];
const onWarning = (warning: Error) => void warnings.push(`${warning.name}: ${warning.message}`);

/** The same numbers in every run (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

beforeAll(async () => {
  process.on('warning', onWarning);
  den = await openDen();
  const args = [join(checkout, 'test', 'support', 'servers', 'busy.ts')];
  await den.api.server.add({ name: 'busy', command: process.execPath, args, secretEnv: {}, accept: true });
  for (const key of ['sampling.requests', 'sampling.tokens']) await den.api.setting.set({ key, value: '100000' });
  for (let n = 0; n < clients; n++) {
    helps.push(await den.pair(`c${n}`, ['busy'], 5));
    await den.allow(`c${n}`, 'busy', '*');
  }
}, 120_000);
afterAll(async () => {
  await den?.close();
  process.removeListener('warning', onWarning);
});

interface Tally {
  answered: number;
  cancelled: number;
  readonly wrong: string[];
}

const connect = (n: number) =>
  connectClient(helps[n] as Help, n % 2 === 0 ? 'http' : 'connector', 'busy', { capabilities: { sampling: {}, elicitation: {} } });

/** One client's share. Everything it says and hears carries its own name, so whatever is not its own is found. */
async function work(n: number, { client, close }: Connected): Promise<Tally> {
  const random = numbers(n + 1);
  const tally: Tally = { answered: 0, cancelled: 0, wrong: [] };
  const own = (text: string) => text.startsWith(`c${n}-`);
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => {
    const [message] = params.messages;
    const content = message?.content as { text?: string };
    if (!own(content.text ?? '')) tally.wrong.push(`sampling of another: ${content.text}`);
    return { model: 'm', role: 'assistant' as const, content: { type: 'text' as const, text: `${content.text} sampled` } };
  });
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    if (!own(params.message)) tally.wrong.push(`elicitation of another: ${params.message}`);
    return { action: 'accept' as const, content: { answer: `${params.message} elicited` } };
  });
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
    if (!own(String(params.data))) tally.wrong.push(`log of another: ${params.data}`);
  });
  const one = async (at: number) => {
    const name = kinds[Math.floor(random() * kinds.length)] as (typeof kinds)[number];
    const mark = `c${n}-${at}`;
    const gone = new AbortController();
    const cancelled = name === 'slow' && random() < 0.5;
    const heard: string[] = [];
    const onprogress = ({ message }: { message?: string | undefined }) => void heard.push(String(message));
    const call = client.callTool({ name, arguments: { mark, ms: cancelled ? 5_000 : Math.floor(random() * 40) } }, undefined, {
      signal: gone.signal,
      ...(name === 'progress' ? { onprogress } : {}),
    });
    if (cancelled) setTimeout(() => gone.abort('enough'), 10 + random() * 60);
    const text = await call.then(textOf, (error: Error) => `failed: ${error.message}`);
    const answer = name === 'sample' ? `${mark} sampled` : name === 'elicit' ? `${mark} elicited` : mark;
    if (cancelled) {
      if (!text.includes('enough')) tally.wrong.push(`${mark} was cancelled and says ${text}`);
      tally.cancelled++;
    } else {
      if (text !== `${name} ${answer}`) tally.wrong.push(`${name} ${mark} says ${text}`);
      tally.answered++;
    }
    for (const words of heard) if (words !== mark) tally.wrong.push(`progress of ${words} at ${mark}`);
  };
  for (let from = 0; from < calls; from += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, calls - from) }, (_, at) => one(from + at)));
  // Over HTTP a client says goodbye by DELETE; over a connector its end is the goodbye.
  if (client.transport instanceof StreamableHTTPClientTransport) await client.transport.terminateSession();
  await close();
  return tally;
}

/** Server processes that this broker started and that still run. */
function running(): number {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return command.includes('servers/busy.ts') && parentOf(pid) === process.pid;
    } catch {
      return false;
    }
  }).length;
}
const parentOf = (pid: string) => Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

test(
  `${clients} clients with ${calls} mixed calls each`,
  async () => {
    // One after the other: a connector gives a broker that does not answer few seconds, and here all of them share two cores.
    const connected: Connected[] = [];
    for (let n = 0; n < clients; n++) connected.push(await connect(n));
    const tallies = await Promise.all(connected.map((one, n) => work(n, one)));
    expect(tallies.flatMap(({ wrong }) => wrong)).toEqual([]);
    const answered = tallies.reduce((sum, each) => sum + each.answered, 0);
    const cancelled = tallies.reduce((sum, each) => sum + each.cancelled, 0);
    expect(answered + cancelled).toBe(clients * calls);
    console.log(`${answered} calls answered, ${cancelled} cancelled, by ${clients} clients at once`);
    expect(cancelled).toBeGreaterThan(0);

    await until('their connections are gone', async () => (await den.api.client.list()).every(({ connections }) => connections === 0));
    await until(
      'their server processes are gone',
      async () => running() === 0 && (await den.api.server.show({ name: 'busy' })).processes === 0,
    );
    expect(await den.api.approval.list()).toEqual([]);
    await sleep(100);
    expect(warnings.filter((words) => words.includes('MaxListeners'))).toEqual([]);
  },
  scale(60_000, 600_000),
);

test('after all this the log verifies', async () => {
  expect(await den.api.log.verify()).toMatchObject({ ok: true, problems: [] });
});
