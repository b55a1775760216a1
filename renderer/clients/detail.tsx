// One client: what it may see, how long its calls wait for an answer, its sessions, and how to stop it.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Client } from '../../shared/vocabulary.ts';
import { Insight } from '../activity/insight.tsx';
import { useConsole, useNow } from '../data/console.tsx';
import { ago, full, when } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Ask } from '../ui/ask.tsx';
import { Button } from '../ui/button.tsx';
import { Field, Input, Tick } from '../ui/field.tsx';
import { Fact, Facts, Page, Part } from '../ui/layout.tsx';
import { notice } from '../ui/notice.tsx';
import { Fault, Loading } from '../ui/states.tsx';
import { clientTitle } from '../untrusted/client-title.ts';
import { Code, Foreign, Name } from '../untrusted/foreign.tsx';
import { CameFrom, NewPrograms } from './evidence.tsx';
import { Offers } from './offers.tsx';
import { ClientTag } from './page.tsx';

export function ClientPage({ name }: { name: string }) {
  const { t } = useTranslation();
  const { orpc, client: api } = useConsole();
  const [, go] = useLocation();
  const { data: client, error, isPending, refetch } = useQuery(orpc.client.show.queryOptions({ input: { name } }));
  const now = useNow(30_000);
  const [fault, setFault] = useState<unknown>(null);
  const act = (doing: Promise<unknown>) =>
    doing.then(
      () => setFault(null),
      (problem: unknown) => setFault(problem),
    );
  const back = { to: '/clients', label: t('nav.clients') };
  if (isPending) {
    return (
      <Page title={<Foreign text={name} />} back={back}>
        <Loading />
      </Page>
    );
  }
  if (error) {
    return (
      <Page title={<Foreign text={name} />} back={back}>
        <Fault error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  return (
    <Page
      back={back}
      title={
        <span className="flex flex-wrap items-center gap-3">
          <Foreign text={clientTitle(client.name)} />
          <ClientTag client={client} />
        </span>
      }
      about={client.state === 'paused' ? t('clients.pausedAbout') : client.state === 'revoked' ? t('clients.revokedAbout') : undefined}
      actions={
        client.state === 'revoked' ? null : (
          <>
            {client.state === 'paused' ? (
              <Button kind="main" onClick={() => act(api.client.resume({ name }))}>
                {t('clients.resume')}
              </Button>
            ) : (
              <Button onClick={() => act(api.client.pause({ name }))}>{t('clients.pause')}</Button>
            )}
            <Ask
              trigger={(open) => (
                <Button kind="stop" onClick={open}>
                  {t('clients.revoke')}
                </Button>
              )}
              title={<Say k="clients.revokeTitle" parts={{ client: clientTitle(name) }} />}
              about={t('clients.revokeAbout')}
              confirm={t('clients.revoke')}
              act={async () => {
                await api.client.revoke({ name });
                go('/clients');
              }}
            />
          </>
        )
      }
    >
      {fault ? (
        <div className="mb-6">
          <Fault error={fault} />
        </div>
      ) : null}
      <NewPrograms client={client} />
      <Offers clients={[client]} />
      <Part title={t('clients.facts')}>
        <Facts>
          <Fact name={t('clients.name')}>
            <Code text={client.name} />
          </Fact>
          <Fact name={t('clients.saysItIs')}>
            {client.saysItIs === null ? <span className="text-muted">{t('unknown')}</span> : <Foreign text={client.saysItIs} />}
          </Fact>
          <Fact name={t('clients.pairedOn')}>{full(client.createdAt)}</Fact>
          <Fact name={t('clients.lastSeen')}>{client.lastSeenAt === null ? t('clients.never') : ago(client.lastSeenAt, now)}</Fact>
        </Facts>
      </Part>
      <CameFrom client={client} />
      <Insight filter={{ client: name }} />
      <MaySee client={client} onFault={setFault} />
      <Given name={name} />
      <Wait client={client} onFault={setFault} />
      <Sessions name={name} />
    </Page>
  );
}

function MaySee({ client, onFault }: { client: Client; onFault: (fault: unknown) => void }) {
  const { t } = useTranslation();
  const { orpc, client: api } = useConsole();
  const { data: servers } = useQuery(orpc.server.list.queryOptions());
  const set = (name: string, on: boolean) => {
    const next = on ? [...client.servers, name] : client.servers.filter((each) => each !== name);
    api.client.set({ name: client.name, servers: next }).catch(onFault);
  };
  return (
    <Part title={t('clients.maySee')} about={t('clients.maySeeAbout')}>
      {servers?.length === 0 ? <p className="text-muted">{t('clients.noServers')}</p> : null}
      <div className="grid gap-x-6 sm:grid-cols-2 lg:grid-cols-3">
        {servers?.map((server) => (
          <Tick
            key={server.name}
            label={<Name text={server.name} />}
            checked={client.servers.includes(server.name)}
            disabled={client.state === 'revoked'}
            onChange={(event) => set(server.name, event.target.checked)}
          />
        ))}
      </div>
    </Part>
  );
}

function Wait({ client, onFault }: { client: Client; onFault: (fault: unknown) => void }) {
  const { t } = useTranslation();
  const { client: api } = useConsole();
  const [text, setText] = useState(String(client.waitSeconds));
  const value = /^[0-9]{1,4}$/.test(text) ? Number(text) : Number.NaN;
  const fits = value <= 3600;
  return (
    <Part title={t('clients.wait')}>
      <form
        className="flex flex-wrap items-end gap-3 pt-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (fits) api.client.set({ name: client.name, waitSeconds: value }).then(() => notice(t('saved')), onFault);
        }}
      >
        <div className="w-72">
          <Field label={t('clients.waitLabel')} hint={t('clients.waitHint')} error={fits ? undefined : t('clients.waitWrong')}>
            {(ids) => <Input {...ids} inputMode="numeric" value={text} onChange={(event) => setText(event.target.value)} />}
          </Field>
        </div>
        {fits && value !== client.waitSeconds ? (
          <Button type="submit" className="mb-6">
            {t('save')}
          </Button>
        ) : null}
      </form>
    </Part>
  );
}

