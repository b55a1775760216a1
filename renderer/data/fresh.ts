// Renews what the broker calls stale: one round for each topic at a time, and no change that falls into a round is lost.
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { codeOf } from './fault.ts';

/** A round that has not ended after this, ms, is given up and asked anew: an answer that was lost on its way comes no more. */
const longestRound = 5000;
/** Between two rounds of one topic, ms: a rush of changes is one round, not one for each. */
const breath = 50;
/** Rounds that are tried again after they failed, with growing pauses. */
const mostTries = 6;

interface Topic {
  running: boolean;
  again: boolean;
}

export class Fresh {
  private readonly cache: QueryClient;
  private readonly topics = new Map<string, Topic>();
  private stopped = false;

  constructor(cache: QueryClient) {
    this.cache = cache;
  }

  start(): void {
    this.stopped = false;
  }

  stop(): void {
    this.stopped = true;
  }

  /** `queryKey` undefined: everything. */
  stale(topic: string, queryKey?: QueryKey): void {
    const known = this.topics.get(topic) ?? { running: false, again: false };
    this.topics.set(topic, known);
    known.again = true;
    if (!known.running) void this.renew(known, queryKey === undefined ? {} : { queryKey });
  }

  private async renew(topic: Topic, which: { queryKey?: QueryKey }): Promise<void> {
    topic.running = true;
    let hung = false;
    for (let failed = 0; topic.again && !this.stopped; ) {
      // What is on its way already was perhaps answered before this change: it is let in, and asked for once more.
      const early = this.cache.isFetching(which) > 0 && !hung;
      topic.again = early;
      // To cancel and ask again at each change would never let one through while changes come faster than answers.
      const round: Promise<void> = this.cache.invalidateQueries(which, { cancelRefetch: hung });
      hung = !(await Promise.race([round.then(() => true), pause(longestRound).then(() => false)]));
      if (hung) topic.again = true;
      else if (this.broken(which) && failed < mostTries) {
        topic.again = true;
        await pause(Math.min(8000, 400 * 2 ** failed));
        failed += 1;
      } else failed = 0;
      await pause(breath);
    }
    topic.running = false;
  }

  /** True where an answer failed on its way. A no of the broker is an answer. */
  private broken(which: { queryKey?: QueryKey }): boolean {
    return this.cache
      .getQueryCache()
      .findAll({ ...which, type: 'active' })
      .some(({ state }) => state.error !== null && ['lost', 'fault'].includes(codeOf(state.error)));
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
