// Holds the stream of changes open: each change makes what it names stale; a broken line is known, shown and tried again.
import type { QueryClient } from '@tanstack/react-query';
import type { Topic } from '../../shared/contract.ts';
import type { Client } from '../transport.ts';
import type { Queries } from './console.tsx';
import { codeOf } from './fault.ts';

export type LineState = { readonly state: 'opening' | 'live' | 'lost'; readonly since: number; readonly tries: number };

/** A line that was quiet for so long is only called lost after this, ms: a restart of the broker is not worth a banner's flicker. */
const longestPause = 8000;

export class LiveLine {
  private readonly client: Client;
  private readonly orpc: Queries;
  private readonly cache: QueryClient;
  private readonly leave: () => void;
  private current: LineState = { state: 'opening', since: Date.now(), tries: 0 };
  private readonly listeners = new Set<() => void>();
  private wake: (() => void) | null = null;
  private stopped = false;

  constructor(client: Client, orpc: Queries, cache: QueryClient, leave: () => void) {
    this.client = client;
    this.orpc = orpc;
    this.cache = cache;
    this.leave = leave;
  }

  readonly get = (): LineState => this.current;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Returns what ends the line. */
  open(): () => void {
    const stop = new AbortController();
    this.stopped = false;
    void this.run(stop.signal);
    return () => {
      this.stopped = true;
      stop.abort();
      this.wake?.();
    };
  }

  /** Tries again now instead of after the pause. */
  readonly retry = (): void => this.wake?.();

  private async run(signal: AbortSignal): Promise<void> {
    for (let tries = 0; !this.stopped; tries += 1) {
      try {
        for await (const { topic } of await this.client.changes(undefined, { signal })) {
          if (topic === 'hello') {
            tries = 0;
            this.set({ state: 'live', since: Date.now(), tries: 0 });
            void this.cache.invalidateQueries();
          } else void this.cache.invalidateQueries({ queryKey: this.keyOf(topic) });
        }
      } catch (error) {
        if (this.stopped) return;
        if (codeOf(error) === 'not-verified') return this.leave();
      }
      if (this.stopped) return;
      this.set({ state: 'lost', since: this.current.state === 'lost' ? this.current.since : Date.now(), tries });
      await this.pause(Math.min(longestPause, 400 * 2 ** tries));
    }
  }

  private keyOf(topic: Topic) {
    if (topic === 'status') return this.orpc.status.key();
    return this.orpc[topic].key();
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private set(next: LineState): void {
    this.current = next;
    for (const listener of this.listeners) listener();
  }
}
