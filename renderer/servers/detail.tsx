// One server: its state, its exact command, what it offers and what of that was accepted, and its own log.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Server } from '../../shared/vocabulary.ts';
import { Insight } from '../activity/insight.tsx';
import { useConsole } from '../data/console.tsx';
import { seconds } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Ask } from '../ui/ask.tsx';
import { Button } from '../ui/button.tsx';
import { Toggle } from '../ui/field.tsx';
import { Fact, Facts, Page, Part } from '../ui/layout.tsx';
import { Fault, Loading } from '../ui/states.tsx';
import { Code, Foreign } from '../untrusted/foreign.tsx';
import { LongText } from '../untrusted/long-text.tsx';
import { Capabilities } from './capabilities.tsx';
import { CommandWords } from './command.tsx';
import { Findings } from './findings.tsx';
import { StateTag } from './page.tsx';
import { Reach } from './reach.tsx';
import { Review } from './review.tsx';

export function ServerPage({ name }: { name: string }) {
  const { t } = useTranslation();
  const { orpc, client } = useConsole();
  const [, go] = useLocation();
  const { data: server, error, isPending, refetch } = useQuery(orpc.server.show.queryOptions({ input: { name } }));
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const act = (doing: Promise<unknown>) => {
    setBusy(true);
    setFault(null);
    return doing.catch((problem: unknown) => setFault(problem)).finally(() => setBusy(false));
  };
  const back = { to: '/servers', label: t('nav.servers') };
  if (error || isPending) {
    return (
      <Page title={<Foreign text={name} />} back={back}>
        {error ? <Fault error={error} retry={() => void refetch()} /> : <Loading />}
      </Page>
    );
  }
  const on = server.state !== 'disabled';
  return (
    <Page
      back={back}
      title={
        <span className="flex flex-wrap items-center gap-3">
          <Foreign text={server.name} />
          <StateTag server={server} />
        </span>
      }
      about={server.reason === null ? undefined : <Foreign text={server.reason} english />}
      actions={
        <>
          <span className="mr-2 inline-flex items-center gap-2.5 text-muted">
            {on ? t('servers.on') : t('servers.off')}
            <Toggle
              label={t('servers.switch')}
              checked={on}
              disabled={busy}
              onChange={(next) => void act(next ? client.server.enable({ name }) : client.server.disable({ name }))}
            />
          </span>
          <Button disabled={!on || busy} onClick={() => void act(client.server.restart({ name }))}>
            {t('servers.restart')}
          </Button>
          <Ask
            trigger={(open) => (
              <Button kind="stop" onClick={open}>
                {t('remove')}
              </Button>
            )}
            title={<Say k="servers.removeTitle" parts={{ server: <Foreign text={name} /> }} />}
            about={t('servers.removeAbout')}
            confirm={t('remove')}
            act={async () => {
              await client.server.remove({ name });
              go('/servers');
            }}
          />
        </>
      }
    >
      {fault ? (
        <div className="mb-6">
          <Fault error={fault} />
        </div>
      ) : null}
      <Review server={server} />
      {server.findings && server.findings.length > 0 ? (
        <Part title={t('findings.title')}>
          <div className="pt-3">
            <Findings findings={server.findings} />
          </div>
        </Part>
      ) : null}
      <Reach server={server} />
      <Insight filter={{ server: name }} />
      {server.remote ? (
        <Part title={t('servers.elsewhere')}>
          <Reached remote={server.remote} server={server} />
        </Part>
      ) : (
        <Part title={t('servers.command')}>
          <div className="mt-3 mb-2">
            <CommandWords command={server.command} args={server.args} />
          </div>
          <Runs server={server} />
        </Part>
      )}
      <Capabilities server={server} />
      <Logs name={name} />
    </Page>
  );
}

