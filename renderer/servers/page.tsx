// The servers behind the broker and, below them, the secrets they are given.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Server } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { labels } from '../ui/labels.ts';
import { LabelTag, Page, Tag } from '../ui/layout.tsx';
import { Empty, Fault, Loading } from '../ui/states.tsx';
import { Foreign } from '../untrusted/foreign.tsx';
import { AddServer } from './add.tsx';
import { CommandLine } from './command.tsx';
import { Secrets } from './secrets.tsx';

export function ServersPage() {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data, error, isPending, refetch } = useQuery(orpc.server.list.queryOptions());
  const [, go] = useLocation();
  const [adding, setAdding] = useState(false);
  const add = (
    <span className="flex flex-wrap justify-center gap-2">
      <Button onClick={() => go('/servers/find/new')}>
        <Icon name="search" />
        {t('find.open')}
      </Button>
      <Button kind="main" onClick={() => setAdding(true)}>
        <Icon name="plus" />
        {t('servers.add')}
      </Button>
    </span>
  );
  return (
    <Page title={t('nav.servers')} about={t('servers.about')} actions={data?.length === 0 ? null : add}>
      {error ? <Fault error={error} retry={() => void refetch()} /> : null}
      {isPending ? <Loading /> : null}
      {data?.length === 0 ? (
        <Empty title={t('servers.empty')} action={add}>
          {t('servers.emptyAbout')}
        </Empty>
      ) : null}
      <ul className="mb-10 divide-y divide-line border-y border-line empty:border-0">
        {data?.map((server) => (
          <li key={server.name}>
            <Link
              href={`/servers/${encodeURIComponent(server.name)}`}
              className="-mx-3 flex items-center gap-x-4 rounded-lg px-3 py-3 hover:bg-sunken"
            >
              <StateDot server={server} />
              <span className="min-w-0 flex-1">
                <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                  <strong>
                    <Foreign text={server.name} />
                  </strong>
                  <StateTag server={server} />
                  <FindingsTag server={server} />
                </span>
                <span className="block truncate text-sm text-muted">
                  <CommandLine server={server} />
                </span>
              </span>
              <span className="hidden shrink-0 gap-1.5 lg:flex">
                {labels
                  .filter((label) => server.capabilities.some((each) => each.labels.includes(label)))
                  .map((label) => (
                    <LabelTag key={label} label={label} />
                  ))}
              </span>
              <span className="hidden w-24 shrink-0 text-right text-sm text-muted tabular sm:block">
                {t('servers.offers', { count: server.capabilities.length })}
              </span>
              <span className="text-muted">
                <Icon name="right" />
              </span>
            </Link>
          </li>
        ))}
      </ul>
      <Secrets />
      <AddServer open={adding} onClose={() => setAdding(false)} />
    </Page>
  );
}

/** How much a scan noticed, over all it offers. */
function FindingsTag({ server }: { server: Server }) {
  const { t } = useTranslation();
  const found = [...(server.findings ?? []), ...server.capabilities.flatMap((each) => each.findings)].filter((each) => !each.dismissed);
  if (found.length === 0) return null;
  const serious = found.some(({ severity }) => severity === 'serious');
  return <Tag tone={serious ? 'vermilion' : 'amber'}>{t('servers.findings', { count: found.length })}</Tag>;
}

const tones = {
  running: 'passed',
  ready: 'plain',
  pending: 'amber',
  quarantined: 'vermilion',
  failed: 'vermilion',
  disabled: 'plain',
} as const;

export function StateTag({ server }: { server: Server }) {
  const { t } = useTranslation();
  return <Tag tone={tones[server.state]}>{t(`serverState.${server.state}`)}</Tag>;
}

function StateDot({ server }: { server: Server }) {
  const shape = {
    running: 'rounded-full bg-passed',
    ready: 'rounded-full border-2 border-passed',
    pending: 'rotate-45 rounded-[2px] bg-amber',
    quarantined: 'rounded-[2px] bg-vermilion',
    failed: 'rounded-[2px] border-2 border-vermilion',
    disabled: 'rounded-full border-2 border-edge',
  }[server.state];
  return <span aria-hidden="true" className={`size-2.5 shrink-0 ${shape}`} />;
}
