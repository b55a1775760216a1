// Arranges log entries as threads: everything one session did stands together, equal actions in a row as one line.
import type { Entry } from '../../shared/vocabulary.ts';
import type { Outcome } from '../ui/mark.tsx';
import type { FeedState, Page } from './feed.ts';

export type ThreadLine = {
  readonly kind: 'thread';
  readonly key: string;
  readonly client: string | null;
  readonly session: string | null;
  readonly count: number;
  readonly first: string;
};
export type EntryLine = {
  readonly kind: 'entry';
  readonly key: string;
  readonly entry: Entry;
  readonly outcome: Entry | null;
  /** Ends its thread. */
  readonly last: boolean;
  /** Stands under the line of its group. */
  readonly inGroup: boolean;
};
/** Equal actions one after the other, newest first. */
export type GroupLine = { readonly kind: 'group'; readonly key: string; readonly entries: readonly EntryLine[]; readonly last: boolean };
/** A page that was read and let go again; it is read again when somebody comes near. */
export type GapLine = { readonly kind: 'gap'; readonly key: string; readonly page: number; readonly heads: number; readonly rows: number };
export type Line = ThreadLine | EntryLine | GroupLine | GapLine;

/** Every line of the list, groups opened where `opened` says so, and where each older page starts. Pages are arranged once. */
export function linesOf({ live, older, outcomes }: FeedState, opened: ReadonlySet<string>): { lines: Line[]; starts: number[] } {
  const out: Line[] = [];
  const starts: number[] = [];
  const put = (lines: readonly Line[]) => {
    for (const line of lines) {
      out.push(line);
      if (line.kind === 'group' && opened.has(line.key)) {
        const end = line.entries.length - 1;
        line.entries.forEach((each, index) => {
          out.push({ ...each, inGroup: true, last: line.last && index === end });
        });
      }
    }
  };
  put(threadsOf(live, outcomes));
  older.forEach((page, index) => {
    starts.push(out.length);
    if (page.rows === null) out.push({ kind: 'gap', key: `p${page.before}`, page: index, heads: page.heads, rows: page.lines });
    else put(arranged(page, outcomes));
  });
  return { lines: out, starts };
}

const kept = new WeakMap<Page, readonly Line[]>();

/** An older page has all its outcomes: they were written later, so they were read before it. */
export function arranged(page: Page, outcomes: ReadonlyMap<number, Entry>): readonly Line[] {
  const known = kept.get(page);
  if (known !== undefined) return known;
  const lines = threadsOf(page.rows ?? [], outcomes);
  kept.set(page, lines);
  return lines;
}

/** No request, but of a session all the same: what it touched, and what came of the client's own tools. */
const ofSession = new Set(['session.labelled', 'client-tool.ended']);
/** Comings and goings: a thread does not stand first because somebody opened this very page, or a server was started for a call. */
const routine = new Set([
  'operator.signed-in',
  'operator.redeemed',
  'client.seen',
  'server.started',
  'server.exited',
  'broker.started',
  'broker.stopped',
]);

/**
 * A page can only be as long as a thread: one that would be cut here goes on under a head of its own. The thread in which something happened
 * last stands first.
 */
function threadsOf(page: readonly Entry[], outcomes: ReadonlyMap<number, Entry>): Line[] {
  const threads = new Map<string, Entry[]>();
  const order = new Set<string>();
  for (const entry of page) {
    const key = isAct(entry) && !ofSession.has(entry.type) ? 'operator' : (entry.session ?? entry.client ?? 'operator');
    const thread = threads.get(key);
    if (thread === undefined) threads.set(key, [entry]);
    else thread.push(entry);
    if (!routine.has(entry.type)) order.add(key);
  }
  return [...order, ...[...threads.keys()].filter((key) => !order.has(key))].flatMap((key): Line[] => {
    const entries = threads.get(key) ?? [];
    const first = entries.at(-1) as Entry;
    const own = key === 'operator';
    const head: Line = {
      kind: 'thread',
      key: `t${key} ${first.seq}`,
      client: own ? null : (first.client ?? null),
      session: own ? null : (first.session ?? null),
      count: entries.length,
      first: first.at,
    };
    return [head, ...grouped(entries, outcomes)];
  });
}

/** Two equal actions in a row are enough where we can say how many files they were, three where we can only count calls. */
function grouped(entries: readonly Entry[], outcomes: ReadonlyMap<number, Entry>): Line[] {
  const out: Line[] = [];
  const line = (entry: Entry, last: boolean): EntryLine => ({
    kind: 'entry',
    key: `e${entry.seq}`,
    entry,
    outcome: outcomes.get(entry.seq) ?? null,
    last,
    inGroup: false,
  });
  for (let from = 0; from < entries.length; ) {
    const entry = entries[from] as Entry;
    const equal = sameAction(entry, outcomes.get(entry.seq) ?? null);
    let to = from + 1;
    while (equal !== null && to < entries.length) {
      const next = entries[to] as Entry;
      if (sameAction(next, outcomes.get(next.seq) ?? null) !== equal) break;
      to += 1;
    }
    const last = to === entries.length;
    const oldest = entries[to - 1] as Entry;
    if (to - from >= (entry.sentence?.[0]?.several ? 2 : 3)) {
      // Named by its oldest entry, so that it stays the same group while it grows.
      out.push({ kind: 'group', key: `g${oldest.seq}`, entries: entries.slice(from, to).map((each) => line(each, false)), last });
      from = to;
    } else {
      out.push(line(entry, from === entries.length - 1));
      from += 1;
    }
  }
  return out;
}

const actions = new WeakMap<Entry, { outcome: Entry | null; key: string | null }>();

/** Equal for actions that one sentence can say; null for what must stand alone. Asked again for the whole window at each change. */
function sameAction(entry: Entry, outcome: Entry | null): string | null {
  const known = actions.get(entry);
  if (known?.outcome === outcome) return known.key;
  const key = actionOf(entry, outcome);
  actions.set(entry, { outcome, key });
  return key;
}

function actionOf(entry: Entry, outcome: Entry | null): string | null {
  const ending = endingOf(entry, outcome);
  if (ending !== 'ok' && ending !== 'denied' && ending !== 'error') return null;
  const by = outcome?.decidedBy ?? entry.decidedBy;
  // What the operator answered was a question of its own.
  if (by === 'operator') return null;
  const [first, ...rest] = entry.sentence ?? [];
  return [
    ending,
    entry.server,
    entry.capability,
    by,
    first?.verb,
    first?.several,
    ...rest.flatMap(({ verb, object }) => [verb, object]),
  ].join('\n');
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