function CameFrom({ origin }: { origin: NonNullable<Server['origin']> }) {
  const { t } = useTranslation();
  return (
    <Fact name={t('find.origin')}>
      {origin.bundle ? (
        <span className="block">
          {t('find.originBundle', { name: origin.bundle.name, version: origin.bundle.version })}
          <span className="block font-mono text-[0.75rem] leading-4 break-all text-muted">{origin.bundle.sha256}</span>
        </span>
      ) : null}
      {origin.npm ? (
        <span className="block break-all">
          <Code text={`${origin.npm.name} ${origin.npm.version}`} />
          <span className="block font-mono text-[0.75rem] leading-4 text-muted">{origin.npm.integrity}</span>
        </span>
      ) : null}
      {origin.registry ? (
        <span className="block break-all">
          <Code text={origin.registry.id} /> <span className="text-muted">{origin.registry.address}</span>
        </span>
      ) : null}
    </Fact>
  );
}

function Reached({ remote, server }: { remote: NonNullable<Server['remote']>; server: Server }) {
  const { t } = useTranslation();
  const headers = Object.entries(remote.headers);
  const secrets = Object.entries(remote.secretHeaders);
  return (
    <Facts>
      <Fact name={t('servers.address')}>
        <Code text={remote.url} />
      </Fact>
      <Fact name={t('servers.where')}>{t(`servers.reach.${remote.reach}`)}</Fact>
      {headers.length + secrets.length === 0 ? null : (
        <Fact name={t('servers.headers')}>
          <ul className="grid gap-1">
            {headers.map(([key, value]) => (
              <li key={key}>
                <Code text={key} />: <Code text={value} />
              </li>
            ))}
            {secrets.map(([key, secret]) => (
              <li key={key}>
                <Code text={key} /> <span className="text-muted">{t('servers.fromVault')}</span> <Code text={secret} />
              </li>
            ))}
          </ul>
        </Fact>
      )}
      {remote.clientCert === null ? null : (
        <Fact name={t('servers.clientCert')}>
          <span className="text-muted">{t('servers.fromVault')}</span> <Code text={remote.clientCert} />
        </Fact>
      )}
      <Fact name={t('servers.connections')}>{server.processes}</Fact>
    </Facts>
  );
}

function Runs({ server }: { server: Server }) {
  const { t } = useTranslation();
  const env = Object.entries(server.env);
  const secrets = Object.entries(server.secretEnv);
  return (
    <Facts>
      {server.cwd === null ? null : (
        <Fact name={t('servers.cwd')}>
          <Code text={server.cwd} />
        </Fact>
      )}
      {env.length + secrets.length === 0 ? null : (
        <Fact name={t('servers.env')}>
          <ul className="grid gap-1">
            {env.map(([key, value]) => (
              <li key={key}>
                <Code text={key} /> = <Code text={value} />
              </li>
            ))}
            {secrets.map(([key, secret]) => (
              <li key={key}>
                <Code text={key} /> <span className="text-muted">{t('servers.fromVault')}</span> <Code text={secret} />
              </li>
            ))}
          </ul>
        </Fact>
      )}
      {server.origin ? <CameFrom origin={server.origin} /> : null}
      <Fact name={t('servers.processes')}>{t('servers.processCount', { count: server.processes })}</Fact>
    </Facts>
  );
}

function Logs({ name }: { name: string }) {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const [open, setOpen] = useState(false);
  const { data, error, refetch } = useQuery({ ...orpc.server.logs.queryOptions({ input: { name } }), enabled: open });
  return (
    <Part
      title={t('servers.logs')}
      actions={
        <Button small onClick={() => (open ? void refetch() : setOpen(true))}>
          {open ? t('servers.logsAgain') : t('servers.logsShow')}
        </Button>
      }
    >
      {error ? <Fault error={error} /> : null}
      {data?.lines.length === 0 ? <p className="py-3 text-muted">{t('servers.noLogs')}</p> : null}
      {data && data.lines.length > 0 ? (
        <div className="mt-3">
          <LongText tall label={t('servers.logs')} text={data.lines.map((line) => `${seconds(line.at)}  ${line.text}`).join('\n')} />
        </div>
      ) : null}
    </Part>
  );
}
