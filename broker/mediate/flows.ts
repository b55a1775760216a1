// Toxic flows (security.md T06): what a session has touched so far, and whether a call would let private data out under a stranger's hand.
import type { Label } from '../../shared/vocabulary.ts';

export interface Step {
  readonly at: string;
  readonly session: string;
  readonly server: string;
  readonly capability: string;
  /** Ours: `read`, `looked at`. */
  readonly what: string;
  /** Theirs: a path, a host. */
  readonly object?: string | undefined;
  readonly label: Label;
}

/** Labels that a session keeps; the others are about one call. */
export const gathered: readonly Label[] = ['private', 'untrusted'];
/** A session that the same credential opens within this time inherits what the last one touched, in milliseconds. */
const inheritMs = 8 * 3_600_000;
/** A label met again is written down again after this long, so that the eight hours count from the last time. */
const refreshMs = 30 * 60_000;
const mostSteps = 64;

/** Steps that count for this session: its own, and what the client's other sessions left within eight hours. */
export function stepsOf(steps: readonly Step[], session: string, now: number): Step[] {
  const newest = new Map<Label, Step>();
  for (const step of steps) {
    if (step.session !== session && now - Date.parse(step.at) > inheritMs) continue;
    const known = newest.get(step.label);
    // Its own step tells more than an inherited one.
    if (!known || step.session === session || known.session !== session) newest.set(step.label, step);
  }
  return [...newest.values()].sort((a, b) => (a.at < b.at ? -1 : 1));
}

export const labelsHeld = (steps: readonly Step[], session: string, now: number): Label[] =>
  stepsOf(steps, session, now).map(({ label }) => label);

/**
 * The way to this call, where the session already holds what is private and what a stranger wrote, and the call goes out; else null.
 * What the call itself would bring does not count: it comes after what goes out.
 */
export function completes(steps: readonly Step[], session: string, labels: readonly Label[], now: number): Step[] | null {
  if (!labels.includes('outward')) return null;
  const held = stepsOf(steps, session, now);
  return gathered.every((label) => held.some((step) => step.label === label)) ? held : null;
}

/** The trail with one more call on it; null where it says nothing new. Inherited steps become the session's own, so that they stay. */
export function withCall(steps: readonly Step[], call: Omit<Step, 'label' | 'at'>, labels: readonly Label[], now: number): Step[] | null {
  const held = stepsOf(steps, call.session, now);
  const inherited = held.filter(({ session }) => session !== call.session).map((step) => ({ ...step, session: call.session }));
  const fresh = gathered.filter((label) => {
    if (!labels.includes(label)) return false;
    const known = held.find((step) => step.label === label);
    return !known || now - Date.parse(known.at) > refreshMs;
  });
  if (fresh.length === 0 && inherited.length === 0) return null;
  const at = new Date(now).toISOString();
  const kept = steps.filter((step) => step.session === call.session || now - Date.parse(step.at) <= inheritMs);
  const others = kept.filter((step) => !(step.session === call.session && fresh.includes(step.label)));
  return [...others, ...inherited.filter(({ label }) => !fresh.includes(label)), ...fresh.map((label) => ({ ...call, at, label }))].slice(
    -mostSteps,
  );
}
