// The first run after the PIN: what clients have today is found, brought in and put behind Gatehouse, each step to be skipped and undone.
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { Page } from '../ui/layout.tsx';
import { Between } from './between.tsx';
import { BringIn } from './bring-in.tsx';
import { FirstQuestion } from './first-question.tsx';
import { Found } from './found.tsx';

const steps = ['find', 'bring', 'between', 'question'] as const;
export type StepName = (typeof steps)[number];

export function SetupPage() {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data: status } = useQuery(orpc.status.queryOptions());
  const [at, setAt] = useState<StepName | 'done'>('find');
  /** What was really done, in words, by step; a step that was skipped has none. */
  const [did, setDid] = useState<Partial<Record<StepName, string>>>({});
  const place = at === 'done' ? steps.length : steps.indexOf(at);
  const next = () => setAt(steps[place + 1] ?? 'done');
  const done = (step: StepName) => (words: string) => setDid((now) => ({ ...now, [step]: words }));
  const views: Record<StepName, ReactNode> = {
    find: <Found onDone={done('find')} />,
    bring: <BringIn onDone={done('bring')} />,
    between: <Between onDone={done('between')} />,
    question: <FirstQuestion onDone={done('question')} />,
  };
  return (
    <Page title={t('setup.title')} about={t('setup.about')} back={{ to: '/', label: t('nav.activity') }}>
      <ol className="grid grid-cols-1 gap-1">
        {steps.map((step, index) => (
          <li
            key={step}
            className={`rounded-xl border ${index === place ? 'border-line bg-surface' : 'border-transparent'}`}
            aria-current={index === place ? 'step' : undefined}
          >
            <div className="flex items-center gap-3.5 px-5 py-3">
              <span
                aria-hidden="true"
                className={`grid size-6 shrink-0 place-items-center rounded-full text-sm font-semibold ${did[step] !== undefined ? 'bg-passed-faint text-passed' : index === place ? 'bg-ink text-ground' : 'bg-sunken text-muted'}`}
              >
                {did[step] !== undefined ? <Icon name="tick" size={14} /> : index + 1}
              </span>
              <div className="min-w-0 flex-1">
                <h2 className={index === place ? 'text-lg font-semibold' : 'font-medium text-soft'}>{t(`setup.${step}.title`)}</h2>
                {did[step] !== undefined ? (
                  <p className="text-sm text-muted">{did[step]}</p>
                ) : index < place ? (
                  <p className="text-sm text-muted">{t('setup.skipped')}</p>
                ) : null}
              </div>
              {index < place ? (
                <Button small kind="quiet" onClick={() => setAt(step)}>
                  {t('setup.again')}
                </Button>
              ) : null}
            </div>
            {index === place ? (
              <div className="grid grid-cols-1 gap-4 px-5 pb-5 sm:pl-[3.6rem]">
                {views[step]}
                <div className="flex flex-wrap gap-2">
                  <Button kind={did[step] === undefined ? 'plain' : 'main'} onClick={next}>
                    {t(did[step] === undefined ? 'setup.skip' : 'setup.next')}
                  </Button>
                </div>
              </div>
            ) : null}
          </li>
        ))}
      </ol>
      {at === 'done' ? (
        <section className="mt-6 grid gap-3 rounded-xl border border-line bg-surface px-5 py-5" aria-live="polite">
          <h2 className="text-xl font-bold">{t('setup.done')}</h2>
          <p className="max-w-prose text-soft">{t(status?.protected ? 'setup.doneAbout' : 'setup.doneOpen')}</p>
          <div className="flex flex-wrap gap-2">
            <Link href="/" className="inline-flex h-9 items-center rounded-lg bg-ink px-3.5 font-semibold text-ground hover:opacity-88">
              {t('setup.toActivity')}
            </Link>
            <Button onClick={() => setAt('between')}>{t('setup.undoSome')}</Button>
          </div>
        </section>
      ) : null}
    </Page>
  );
}
