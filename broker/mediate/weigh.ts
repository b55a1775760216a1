// What labels and flows add to a question: its risk, its alarm, the reasons in words, and the path that led there.
import type { Approval, Label } from '../../shared/vocabulary.ts';
import type { Step } from './flows.ts';
import type { Presentation } from './question.ts';

export interface Touch {
  readonly labels: readonly Label[];
  /** Steps that led here, where the request would complete a toxic flow. */
  readonly path: readonly Step[] | null;
  readonly now: { readonly what: string; readonly object?: string };
  /** It executes what it is given. */
  readonly runs: boolean;
}

const ranks = ['low', 'medium', 'high', 'critical'] as const;
export const atLeast = (risk: Approval['risk'], least: Approval['risk']): Approval['risk'] =>
  ranks.indexOf(risk) >= ranks.indexOf(least) ? risk : least;

/** Labels alone raise to medium; a completed flow is high. What leaves, destroys or runs is never offered for good. */
export function weighed(shown: Presentation, { labels, path, now, runs }: Touch): Presentation {
  const reasons: string[] = [];
  if (path) reasons.push('This session has read private data and the words of strangers, and this goes out');
  if (labels.includes('controls-screen')) reasons.push('It can click and type in your place');
  if (labels.includes('destructive') && !shown.reasons.some((reason) => /delete|undo/i.test(reason)))
    reasons.push('It can change or delete things');
  if (labels.includes('outward') && !path) reasons.push('It reaches the outside world');
  const risk = path
    ? atLeast(shown.risk, 'high')
    : labels.some((label) => grave.includes(label))
      ? atLeast(shown.risk, 'medium')
      : shown.risk;
  const alarm =
    shown.alarm ??
    (path || labels.includes('outward') ? 'leaves' : labels.includes('destructive') ? (runs ? 'runs' : 'destroys') : undefined);
  return {
    ...shown,
    risk,
    reasons: [...new Set([...reasons, ...shown.reasons])],
    labels,
    alwaysOffered: shown.alwaysOffered && !labels.some((label) => grave.includes(label)),
    ...(alarm === undefined || risk === 'low' ? {} : { alarm }),
    ...(path
      ? {
          answers: [...(shown.answers ?? []), 'flow'],
          path: [
            ...path.map(({ at, what, object, label }) => ({ at, what, ...(object === undefined ? {} : { object }), label })),
            { at: null, ...now, label: 'outward' },
          ],
        }
      : {}),
  };
}

const grave: readonly Label[] = ['outward', 'destructive', 'controls-screen'];
