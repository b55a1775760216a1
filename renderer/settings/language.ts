// English, German, or as the system has it. The broker keeps the choice for the home; this browser keeps it too, once a person chose,
// so that the first paint is in it already. It is no secret and decides nothing.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { useConsole } from '../data/console.tsx';
import { type Language, speak } from '../strings/i18n.ts';

export const languageChoices = ['system', 'en', 'de'] as const;
export type LanguageChoice = (typeof languageChoices)[number];
const key = 'gatehouse.language';

const isChoice = (value: unknown): value is LanguageChoice => languageChoices.some((each) => each === value);

/** The first of the reader's own languages that we speak; English where we speak none of them. */
const ofSystem = (): Language =>
  navigator.languages.map((each) => each.split('-')[0]).find((each): each is Language => each === 'en' || each === 'de') ?? 'en';

let choice: LanguageChoice = 'system';
const listeners = new Set<() => void>();
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Rejects, and changes nothing, where the words cannot be had. */
export async function setLanguage(next: LanguageChoice): Promise<void> {
  if (next === choice) return;
  await speak(next === 'system' ? ofSystem() : next);
  choice = next;
  for (const listener of listeners) listener();
  try {
    if (next === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, next);
  } catch {
    // A browser that keeps nothing still speaks it until the tab closes.
  }
}

/** Before the first paint. Without the words of that language the console speaks English rather than not at all. */
export async function startLanguage(): Promise<void> {
  try {
    const kept = localStorage.getItem(key);
    if (isChoice(kept)) choice = kept;
  } catch {
    // As above.
  }
  await speak(choice === 'system' ? ofSystem() : choice).catch(() => {});
}

export const useLanguage = (): LanguageChoice => useSyncExternalStore(subscribe, () => choice);

/** Follows what the broker keeps, so that every window and `gatehouse settings set language` mean the same console. */
export function useKeptLanguage(): void {
  const { orpc } = useConsole();
  const { data: settings } = useQuery(orpc.setting.list.queryOptions());
  const kept = settings?.language;
  useEffect(() => {
    if (isChoice(kept)) setLanguage(kept).catch(() => {});
  }, [kept]);
}
