// Servers that came later, each offered to a client once: one click lets it see, where its file leads here the change is shown first.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Client } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';
import { explain } from '../data/fault.ts';
import { Change } from '../setup/between.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Button } from '../ui/button.tsx';
import { Mark } from '../ui/mark.tsx';
import { notice } from '../ui/notice.tsx';
import { clientTitle } from '../untrusted/client-title.ts';

export function Offers({ clients }: { clients: readonly Client[] }) {
  const { orpc } = useConsole();
  const { data: kept } = useQuery(orpc.clientFile.list.queryOptions());
  const open = clients.flatMap(({ name, offers }) => offers.map((server) => ({ name, server })));
  return (
    <ul className="mb-8 grid gap-5 empty:hidden">
      {open.map(({ name, server }) => (
        <Offer key={`${name} ${server}`} name={name} server={server} inFile={kept?.some((file) => file.client === name) === true} />
      ))}
    </ul>
  );
}

function Offer({ name, server, inFile }: { name: string; server: string; inFile: boolean }) {
  const { t } = useTranslation();
  const { client: api } = useConsole();
  const [busy, setBusy] = useState(false);
  const [look, setLook] = useState(false);
  const client = clientTitle(name);
  const answer = (take: boolean) => {
    setBusy(true);
    api.client.offer({ name, server, take }).then(
      () => notice(t(take ? 'clients.offerTook' : 'clients.offerDismissed', { client, server })),
      (error: unknown) => {
        setBusy(false);
        notice(explain(error).message);
      },
    );
  };
  return (
    <li className="grid gap-3">
      <div className="flex flex-wrap items-start gap-x-2.5 gap-y-2">
        <Mark outcome="asked" quiet />
        <p className="min-w-0 flex-1 basis-56">
          <Say k="clients.offer" parts={{ client, server }} />
        </p>
        <span className="flex flex-wrap justify-end gap-2">
          <Button
            small
            kind="quiet"
            disabled={busy}
            aria-label={t('clients.offerDismissOf', { client, server })}
            onClick={() => answer(false)}
          >
            {t('clients.offerDismiss')}
          </Button>
          {inFile ? (
            <Button
              small
              kind="main"
              disabled={busy}
              aria-expanded={look}
              aria-label={t('clients.offerLookOf', { client, server })}
              onClick={() => setLook(!look)}
            >
              {t('clients.offerLook')}
            </Button>
          ) : (
            <Button
              small
              kind="main"
              disabled={busy}
              aria-label={t('clients.offerTakeOf', { client, server })}
              onClick={() => answer(true)}
            >
              {t('clients.offerTake')}
            </Button>
          )}
        </span>
      </div>
      {look ? <Change client={name} also={[server]} onDone={() => notice(t('clients.offerWrote', { client }))} /> : null}
    </li>
  );
}
