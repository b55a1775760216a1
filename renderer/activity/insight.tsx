// The last day of one client or server in a line of figures and a bar for each hour, beside what it explains.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Entry } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';
import { number, span } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Part } from '../ui/layout.tsx';
import { endingOf, isAct } from './threads.ts';

const hour = 3_600_000;
/** Entries that are read for it; past that the figures say that they are of the newest part only. */
const most = 5000;

export function Insight({ filter }: { filter: { client?: string; server?: string } }) {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const since = useMemo(() => new Date(Math.floor(Date.now() / hour) * hour - 23 * hour).toISOString(), []);
  const { data } = useQuery(
    orpc.log.list.queryOptions({ input: { ...filter, since, limit: most }, queryKey: ['insight', filter, since], staleTime: 60_000 }),
  );
  const figures = useMemo(() => figuresOf(data ?? [], Date.parse(since)), [data, since]);
  if (data === undefined || figures.calls === 0) return null;
  const tallest = Math.max(...figures.hours.map(({ calls }) => calls), 1);
  const facts: [string, string, string?][] = [
    ['calls', number(figures.calls)],
    ['asked', (100 * (figures.asked / figures.calls)).toFixed(figures.asked === 0 ? 0 : 1)],
    ['refused', number(figures.refused)],
    ['failed', number(figures.failed)],
    ['middle', figures.middle === null ? '–' : span(figures.middle)],
  ];
  return (
    <Part title={t('insight.title')} about={data.length >= most ? t('insight.partly') : undefined}>
      <div className="flex flex-wrap items-end gap-x-8 gap-y-3 pt-3">
        <dl className="flex flex-wrap gap-x-7 gap-y-2">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt className="text-sm text-muted">{t(`insight.${name}`)}</dt>
              <dd className="text-lg font-semibold tabular">{value}</dd>
            </div>
          ))}
        </dl>
        <svg
          viewBox="0 0 240 32"
          preserveAspectRatio="none"
          className="h-10 min-w-48 flex-1"
          role="img"
          aria-label={t('insight.chart', { calls: figures.calls, refused: figures.refused })}
        >
          {figures.hours.map(({ calls, refused }, index) => {
            const tall = Math.sqrt(calls / tallest) * 30;
            const red = calls === 0 ? 0 : refused === 0 ? 0 : Math.max(2, (refused / calls) * tall);
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: the hours of a day
              <g key={index}>
                <rect x={index * 10} y={31} width={8.5} height={1} className="fill-line" />
                <rect x={index * 10} y={32 - tall} width={8.5} height={tall} className="fill-bar" />
                <rect x={index * 10} y={32 - tall} width={8.5} height={red} className="fill-vermilion" />
              </g>
            );
          })}
        </svg>
      </div>
    </Part>
  );
}

interface Figures {
  readonly calls: number;
  readonly asked: number;
  readonly refused: number;
  readonly failed: number;
  /** Median of how long a call that passed took, ms. */
  readonly middle: number | null;
  readonly hours: readonly { calls: number; refused: number }[];
}

function figuresOf(entries: readonly Entry[], from: number): Figures {
  const outcomes = new Map(entries.filter((entry) => entry.type === 'outcome').map((entry) => [entry.asked, entry]));
  const hours = Array.from({ length: 24 }, () => ({ calls: 0, refused: 0 }));
  const times: number[] = [];
  let [calls, asked, refused, failed] = [0, 0, 0, 0];
  for (const entry of entries) {
    if (isAct(entry) || entry.type === 'outcome') continue;
    const outcome = outcomes.get(entry.seq) ?? null;
    const ending = endingOf(entry, outcome);
    const no = ending === 'denied' || ending === 'expired';
    calls += 1;
    if (entry.verdict === 'ask') asked += 1;
    if (no) refused += 1;
    if (ending === 'error' || ending === 'interrupted') failed += 1;
    if (ending === 'ok' && entry.verdict === 'allow' && outcome?.durationMs !== undefined) times.push(outcome.durationMs);
    const at = hours[Math.floor((Date.parse(entry.at) - from) / hour)];
    if (at !== undefined) {
      at.calls += 1;
      if (no) at.refused += 1;
    }
  }
  times.sort((a, b) => a - b);
  return { calls, asked, refused, failed, middle: times[Math.floor(times.length / 2)] ?? null, hours };
}
