// A recorded working day: how often three clients over twelve servers make a person answer, on the first day and on the second.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Grant } from '../../shared/vocabulary.ts';
import { type Call, dayIn, sources } from '../fixtures/working-day/day.ts';
import { attempt } from '../support/attempt.ts';
import { checkout, serverEntry } from '../support/house.ts';
import { type Den, openDen } from '../support/imps.ts';
import { type Connected, connectClient, type Help } from '../support/sdk-client.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-day-')));
const acme = join(top, 'code', 'acme');
const recorded = (name: string) => join(checkout, 'test', 'fixtures', 'definitions', `${name}.json`);
const written = (name: string) => join(checkout, 'test', 'fixtures', 'working-day', `${name}.json`);
/** The filesystem server is the real one; the others have the tools of the real ones (recorded where npm has them). */
const parrots = {
  ...{ git: written('git'), sqlite: written('sqlite'), fetch: written('fetch'), time: written('time') },
  ...{ github: recorded('github'), slack: recorded('slack'), postgres: recorded('postgres'), memory: recorded('memory') },
  ...{ playwright: recorded('playwright'), thinking: recorded('sequential-thinking'), context7: recorded('context7') },
};
const servers = ['files', ...Object.keys(parrots)];
const clients = ['coder', 'editor', 'desk'] as const;
const day = dayIn(acme);
let den: Den;
const help = new Map<Call['client'], Help>();

beforeAll(async () => {
  for (const path of sources) {
    mkdirSync(dirname(join(acme, path)), { recursive: true });
    writeFileSync(join(acme, path), 'a\n');
  }
  mkdirSync(join(acme, '.git'));
  den = await openDen();
  const add = (name: string, ...args: string[]) => den.api.server.add({ name, command: process.execPath, args, cwd: acme, accept: true });
  await add('files', serverEntry('filesystem'), acme);
  for (const [name, file] of Object.entries(parrots)) await add(name, join(checkout, 'test', 'support', 'servers', 'parrot.ts'), file);
  for (const name of clients) help.set(name, await den.pair(name, servers, 45));
}, 120_000);
afterAll(async () => {
  await den.close();
  rmSync(top, { recursive: true, force: true });
});

interface Answer {
  readonly who: string;
  readonly width: string;
  readonly decidedBy: string;
}

/** Works through the day; the operator takes the first width offered, and the longest time offered. */
async function work(): Promise<Answer[]> {
  const answers: Answer[] = [];
  const open = new Map<string, Connected>();
  for (const name of clients)
    open.set(name, await connectClient(help.get(name) as Help, 'connector', null, { cwd: acme, capabilities: {} }));
  for (const call of day) {
    const { client } = open.get(call.client) as Connected;
    const tried = attempt(client, `${call.server}__${call.tool}`, call.arguments);
    while (tried.result === 'open') {
      await Promise.race([tried.done, sleep(100)]);
      if (tried.result !== 'open') break;
      const [question] = await den.api.approval.list();
      if (!question) continue;
      const match = (question.widths[0]?.id ?? 'exact') as 'exact';
      const { id, nonce, alwaysOffered, presence } = question;
      // While a client may click, the operator types the PIN with each answer (T37).
      const operator = presence === 'pin' ? await den.proved() : den.api;
      await operator.approval.approve({ id, nonce, match, for: alwaysOffered ? 'always' : '30d' });
      answers.push({
        who: `${question.client} ${question.server} ${question.capability}`,
        width: question.widths[0]?.label ?? 'exactly these arguments',
        decidedBy: question.path ? 'flow' : 'first time',
      });
    }
    expect(tried.result, `${call.client} ${call.server} ${call.tool}: ${tried.words}`).not.toBe('failed');
    expect(tried.words).not.toContain('Denied by Gatehouse');
  }
  for (const one of open.values()) await one.close();
  return answers;
}

/** A folder, a repository, a host, a channel, a database's reading, or what a server holds itself: nothing wider. */
function isNarrow({ match }: Grant): boolean {
  if (match.kind === 'exact') return true;
  if (match.kind !== 'within') return false;
  return (match.places ?? []).every((place) =>
    place.kind === 'folder'
      ? place.path.startsWith(acme)
      : ['file', 'repository', 'host', 'recipient', 'queries', 'inside'].includes(place.kind),
  );
}

test('a working day of 3 clients over 12 servers: at most 15 prompts cold, at most 3 on the second day, no grant wider than a place', async () => {
  expect(new Set(day.map(({ server }) => server)).size).toBe(12);
  expect(day.length).toBeGreaterThanOrEqual(400);
  const cold = await work();
  const grants = await den.api.grant.list();
  den.skip(23 * 3_600_000);
  const second = await work();
  console.log(
    [
      `working day: ${day.length} calls of 3 clients over 12 servers; ${cold.length} prompts cold, ${second.length} on the second day`,
      ...cold.map(({ who, width, decidedBy }) => `  day 1: ${who}: ${width} (${decidedBy})`),
      ...second.map(({ who, width, decidedBy }) => `  day 2: ${who}: ${width} (${decidedBy})`),
    ].join('\n'),
  );
  expect(grants.filter((grant) => !isNarrow(grant)).map(({ match }) => match)).toEqual([]);
  expect(cold.length).toBeLessThanOrEqual(15);
  expect(second.length).toBeLessThanOrEqual(3);
}, 300_000);
