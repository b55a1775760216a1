// How much happened when: one bar for each five minutes of the last six hours, what was asked and refused in their colours.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Entry } from '../../shared/vocabulary.ts';
import { useConsole, useNow } from '../data/console.tsx';
import { clock } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import type { FeedState } from './feed.ts';
import { isAct } from './threads.ts';
import { anyTime, type Span } from './when.tsx';

const step = 300_000;
const bars = 72;
const height = 34;
/** Entries read for the chart; where there are more it covers the newest part, and says from when on. */
const mostRead = 5000;

interface Bar {
  readonly from: number;
  passed: number;
  asked: number;
  refused: number;
}

export function Timeline({ state, chosen, onChoose }: { state: FeedState; chosen: Span; onChoose: (span: Span) => void }) {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const now = useNow(60_000);
  const shown = useCalm(state);
  const start = useMemo(() => (Math.floor(Date.now() / step) - bars) * step, []);
  // Read once; what comes later is in the feed already.
  const { data } = useQuery(
    orpc.log.list.queryOptions({
      input: { since: new Date(start).toISOString(), limit: mostRead },
      queryKey: ['timeline', start],
      staleTime: Number.POSITIVE_INFINITY,
    }),
  );
  const chart = useMemo(() => barsOf([...shown.live, ...(data ?? [])], shown.outcomes, now), [shown, data, now]);
  const most = Math.max(4, ...chart.map((bar) => bar.passed + bar.asked + bar.refused));
  const total = chart.reduce((sum, bar) => sum + bar.passed + bar.asked + bar.refused, 0);
  const asked = chart.reduce((sum, bar) => sum + bar.asked, 0);
  const refused = chart.reduce((sum, bar) => sum + bar.refused, 0);
  const partly = data !== undefined && data.length >= mostRead ? data.at(-1)?.at : undefined;
  const isChosen = (bar: Bar) => chosen.name === 'bar' && chosen.since === new Date(bar.from).toISOString();
  return (
    <figure className="grid gap-1">
      <svg
        viewBox={`0 0 ${bars * 10} ${height}`}
        preserveAspectRatio="none"
        className="h-9 w-full"
        role="img"
        aria-label={t('activity.chart', { total, asked, refused })}
      >
        {chart.map((bar, index) => {
          // By the square root, so that one busy moment does not flatten the rest of the day; what was asked or refused is never lost.
          const sum = bar.passed + bar.asked + bar.refused;
          const tall = Math.sqrt(sum / most) * (height - 2);
          const scale = (count: number) => (count === 0 ? 0 : Math.max(2, (count / sum) * tall));
          const parts = [scale(bar.passed), scale(bar.asked), scale(bar.refused)] as const;
          const colours = ['fill-bar', 'fill-amber', 'fill-vermilion'] as const;
          let y = height;
          return (
            // A shortcut of the pointer; by keyboard the same is chosen in the list of spans below.
            // biome-ignore lint/a11y/noStaticElementInteractions: as said
            <g
              key={bar.from}
              onClick={() => onChoose(isChosen(bar) ? anyTime : spanOfBar(bar))}
              className={`cursor-pointer hover:opacity-70 ${chosen.name !== 'bar' || isChosen(bar) ? '' : 'opacity-40'}`}
            >
              <title>{t('activity.bar', { time: clock(bar.from), count: bar.passed + bar.asked + bar.refused })}</title>
              <rect x={index * 10} y={0} width={10} height={height} fill="transparent" />
              <rect x={index * 10} y={height - 1} width={8.5} height={1} className="fill-line" />
              {parts.map((part, which) => {
                y -= part;
                // biome-ignore lint/suspicious/noArrayIndexKey: the three parts of a bar
                return part === 0 ? null : <rect key={which} x={index * 10} y={y} width={8.5} height={part} className={colours[which]} />;
              })}
            </g>
          );
        })}
      </svg>
      <figcaption className="flex justify-between text-xs text-muted tabular" aria-hidden="true">
        {[0, 1, 2, 3].map((part) => (
          <span key={part}>
            {part === 0 && partly !== undefined
              ? t('activity.chartFrom', { time: clock(partly) })
              : part === 3
                ? t('activity.now')
                : clock((chart[0]?.from ?? now) + (part * bars * step) / 3)}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

/** The state as it was at most a second ago: a chart of hours need not be drawn with every entry. */
function useCalm(state: FeedState): FeedState {
  const [calm, setCalm] = useState(state);
  const latest = useRef(state);
  latest.current = state;
  const first = calm.state !== 'ready' && state.state === 'ready';
  useEffect(() => {
    if (first) setCalm(latest.current);
    const timer = setInterval(() => setCalm(latest.current), 1000);
    return () => clearInterval(timer);
  }, [first]);
  return calm;
}

const spanOfBar = ({ from }: Bar): Span => ({
  name: 'bar',
  since: new Date(from).toISOString(),
  until: new Date(from + step - 1).toISOString(),
});

function barsOf(entries: readonly Entry[], outcomes: ReadonlyMap<number, Entry>, now: number): Bar[] {
  const last = Math.floor(now / step);
  const chart = Array.from(
    { length: bars },
    (_, index): Bar => ({ from: (last - bars + 1 + index) * step, passed: 0, asked: 0, refused: 0 }),
  );
  const results = new Map(entries.filter((entry) => entry.type === 'outcome').map((entry) => [entry.asked, entry]));
  const seen = new Set<number>();
  for (const entry of entries) {
    if (isAct(entry) || entry.type === 'outcome' || seen.has(entry.seq)) continue;
    seen.add(entry.seq);
    const bar = chart[Math.floor(Date.parse(entry.at) / step) - last + bars - 1];
    if (bar === undefined) continue;
    const result = (outcomes.get(entry.seq) ?? results.get(entry.seq))?.result;
    if (result === 'denied' || result === 'expired' || entry.verdict === 'deny') bar.refused += 1;
    else if (entry.verdict === 'ask') bar.asked += 1;
    else bar.passed += 1;
  }
  return chart;
}
