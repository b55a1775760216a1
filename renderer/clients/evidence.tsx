// The programs that used a client's credential: all of them on its page, and above everything else one that is new.
import { useState } from 'react';
import type { Client, ClientEvidence } from '../../shared/vocabulary.ts';
import { useConsole, useNow } from '../data/console.tsx';
import { explain } from '../data/fault.ts';
import { ago, ruleDay, when } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Button } from '../ui/button.tsx';
import { Part, Tag } from '../ui/layout.tsx';
import { Mark } from '../ui/mark.tsx';
import { notice } from '../ui/notice.tsx';
import { ClientName, Code } from '../untrusted/foreign.tsx';

/** Paths break anywhere: their end tells one program from another. */
function Program({ one }: { one: ClientEvidence }) {
  const { t } = useTranslation();
  if (one.program !== null) {
    return (
      <span className="[overflow-wrap:anywhere]">
        <Code text={one.program} />
      </span>
    );
  }
  return <span className="font-medium">{t(one.via === 'http' ? 'clients.fromHttp' : 'clients.fromUnnamed')}</span>;
}

export function NewPrograms({ client }: { client: Client }) {
  const fresh = client.state === 'revoked' ? [] : client.evidence.filter(({ finding }) => finding !== null);
  const first = client.evidence.find(({ program }) => program !== null);
  if (first === undefined) return null;
  return (
    <ul className="mb-8 grid gap-5 empty:hidden">
      {fresh.map((one) => (
        <NewProgram key={one.finding} client={client.name} one={one} first={first} />
      ))}
    </ul>
  );
}

function NewProgram({ client: name, one, first }: { client: string; one: ClientEvidence; first: ClientEvidence }) {
  const { t } = useTranslation();
  const { client: api } = useConsole();
  const now = useNow(30_000);
  const [busy, setBusy] = useState(false);
  const known = (id: string) => {
    setBusy(true);
    api.finding.dismiss({ id }).then(
      () => notice(t('clients.newProgramDid')),
      (error: unknown) => {
        setBusy(false);
        notice(explain(error).message);
      },
    );
  };
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-3">
      <div className="flex min-w-0 grow basis-96 items-start gap-2.5">
        <span className="mt-0.5">
          <Mark outcome="asked" quiet />
        </span>
        <div className="min-w-0">
          <p>
            <Say k="clients.newProgramSays" parts={{ client: <ClientName name={name} /> }} values={{ ago: ago(one.firstSeenAt, now) }} />
          </p>
          <dl className="my-2 grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-1">
            <dt className="text-sm text-muted">{t('clients.newProgramNow')}</dt>
            <dd>
              <Program one={one} />
            </dd>
            <dt className="text-sm text-muted">{t('clients.newProgramBefore')}</dt>
            <dd>
              <Program one={first} />
            </dd>
          </dl>
          <p className="max-w-prose text-pretty text-sm text-muted">
            <Say k="clients.newProgramWhat" parts={{ client: <ClientName name={name} /> }} />
          </p>
        </div>
      </div>
      <Button
        small
        className="ml-7 sm:ml-auto"
        disabled={busy}
        aria-label={t('clients.newProgramKnownOf', { program: one.program ?? t('clients.fromUnnamed') })}
        onClick={() => one.finding !== null && known(one.finding)}
      >
        {t('clients.newProgramKnown')}
      </Button>
    </li>
  );
}

export function CameFrom({ client }: { client: Client }) {
  const { t } = useTranslation();
  return (
    <Part title={t('clients.from')} about={t('clients.fromAbout')}>
      {client.evidence.length === 0 ? <p className="py-2 text-muted">{t('clients.fromNothing')}</p> : null}
      <ul className="divide-y divide-line">
        {client.evidence.map((one) => (
          <Way key={`${one.via} ${one.program}`} one={one} />
        ))}
      </ul>
    </Part>
  );
}

function Way({ one }: { one: ClientEvidence }) {
  const { t } = useTranslation();
  const now = useNow(30_000);
  const here = one.pid === null ? t('clients.fromHereHttp') : t('clients.fromHere', { since: when(one.since, now), pid: one.pid });
  return (
    <li className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 py-2.5">
      <span className="flex min-w-0 flex-1 basis-72 flex-wrap items-baseline gap-x-2 gap-y-1">
        <Program one={one} />
        {one.finding === null ? null : <Tag tone="amber">{t('clients.fromNew')}</Tag>}
        {one.differs && one.finding === null ? <Tag>{t('clients.fromKnown')}</Tag> : null}
        {one.via === 'connector' && one.program !== null && !one.proven ? (
          <span className="text-sm text-muted">{t('clients.fromClaimed')}</span>
        ) : null}
        {one.via === 'http' ? <span className="basis-full text-sm text-muted">{t('clients.fromHttpAbout')}</span> : null}
      </span>
      <span className="text-sm text-muted tabular">
        {one.connected ? here : t('clients.fromSeen', { ago: ago(one.lastSeenAt, now) })} ·{' '}
        {t('clients.fromFirst', { day: ruleDay(one.firstSeenAt, now) })}
      </span>
    </li>
  );
}

/** Beside a client in the list, while one of its programs is new. */
export function ProgramTag({ client }: { client: Client }) {
  const { t } = useTranslation();
  if (client.state === 'revoked' || client.evidence.every(({ finding }) => finding === null)) return null;
  return <Tag tone="amber">{t('clients.newProgram')}</Tag>;
}
