// The AI applications that are paired with this broker, and the way to pair another.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Client } from '../../shared/vocabulary.ts';
import { TopFlows } from '../activity/flows.tsx';
import { useConsole, useNow } from '../data/console.tsx';
import { ago } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { Page, Tag } from '../ui/layout.tsx';
import { Empty, Fault, Loading } from '../ui/states.tsx';
import { clientTitle } from '../untrusted/client-title.ts';
import { Foreign } from '../untrusted/foreign.tsx';
import { AddClient } from './add.tsx';
import { ProgramTag } from './evidence.tsx';
import { Offers } from './offers.tsx';
import { Strayed } from './strayed.tsx';

export function ClientsPage() {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data, error, isPending, refetch } = useQuery(orpc.client.list.queryOptions());
  const [adding, setAdding] = useState(false);
  const now = useNow(30_000);
  const add = (
    <Button kind="main" onClick={() => setAdding(true)}>
      <Icon name="plus" />
      {t('clients.add')}
    </Button>
  );
  return (
    <Page title={t('nav.clients')} about={t('clients.about')} actions={data?.length === 0 ? null : add}>
      {error ? <Fault error={error} retry={() => void refetch()} /> : null}
      {isPending ? <Loading /> : null}
      {data?.length === 0 ? (
        <Empty title={t('clients.empty')} action={add}>
          {t('clients.emptyAbout')}
        </Empty>
      ) : null}
      <Strayed />
      <Offers clients={data ?? []} />
      <ul className="divide-y divide-line border-y border-line empty:border-0">
        {data?.map((client) => (
          <li key={client.name}>
            <Link
              href={`/clients/${encodeURIComponent(client.name)}`}
              className="-mx-3 flex flex-wrap items-center gap-x-4 gap-y-1 rounded-lg px-3 py-3 hover:bg-sunken"
            >
              <span className="min-w-0 flex-1 basis-48">
                <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                  <strong>
                    <Foreign text={clientTitle(client.name)} />
                  </strong>
                  <ClientTag client={client} />
                  <ProgramTag client={client} />
                </span>
                <span className="block truncate text-sm text-muted">
                  {client.servers.length === 0
                    ? t('clients.seesNone')
                    : t('clients.sees', { count: client.servers.length, names: client.servers.join(', ') })}
                </span>
              </span>
              <span className="ml-auto inline-flex items-center gap-4 text-sm text-muted tabular">
                {client.lastSeenAt === null ? t('clients.never') : t('clients.seen', { ago: ago(client.lastSeenAt, now) })}
                <Icon name="right" />
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {data && data.length > 0 ? (
        <div className="mt-10">
          <TopFlows />
        </div>
      ) : null}
      <AddClient open={adding} onClose={() => setAdding(false)} />
    </Page>
  );
}

export function ClientTag({ client }: { client: Client }) {
  const { t } = useTranslation();
  if (client.state === 'paused') return <Tag tone="amber">{t('clients.paused')}</Tag>;
  if (client.state === 'revoked') return <Tag tone="vermilion">{t('clients.revoked')}</Tag>;
  return client.connections > 0 ? <Tag tone="passed">{t('clients.connected', { count: client.connections })}</Tag> : null;
}
