// Which lines of a long list are in view: every line knows its height before it is drawn, so nothing is ever measured in the page.
import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';

/** Lines drawn beyond each edge. */
const beyond = 8;
/** Room under the last line, px. */
const foot = 32;

interface Window {
  /** First line that is drawn, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Where the first of them begins, and how tall all lines are, px. */
  readonly offset: number;
  readonly total: number;
  readonly onScroll: () => void;
}

/** `heights` gives the height of each line, px; a new function means new lines. */
export function useWindow(box: RefObject<HTMLElement | null>, count: number, heights: (index: number) => number): Window {
  const starts = useMemo(() => {
    const all = new Float64Array(count + 1);
    for (let index = 0; index < count; index += 1) all[index + 1] = (all[index] ?? 0) + heights(index);
    return all;
  }, [count, heights]);
  const [view, setView] = useState({ top: 0, height: 900 });
  const [from, to] = rangeOf(starts, view);
  const drawn = useRef({ starts, from, to });
  drawn.current = { starts, from, to };
  const look = useCallback(() => {
    const element = box.current;
    if (element === null) return;
    const next = { top: element.scrollTop, height: element.clientHeight };
    const [first, last] = rangeOf(drawn.current.starts, next);
    // Most of a scroll moves within what is drawn already, and needs no drawing.
    if (first !== drawn.current.from || last !== drawn.current.to) setView(next);
  }, [box]);
  const empty = count === 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a list without lines has no box yet
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box, look, empty]);
  return { from, to, offset: starts[from] ?? 0, total: (starts[count] ?? 0) + foot, onScroll: look };
}

function rangeOf(starts: Float64Array, { top, height }: { top: number; height: number }): [number, number] {
  const count = starts.length - 1;
  const first = lineAt(starts, top);
  const last = lineAt(starts, top + height);
  return [Math.max(0, first - beyond), Math.min(count, last + 1 + beyond)];
}

/** The line at `y`, by bisection. */
function lineAt(starts: Float64Array, y: number): number {
  let [low, high] = [0, Math.max(0, starts.length - 2)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}
