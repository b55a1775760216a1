// The first steps of a new home, each told by what is there: a PIN, a server, a secret, a client, a first answer.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';

type Step = 'pin' | 'server' | 'secret' | 'client' | 'answer';
const places: Readonly<Record<Exclude<Step, 'answer'>, string>> = {
  pin: '/settings',
  server: '/servers',
  secret: '/servers',
  client: '/clients',
};

/** Hidden for this visit; it stays away by itself once everything is done. */
let hidden = false;

/** null once there is nothing left to lead to, or until it is known. */
function useSteps(): { done: ReadonlySet<Step> } | null {
  const { orpc } = useConsole();
  const { data: status } = useQuery(orpc.status.queryOptions());
  const { data: secrets } = useQuery(orpc.secret.list.queryOptions());
  const fresh = status !== undefined && (status.servers === 0 || status.clients === 0);
  const { data: answered } = useQuery({
    ...orpc.log.list.queryOptions({ input: { verdict: 'ask', limit: 1 } }),
    enabled: status !== undefined,
  });
  if (status === undefined || secrets === undefined || answered === undefined) return null;
  const done = new Set<Step>();
  if (status.protected) done.add('pin');
  if (status.servers > 0) done.add('server');
  if (secrets.length > 0) done.add('secret');
  if (status.clients > 0) done.add('client');
  if (answered.length > 0) done.add('answer');
  // A home that works needs no leading, even where somebody chose to do without a secret.
  return fresh || !done.has('answer') ? { done } : null;
}

export function FirstSteps() {
  const { t } = useTranslation();
  const steps = useSteps();
  const [gone, setGone] = useState(hidden);
  if (steps === null || gone) return null;
  const all: Step[] = ['pin', 'server', 'secret', 'client', 'answer'];
  const next = all.find((step) => !steps.done.has(step));
  return (
    <section aria-label={t('steps.title')} className="rounded-xl border border-line bg-surface px-5 pt-4 pb-2" data-testid="steps">
      <div className="mb-2 flex flex-wrap items-start gap-3">
        <div className="min-w-0 flex-1 basis-64">
          <h2 className="text-lg font-semibold">{t('steps.title')}</h2>
          <p className="text-muted">{t('steps.about')}</p>
        </div>
        <Link
          href="/setup"
          className="inline-flex h-7 items-center rounded-md bg-ink px-2.5 text-sm font-semibold text-ground hover:opacity-88"
        >
          {t('steps.bring')}
        </Link>
        <Button
          small
          kind="quiet"
          onClick={() => {
            hidden = true;
            setGone(true);
          }}
        >
          {t('steps.hide')}
        </Button>
      </div>
      <ol className="divide-y divide-line">
        {all.map((step, index) => (
          <StepRow key={step} step={step} number={index + 1} done={steps.done.has(step)} next={step === next} />
        ))}
      </ol>
    </section>
  );
}

function StepRow({ step, number, done, next }: { step: Step; number: number; done: boolean; next: boolean }) {
  const { t } = useTranslation();
  return (
    <li className="flex items-center gap-3.5 py-2.5">
      <span
        aria-hidden="true"
        className={`grid size-6 shrink-0 place-items-center rounded-full text-sm font-semibold ${done ? 'bg-passed-faint text-passed' : next ? 'bg-ink text-ground' : 'bg-sunken text-muted'}`}
      >
        {done ? <Icon name="tick" size={14} /> : number}
      </span>
      <span className="min-w-0 flex-1">
        <span className={done ? 'text-muted' : 'font-semibold'}>{t(`steps.${step}`)}</span>
        {done ? <span className="sr-only"> {t('steps.done')}</span> : null}
        {done ? null : <span className="block text-sm text-muted">{t(`steps.${step}About`)}</span>}
      </span>
      {done || step === 'answer' ? null : (
        <Link
          href={places[step]}
          className="inline-flex h-8 shrink-0 items-center rounded-lg border border-line bg-surface px-3 text-sm font-semibold hover:bg-sunken"
        >
          {t(`steps.${step}Do`)}
        </Link>
      )}
    </li>
  );
}
