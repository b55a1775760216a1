// The desktop's prompt window, 420 x 560: the question and nothing else; without one it says so, and what was put aside can be called.
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useConsole, useLine } from '../data/console.tsx';
import { StartAgain } from '../shell/stop.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Emblem } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import { Sentence } from './headline.tsx';
import { PromptPlace } from './prompt.tsx';
import { bringUp, useQueue } from './queue.ts';

export function PromptWindow() {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data: status } = useQuery(orpc.status.queryOptions());
  const { state } = useLine();
  const { all, current } = useQueue();
  useEffect(() => {
    document.title = all.length > 0 ? t('titleWaiting', { count: all.length }) : t('title');
  }, [all.length, t]);
  return (
    <>
      <PromptPlace whole />
      {current === null ? (
        <main className="scroll-calm grid h-dvh content-center justify-items-center gap-2 overflow-auto p-6 text-center">
          <span className="mb-1 text-edge">
            <Emblem size={32} />
          </span>
          <h1 className="text-lg font-semibold">
            {t(status?.locked ? 'stop.locked' : state === 'lost' ? 'lost.title' : all.length === 0 ? 'activity.calm' : 'activity.asks', {
              count: all.length,
            })}
          </h1>
          {status?.locked ? <StartAgain /> : null}
          {all.length > 0 ? (
            <ul className="mt-3 w-full divide-y divide-line border-y border-line text-left">
              {all.map((approval) => (
                <li key={approval.id} className="flex items-center gap-3 py-2">
                  <span className="min-w-0 flex-1">
                    <Sentence approval={approval} />
                  </span>
                  <Button small onClick={() => bringUp(approval.id)}>
                    {t('activity.answer')}
                  </Button>
                </li>
              ))}
            </ul>
          ) : null}
        </main>
      ) : null}
      <Notice />
    </>
  );
}
