// The stream of what changed: every subscriber hears `hello` first, then each topic that went stale.
import type { Topic } from '../../shared/contract.ts';

export interface Topics {
  /** Says that these topics are stale. Never throws, never waits. */
  publish(...changed: readonly Topic[]): void;
  /** `hello`, then one event per stale topic, until `signal` aborts or `close()`. */
  subscribe(signal?: AbortSignal): AsyncGenerator<{ topic: Topic | 'hello' }, void, void>;
  /** Ends every subscription. */
  close(): void;
}

interface Subscriber {
  // A set, so a slow reader holds at most one event per topic however much happens.
  readonly waiting: Set<Topic>;
  wake: () => void;
}

export function createTopics(): Topics {
  const subscribers = new Set<Subscriber>();
  let closed = false;
  return {
    publish(...changed) {
      for (const subscriber of subscribers) {
        for (const topic of changed) subscriber.waiting.add(topic);
        subscriber.wake();
      }
    },
    async *subscribe(signal) {
      const subscriber: Subscriber = { waiting: new Set(), wake: () => {} };
      const wake = () => subscriber.wake();
      // Listening starts before `hello`: what changes while the reader loads its first picture is not lost.
      subscribers.add(subscriber);
      signal?.addEventListener('abort', wake);
      try {
        yield { topic: 'hello' };
        while (!closed && !signal?.aborted) {
          const next = subscriber.waiting.values().next();
          if (next.done) {
            await new Promise<void>((resolve) => {
              subscriber.wake = resolve;
            });
            continue;
          }
          subscriber.waiting.delete(next.value);
          yield { topic: next.value };
        }
      } finally {
        subscribers.delete(subscriber);
        signal?.removeEventListener('abort', wake);
      }
    },
    close() {
      closed = true;
      for (const subscriber of subscribers) subscriber.wake();
    },
  };
}
