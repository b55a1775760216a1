// Every remembered answer in one list, by client: what it covers, until when, when it was last of use, and the way to take it back.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Grant } from '../../shared/vocabulary.ts';
import { useConsole, useNow } from '../data/console.tsx';
import { ago, full, when } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Ask } from '../ui/ask.tsx';
import { Button } from '../ui/button.tsx';
import { Page, Part, Tag } from '../ui/layout.tsx';
import { Mark } from '../ui/mark.tsx';
import { notice } from '../ui/notice.tsx';
import { Empty, Fault, Loading } from '../ui/states.tsx';
import { clientTitle } from '../untrusted/client-title.ts';
import { Foreign } from '../untrusted/foreign.tsx';
import { Policies } from './policies.tsx';
import { idle, Tidy } from './tidy.tsx';
import { GrantWords, MatchWords } from './words.tsx';

/** `named`: the grant that a row of the log led to. */
export function PermissionsPage({ named }: { named: string | null }) {
  const { t } = useTranslation();
  const { orpc, client } = useConsole();
  const { data, error, isPending, refetch } = useQuery(orpc.grant.list.queryOptions());
  const now = useNow(60_000);
  const [only, setOnly] = useState(false);
  const byClient = new Map<string, Grant[]>();
  for (const grant of data?.filter((each) => !only || idle(each, now)) ?? [])
    byClient.set(grant.client, [...(byClient.get(grant.client) ?? []), grant]);
  return (
    <Page title={t('nav.permissions')} about={t('permissions.about')}>
      {error ? <Fault error={error} retry={() => void refetch()} /> : null}
      {isPending ? <Loading /> : null}
      {data?.length === 0 ? <Empty title={t('permissions.empty')}>{t('permissions.emptyAbout')}</Empty> : null}
      {data ? <Tidy grants={data} now={now} only={only} onOnly={setOnly} /> : null}
      {[...byClient].map(([name, grants]) => (
        <Part
          key={name}
          title={<Foreign text={clientTitle(name)} />}
          actions={
            <Ask
              trigger={(open) => (
                <Button small kind="quiet" onClick={open}>
                  {t('permissions.revokeAll')}
                </Button>
              )}
              title={<Say k="permissions.revokeAllTitle" parts={{ client: <Foreign text={name} /> }} />}
              about={t('permissions.revokeAllAbout', { count: grants.length })}
              confirm={t('permissions.revokeAll')}
              act={() => client.grant.revoke({ client: name })}
            />
          }
        >
          <ul className="divide-y divide-line border-b border-line">
            {grants.map((grant) => (
              <GrantRow key={grant.id} grant={grant} named={grant.id === named} />
            ))}
          </ul>
        </Part>
      ))}
      <Policies />
    </Page>
  );
}

function GrantRow({ grant, named }: { grant: Grant; named: boolean }) {
  const { t } = useTranslation();
  const { client } = useConsole();
  const now = useNow(30_000);
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (named) row.current?.scrollIntoView({ block: 'center' });
  }, [named]);
  const soon = grant.until !== null && Date.parse(grant.until) - now < 3_600_000;
  const revoke = () =>
    client.grant.revoke({ id: grant.id }).then(
      () => notice(t('permissions.didRevoke')),
      () => notice(t('fault.lost')),
    );
  return (
    <li
      ref={row}
      className={`flex flex-wrap items-center gap-x-4 gap-y-1 py-2.5 ${named ? '-mx-3 rounded-lg bg-amber-faint px-3' : ''}`}
      aria-current={named ? 'true' : undefined}
    >
      <Mark outcome={grant.effect === 'allow' ? 'passed' : 'refused'} />
      <div className="min-w-0 flex-1 sm:basis-60">
        <p>
          <GrantWords grant={grant} client={false} />
        </p>
        <p className="text-sm text-muted">
          <MatchWords grant={grant} /> · {t('permissions.made', { ago: ago(grant.createdAt, now) })}
        </p>
      </div>
      <div className="ml-[34px] flex basis-full items-center gap-x-3 text-sm tabular max-sm:order-last sm:contents">
        <p className="text-sm sm:w-44" title={grant.until === null ? '' : full(grant.until)}>
          {grant.session !== null ? (
            <Tag>{t('permissions.session')}</Tag>
          ) : grant.until === null ? (
            <span className="text-muted">{t('permissions.forGood')}</span>
          ) : (
            <span className={soon ? 'text-amber' : 'text-muted'}>{t('permissions.until', { time: when(grant.until, now) })}</span>
          )}
        </p>
        <p className="text-sm text-muted sm:w-44">
          {grant.lastUsedAt === null
            ? t('permissions.unused')
            : t('permissions.used', { count: grant.uses, ago: ago(grant.lastUsedAt, now) })}
        </p>
      </div>
      <Button small onClick={revoke}>
        {t('permissions.revoke')}
      </Button>
    </li>
  );
}
