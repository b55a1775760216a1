// Knows whether a person has had the whole of a scrolling box in view: what is below its edge is as unseen as what is folded away.
import { type RefObject, useEffect, useState } from 'react';

/** `content` names what is in the box; new content starts the looking again. */
export function useSeenEnd(box: RefObject<HTMLElement | null>, content: string): { seen: boolean; scrolls: boolean } {
  const [seenContent, setSeen] = useState<string | null>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = () => {
      setScrolls(element.scrollHeight > element.clientHeight + 1);
      if (element.scrollTop + element.clientHeight >= element.scrollHeight - 8) setSeen(content);
    };
    look();
    const watch = new ResizeObserver(look);
    watch.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      watch.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [box, content]);
  return { seen: seenContent === content, scrolls };
}
