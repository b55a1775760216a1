// Starts the catalogue of words and hands them to components. Values are put in by React as nodes or text, so nothing is escaped twice.
import i18next, { type TFunction } from 'i18next';
import { useSyncExternalStore } from 'react';
import { en } from './en.ts';

void i18next.init({
  lng: 'en',
  resources: { en: { translation: en } },
  interpolation: { escapeValue: false },
  returnNull: false,
  initAsync: false,
});

const subscribe = (listener: () => void) => {
  i18next.on('languageChanged', listener);
  return () => i18next.off('languageChanged', listener);
};
const language = () => i18next.language;
const t: TFunction = i18next.t.bind(i18next) as TFunction;

/**
 * The words in the language of the moment. One subscription and nothing made anew at each call: a row of the log asks several
 * times, and at 500 entries a second the usual binding for React took more time here than everything else of a row.
 */
export function useTranslation(): { t: TFunction } {
  useSyncExternalStore(subscribe, language);
  return words;
}
const words = { t };

export { i18next };