function Sessions({ name }: { name: string }) {
  const { t } = useTranslation();
  const { orpc, client: api } = useConsole();
  const { data } = useQuery(orpc.session.list.queryOptions());
  const mine = data?.filter((session) => session.client === name) ?? [];
  return (
    <Part title={t('clients.sessions')} about={t('clients.sessionsAbout')}>
      {mine.length === 0 ? <p className="py-2 text-muted">{t('clients.noSessions')}</p> : null}
      <ul className="divide-y divide-line">
        {mine.map((session) => (
          <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2">
            <span className="min-w-0 flex-1 truncate">
              {session.folder === null ? t('clients.noFolder') : <Code text={session.folder} />}
            </span>
            <span className="text-sm text-muted tabular">
              {t('clients.sessionFacts', { since: when(session.startedAt), pid: session.pid ?? '–' })}
            </span>
            <Button
              small
              onClick={() =>
                void api.session.end({ id: session.id }).then(
                  () => notice(t('clients.didEnd')),
                  () => notice(t('fault.lost')),
                )
              }
            >
              {t('clients.endSession')}
            </Button>
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** The way to what it was given, with how much of it was of use. */
function Given({ name }: { name: string }) {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data } = useQuery(orpc.grant.list.queryOptions());
  const mine = data?.filter((grant) => grant.client === name && grant.effect === 'allow') ?? [];
  return (
    <Part title={t('nav.permissions')}>
      <p className="flex flex-wrap items-center gap-3 py-3">
        <span className="min-w-0 flex-1 text-soft">
          {t('clients.given', { count: mine.length, used: mine.filter((grant) => grant.uses > 0).length })}
        </span>
        <Link href="/permissions" className="rounded font-medium underline underline-offset-2">
          {t('detail.allPermissions')}
        </Link>
      </p>
    </Part>
  );
}
