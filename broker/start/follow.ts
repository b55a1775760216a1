// The live log as a stream: what is there first, then each entry as it is written.
import type { Entry } from '../../shared/vocabulary.ts';

interface Source<Filter> {
  list(filter: Filter & { after: number; limit: number }): Entry[];
  subscribe(listener: (entry: Entry) => void, filter: Filter): () => void;
}

const page = 500;
/** A reader this far behind reads on from the file instead. */
const mostHeld = 10_000;

/** Entries after `after` (none of the past when undefined), in order, each once, until `signal` aborts. */
export async function* follow<Filter extends object>(
  log: Source<Filter>,
  filter: Filter,
  after: number | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Entry, void, void> {
  let held: Entry[] = [];
  let behind = false;
  let wake = () => {};
  const stop = log.subscribe((entry) => {
    if (held.length < mostHeld) held.push(entry);
    else behind = true;
    wake();
  }, filter);
  const aborted = () => wake();
  signal?.addEventListener('abort', aborted);
  try {
    let last = after;
    behind = after !== undefined;
    while (!signal?.aborted) {
      if (behind) {
        behind = false;
        held = [];
        for (;;) {
          const entries = log.list({ ...filter, after: last ?? 0, limit: page });
          for (const entry of entries) {
            yield entry;
            last = entry.seq;
          }
          if (entries.length < page) break;
        }
      }
      const entries = held;
      held = [];
      for (const entry of entries) {
        if (last !== undefined && entry.seq <= last) continue;
        yield entry;
        last = entry.seq;
      }
      if (held.length === 0 && !behind && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    stop();
    signal?.removeEventListener('abort', aborted);
  }
}
