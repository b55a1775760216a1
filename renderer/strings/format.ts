// Times, spans, sizes and numbers in the reader's own conventions, by Intl alone.

// The words are English, so the dates are the reader's own English: day before month where they write it so.
const locale = (): string =>
  typeof navigator === 'undefined' ? 'en' : (navigator.languages?.find((each) => each.startsWith('en')) ?? 'en');
const clockForm = new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const secondsForm = new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const dayForm = new Intl.DateTimeFormat(locale(), { weekday: 'short', day: 'numeric', month: 'short' });
const fullForm = new Intl.DateTimeFormat(locale(), { dateStyle: 'full', timeStyle: 'medium', hourCycle: 'h23' });
const relativeForm = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' });
const shortForm = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'narrow' });
const numberForm = new Intl.NumberFormat('en');
const listForm = new Intl.ListFormat('en', { type: 'conjunction' });

type Moment = string | number | Date;
const date = (at: Moment) => (at instanceof Date ? at : new Date(at));

export const number = (value: number): string => numberForm.format(value);
export const list = (items: readonly string[]): string => listForm.format(items);
export const clock = (at: Moment): string => clockForm.format(date(at));
export const seconds = (at: Moment): string => secondsForm.format(date(at));
export const day = (at: Moment): string => dayForm.format(date(at));
export const full = (at: Moment): string => fullForm.format(date(at));
export const sameDay = (a: Moment, b: Moment): boolean => date(a).toDateString() === date(b).toDateString();

/** `14:19` today, `Tue, 3 Nov, 14:19` on another day. */
export const when = (at: Moment, now: number = Date.now()): string => (sameDay(at, now) ? clock(at) : `${day(at)}, ${clock(at)}`);

const weekdayForm = new Intl.DateTimeFormat(locale(), { weekday: 'long' });
const dateForm = new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'short' });

/** When a rule was made, as it stands after "from": `14:02` today, `Tuesday` within the week, `3 Nov` before that. */
export function ruleDay(at: Moment, now: number = Date.now()): string {
  if (sameDay(at, now)) return clock(at);
  return now - date(at).getTime() < 6 * 86_400_000 ? weekdayForm.format(date(at)) : dateForm.format(date(at));
}

const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** `3 minutes ago`, `in 2 days`. */
export function ago(at: Moment, now: number = Date.now(), short = false): string {
  const distance = date(at).getTime() - now;
  const [unit, size] = steps.find(([, each]) => Math.abs(distance) >= each) ?? ['second', 1000];
  return (short ? shortForm : relativeForm).format(Math.trunc(distance / size), unit);
}

/** A length in words that fit a column: `18 ms`, `2.4 s`, `3 min`. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

/** Bytes in SI units: `1.2 KB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1_000_000) return `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)} KB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}
