// The part of time that the log shows: any, one of a few usual spans, or the bar of the time line that was pressed.

import { clock, sameDay, when } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Choice } from '../ui/field.tsx';

export interface Span {
  readonly name: 'any' | 'hour' | 'today' | 'week' | 'bar';
  /** ISO 8601 UTC; undefined: open on that side. */
  readonly since?: string;
  readonly until?: string;
}

export const anyTime: Span = { name: 'any' };
const usual = ['any', 'hour', 'today', 'week'] as const;

function spanOf(name: (typeof usual)[number]): Span {
  if (name === 'any') return anyTime;
  const from = new Date();
  if (name === 'hour') from.setTime(from.getTime() - 3_600_000);
  else from.setHours(0, 0, 0, 0);
  if (name === 'week') from.setDate(from.getDate() - 6);
  return { name, since: from.toISOString() };
}

export function WhenChoice({ span, onChange }: { span: Span; onChange: (span: Span) => void }) {
  const { t } = useTranslation();
  return (
    <Choice
      aria-label={t('activity.byTime')}
      value={span.name}
      onChange={(event) => {
        const name = usual.find((each) => each === event.target.value);
        if (name !== undefined) onChange(spanOf(name));
      }}
      className="max-w-48"
    >
      {usual.map((name) => (
        <option key={name} value={name}>
          {t(`activity.span.${name}`)}
        </option>
      ))}
      {span.name === 'bar' && span.since && span.until ? (
        <option value="bar">{`${when(span.since)} – ${sameDay(span.since, span.until) ? clock(span.until) : when(span.until)}`}</option>
      ) : null}
    </Choice>
  );
}
