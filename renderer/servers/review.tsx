// What changed since a server was accepted, said and marked word by word, and the person's yes or no to all of it or to one thing.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Review as ReviewData, Server } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Tag } from '../ui/layout.tsx';
import { Mark } from '../ui/mark.tsx';
import { Fault } from '../ui/states.tsx';
import { DefinitionChanges, DefinitionFields } from '../untrusted/changes.tsx';
import { Code, Foreign } from '../untrusted/foreign.tsx';
import { readable, readJson } from '../untrusted/json-text.ts';
import { LongText } from '../untrusted/long-text.tsx';
import { Findings } from './findings.tsx';

type Difference = ReviewData['differences'][number];

export function Review({ server }: { server: Server }) {
  const { t } = useTranslation();
  const { orpc, client } = useConsole();
  const waits = server.state === 'pending' || server.state === 'quarantined' || server.capabilities.some((each) => !each.accepted);
  const [looked, setLooked] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const { data, error, isFetching, refetch } = useQuery({
    // Under a key of its own: each look starts the server once, and must not come again with every process that starts or ends.
    ...orpc.server.review.queryOptions({ input: { name: server.name }, queryKey: ['review', server.name] }),
    enabled: looked,
    gcTime: 0,
  });
  if (!waits) return null;
  const act = (doing: Promise<unknown>, after: () => void) =>
    doing.then(
      () => {
        setFault(null);
        after();
      },
      (problem: unknown) => setFault(problem),
    );
  const one = (what: 'accept' | 'reject', capability: string) =>
    void act(client.server[what]({ name: server.name, capabilities: [capability] }), () => void refetch());
  const all = (what: 'accept' | 'reject') => void act(client.server[what]({ name: server.name }), () => setLooked(false));
  const many = (data?.differences.length ?? 0) > 1;
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
            <Button kind="stop" onClick={() => all('reject')}>
              {t(many ? 'review.rejectAll' : 'review.reject')}
            </Button>
            <Button kind="main" disabled={data === undefined || isFetching} onClick={() => all('accept')}>
              {t(many ? 'review.acceptAll' : 'review.accept')}
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
            <DifferenceRow
              key={`${difference.change} ${difference.capability}`}
              difference={difference}
              {...(many ? { onAnswer: (what) => one(what, difference.capability) } : {})}
            />
          ))}
        </ul>
      ) : null}
    </section>
  );
}

const tones = { new: 'amber', changed: 'vermilion', gone: 'plain' } as const;

function DifferenceRow({ difference, onAnswer }: { difference: Difference; onAnswer?: (what: 'accept' | 'reject') => void }) {
  const { t } = useTranslation();
  const { was, is } = difference;
  return (
    <li className="grid gap-2.5 py-4">
      <div className="flex flex-wrap items-center gap-2">
        <Tag tone={tones[difference.change]}>{t(`review.${difference.change}Tag`)}</Tag>
        <span className="min-w-0 flex-1">{difference.capability === '' ? t('review.itself') : <Code text={difference.capability} />}</span>
        {onAnswer ? (
          <>
            <Button small onClick={() => onAnswer('reject')}>
              {t('review.reject')}
            </Button>
            <Button small onClick={() => onAnswer('accept')}>
              {t('review.accept')}
            </Button>
          </>
        ) : null}
      </div>
      {difference.can?.map((sentence) => (
        <p key={sentence} className="flex items-start gap-2 font-medium">
          <span aria-hidden="true" className="mt-[7px] size-2 shrink-0 rotate-45 bg-amber" />
          <Foreign text={sentence} english />
        </p>
      ))}
      <Findings findings={difference.findings ?? []} />
      <div className="claim rounded-lg border border-dashed px-3.5 py-1">
        {was !== null && is !== null ? <DefinitionChanges was={was} is={is} /> : <Definition text={is ?? was ?? ''} gone={is === null} />}
      </div>
    </li>
  );
}

/** Longer than this, characters, a definition is text to be opened, not rows to be read. */
const mostRows = 8000;

function Definition({ text, gone }: { text: string; gone: boolean }) {
  const { t } = useTranslation();
  const node = readJson(text);
  if (node !== null && !gone && text.length <= mostRows) return <DefinitionFields text={text} />;
  return (
    <div className="grid gap-1 py-2">
      <p className="text-sm text-muted">{t(gone ? 'review.was' : 'prompt.serverSays')}</p>
      <LongText label={t('review.is')} text={node === null ? text : readable(node)} />
    </div>
  );
}
