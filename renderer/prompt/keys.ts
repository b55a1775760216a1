// One-letter answers for a person with many questions: alive only once they moved into the prompt themselves (security.md, section 2, rule 5).
import { type RefObject, useEffect, useSyncExternalStore } from 'react';

/** Outlives one prompt, so that the next question is answered the same way; it ends when the person works elsewhere. */
let live = false;
const listeners = new Set<() => void>();
const set = (next: boolean) => {
  if (live === next) return;
  live = next;
  for (const listener of listeners) listener();
};
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** One small letter each, and never the same. */
interface Letters {
  readonly deny: string;
  readonly allow: string;
}

interface Answers {
  deny(): void;
  /** Ignored while Allow is not armed: the caller knows. */
  allow(): void;
}

/** The letters of the language that is spoken; in another language the same letter may mean the opposite. */
let alive = '';

/** True while the letters answer, `D` and `A` in English. A press inside the frame or a Tab within it brings them to life; focus given by us does not. */
export function useKeys(frame: RefObject<HTMLElement | null>, letters: Letters, answers: Answers): boolean {
  useEffect(() => {
    const mine = `${letters.deny}${letters.allow}`;
    if (alive !== mine) set(false);
    alive = mine;
    const inside = (target: EventTarget | null) => target instanceof Node && frame.current?.contains(target) === true;
    const pointer = (event: PointerEvent) => {
      if (event.isTrusted) set(inside(event.target));
    };
    const key = (event: KeyboardEvent) => {
      if (!event.isTrusted || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      const within = inside(document.activeElement);
      if (event.key === 'Tab') return set(within);
      if (!live || !within || event.target instanceof HTMLInputElement) return;
      const letter = event.key.toLowerCase();
      if (letter === letters.deny) answers.deny();
      else if (letter === letters.allow) answers.allow();
    };
    const elsewhere = () => set(false);
    document.addEventListener('pointerdown', pointer, true);
    document.addEventListener('keydown', key);
    window.addEventListener('blur', elsewhere);
    return () => {
      document.removeEventListener('pointerdown', pointer, true);
      document.removeEventListener('keydown', key);
      window.removeEventListener('blur', elsewhere);
    };
  });
  return useSyncExternalStore(subscribe, () => live);
}
