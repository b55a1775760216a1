// The log is one stop of the Tab key. Within it arrows go from row to row, right to the rule of a row and left back, Home to the newest.
import { type KeyboardEvent, type RefObject, useCallback, useLayoutEffect, useRef } from 'react';

const rowSelector = 'button[data-row]';

/** `hold`: somebody reads row by row now, so what is new shall not move the list. To be given to the box that scrolls. */
export function useRowKeys(box: RefObject<HTMLElement | null>, hold: () => void) {
  const at = useRef<HTMLElement | null>(null);
  // A row that was scrolled away takes the focus with it: then the box has it, or Tab would begin at the top of the page.
  useLayoutEffect(() => {
    if (at.current === null || at.current.isConnected) return;
    at.current = null;
    if (document.activeElement === document.body) box.current?.focus({ preventScroll: true });
  });
  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      const list = box.current;
      if (list === null || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const go = (next: HTMLElement) => {
        at.current = next;
        if (next !== list) hold();
        next.focus({ preventScroll: true });
        if (next !== list) next.closest('[data-line]')?.scrollIntoView({ block: 'nearest' });
      };
      if (event.key === 'Home') {
        event.preventDefault();
        list.scrollTop = 0;
        afterDrawing(() => go(list.querySelector<HTMLElement>(rowSelector) ?? list));
        return;
      }
      const next = target(list, event.key);
      if (next === null) return;
      event.preventDefault();
      go(next);
    },
    [box, hold],
  );
  return onKeyDown;
}

/** What the key leads to: a row, the rule in it, or the list itself from above the first; null for a key that is not ours. */
function target(list: HTMLElement, key: string): HTMLElement | null {
  const rows = [...list.querySelectorAll<HTMLElement>(rowSelector)];
  const line = document.activeElement?.closest('[data-line]') ?? null;
  const row = line?.querySelector<HTMLElement>(rowSelector) ?? null;
  const index = row === null ? -1 : rows.indexOf(row);
  switch (key) {
    case 'ArrowDown':
      return index === -1 ? (rows.find((each) => isIn(list, each)) ?? null) : (rows[index + 1] ?? null);
    case 'ArrowUp':
      return index === -1 ? null : (rows[index - 1] ?? list);
    case 'ArrowRight':
      return line?.querySelector<HTMLElement>('a') ?? null;
    case 'ArrowLeft':
      return row === document.activeElement ? null : row;
    default:
      return null;
  }
}

/** The rows at a place that was scrolled to are there in the frame after the next. */
const afterDrawing = (act: () => void) => requestAnimationFrame(() => requestAnimationFrame(act));

function isIn(list: HTMLElement, row: HTMLElement): boolean {
  const [outer, inner] = [list.getBoundingClientRect(), row.getBoundingClientRect()];
  return inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
}
