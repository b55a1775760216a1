// The four shapes that say how something ended, so that colour is never the only sign.
import { useTranslation } from '../strings/i18n.ts';

export type Outcome = 'passed' | 'asked' | 'refused' | 'leaves' | 'failed' | 'act';

/** Passed is a disc, asked a turned square, refused a square, would-leave and broken a triangle, an act of the operator a ring. */
export function Mark({ outcome, size = 18, quiet = false }: { outcome: Outcome; size?: number; quiet?: boolean }) {
  const { t } = useTranslation();
  const label = quiet ? { 'aria-hidden': true as const } : { role: 'img', 'aria-label': t(`mark.${outcome}`) };
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: it has an aria-label, or is hidden where words beside it say the same
    <svg width={size} height={size} viewBox="0 0 18 18" focusable="false" className="shrink-0" {...label}>
      {shape(outcome)}
    </svg>
  );
}

const sign = { fill: 'none', strokeWidth: 1.7, strokeLinecap: 'round', strokeLinejoin: 'round' } as const;

function shape(outcome: Outcome) {
  switch (outcome) {
    case 'passed':
      return (
        <>
          <circle cx="9" cy="9" r="8" className="fill-passed-faint" />
          <path d="M5.8 9.3l2.2 2.1 4.2-4.7" className="stroke-passed" {...sign} />
        </>
      );
    case 'asked':
      return (
        <>
          <rect
            x="3"
            y="3"
            width="12"
            height="12"
            rx="2"
            transform="rotate(45 9 9)"
            className="fill-amber-faint stroke-amber"
            strokeWidth="1"
          />
          <path d="M7.3 7.4a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.9.6-.9 1.2M9 12.4h.01" className="stroke-amber" {...sign} strokeWidth={1.5} />
        </>
      );
    case 'refused':
      return (
        <>
          <rect x="1.5" y="1.5" width="15" height="15" rx="3" className="fill-vermilion-faint" />
          <path d="M6.2 6.2l5.6 5.6M11.8 6.2l-5.6 5.6" className="stroke-vermilion" {...sign} />
        </>
      );
    case 'leaves':
      return <path d="M9 2.2L17 15.8H1z" className="fill-vermilion stroke-vermilion" strokeWidth="1" strokeLinejoin="round" />;
    case 'failed':
      return (
        <>
          <path d="M9 2.2L17 15.8H1z" className="fill-vermilion-faint stroke-vermilion" strokeWidth="1" strokeLinejoin="round" />
          <path d="M9 7v4M9 13.3h.01" className="stroke-vermilion" {...sign} />
        </>
      );
    case 'act':
      return <circle cx="9" cy="9" r="4" className="stroke-edge" fill="none" strokeWidth="1.6" />;
  }
}
