// What a page shows when it has nothing, is waiting, or could not be loaded.
import type { ReactNode } from 'react';
import { explain } from '../data/fault.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from './button.tsx';
import { Emblem } from './icons.tsx';
import { Mark } from './mark.tsx';

export function Empty({ title, children, action }: { title: ReactNode; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="mx-auto grid max-w-md justify-items-center gap-2 px-6 py-16 text-center">
      <span className="mb-2 text-edge">
        <Emblem size={36} />
      </span>
      <p className="text-lg font-semibold">{title}</p>
      {children ? <p className="text-balance text-muted">{children}</p> : null}
      {action ? <div className="mt-3">{action}</div> : null}
    </div>
  );
}

/** Grey lines in the place of rows; still, so that nothing flickers while a fast answer is on its way. */
export function Loading({ rows = 4 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t('loading')} className="animate-fade divide-y divide-line border-y border-line">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows of nothing
        <div key={index} className="flex h-14 items-center gap-4">
          <span className="h-3 rounded bg-sunken" style={{ width: `${18 + ((index * 7) % 16)}%` }} />
          <span className="h-3 rounded bg-sunken" style={{ width: `${30 + ((index * 11) % 24)}%` }} />
        </div>
      ))}
    </div>
  );
}

export function Fault({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const { message, hint, english } = explain(error);
  return (
    <div role="alert" className="flex items-start gap-3 rounded-xl border border-vermilion-line bg-vermilion-faint px-4 py-3">
      <Mark outcome="failed" quiet />
      <div className="min-w-0 flex-1" {...(english ? { lang: 'en' } : {})}>
        <p className="font-medium">{message}</p>
        {hint ? <p className="text-soft">{hint}</p> : null}
      </div>
      {retry ? (
        <Button small onClick={retry}>
          {t('retry')}
        </Button>
      ) : null}
    </div>
  );
}
