// Times, spans, sizes and numbers in the language of the words and the reader's own conventions for it, by Intl alone.

// The words decide the language; where they write the day first, or a point for a comma, is the reader's own kind of it.
const localeFor = (language: string): string =>
  (typeof navigator === 'undefined' ? undefined : navigator.languages)?.find((each) => each.split('-')[0] === language) ?? language;

function formsIn(language: string) {
  const locale = localeFor(language);
  return {
    clock: new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    seconds: new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
    day: new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short' }),
    full: new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'medium', hourCycle: 'h23' }),
    weekday: new Intl.DateTimeFormat(locale, { weekday: 'long' }),
    date: new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }),
    relative: new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'long' }),
    // Narrow German writes minutes as metres.
    short: new Intl.RelativeTimeFormat(language, { numeric: 'always', style: language === 'en' ? 'narrow' : 'short' }),
    number: new Intl.NumberFormat(language),
    tenths: new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1, useGrouping: false }),
    list: new Intl.ListFormat(language, { type: 'conjunction' }),
  };
}
let forms = formsIn('en');

/** From now on everything here is said in `language`. */
export const formatIn = (language: string): void => {
  forms = formsIn(language);
};

type Moment = string | number | Date;
const date = (at: Moment) => (at instanceof Date ? at : new Date(at));

export const number = (value: number): string => forms.number.format(value);
/** One digit after the point. */
export const tenths = (value: number): string => forms.tenths.format(value);
export const list = (items: readonly string[]): string => forms.list.format(items);
export const clock = (at: Moment): string => forms.clock.format(date(at));
export const seconds = (at: Moment): string => forms.seconds.format(date(at));
export const day = (at: Moment): string => forms.day.format(date(at));
export const full = (at: Moment): string => forms.full.format(date(at));
export const sameDay = (a: Moment, b: Moment): boolean => date(a).toDateString() === date(b).toDateString();

/** What the broker says is English in every language, and so is what joins it. */
const englishForm = new Intl.ListFormat('en', { type: 'conjunction' });
export const englishList = (items: readonly string[]): string => englishForm.format(items);

/** `14:19` today, `Tue, 3 Nov, 14:19` on another day. */
export const when = (at: Moment, now: number = Date.now()): string => (sameDay(at, now) ? clock(at) : `${day(at)}, ${clock(at)}`);

/** When a rule was made, as it stands after "from": `14:02` today, `Tuesday` within the week, `3 Nov` before that. */
export function ruleDay(at: Moment, now: number = Date.now()): string {
  if (sameDay(at, now)) return clock(at);
  return now - date(at).getTime() < 6 * 86_400_000 ? forms.weekday.format(date(at)) : forms.date.format(date(at));
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
  return (short ? forms.short : forms.relative).format(Math.trunc(distance / size), unit);
}

/** A length in words that fit a column: `18 ms`, `2.4 s`, `3 min`. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${ms < 10_000 ? tenths(ms / 1000) : Math.round(ms / 1000)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${tenths(ms / 3_600_000)} h`;
}

/** Bytes in SI units: `1.2 KB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1_000_000) return `${count < 10_000 ? tenths(count / 1000) : Math.round(count / 1000)} KB`;
  return `${tenths(count / 1_000_000)} MB`;
}
