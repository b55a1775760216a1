// The frame around every page: five entries, the button that stops everything, the bands, and the prompt over all of it.
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { ActivityPage } from '../activity/page.tsx';
import { ClientPage } from '../clients/detail.tsx';
import { ClientsPage } from '../clients/page.tsx';
import { useConsole, useLost } from '../data/console.tsx';
import { PermissionsPage } from '../permissions/page.tsx';
import { PromptPlace } from '../prompt/prompt.tsx';
import { useQueue } from '../prompt/queue.ts';
import { ServerPage } from '../servers/detail.tsx';
import { FindServersPage } from '../servers/find.tsx';
import { ServersPage } from '../servers/page.tsx';
import { SettingsPage } from '../settings/page.tsx';
import { SetupPage } from '../setup/page.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Emblem, Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import { Bands } from './bands.tsx';
import { StopEverything } from './stop.tsx';

const entries = ['activity', 'servers', 'clients', 'permissions', 'settings'] as const;
const pathOf = (entry: (typeof entries)[number]) => (entry === 'activity' ? '/' : `/${entry}`);

export function Shell() {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data: status } = useQuery(orpc.status.queryOptions());
  const { all } = useQueue();
  const waiting = all.length;
  const lost = useLost() !== null;
  useEffect(() => {
    document.title = lost ? t('titleLost') : waiting > 0 ? t('titleWaiting', { count: waiting }) : t('title');
  }, [waiting, lost, t]);
  return (
    <>
      {/* First in the order of the page, so that the keyboard meets it first. */}
      <PromptPlace />
      {status?.locked ? (
        <div
          aria-hidden="true"
          className="pointer-events-none fixed inset-0 z-20 border-[3px] border-solid"
          style={{ borderColor: 'var(--solid)' }}
        />
      ) : null}
      <div className="flex h-full flex-col sm:flex-row">
        <Sidebar waiting={waiting} locked={status?.locked === true} />
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          <Bands />
          {/* What is old looks old: a page without its colours is nobody's present. */}
          <main className={`min-h-0 flex-1 transition-[filter] duration-150 ${lost ? 'stale' : ''}`} aria-busy={lost}>
            <Switch>
              <Route path="/" component={ActivityPage} />
              <Route path="/servers" component={ServersPage} />
              <Route path="/servers/find/new" component={FindServersPage} />
              <Route path="/servers/:name">{({ name }) => <ServerPage key={name} name={name} />}</Route>
              <Route path="/clients" component={ClientsPage} />
              <Route path="/clients/:name">{({ name }) => <ClientPage key={name} name={name} />}</Route>
              <Route path="/permissions/:id?">{({ id }) => <PermissionsPage named={id ?? null} />}</Route>
              <Route path="/settings" component={SettingsPage} />
              <Route path="/setup" component={SetupPage} />
              <Route>
                <Redirect to="/" />
              </Route>
            </Switch>
          </main>
        </div>
        <BottomBar waiting={waiting} locked={status?.locked === true} />
      </div>
      <Notice />
    </>
  );
}

function useCounts(waiting: number): Partial<Record<(typeof entries)[number], number>> {
  const { orpc } = useConsole();
  const { data: status } = useQuery(orpc.status.queryOptions());
  const { data: grants } = useQuery(orpc.grant.list.queryOptions());
  return {
    activity: waiting,
    ...(status ? { servers: status.servers, clients: status.clients } : {}),
    ...(grants ? { permissions: grants.length } : {}),
  };
}

function useEntry(): (typeof entries)[number] {
  const [location] = useLocation();
  return entries.find((entry) => entry !== 'activity' && location.startsWith(pathOf(entry))) ?? 'activity';
}

function Sidebar({ waiting, locked }: { waiting: number; locked: boolean }) {
  const { t } = useTranslation();
  const here = useEntry();
  const counts = useCounts(waiting);
  return (
    <nav aria-label={t('nav.label')} className="hidden w-[208px] shrink-0 flex-col border-r border-line px-3 pt-5 pb-5 sm:flex">
      <p className="mb-6 flex items-center gap-2.5 px-2.5 text-[0.95rem] font-bold tracking-tight">
        <Emblem />
        {t('title')}
      </p>
      <ul className="grid gap-0.5">
        {entries.map((entry) => (
          <li key={entry}>
            <Link
              href={pathOf(entry)}
              aria-current={here === entry ? 'page' : undefined}
              className={`flex h-9 items-center gap-2.5 rounded-lg border px-2.5 font-medium transition-colors duration-150 ${here === entry ? 'border-line bg-surface text-ink' : 'border-transparent text-muted hover:bg-sunken hover:text-ink'}`}
            >
              <Icon name={entry} />
              <span className="flex-1">{t(`nav.${entry}`)}</span>
              {entry === 'activity' ? (
                waiting > 0 ? (
                  <span className="rounded-full bg-amber-faint px-2 text-xs font-bold text-amber tabular">
                    {waiting}
                    <span className="sr-only"> {t('nav.waiting', { count: waiting })}</span>
                  </span>
                ) : null
              ) : (
                <span className="text-sm font-normal text-muted tabular">{counts[entry]}</span>
              )}
            </Link>
          </li>
        ))}
      </ul>
      <div className="mt-auto">
        {locked ? (
          <p className="rounded-lg bg-solid px-3 py-2 text-center font-bold text-on-solid">{t('stop.short')}</p>
        ) : (
          <StopEverything />
        )}
      </div>
    </nav>
  );
}

function BottomBar({ waiting, locked }: { waiting: number; locked: boolean }) {
  const { t } = useTranslation();
  const here = useEntry();
  return (
    <nav aria-label={t('nav.label')} className="flex shrink-0 items-center gap-1 border-t border-line bg-surface px-2 py-1.5 sm:hidden">
      <ul className="flex min-w-0 flex-1 justify-between">
        {entries.map((entry) => (
          <li key={entry} className="min-w-0 flex-1">
            <Link
              href={pathOf(entry)}
              aria-current={here === entry ? 'page' : undefined}
              className={`relative grid min-w-0 justify-items-center gap-0.5 rounded-lg py-1 text-[0.68rem] font-medium ${here === entry ? 'bg-sunken text-ink' : 'text-muted'}`}
            >
              <Icon name={entry} size={18} />
              <span className="max-w-full truncate max-[440px]:sr-only">{t(`nav.short.${entry}`)}</span>
              {entry === 'activity' && waiting > 0 ? (
                <span className="absolute top-0.5 left-1/2 ml-1.5 rounded-full bg-amber-faint px-1.5 text-[0.65rem] leading-4 font-bold text-amber tabular">
                  {waiting}
                </span>
              ) : null}
            </Link>
          </li>
        ))}
      </ul>
      {locked ? null : <StopEverything compact />}
    </nav>
  );
}
