// The words in the language of the moment, handed to components. Values are put in by React as nodes or text, so nothing is escaped twice.
import i18next, { type TFunction } from 'i18next';
import { useSyncExternalStore } from 'react';
import { en } from './en.ts';
import { formatIn } from './format.ts';
import type { Phrases } from './phrases.ts';

export type Language = 'en' | 'de';

void i18next.init({
  lng: 'en',
  resources: { en: { translation: en } },
  interpolation: { escapeValue: false },
  returnNull: false,
  initAsync: false,
});

interface Words {
  /** Another function in another language, so that what depends on it is made anew. */
  readonly t: TFunction;
  readonly language: Language;
  /** What the broker says in set phrases, in this language; null where that is the broker's own. */
  readonly phrases: Phrases | null;
}
const wordsIn = (language: Language, phrases: Phrases | null): Words => ({ t: i18next.t.bind(i18next) as TFunction, language, phrases });

let words = wordsIn('en', null);
let wanted: Language = 'en';
const listeners = new Set<() => void>();
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
const now = () => words;

/** Changes to `language` at once where its words are here, else as soon as they are; rejects where they cannot be had. */
export async function speak(language: Language): Promise<void> {
  wanted = language;
  let phrases: Phrases | null = null;
  if (language === 'de') {
    const german = await import('./de.ts');
    i18next.addResourceBundle('de', 'translation', german.de);
    phrases = german.phrases;
  }
  // Who wished for another language in the meantime gets that one.
  if (wanted !== language || words.language === language) return;
  await i18next.changeLanguage(language);
  formatIn(language);
  words = wordsIn(language, phrases);
  document.documentElement.lang = language;
  for (const listener of listeners) listener();
}

/**
 * The words in the language of the moment. One subscription and nothing made anew at each call: a row of the log asks several
 * times, and at 500 entries a second the usual binding for React took more time here than everything else of a row.
 */
export function useTranslation(): Words {
  return useSyncExternalStore(subscribe, now);
}

export { i18next };
