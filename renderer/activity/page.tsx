// The start page: what waits for an answer, how much happened when, and the live log below, with search and filters.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useDeferredValue, useState } from 'react';
import { useConsole } from '../data/console.tsx';
import { useQueue } from '../prompt/queue.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Choice, Segments } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { EntryDetail } from './detail.tsx';
import { GatheredList } from './gathered.tsx';
import { LogList, useFeed } from './list.tsx';
import { FirstSteps } from './steps.tsx';
import { type Reach, ReachChoice, Timeline } from './timeline.tsx';
import { Waiting } from './waiting.tsx';
import { anyTime, type Span, WhenChoice } from './when.tsx';

type Verdict = 'every' | 'allow' | 'ask' | 'deny';

export function ActivityPage() {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data: status } = useQuery(orpc.status.queryOptions());
  const { data: clients } = useQuery(orpc.client.list.queryOptions());
  const { data: servers } = useQuery(orpc.server.list.queryOptions());
  const { all } = useQueue();
  const [search, setSearch] = useState('');
  const [verdict, setVerdict] = useState<Verdict>('every');
  const [client, setClient] = useState('');
  const [server, setServer] = useState('');
  const [span, setSpan] = useState<Span>(anyTime);
  const [reach, setReach] = useState<Reach>('hours');
  const [chosen, setChosen] = useState<number | null>(null);
  const choose = useCallback((seq: number) => setChosen((now) => (now === seq ? null : seq)), []);
  const filter = {
    search: useDeferredValue(search.trim()),
    client,
    server,
    ...(verdict === 'every' ? {} : { verdict }),
    ...(span.since === undefined ? {} : { since: span.since }),
    ...(span.until === undefined ? {} : { until: span.until }),
  };
  const { feed, state } = useFeed(filter);
  const filtered = filter.search !== '' || client !== '' || server !== '' || verdict !== 'every' || span !== anyTime;
  // A log with nothing in it needs no chart and no filters.
  const bare = !filtered && state.state === 'ready' && state.live.length === 0;
  const clear = () => {
    setSearch('');
    setVerdict('every');
    setClient('');
    setServer('');
    setSpan(anyTime);
  };
  return (
    <div className="flex h-full flex-col">
      <div className="px-4 pt-6 pb-1 sm:px-8 sm:pt-8">
        <div className="mx-auto grid max-w-[1080px] gap-3.5">
          <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
            <div className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3">
              <h1 className="text-2xl font-bold tracking-tight">{t('nav.activity')}</h1>
              <p className="text-muted">
                {all.length > 0 ? t('activity.asks', { count: all.length }) : status?.locked ? t('activity.stopped') : t('activity.calm')}
              </p>
            </div>
            <search className="relative w-full sm:w-64">
              <span className="pointer-events-none absolute top-2.5 left-3 text-muted">
                <Icon name="search" />
              </span>
              <input
                type="search"
                aria-label={t('activity.search')}
                placeholder={t('activity.search')}
                value={search}
                onChange={(event) => setSearch(event.target.value)}
                className="h-9 w-full rounded-lg border border-line bg-surface pr-3 pl-9 placeholder:text-muted"
              />
            </search>
          </div>
          <FirstSteps />
          {bare ? null : <Timeline reach={reach} filter={{ client, server }} chosen={span} onChoose={setSpan} />}
          <div className={`flex flex-wrap items-center gap-2 ${bare ? 'hidden' : ''}`}>
            <Segments
              label={t('activity.show')}
              value={verdict}
              onChange={setVerdict}
              options={(['every', 'allow', 'ask', 'deny'] as const).map((value) => ({ value, label: t(`activity.verdict.${value}`) }))}
            />
            <Choice
              aria-label={t('activity.byClient')}
              value={client}
              onChange={(event) => setClient(event.target.value)}
              className="max-w-48"
            >
              <option value="">{t('activity.allClients')}</option>
              {clients?.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </Choice>
            <Choice
              aria-label={t('activity.byServer')}
              value={server}
              onChange={(event) => setServer(event.target.value)}
              className="max-w-48"
            >
              <option value="">{t('activity.allServers')}</option>
              {servers?.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </Choice>
            <WhenChoice span={span} onChange={setSpan} />
            {filtered ? (
              <Button kind="quiet" onClick={clear}>
                {t('activity.clear')}
              </Button>
            ) : null}
            <ReachChoice reach={reach} onChange={setReach} />
          </div>
          <Waiting />
          <GatheredList />
        </div>
      </div>
      <LogList key={JSON.stringify(filter)} feed={feed} state={state} filtered={filtered} chosen={chosen} onOpen={choose} />
      <EntryDetail seq={chosen} onClose={() => setChosen(null)} />
    </div>
  );
}
