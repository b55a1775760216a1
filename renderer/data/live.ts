// Holds the stream of changes open: each change makes what it names stale; a broken line is known, shown and tried again.
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import type { Topic } from '../../shared/contract.ts';
import type { Client } from '../transport.ts';
import type { Queries } from './console.tsx';
import { codeOf } from './fault.ts';
import { Fresh } from './fresh.ts';

export type LineState = { readonly state: 'opening' | 'live' | 'lost'; readonly since: number; readonly tries: number };

/** A line that was quiet for so long is only called lost after this, ms: a restart of the broker is not worth a banner's flicker. */
const longestPause = 8000;
/** So often the broker is asked how it is, ms: a line may be dead without a word, as a message port is when its other end goes. */
const pulse = 15_000;
/** No answer for so long is none, ms. */
const deaf = 6000;

export class LiveLine {
  private readonly client: Client;
  private readonly orpc: Queries;
  private readonly cache: QueryClient;
  private readonly fresh: Fresh;
  private readonly leave: () => void;
  private current: LineState = { state: 'opening', since: Date.now(), tries: 0 };
  private readonly listeners = new Set<() => void>();
  private wake: (() => void) | null = null;
  private stopped = false;

  constructor(client: Client, orpc: Queries, cache: QueryClient, leave: () => void) {
    this.client = client;
    this.orpc = orpc;
    this.cache = cache;
    this.fresh = new Fresh(cache);
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
    this.fresh.start();
    void this.run(stop.signal);
    return () => {
      this.stopped = true;
      this.fresh.stop();
      stop.abort();
      this.wake?.();
    };
  }

  /** Tries again now instead of after the pause. */
  readonly retry = (): void => this.wake?.();

  private async run(signal: AbortSignal): Promise<void> {
    for (let tries = 0; !this.stopped; tries += 1) {
      const attempt = new AbortController();
      const end = () => attempt.abort();
      signal.addEventListener('abort', end);
      const beat = setInterval(() => void this.feel(attempt), pulse);
      try {
        for await (const { topic } of await this.client.changes(undefined, { signal: attempt.signal })) {
          if (topic === 'hello') {
            tries = 0;
            this.set({ state: 'live', since: Date.now(), tries: 0 });
            this.fresh.stale('all');
          } else for (const key of this.keysOf(topic)) this.fresh.stale(JSON.stringify(key), key);
        }
      } catch (error) {
        if (this.stopped) return;
        if (codeOf(error) === 'not-verified') return this.leave();
      } finally {
        clearInterval(beat);
        signal.removeEventListener('abort', end);
      }
      if (this.stopped) return;
      this.set({ state: 'lost', since: this.current.state === 'lost' ? this.current.since : Date.now(), tries });
      await this.pause(Math.min(longestPause, 400 * 2 ** tries));
    }
  }

  /** Asks for the status, which is shown on every page; without an answer the line is opened anew. */
  private async feel(attempt: AbortController): Promise<void> {
    if (attempt.signal.aborted) return;
    const began = Date.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer')), deaf);
    });
    try {
      const status = await Promise.race([this.client.status(undefined, { signal: attempt.signal }), silence]);
      const key = this.orpc.status.queryKey();
      // Not over what was asked for later.
      const known = this.cache.getQueryState(key);
      if (known?.fetchStatus === 'idle' && known.dataUpdatedAt < began) this.cache.setQueryData(key, status);
    } catch {
      attempt.abort();
    } finally {
      clearTimeout(timer);
    }
  }

  private keysOf(topic: Topic): readonly QueryKey[] {
    if (topic === 'status') return [this.orpc.status.key()];
    const own = this.orpc[topic].key();
    if (topic === 'approval') return [own, this.orpc.gathered.key()];
    return topic === 'setup' || topic === 'client' ? [own, this.orpc.clientFile.key()] : [own];
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
