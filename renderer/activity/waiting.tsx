// The questions that are open but not before the person now: put aside, or not yet their turn.

import { useNow } from '../data/console.tsx';
import { Sentence } from '../prompt/headline.tsx';
import { bringUp, useQueue } from '../prompt/queue.ts';
import { clock } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Mark } from '../ui/mark.tsx';

export function Waiting() {
  const { t } = useTranslation();
  const { rest } = useQueue();
  useNow(10_000);
  if (rest.length === 0) return null;
  return (
    <section
      aria-label={t('activity.questions')}
      className="overflow-hidden rounded-xl border border-amber-line bg-amber-faint"
      data-testid="waiting"
    >
      <ul className="scroll-calm max-h-36 divide-y divide-amber-line overflow-auto">
        {rest.map((approval) => (
          <li key={approval.id} className="flex items-center gap-3 px-4 py-1.5">
            <Mark outcome={approval.risk === 'high' || approval.risk === 'critical' ? 'leaves' : 'asked'} quiet />
            <span className="line-clamp-2 min-w-0 flex-1 sm:line-clamp-1">
              <Sentence approval={approval} />
            </span>
            <span className="hidden shrink-0 text-sm text-soft tabular lg:block">
              {approval.waiting > 1 ? `${t('activity.calls', { count: approval.waiting })} · ` : ''}
              {t('activity.until', { time: clock(approval.expiresAt) })}
            </span>
            <Button small onClick={() => bringUp(approval.id)}>
              {t('activity.answer')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
