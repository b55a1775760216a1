// Arranges log entries as threads: everything one session did stands together, the thread that moved last on top.
import type { Entry } from '../../shared/vocabulary.ts';
import type { Outcome } from '../ui/mark.tsx';
import type { FeedState } from './feed.ts';

export type Line =
  | {
      readonly kind: 'thread';
      readonly key: string;
      readonly client: string | null;
      readonly session: string | null;
      readonly count: number;
      readonly first: string;
    }
  | { readonly kind: 'entry'; readonly key: string; readonly entry: Entry; readonly outcome: Entry | null; readonly last: boolean };

/** Flat lines for a virtual list. Each page is threaded by itself, so that reading on never moves what was already read. */
export function linesOf({ live, older, outcomes }: Pick<FeedState, 'live' | 'older' | 'outcomes'>): Line[] {
  return [live, ...older].flatMap((page) => threadsOf(page, outcomes));
}

function threadsOf(page: readonly Entry[], outcomes: ReadonlyMap<number, Entry>): Line[] {
  const threads = new Map<string, Entry[]>();
  for (const entry of page) {
    const key = isAct(entry) ? 'operator' : (entry.session ?? entry.client ?? 'operator');
    const thread = threads.get(key);
    if (thread === undefined) threads.set(key, [entry]);
    else thread.push(entry);
  }
  return [...threads].flatMap(([key, entries]): Line[] => {
    const first = entries.at(-1) as Entry;
    const head: Line = {
      kind: 'thread',
      key: `t${key} ${first.seq}`,
      client: key === 'operator' ? null : (first.client ?? null),
      session: key === 'operator' ? null : (first.session ?? null),
      count: entries.length,
      first: first.at,
    };
    const rows = entries.map(
      (entry, index): Line => ({
        kind: 'entry',
        key: `e${entry.seq}`,
        entry,
        outcome: outcomes.get(entry.seq) ?? null,
        last: index === entries.length - 1,
      }),
    );
    return [head, ...rows];
  });
}

/** An act of the operator or of the broker, as opposed to a request of a client. */
export const isAct = (entry: Entry): boolean => !['asked', 'outcome', 'refused'].includes(entry.type);

/** How a request ended, for its mark and its sentence. */
export type Ending = 'waits' | 'runs' | 'ok' | 'error' | 'denied' | 'expired' | 'withdrawn' | 'interrupted' | 'open' | 'act';

export function endingOf(entry: Entry, outcome: Entry | null): Ending {
  if (isAct(entry)) return 'act';
  const end = outcome ?? (entry.type === 'outcome' ? entry : null);
  if (end?.result !== undefined) return end.result;
  if (entry.type === 'refused' || entry.verdict === 'deny') return 'denied';
  return entry.verdict === 'ask' ? 'waits' : 'runs';
}

export function markOf(entry: Entry, ending: Ending): Outcome {
  if (ending === 'act')
    return /lock|quarantin|refus|denied|deny|revoke|remove|reject|pause/.test(entry.type) && !/unlock/.test(entry.type) ? 'refused' : 'act';
  if (ending === 'ok' || ending === 'runs') return 'passed';
  if (ending === 'waits' || ending === 'open') return 'asked';
  if (ending === 'error' || ending === 'interrupted') return 'failed';
  return 'refused';
}
