// The lines across the top that must not be missed: stopped, disconnected, open.
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useConsole, useLost, useNow } from '../data/console.tsx';
import { explain } from '../data/fault.ts';
import { ago, when } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { Mark } from '../ui/mark.tsx';
import { notice } from '../ui/notice.tsx';
import { Foreign } from '../untrusted/foreign.tsx';
import { StartAgain } from './stop.tsx';

export function Bands() {
  const { t } = useTranslation();
  const { orpc, line } = useConsole();
  const { data: status } = useQuery(orpc.status.queryOptions());
  const { data: settings } = useQuery(orpc.setting.list.queryOptions());
  const away = settings?.away;
  const now = useNow(1000);
  /** `off`, or nothing, is no time and lasts no longer. */
  const lasts = (until: string | null | undefined) => Date.parse(until ?? '') > now;
  const lost = useLost();
  return (
    <div className="shrink-0">
      {status?.locked ? (
        <div
          role="alert"
          className="flex flex-wrap items-center gap-x-4 gap-y-2 bg-solid px-4 py-3 text-on-solid sm:px-8"
          data-testid="locked"
        >
          <Icon name="lock" size={20} />
          <div className="min-w-0 flex-1 basis-64">
            <p className="text-lg font-bold">{t('stop.locked')}</p>
            <p className="text-sm">
              {t('stop.lockedAbout')} {status.lockedReason ? <Foreign text={status.lockedReason} english /> : null}
            </p>
          </div>
          <StartAgain />
        </div>
      ) : null}
      {lasts(status?.pausedUntil) ? (
        <Lift setting="pause" title={t('paused.title', { until: when(status?.pausedUntil ?? '') })} end={t('paused.end')} />
      ) : null}
      {lasts(away) ? <Lift setting="away" title={t('away.title', { until: when(away ?? '') })} end={t('away.end')} /> : null}
      {lost !== null ? (
        <div role="alert" className="flex flex-wrap items-center gap-x-4 gap-y-2 bg-ink px-4 py-3 text-ground sm:px-8" data-testid="lost">
          <span aria-hidden="true" className="grid size-5 place-items-center">
            <span className="size-3 animate-pulse rounded-full border-2 border-current" />
          </span>
          <div className="min-w-0 flex-1 basis-64">
            <p className="text-lg font-bold">{t('lost.title')}</p>
            <p className="text-sm">{t('lost.about', { ago: ago(lost, now) })}</p>
          </div>
          <Button className="border-transparent" onClick={line.retry}>
            {t('retry')}
          </Button>
        </div>
      ) : null}
      {status?.protected === false ? (
        <p
          className="flex items-center gap-2 border-b border-amber-line bg-amber-faint px-4 py-1.5 text-sm text-amber sm:px-8"
          data-testid="open-home"
        >
          <Link href="/settings" className="rounded font-medium underline-offset-2 hover:underline">
            {t('openHome')}
          </Link>
        </p>
      ) : null}
    </div>
  );
}

function Lift({ setting, title, end }: { setting: 'pause' | 'away'; title: string; end: string }) {
  const { client } = useConsole();
  const lift = () => client.setting.set({ key: setting, value: 'off' }).catch((error: unknown) => notice(explain(error).message));
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-3 border-b border-amber-line bg-amber-faint px-4 py-2 text-amber sm:px-8"
      data-testid={setting}
    >
      <Mark outcome="asked" quiet size={16} />
      <p className="min-w-0 flex-1 font-bold">{title}</p>
      <Button small onClick={() => void lift()}>
        {end}
      </Button>
    </div>
  );
}
