// Entries in clients' files that are not as Gatehouse wrote them, above the clients: what happened, what mending writes, one click, or put aside.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { DeviationShown } from '../../shared/setup-contract.ts';
import { useConsole } from '../data/console.tsx';
import { explain } from '../data/fault.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Mark } from '../ui/mark.tsx';
import { notice } from '../ui/notice.tsx';
import { Foreign } from '../untrusted/foreign.tsx';

export function Strayed() {
  const { orpc } = useConsole();
  const { data } = useQuery(orpc.setup.deviations.queryOptions());
  const open = data?.filter(({ dismissed }) => !dismissed) ?? [];
  return (
    <ul className="mb-8 grid gap-5 empty:hidden">
      {open.map((one) => (
        <StrayedEntry key={one.finding} one={one} />
      ))}
    </ul>
  );
}

function StrayedEntry({ one }: { one: DeviationShown }) {
  const { t } = useTranslation();
  const { client } = useConsole();
  const [busy, setBusy] = useState(false);
  const act = (work: Promise<unknown>, done: string) => {
    setBusy(true);
    work.then(
      () => notice(done),
      (error: unknown) => {
        setBusy(false);
        notice(explain(error).message);
      },
    );
  };
  const lines = one.kind === 'new' ? one.starts.split('\n') : one.difference;
  return (
    <li className="flex items-start gap-2.5">
      <Mark outcome={one.kind === 'gone' || one.kind === 'moved' ? 'asked' : 'failed'} quiet />
      <div className="min-w-0 flex-1">
        <p>
          <Foreign text={one.says} />
        </p>
        <details className="mt-1 text-sm text-soft">
          <summary className="cursor-pointer">{t(one.kind === 'new' ? 'clients.strayedStarts' : 'clients.strayedWrites')}</summary>
          <pre className="mt-2 overflow-x-auto whitespace-pre-wrap break-words rounded-lg bg-sunken p-3 font-mono text-xs">
            {lines.map((line, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text that never moves
              <div key={at}>
                <Foreign text={line} />
              </div>
            ))}
          </pre>
        </details>
      </div>
      <span className="flex flex-wrap justify-end gap-2">
        <Button
          small
          kind="quiet"
          disabled={busy}
          onClick={() => act(client.finding.dismiss({ id: one.finding }), t('findings.didDismiss'))}
        >
          {t('clients.strayedKeep')}
        </Button>
        <Button
          small
          kind="main"
          disabled={busy}
          onClick={() => act(client.setup.mend({ finding: one.finding }), t('clients.strayedDone'))}
        >
          {t(one.kind === 'new' ? 'clients.strayedTakeIn' : 'clients.strayedMend')}
        </Button>
      </span>
    </li>
  );
}
