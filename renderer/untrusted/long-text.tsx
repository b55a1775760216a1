// A foreign text of any length in a box of its own that scrolls: only the parts in view are drawn, so a megabyte opens at once.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import { Foreign } from './foreign.tsx';
import { partsOf } from './value.ts';

export function LongText({ text, label, tall = false }: { text: string; label: string; tall?: boolean }) {
  const parts = useMemo(() => partsOf(text), [text]);
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: parts.length, getScrollElement: () => box.current, estimateSize: () => 200, overscan: 2 });
  if (parts.length === 1) {
    return (
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        className={`scroll-calm overflow-auto rounded-md bg-sunken p-2.5 ${tall ? 'max-h-[50vh]' : 'max-h-52'}`}
      >
        <Foreign text={text} lines mono className="block text-[0.78rem] leading-[1.15rem]" />
      </section>
    );
  }
  return (
    <section
      ref={box}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
      className={`scroll-calm overflow-auto rounded-md bg-sunken p-2.5 ${tall ? 'h-[50vh]' : 'h-52'}`}
    >
      <div className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => (
          <div
            key={item.key}
            ref={rows.measureElement}
            data-index={item.index}
            className="absolute inset-x-0 top-0"
            style={{ transform: `translateY(${item.start}px)` }}
          >
            <Foreign text={parts[item.index] ?? ''} lines mono className="block text-[0.78rem] leading-[1.15rem]" />
          </div>
        ))}
      </div>
    </section>
  );
}
