// Who deals with whom, the busiest first: one bar for each pair, what of it was asked and refused in colour.
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Tally } from '../../shared/tally-contract.ts';
import { useConsole, useNow } from '../data/console.tsx';
import { number } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Part } from '../ui/layout.tsx';
import { ClientName, Name } from '../untrusted/foreign.tsx';

const hour = 3_600_000;
const week = 7 * 24 * hour;
const most = 8;

/** `side`: which of the two a row names; without it both. */
export function Flows({ flows, side }: { flows: Tally['flows']; side?: 'client' | 'server' }) {
  const { t } = useTranslation();
  const tallest = Math.max(1, ...flows.map((flow) => flow.calls));
  return (
    <ul className="grid gap-1.5">
      {flows.slice(0, most).map((flow) => {
        const calls = Math.max(flow.calls, flow.refused, 1);
        const asked = Math.min(flow.asked, calls - flow.refused);
        const share = (count: number) => `${(100 * count) / calls}%`;
        return (
          <li
            key={`${flow.client} ${flow.server}`}
            className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 sm:grid-cols-[minmax(0,15rem)_minmax(0,1fr)_11.5rem]"
          >
            <span className="truncate">
              {side === 'server' ? null : (
                <Link href={`/clients/${encodeURIComponent(flow.client)}`} className="rounded hover:underline">
                  <ClientName name={flow.client} />
                </Link>
              )}
              {side === undefined ? <span className="text-muted"> → </span> : null}
              {side === 'client' ? null : (
                <Link href={`/servers/${encodeURIComponent(flow.server)}`} className="rounded hover:underline">
                  <Name text={flow.server} />
                </Link>
              )}
            </span>
            <span className="hidden h-2.5 sm:block" aria-hidden="true">
              <span
                className="flex h-full overflow-hidden rounded-[3px]"
                style={{ width: `${Math.max(1, (100 * flow.calls) / tallest)}%` }}
              >
                <span className="h-full flex-1 bg-bar" />
                <span className="h-full bg-amber" style={{ width: share(asked) }} />
                <span className="h-full bg-vermilion" style={{ width: share(flow.refused) }} />
              </span>
            </span>
            <span className="text-right text-sm whitespace-nowrap text-muted tabular">
              {t('flows.calls', { count: flow.calls, calls: number(flow.calls) })}
              {flow.refused > 0 ? ` · ${t('flows.refused', { count: flow.refused })}` : ''}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** The last seven days of all of them. */
export function TopFlows() {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const now = useNow(60_000);
  const since = new Date(Math.floor(now / hour) * hour - week).toISOString();
  const { data } = useQuery(orpc.log.tally.queryOptions({ input: { since, bars: 1 }, refetchInterval: 60_000 }));
  if (data === undefined || data.flows.length === 0) return null;
  return (
    <Part title={t('flows.title')} about={t('flows.about')}>
      <div className="pt-2">
        <Flows flows={data.flows} />
      </div>
    </Part>
  );
}
