// Asks once more before an act that takes something away, in words that say what will be gone.
import { type ReactNode, useState } from 'react';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Fault } from './states.tsx';

export function Ask({
  trigger,
  title,
  about,
  confirm,
  act,
}: {
  trigger: (open: () => void) => ReactNode;
  title: ReactNode;
  about: ReactNode;
  confirm: string;
  act: () => Promise<unknown>;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const go = async () => {
    setBusy(true);
    setFault(null);
    try {
      await act();
      setOpen(false);
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {trigger(() => setOpen(true))}
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={title}
        footer={
          <>
            <Button onClick={() => setOpen(false)}>{t('keep')}</Button>
            <Button kind="stop" disabled={busy} onClick={go}>
              {confirm}
            </Button>
          </>
        }
      >
        <div className="grid gap-3">
          <p className="text-soft">{about}</p>
          {fault ? <Fault error={fault} /> : null}
        </div>
      </Dialog>
    </>
  );
}
