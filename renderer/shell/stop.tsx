// The button that stops everything, at once and unasked, and the calm way back.
import { useState } from 'react';
import { useConsole } from '../data/console.tsx';
import { explain } from '../data/fault.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Ask } from '../ui/ask.tsx';
import { Button } from '../ui/button.tsx';
import { notice } from '../ui/notice.tsx';

export function StopEverything({ compact = false }: { compact?: boolean }) {
  const { t } = useTranslation();
  const { client, orpc, cache } = useConsole();
  const [busy, setBusy] = useState(false);
  const stop = async () => {
    setBusy(true);
    try {
      await client.lock({});
      await cache.invalidateQueries({ queryKey: orpc.status.key() });
    } catch (error) {
      notice(explain(error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      kind="stop"
      disabled={busy}
      onClick={() => void stop()}
      className={compact ? 'size-9 !px-0' : 'w-full justify-start'}
      {...(compact ? { 'aria-label': t('stop.stop'), title: t('stop.stop') } : {})}
    >
      <span aria-hidden="true" className="size-2.5 shrink-0 bg-solid" />
      {compact ? null : t('stop.stop')}
    </Button>
  );
}

export function StartAgain() {
  const { t } = useTranslation();
  const { client, orpc, cache } = useConsole();
  return (
    <Ask
      trigger={(open) => (
        <Button className="border-transparent" onClick={open}>
          {t('stop.start')}
        </Button>
      )}
      title={t('stop.startTitle')}
      about={t('stop.startAbout')}
      confirm={t('stop.start')}
      act={async () => {
        await client.unlock();
        await cache.invalidateQueries({ queryKey: orpc.status.key() });
      }}
    />
  );
}
