// One quiet line that says what an act did; it goes by itself and is read out, and never holds anything a person must answer.
import { type ReactNode, useEffect, useSyncExternalStore } from 'react';

let current: { id: number; words: ReactNode } | null = null;
let count = 0;
const listeners = new Set<() => void>();
const set = (next: typeof current) => {
  current = next;
  for (const listener of listeners) listener();
};

export function notice(words: ReactNode): void {
  count += 1;
  set({ id: count, words });
}

export function Notice() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
  useEffect(() => {
    if (shown === null) return;
    const timer = setTimeout(() => set(null), 6000);
    return () => clearTimeout(timer);
  }, [shown]);
  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 bottom-20 z-30 flex justify-center px-4 sm:bottom-6">
      {shown ? (
        <p key={shown.id} className="max-w-lg animate-rise rounded-xl border border-line bg-surface px-4 py-2.5 text-sm shadow-rise">
          {shown.words}
        </p>
      ) : null}
    </div>
  );
}
