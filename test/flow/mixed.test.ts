// Many clients of both eras at once, with one credential, at servers of both eras: nothing reaches the wrong party, nothing is lost.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/attempt.ts';
import { checkout } from '../support/house.ts';
import { type Den, named, openDen } from '../support/imps.ts';
import { connectModern, type Modern } from '../support/modern-client.ts';
import { scale } from '../support/scale.ts';
import { type Help, textOf } from '../support/sdk-client.ts';

let den: Den;
let help: Help;
const opened: Modern[] = [];
const clients = scale(6, 32);
const calls = scale(20, 200);

beforeAll(async () => {
  den = await openDen();
  await den.add('older', { tools: named('echo', 'never') });
  const args = [join(checkout, 'test', 'support', 'servers', 'both-eras.ts')];
  await den.api.server.add({ name: 'newer', command: process.execPath, args, accept: true });
  help = await den.pair('crowd', 'all', 5);
  for (const server of ['older', 'newer']) await den.allow('crowd', server, 'tool:*');
});
afterAll(async () => {
  for (const { close } of opened) await close().catch(() => {});
  await den?.close();
});

/** The same each time, so that a failure can be looked at again. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const arrived = (said: string) => den.calls('older', 'never').some((input) => (input as { said?: string }).said === said);

test(`${clients} clients, ${calls} calls each, some withdrawn`, async () => {
  const crowd = await Promise.all(
    Array.from({ length: clients }, (_, n) =>
      connectModern(help, n % 3 === 0 ? 'connector' : 'http', null, n % 2 === 0 ? 'pinned' : 'legacy'),
    ),
  );
  opened.push(...crowd);
  let [answered, withdrawn] = [0, 0];
  await Promise.all(
    crowd.map(async ({ client }, n) => {
      const roll = dice(n + 1);
      // Counted as it arrives: notes that come in one piece with the reply are here, and the SDK forgets who hears them.
      let [due, came] = [0, 0];
      const { transport } = client;
      const take = transport?.onmessage;
      if (transport)
        transport.onmessage = (message, extra) => {
          if ('method' in message && message.method === 'notifications/progress') came++;
          take?.(message, extra);
        };
      // A few at a time: the door takes 256 sockets.
      for (let done = 0; done < calls; done += 4) {
        await Promise.all(
          Array.from({ length: Math.min(4, calls - done) }, async (_, at) => {
            const said = `client ${n} call ${done + at}`;
            const kind = roll(4);
            if (kind === 3) {
              const gone = new AbortController();
              const call = client.callTool({ name: 'older__never', arguments: { said } }, { signal: gone.signal }).catch(() => 'withdrawn');
              // In a session over HTTP a cancellation is a POST of its own, which may overtake its call, and then means nothing.
              if (n % 2 === 1 && n % 3 !== 0) await until('it is there', () => arrived(said));
              setTimeout(() => gone.abort(), roll(60));
              expect(await call).toBe('withdrawn');
              withdrawn++;
              return;
            }
            const progress: number[] = [];
            const [name, input] = [
              ['older__echo', { said }],
              ['newer__echo', { said }],
              ['newer__work', { steps: 2 + roll(3), ms: 40 + roll(20) }],
            ][kind] as [string, { said?: string; steps?: number }];
            const result = await client.callTool({ name, arguments: input }, { onprogress: (note) => void progress.push(note.progress) });
            expect(textOf(result)).toContain(input.said ?? `worked ${input.steps}`);
            const steps = Array.from({ length: input.steps ?? 0 }, (_each, step) => step + 1);
            expect(progress).toEqual(steps.slice(0, progress.length));
            due += steps.length;
            answered++;
          }),
        );
      }
      expect(came, `progress of client ${n}`).toBe(due);
    }),
  );
  expect(answered + withdrawn).toBe(clients * calls);
  const cancelled = () => den.reached('older').filter(({ method }) => method === 'notifications/cancelled').length;
  const never = () => den.calls('older', 'never').length;
  // A call that was withdrawn before it reached its server has nothing to cancel there.
  await until('every withdrawn call is cancelled at its server', () => cancelled() >= never());
  for (const { close } of opened.splice(0)) await close();
  await until('the connectors are gone', async () =>
    (await den.api.session.list()).every(({ pid, connections }) => pid === null || connections === 0),
  );
  expect(await den.api.log.verify()).toMatchObject({ ok: true, problems: [] });
});
