// In the desktop app, where the operator switched it on: the operating system asks who is there, in place of the PIN.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';

interface Props {
  readonly proven: boolean;
  onProof(credential: string): void;
  onFault(error: unknown): void;
}

export function BySystem({ proven, onProof, onFault }: Props) {
  const { t } = useTranslation();
  const { client, host, orpc } = useConsole();
  const { data: settings } = useQuery({ ...orpc.setting.list.queryOptions(), enabled: host.kind === 'desktop' });
  const [busy, setBusy] = useState(false);
  if (host.kind !== 'desktop' || settings?.['presence.system'] !== 'on') return null;
  const ask = async () => {
    setBusy(true);
    try {
      onProof((await client.operator.proveBySystem()).credential);
    } catch (error) {
      onFault(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button small disabled={busy || proven} onClick={() => void ask()}>
      {t(proven ? 'prompt.systemProved' : 'prompt.bySystem')}
    </Button>
  );
}
