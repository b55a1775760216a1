// The difference of two definitions on a terminal: [-gone-] and {+new+} around the words, then what it can now do and what was found.
import type { Finding, Review } from '../../shared/vocabulary.ts';
import { visible } from './visible.ts';

type Difference = Review['differences'][number];

/** Words around a change that are shown with it. */
const around = 60;

const marked = (parts: NonNullable<Difference['words']>[number]['parts']): string =>
  parts
    .map(({ text, mark }, at) => {
      if (mark === 'gone') return `[-${visible(text)}-]`;
      if (mark === 'new') return `{+${visible(text)}+}`;
      if (text.length <= 2 * around) return visible(text);
      const head = at === 0 ? '' : visible(text.slice(0, around));
      const tail = at === parts.length - 1 ? '' : visible(text.slice(-around));
      return `${head} ... ${tail}`;
    })
    .join('');

export const findingLine = (found: Finding): string => `  ${found.severity}: ${visible(found.title)}. ${visible(found.detail)}`;

export function differenceInWords(one: Difference): string {
  const words = one.words ?? [];
  const whole =
    words.length > 0 ? [] : [one.was === null ? null : `  - ${visible(one.was)}`, one.is === null ? null : `  + ${visible(one.is)}`];
  return [
    `${one.change.padEnd(8)}${one.capability === '' ? 'the server itself' : visible(one.capability)}`,
    ...whole.filter((line) => line !== null),
    ...words.map(({ place, parts }) => `  ${visible(place)}: ${marked(parts)}`),
    ...(one.can ?? []).map((sentence) => `  now: ${visible(sentence)}`),
    ...(one.findings ?? []).map(findingLine),
  ].join('\n');
}
