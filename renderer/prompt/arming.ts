// Says when Allow may be pressed: the prompt was in view, with focus, and unchanged for 700 ms, and a person does the pressing.
import { type SyntheticEvent, useEffect, useRef, useState } from 'react';

/** Time in view and unchanged before a yes counts, ms (security.md, section 2, rule 6). */
export const armAfter = 700;
/** A focus that came later than this after the last key or pointer of the person was not moved by them, ms. */
const personWindow = 500;

export interface Arming {
  readonly armed: boolean;
  /** True when this event is a yes: a person's own, on an armed button, and (by keyboard) on focus that they moved there. */
  counts(event: SyntheticEvent): boolean;
  /** True when it has been in view and unchanged long enough for a yes by a key of its own. */
  rested(): boolean;
  /** Goes on every button that says yes. */
  readonly onFocus: () => void;
}

/** `shown` names everything in view; the wait starts again whenever it changes. */
export function useArming(shown: string): Arming {
  const [armed, setArmed] = useState(false);
  const since = useRef(Number.POSITIVE_INFINITY);
  const shownNow = useRef(shown);
  const personMovedAt = useRef(Number.NEGATIVE_INFINITY);
  const focusIsTheirs = useRef(false);
  // Between a change and the effect below there must be no moment in which the old arming still counts.
  if (shownNow.current !== shown) {
    shownNow.current = shown;
    since.current = Number.POSITIVE_INFINITY;
    if (armed) setArmed(false);
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: `shown` is what starts the wait again
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let frame = 0;
    const start = () => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      since.current = Number.POSITIVE_INFINITY;
      setArmed(false);
      if (document.visibilityState !== 'visible') return;
      // The wait counts from the frame that painted it, not from the render that prepared it.
      frame = requestAnimationFrame(() => {
        since.current = performance.now();
        timer = setTimeout(() => setArmed(true), armAfter);
      });
    };
    const person = (event: Event) => {
      if (!event.isTrusted) return;
      const key = event instanceof KeyboardEvent ? event.key : 'pointer';
      if (key === 'Tab' || key === 'pointer' || key.startsWith('Arrow')) personMovedAt.current = performance.now();
    };
    start();
    // A click that only brings the window to the front meets a prompt that has just begun to arm again.
    window.addEventListener('focus', start);
    document.addEventListener('visibilitychange', start);
    document.addEventListener('keydown', person, true);
    document.addEventListener('pointerdown', person, true);
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      window.removeEventListener('focus', start);
      document.removeEventListener('visibilitychange', start);
      document.removeEventListener('keydown', person, true);
      document.removeEventListener('pointerdown', person, true);
    };
  }, [shown]);

  return {
    armed,
    counts: (event) => {
      if (!event.nativeEvent.isTrusted || document.visibilityState !== 'visible' || !document.hasFocus()) return false;
      if (performance.now() - since.current < armAfter) return false;
      const byKeyboard = event.nativeEvent instanceof MouseEvent && event.nativeEvent.detail === 0;
      return !byKeyboard || focusIsTheirs.current;
    },
    rested: () => document.visibilityState === 'visible' && document.hasFocus() && performance.now() - since.current >= armAfter,
    onFocus: () => {
      focusIsTheirs.current = performance.now() - personMovedAt.current < personWindow && performance.now() - since.current >= armAfter;
    },
  };
}

/** A person's own event, and not the repeat of a key held down or the second half of a double click on the prompt before. */
export function deliberate(event: SyntheticEvent): boolean {
  const native = event.nativeEvent;
  return native.isTrusted && !(native instanceof MouseEvent && native.detail > 1);
}
