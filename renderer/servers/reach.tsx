// The reach of a server: who may use it, what it is given, what its capabilities touch, and whether anything holds it in.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { secretsOf } from '../../shared/secret-reference.ts';
import type { Server } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';
import { nameOf } from '../prompt/name.ts';
import { useTranslation } from '../strings/i18n.ts';
import { labels } from '../ui/labels.ts';
import { LabelTag, Part } from '../ui/layout.tsx';
import { Mark } from '../ui/mark.tsx';
import { clientTitle } from '../untrusted/client-title.ts';
import { Code, Foreign } from '../untrusted/foreign.tsx';

/** Of the capabilities behind one label, this many are named. */
const named = 4;

export function Reach({ server }: { server: Server }) {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data: clients } = useQuery(orpc.client.list.queryOptions());
  const users = clients?.filter((client) => client.state !== 'revoked' && client.servers.includes(server.name)) ?? [];
  const secrets = secretsOf(server);
  const touched = labels.map((label) => ({ label, all: server.capabilities.filter((each) => each.labels.includes(label)) }));
  const rest = server.capabilities.filter((each) => each.labels.length === 0);
  return (
    <Part title={t('reach.title')} about={t('reach.about')}>
      <div className="grid gap-px overflow-hidden rounded-xl border border-line bg-line md:grid-cols-[1fr_auto_2fr]">
        <Column title={t('reach.users')}>
          {users.length === 0 ? <li className="text-muted">{t('reach.nobody')}</li> : null}
          {users.map((client) => (
            <li key={client.name}>
              <Link href={`/clients/${encodeURIComponent(client.name)}`} className="rounded font-medium underline-offset-2 hover:underline">
                <Foreign text={clientTitle(client.name)} />
              </Link>
              {client.state === 'paused' ? <span className="text-sm text-muted"> · {t('clients.paused')}</span> : null}
            </li>
          ))}
        </Column>
        <Column title={t('reach.given')}>
          {secrets.length === 0 ? <li className="text-muted">{t('reach.noSecret')}</li> : null}
          {secrets.map((secret) => (
            <li key={secret}>
              <Code text={secret} />
            </li>
          ))}
        </Column>
        <Column title={t('reach.touches')}>
          {server.capabilities.length === 0 ? <li className="text-muted">{t('servers.offersNothing')}</li> : null}
          {touched
            .filter(({ all }) => all.length > 0)
            .map(({ label, all }) => (
              <li key={label} className="flex flex-wrap items-baseline gap-x-2.5 gap-y-0.5">
                <span className="min-w-28 shrink-0">
                  <LabelTag label={label} />
                </span>
                <span className="min-w-0 flex-1 text-sm text-soft">
                  {all.slice(0, named).map((each, index) => (
                    <span key={each.capability}>
                      {index > 0 ? ', ' : ''}
                      <Code text={nameOf(each.capability).name} />
                    </span>
                  ))}
                  {all.length > named ? ` ${t('reach.more', { count: all.length - named })}` : ''}
                </span>
              </li>
            ))}
          {rest.length > 0 ? <li className="text-sm text-muted">{t('reach.nothing', { count: rest.length })}</li> : null}
        </Column>
      </div>
      <p className={`mt-3 flex items-start gap-2.5 text-sm text-soft ${server.remote ? 'hidden' : ''}`}>
        <Mark outcome="asked" quiet size={16} />
        {t('reach.unsandboxed')}
      </p>
    </Part>
  );
}

function Column({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="min-w-40 bg-surface px-4 py-3">
      <h3 className="mb-1.5 text-sm text-muted">{title}</h3>
      <ul className="grid gap-1.5">{children}</ul>
    </div>
  );
}
