// How much happened when, over the last hours or over the whole log: counted by the broker, drawn as bars, what was asked and refused in colour.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Tally } from '../../shared/tally-contract.ts';
import { useConsole } from '../data/console.tsx';
import { clock, day, number, when } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { anyTime, type Span } from './when.tsx';

const hour = 3_600_000;
const reaches = { hours: 6 * hour, day: 24 * hour, week: 7 * 24 * hour, all: null } as const;
export type Reach = keyof typeof reaches;
const bars = 72;
const height = 34;
/** So often the counts are asked for anew, ms: a chart of hours need not follow every entry. */
const pace = 5000;
type Bar = Tally['bars'][number];

interface Props {
  reach: Reach;
  filter: { client: string; server: string };
  chosen: Span;
  onChoose: (span: Span) => void;
}

export function Timeline({ reach, filter, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const back = reaches[reach];
  // Anew with each bar that begins, so that the last one is always now.
  const now = useStep(back === null ? hour : back / bars);
  const { data } = useQuery(
    orpc.log.tally.queryOptions({
      input: {
        ...(filter.client ? { client: filter.client } : {}),
        ...(filter.server ? { server: filter.server } : {}),
        ...(back === null ? {} : { since: new Date(now - back).toISOString() }),
        bars: bars + 1,
      },
      refetchInterval: pace,
      placeholderData: keepPreviousData,
    }),
  );
  const sum = (name: keyof Bar) => data?.bars.reduce((total, bar) => total + bar[name], 0) ?? 0;
  return (
    <figure className="grid gap-1">
      {data === undefined ? (
        <div className="h-9" />
      ) : (
        <Bars
          data={data}
          chosen={chosen}
          onChoose={onChoose}
          label={t(`activity.chart.${reach}`, {
            total: number(sum('calls')),
            asked: number(sum('asked')),
            refused: number(sum('refused')),
          })}
        />
      )}
      <figcaption aria-hidden="true" className="flex justify-between text-xs text-muted tabular">
        {marksOf(data).map((at, index) => (
          <span key={at} className={index === 1 || index === 2 ? 'max-sm:hidden' : ''}>
            {index === 3 ? t('activity.now') : reach === 'hours' || reach === 'day' ? clock(at) : day(at)}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

export function ReachChoice({ reach, onChange }: { reach: Reach; onChange: (reach: Reach) => void }) {
  const { t } = useTranslation();
  return (
    <fieldset aria-label={t('activity.reach')} className="-mx-1.5 flex text-sm text-muted sm:mx-0 sm:ml-auto">
      {(Object.keys(reaches) as Reach[]).map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === reach}
          onClick={() => onChange(each)}
          className={`rounded px-1.5 hover:text-ink ${each === reach ? 'font-semibold text-ink' : ''}`}
        >
          {t(`activity.reaches.${each}`)}
        </button>
      ))}
    </fieldset>
  );
}

function Bars({ data, chosen, onChoose, label }: Omit<Props, 'filter' | 'reach'> & { data: Tally; label: string }) {
  const { t } = useTranslation();
  const from = Date.parse(data.from);
  const most = Math.max(4, ...data.bars.map((bar) => bar.calls));
  const spanOf = (index: number): Span => ({
    name: 'bar',
    since: new Date(from + index * data.stepMs).toISOString(),
    until: new Date(from + (index + 1) * data.stepMs - 1).toISOString(),
  });
  const isChosen = (index: number) => chosen.name === 'bar' && chosen.since === spanOf(index).since;
  return (
    <svg viewBox={`0 0 ${data.bars.length * 10} ${height}`} preserveAspectRatio="none" className="h-9 w-full" role="img" aria-label={label}>
      {data.bars.map((bar, index) => {
        // By the square root, so that one busy moment does not flatten the rest of the day; what was asked or refused is never lost.
        const calls = Math.max(bar.calls, bar.refused);
        const tall = Math.sqrt(calls / most) * (height - 2);
        const refused = bar.refused;
        const asked = Math.min(bar.asked, calls - refused);
        const scale = (count: number) => (count === 0 ? 0 : Math.max(2, (count / calls) * tall));
        const parts = [scale(calls - asked - refused), scale(asked), scale(refused)] as const;
        const colours = ['fill-bar', 'fill-amber', 'fill-vermilion'] as const;
        let y = height;
        return (
          // A shortcut of the pointer; by keyboard the same is chosen in the list of spans below.
          // biome-ignore lint/a11y/noStaticElementInteractions: as said
          <g
            // biome-ignore lint/suspicious/noArrayIndexKey: the bars of one chart
            key={index}
            onClick={() => onChoose(isChosen(index) ? anyTime : spanOf(index))}
            className={`cursor-pointer hover:opacity-70 ${chosen.name !== 'bar' || isChosen(index) ? '' : 'opacity-40'}`}
          >
            <title>{t('activity.bar', { time: when(from + index * data.stepMs), count: bar.calls })}</title>
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
  );
}

/** Four moments from the first bar to the end. */
const marksOf = (data: Tally | undefined): number[] =>
  data === undefined ? [] : [0, 1, 2, 3].map((part) => Date.parse(data.from) + (part * data.bars.length * data.stepMs) / 3);

/** The start of the present step of time, ms. */
function useStep(step: number): number {
  const read = () => Math.floor(Date.now() / step) * step;
  const [, renew] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => renew((count) => count + 1), Math.min(step, 60_000));
    return () => clearInterval(timer);
  }, [step]);
  return read();
}
