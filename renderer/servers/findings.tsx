// What a scan noticed, beside what it concerns: in its own words, with the way to put it aside until the thing changes.
import { useState } from 'react';
import type { Finding } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';
import { explain } from '../data/fault.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Mark } from '../ui/mark.tsx';
import { notice } from '../ui/notice.tsx';
import { Foreign } from '../untrusted/foreign.tsx';

export function Findings({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul className="grid gap-2.5 empty:hidden">
      {findings.map((finding) => (
        <FindingRow key={finding.id} finding={finding} />
      ))}
    </ul>
  );
}

function FindingRow({ finding }: { finding: Finding }) {
  const { t } = useTranslation();
  const { client } = useConsole();
  const [busy, setBusy] = useState(false);
  const dismiss = () => {
    setBusy(true);
    client.finding.dismiss({ id: finding.id }).then(
      () => notice(t('findings.didDismiss')),
      (error: unknown) => {
        setBusy(false);
        notice(explain(error).message);
      },
    );
  };
  return (
    <li className="flex items-start gap-2.5">
      <Mark outcome={finding.severity === 'serious' ? 'failed' : finding.severity === 'warning' ? 'asked' : 'act'} quiet />
      <p className="min-w-0 flex-1">
        <b>
          <Foreign text={finding.title} english />
        </b>{' '}
        <span className="text-soft">
          <Foreign text={finding.detail} english />
        </span>
      </p>
      {finding.dismissed ? (
        <span className="text-sm text-muted">{t('findings.dismissed')}</span>
      ) : (
        <Button small kind="quiet" disabled={busy} onClick={dismiss}>
          {t('findings.dismiss')}
        </Button>
      )}
    </li>
  );
}
