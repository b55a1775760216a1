// The answers a prompt offers: which arguments a yes covers, for how long, and which of them is one press away.
import type { Approval } from '../../shared/vocabulary.ts';

export type Width = 'exact' | 'any' | `suggested:${string}`;
export type Time = 'session' | '1h' | '8h' | '30d' | 'always';
export interface Allowance {
  readonly match: Width;
  readonly time: Time;
}

export function widthsOf(approval: Approval): { id: Width; label: string | null }[] {
  return [
    ...approval.widths.map((width) => ({ id: width.id as Width, label: width.label })),
    { id: 'exact' as const, label: null },
    { id: 'any' as const, label: null },
  ].filter((width, index, all) => all.findIndex((each) => each.id === width.id) === index);
}

export function timesOf(approval: Approval): Time[] {
  return approval.alwaysOffered ? ['session', '1h', '8h', '30d', 'always'] : ['session', '1h', '8h', '30d'];
}

/** The narrowest width that would stop the repeats, for a time that suits the risk (security.md, section 2, rule 8). */
export function suggestionOf(approval: Approval): Allowance {
  const narrowest = approval.widths[0]?.id as Width | undefined;
  if (approval.risk === 'low') return { match: narrowest ?? 'any', time: '8h' };
  if (approval.risk === 'medium') return { match: narrowest ?? 'exact', time: 'session' };
  return { match: narrowest ?? 'exact', time: '1h' };
}

/** The moment an allowance given now would end; null for one bound to the session or to nothing. */
export function endsAt(time: Time, now: number): number | null {
  const hours = { '1h': 1, '8h': 8, '30d': 720, session: 0, always: 0 }[time];
  return hours === 0 ? null : now + hours * 3_600_000;
}

/** A question that asks for more than a glance. */
export const grave = ({ risk }: Pick<Approval, 'risk'>): boolean => risk === 'high' || risk === 'critical';
