// What was asked and refused while the person was away: one row each, with the permission that would have covered it.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Gathered } from '../../shared/vocabulary.ts';
import { useConsole, useLost } from '../data/console.tsx';
import { useArming } from '../prompt/arming.ts';
import { grave } from '../prompt/choices.ts';
import { nameOf } from '../prompt/name.ts';
import { WidthLabel } from '../prompt/width-label.tsx';
import { when } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { Mark } from '../ui/mark.tsx';
import { notice } from '../ui/notice.tsx';
import { Fault } from '../ui/states.tsx';
import { ClientName, Code, Foreign, Name } from '../untrusted/foreign.tsx';
import { LongText } from '../untrusted/long-text.tsx';
import { rowsOf } from '../untrusted/value.ts';

export function GatheredList() {
  const { t } = useTranslation();
  const { orpc, client } = useConsole();
  const { data } = useQuery(orpc.gathered.list.queryOptions());
  const [fault, setFault] = useState<unknown>(null);
  if (data === undefined || data.length === 0) return null;
  return (
    <section aria-label={t('gathered.title')} className="rounded-xl border border-line bg-surface" data-testid="gathered">
      <div className="flex flex-wrap items-start gap-3 px-4 pt-3 pb-2">
        <div className="min-w-0 flex-1 basis-64">
          <h2 className="font-semibold">{t('gathered.title')}</h2>
          <p className="text-sm text-muted">{t('gathered.about')}</p>
        </div>
        <Button small kind="quiet" onClick={() => void client.gathered.forget({}).catch(setFault)}>
          {t('gathered.forgetAll')}
        </Button>
      </div>
      {fault ? (
        <div className="px-4 pb-2">
          <Fault error={fault} />
        </div>
      ) : null}
      <ul className="scroll-calm max-h-72 divide-y divide-line overflow-auto border-t border-line">
        {data.map((each) => (
          <GatheredRow key={`${each.id} ${each.digest}`} gathered={each} onFault={setFault} />
        ))}
      </ul>
    </section>
  );
}

function GatheredRow({ gathered, onFault }: { gathered: Gathered; onFault: (fault: unknown) => void }) {
  const { t } = useTranslation();
  const { client } = useConsole();
  const rows = rowsOf(gathered.argumentsText);
  const unseen = rows.some((row) => row.long || row.hidden);
  const [open, setOpen] = useState(false);
  const [acting, setBusy] = useState(false);
  // What is pressed while the line is down would not arrive.
  const busy = useLost() !== null || acting;
  const arming = useArming(`${gathered.id} ${gathered.digest} ${open}`);
  const [width] = gathered.widths;
  // One press is enough where a glance is; what is grave is decided when it is asked again.
  const can = !grave(gathered) && (!unseen || open);
  const act = async (doing: Promise<unknown>, words: string) => {
    setBusy(true);
    try {
      await doing;
      notice(words);
    } catch (error) {
      onFault(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <li className="px-4 py-2.5">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <span className="mt-0.5">
          <Mark outcome={grave(gathered) ? 'leaves' : 'asked'} quiet />
        </span>
        <div className="min-w-0 flex-1 basis-64">
          <p>
            <Say
              k="gathered.wanted"
              parts={{
                client: <ClientName name={gathered.client} />,
                name: <Code text={nameOf(gathered.capability).name} />,
                server: <Name text={gathered.server} />,
              }}
            />
            <button
              type="button"
              aria-expanded={open}
              aria-label={t('gathered.look')}
              className="ml-1 inline-block rounded align-[-3px] text-muted hover:text-ink"
              onClick={() => setOpen(!open)}
            >
              <span className={`block transition-transform duration-150 ${open ? 'rotate-180' : ''}`}>
                <Icon name="down" size={14} />
              </span>
            </button>
          </p>
          <p className="text-sm text-muted tabular">
            {t('gathered.times', { count: gathered.times, time: when(gathered.lastAt) })}
            {can ? (
              <>
                {' · '}
                {width === undefined ? t('width.exact') : <WidthLabel text={width.label} />}
              </>
            ) : null}
          </p>
        </div>
        <span className="flex gap-2">
          {can ? (
            <Button
              small
              disabled={busy || !arming.armed}
              onFocus={arming.onFocus}
              onClick={(event) =>
                arming.counts(event) &&
                void act(
                  client.gathered.allow({
                    id: gathered.id,
                    digest: gathered.digest,
                    for: '8h',
                    match: (width?.id ?? 'exact') as 'exact',
                  }),
                  t('gathered.didAllow'),
                )
              }
            >
              {t('gathered.allow')}
            </Button>
          ) : (
            <span className="py-1 text-sm text-muted">{t(grave(gathered) ? 'gathered.later' : 'gathered.lookFirst')}</span>
          )}
          <Button
            small
            kind="quiet"
            disabled={busy}
            onClick={() => void act(client.gathered.forget({ id: gathered.id }), t('gathered.didForget'))}
          >
            {t('gathered.forget')}
          </Button>
        </span>
      </div>
      {open ? (
        <div className="mt-2 grid gap-2 pl-[30px]">
          {gathered.reasons.map((reason) => (
            <p key={reason} className="text-sm text-soft">
              <Foreign text={reason} english />
            </p>
          ))}
          <dl className="divide-y divide-line border-y border-line text-sm">
            {rows.map((row) => (
              <div key={row.id} className="grid grid-cols-[minmax(4.5rem,8rem)_1fr] gap-3 py-1.5">
                <dt className="min-w-0 text-muted">{row.name === null ? null : <Foreign text={row.name} />}</dt>
                <dd className="min-w-0">
                  {row.long ? <LongText text={row.text} label={row.name ?? t('prompt.address')} /> : <Foreign text={row.text} lines mono />}
                </dd>
              </div>
            ))}
          </dl>
        </div>
      ) : null}
    </li>
  );
}
