import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, it, vi } from 'vitest';
import { queriesOf } from '../../renderer/data/console.tsx';
import { LiveLine } from '../../renderer/data/live.ts';
import type { Client } from '../../renderer/transport.ts';

/** A broker whose answers to `status` and whose events the test sends when it wants. */
function slowBroker() {
  const answers: ((locked: boolean) => void)[] = [];
  const events: string[] = [];
  let wake = () => {};
  const client = {
    status: () => new Promise((resolve) => answers.push((locked) => resolve({ locked }))),
    async *changes() {
      for (;;) {
        const topic = events.shift();
        if (topic !== undefined) yield { topic };
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  } as unknown as Client;
  // A real client is a function with properties, at every step of its path.
  const callable = Object.assign(() => {}, { ...client, changes: async () => client.changes(undefined) });
  const say = (topic: string) => {
    events.push(topic);
    wake();
  };
  return { client: callable as unknown as Client, answers, say };
}

function page() {
  const broker = slowBroker();
  const orpc = queriesOf(broker.client);
  const cache = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false, networkMode: 'always' } } });
  const line = new LiveLine(broker.client, orpc, cache, () => {});
  const watched = new QueryObserver(cache, orpc.status.queryOptions());
  watched.subscribe(() => {});
  return { ...broker, line, shown: () => watched.getCurrentResult().data?.locked };
}

it('does not take for fresh what a first load brings after the change that made it stale', async () => {
  const { answers, say, line, shown } = page();
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  const close = line.open();
  say('hello');
  say('status');
  say('status');
  await vi.waitFor(() => expect(line.get().state).toBe('live'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  // The answer was made before everything was stopped, and arrives after the news of it.
  answers[0]?.(false);
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]?.(true);
  await vi.waitFor(() => expect(shown()).toBe(true));
  // Once more, and not for ever.
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(answers).toHaveLength(2);
  close();
});

it('asks again while an answer is under way, and shows the last one', async () => {
  const { answers, say, line, shown } = page();
  const close = line.open();
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  answers[0]?.(false);
  await vi.waitFor(() => expect(shown()).toBe(false));
  say('status');
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  say('status');
  await vi.waitFor(() => expect(answers).toHaveLength(3));
  answers[2]?.(true);
  await vi.waitFor(() => expect(shown()).toBe(true));
  answers[1]?.(false);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(shown()).toBe(true);
  close();
});
