// The last day of one client or server in a line of figures and a bar for each hour, and whom it dealt with, beside what it explains.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useConsole, useNow } from '../data/console.tsx';
import { number, tenths } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Part } from '../ui/layout.tsx';
import { Flows } from './flows.tsx';

const hour = 3_600_000;
/** So often it is counted anew, ms. */
const pace = 30_000;

export function Insight({ filter }: { filter: { client?: string; server?: string } }) {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const now = useNow(pace);
  const since = new Date(Math.floor(now / hour) * hour - 23 * hour).toISOString();
  const { data } = useQuery(orpc.log.tally.queryOptions({ input: { ...filter, since, bars: 24 }, refetchInterval: pace }));
  const sums = useMemo(() => {
    const sum = (name: 'calls' | 'asked' | 'refused' | 'failed') => data?.bars.reduce((total, bar) => total + bar[name], 0) ?? 0;
    return { calls: sum('calls'), asked: sum('asked'), refused: sum('refused'), failed: sum('failed') };
  }, [data]);
  if (data === undefined || sums.calls === 0) return null;
  const tallest = Math.max(...data.bars.map(({ calls }) => calls), 1);
  const facts: [string, string][] = [
    ['calls', number(sums.calls)],
    ['asked', sums.asked === 0 ? '0' : tenths((100 * sums.asked) / sums.calls)],
    ['refused', number(sums.refused)],
    ['failed', number(sums.failed)],
  ];
  return (
    <Part title={t('insight.title')}>
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
          viewBox={`0 0 ${data.bars.length * 10} 32`}
          preserveAspectRatio="none"
          className="h-10 min-w-48 flex-1"
          role="img"
          aria-label={t('insight.chart', { calls: sums.calls, refused: sums.refused })}
        >
          {data.bars.map(({ calls, refused }, index) => {
            const tall = Math.sqrt(Math.min(1, Math.max(calls, refused) / tallest)) * 30;
            const red = refused === 0 ? 0 : Math.max(2, Math.min(1, refused / Math.max(calls, 1)) * tall);
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
      <div className="mt-5">
        <Flows flows={data.flows} side={filter.client === undefined ? 'client' : 'server'} />
      </div>
    </Part>
  );
}
