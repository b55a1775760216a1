// What the broker calls stale is renewed: nothing that changes while an answer is on its way is lost, and a rush starves nobody.
import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Fresh } from '../../renderer/data/fresh.ts';
import { LiveLine } from '../../renderer/data/live.ts';

const queryKey = ['status'];

/** A broker with one number, read when a call reaches it and told `late` ms after that. */
function watched(late: number) {
  const cache = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false, networkMode: 'always' } },
  });
  const broker = { value: 0, calls: 0, fails: 0, mute: 0 };
  const queryFn = async ({ signal }: { signal: AbortSignal }) => {
    broker.calls += 1;
    const seen = broker.value;
    if (broker.mute > 0) {
      broker.mute -= 1;
      return new Promise<number>(() => {});
    }
    await new Promise<void>((resolve, reject) => {
      setTimeout(resolve, late);
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    if (broker.fails > 0) {
      broker.fails -= 1;
      throw new TypeError('the line broke');
    }
    return seen;
  };
  const observer = new QueryObserver<number>(cache, { queryKey, queryFn });
  const values: number[] = [];
  const stop = observer.subscribe(({ data }) => data !== undefined && values.at(-1) !== data && values.push(data));
  return { cache, broker, values, stop, fresh: new Fresh(cache) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a change while the first answer is on its way is asked for again', async () => {
  const { broker, values, fresh } = watched(100);
  await vi.advanceTimersByTimeAsync(50);
  broker.value = 1;
  fresh.stale('status', queryKey);
  await vi.advanceTimersByTimeAsync(1000);
  expect(values.at(-1)).toBe(1);
});

test('changes that come faster than answers let answers through, and the last of them is seen', async () => {
  const { broker, values, fresh } = watched(40);
  await vi.advanceTimersByTimeAsync(100);
  const before = broker.calls;
  for (let time = 0; time < 300; time += 1) {
    broker.value += 1;
    fresh.stale('status', queryKey);
    await vi.advanceTimersByTimeAsync(10);
  }
  // Three seconds of it: seen while it goes on, and asked for far less often than it changed.
  expect(values.length).toBeGreaterThan(20);
  expect(broker.calls - before).toBeLessThan(60);
  await vi.advanceTimersByTimeAsync(500);
  expect(values.at(-1)).toBe(300);
});

test('an answer that never comes is asked for anew', async () => {
  const { broker, values, fresh } = watched(10);
  await vi.advanceTimersByTimeAsync(100);
  broker.value = 1;
  broker.mute = 1;
  fresh.stale('status', queryKey);
  await vi.advanceTimersByTimeAsync(4000);
  expect(values.at(-1)).toBe(0);
  await vi.advanceTimersByTimeAsync(2000);
  expect(values.at(-1)).toBe(1);
});

test('a round that failed on its way is tried again without another change', async () => {
  const { broker, values, fresh } = watched(10);
  await vi.advanceTimersByTimeAsync(100);
  broker.value = 1;
  broker.fails = 3;
  fresh.stale('status', queryKey);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(values.at(-1)).toBe(1);
});

test('a line that went dead without a word is known by its silence, and opened again', async () => {
  let opened = 0;
  let answers = true;
  const client = {
    changes: async (_: undefined, { signal }: { signal: AbortSignal }) => {
      opened += 1;
      return (async function* () {
        yield { topic: 'hello' as const };
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      })();
    },
    status: () => (answers ? Promise.resolve({}) : new Promise(() => {})),
  };
  const cache = new QueryClient();
  const orpc = { status: { queryKey: () => ['status'], key: () => ['status'] } };
  const line = new LiveLine(client as never, orpc as never, cache, () => {});
  const states: string[] = [];
  line.subscribe(() => states.push(line.get().state));
  const close = line.open();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([opened, states]).toEqual([1, ['live']]);
  answers = false;
  await vi.advanceTimersByTimeAsync(25_000);
  expect([opened, states]).toEqual([2, ['live', 'lost', 'live']]);
  close();
});
