// What a tray or a notification says of a question and of what was done: one line each, names only, nothing that hides or runs on.
import type { Approval, Entry } from '../../shared/vocabulary.ts';

const longest = 60;

/** A stranger's name on one line: what does not show as itself becomes a question mark. */
function shown(name: string): string {
  const clean = name.replace(/[^\p{L}\p{N}\p{P}\p{Sm}\p{Sc} ]/gu, '?');
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

export function lastWords(entry: Entry): string {
  const at = new Date(entry.at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return `${at}  ${shown(entry.client ?? '')}, ${shown(entry.server ?? '')}: ${nameOf(entry.capability ?? '')}, ${results[entry.result ?? ''] ?? ''}`;
}
