// What changed since a server was accepted, the two texts under each other, and the person's yes or no to it.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Server } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Tag } from '../ui/layout.tsx';
import { Mark } from '../ui/mark.tsx';
import { Fault } from '../ui/states.tsx';
import { Code } from '../untrusted/foreign.tsx';
import { readable, readJson } from '../untrusted/json-text.ts';
import { LongText } from '../untrusted/long-text.tsx';

export function Review({ server }: { server: Server }) {
  const { t } = useTranslation();
  const { orpc, client } = useConsole();
  const waits = server.state === 'pending' || server.state === 'quarantined' || server.capabilities.some((each) => !each.accepted);
  const [looked, setLooked] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const { data, error, isFetching } = useQuery({
    ...orpc.server.review.queryOptions({ input: { name: server.name } }),
    enabled: looked,
    gcTime: 0,
  });
  if (!waits) return null;
  const act = (doing: Promise<unknown>) =>
    doing.then(
      () => setLooked(false),
      (problem: unknown) => setFault(problem),
    );
  const tones = { new: 'amber', changed: 'vermilion', gone: 'plain' } as const;
  return (
    <section className="mb-9" aria-label={t('review.title')}>
      <div className="flex flex-wrap items-center gap-3 rounded-xl border border-amber-line bg-amber-faint p-4">
        <Mark outcome="asked" quiet />
        <div className="min-w-0 flex-1 basis-64">
          <h2 className="font-semibold">
            {t(server.state === 'quarantined' ? 'review.changed' : server.state === 'pending' ? 'review.waits' : 'review.some')}
          </h2>
          <p className="text-sm text-soft">{t('review.about')}</p>
        </div>
        {looked ? (
          <>
            <Button kind="stop" onClick={() => void act(client.server.reject({ name: server.name }))}>
              {t('review.reject')}
            </Button>
            <Button
              kind="main"
              disabled={data === undefined || isFetching}
              onClick={() => void act(client.server.accept({ name: server.name }))}
            >
              {t('review.accept')}
            </Button>
          </>
        ) : (
          <Button onClick={() => setLooked(true)}>{t('review.look')}</Button>
        )}
      </div>
      {isFetching ? <p className="mt-3 text-sm text-soft">{t('review.starting')}</p> : null}
      {error || fault ? (
        <div className="mt-3">
          <Fault error={fault ?? error} />
        </div>
      ) : null}
      {data && !isFetching && looked ? (
        <ul className="divide-y divide-line border-b border-line">
          {data.differences.length === 0 ? <li className="py-4">{t('review.none')}</li> : null}
          {data.differences.map((difference) => (
            <li key={`${difference.change} ${difference.capability}`} className="grid gap-2 py-4">
              <p className="flex flex-wrap items-center gap-2">
                <Tag tone={tones[difference.change]}>{t(`review.${difference.change}Tag`)}</Tag>
                <Code text={difference.capability} />
              </p>
              <div className="grid gap-3 lg:grid-cols-2">
                <Side title={t('review.was')} text={difference.was} />
                <Side title={t('review.is')} text={difference.is} />
              </div>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}

function Side({ title, text }: { title: string; text: string | null }) {
  if (text === null) return null;
  const node = readJson(text);
  return (
    <div className="grid content-start gap-1">
      <p className="text-xs font-semibold text-muted">{title}</p>
      <LongText label={title} text={node === null ? text : readable(node)} />
    </div>
  );
}
