// What a tray or a notification says of a question and of what was done, one line each, names only, nothing that hides or
// runs on; and of the state of the broker, with the acts that fit it.
import type { Approval, Entry } from '../../shared/vocabulary.ts';
import type { Face } from './desktop.ts';

const longest = 60;

/** A stranger's name on one line: what does not show as itself becomes a question mark, and so does what a desktop would take for markup. */
function shown(name: string): string {
  const clean = name.replace(/[^\p{L}\p{N}\p{P}\p{Sm}\p{Sc} ]|[<>]/gu, '?');
  return clean.length > longest ? `${clean.slice(0, longest - 1)}…` : clean;
}

const nameOf = (capability: string) => shown(capability.slice(capability.indexOf(':') + 1));

/** `discreet`: others may read it, so it says only that somebody waits. */
export function questionWords(approval: Approval, discreet: boolean): string {
  if (discreet) return 'A request waits for your answer';
  return `${shown(approval.client)} wants to use ${nameOf(approval.capability)} of ${shown(approval.server)}`;
}

const results: Record<string, string> = {
  ok: 'done',
  error: 'failed',
  denied: 'refused',
  expired: 'refused, nobody answered',
  withdrawn: 'withdrawn',
  interrupted: 'interrupted',
  open: 'still waiting',
};

const clock = (at: string) => new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });

export function lastWords(entry: Entry): string {
  return `${clock(entry.at)}  ${shown(entry.client ?? '')}, ${shown(entry.server ?? '')}: ${nameOf(entry.capability ?? '')}, ${results[entry.result ?? ''] ?? ''}`;
}

interface State {
  readonly locked: boolean;
  readonly pausedUntil: string | null;
  /** `off`, or until when nobody answers; undefined where there is no such setting. */
  readonly away: string | undefined;
  readonly waiting: number;
}

const acts = {
  pause: [
    { label: 'Refuse everything for 15 minutes', act: { act: 'pause', for: '15m' } },
    { label: 'Refuse everything for 1 hour', act: { act: 'pause', for: '1h' } },
  ],
  away: [{ label: 'I am away for 1 hour', act: { act: 'away', for: '1h' } }],
  lock: [{ label: 'Stop everything now', act: { act: 'lock' } }],
};

export function stateWords({ locked, pausedUntil, away, waiting }: State): Pick<Face, 'icon' | 'tip' | 'acts' | 'open'> {
  if (locked) return { icon: 'locked', tip: 'Everything is stopped', acts: [], open: 'Start again in Gatehouse' };
  if (pausedUntil !== null) {
    return {
      icon: 'locked',
      tip: `Everything is refused until ${clock(pausedUntil)}`,
      acts: acts.lock,
      open: 'End the pause in Gatehouse',
    };
  }
  const offered = [...acts.pause, ...(away === 'off' ? acts.away : []), ...acts.lock];
  if (waiting > 0) {
    return {
      icon: 'waiting',
      tip: `${waiting} ${waiting === 1 ? 'request waits' : 'requests wait'} for you`,
      acts: offered,
      open: 'Open Gatehouse',
    };
  }
  if (away !== undefined && away !== 'off') {
    return { icon: 'quiet', tip: 'You are away: requests are refused', acts: offered, open: 'Come back in Gatehouse' };
  }
  return { icon: 'quiet', tip: 'Gatehouse is watching', acts: offered, open: 'Open Gatehouse' };
}
