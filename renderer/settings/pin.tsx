// Sets the operator's PIN, in the first run and later: twice the same, at least six characters, the old one where there is one.
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Field, Input } from '../ui/field.tsx';
import { Fault } from '../ui/states.tsx';

export const shortestPin = 6;

export function PinForm({ change, onDone, also }: { change: boolean; onDone: () => void; also?: ReactNode }) {
  const { t } = useTranslation();
  const { client, orpc, cache } = useConsole();
  useQuery(orpc.status.queryOptions());
  const [current, setCurrent] = useState('');
  const [pin, setPin] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const short = pin.length < shortestPin;
  const differs = pin !== again;
  const save = async () => {
    setTried(true);
    if (short || differs) return;
    setBusy(true);
    setFault(null);
    try {
      await client.operator.setPin({ pin, ...(change ? { current } : {}) });
      await cache.invalidateQueries({ queryKey: orpc.status.key() });
      onDone();
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className="grid max-w-sm gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {change ? (
        <Field label={t('pin.current')}>
          {(ids) => <Input {...ids} type="password" value={current} onChange={(event) => setCurrent(event.target.value)} />}
        </Field>
      ) : null}
      <Field
        label={t(change ? 'pin.new' : 'pin.pin')}
        hint={t('pin.hint', { count: shortestPin })}
        error={tried && short ? t('pin.short', { count: shortestPin }) : undefined}
      >
        {(ids) => (
          <Input {...ids} type="password" autoComplete="new-password" value={pin} onChange={(event) => setPin(event.target.value)} />
        )}
      </Field>
      <Field label={t('pin.again')} error={tried && !short && differs ? t('pin.differs') : undefined}>
        {(ids) => (
          <Input {...ids} type="password" autoComplete="new-password" value={again} onChange={(event) => setAgain(event.target.value)} />
        )}
      </Field>
      {fault ? <Fault error={fault} /> : null}
      <div className="flex flex-wrap gap-2">
        <Button kind="main" type="submit" disabled={busy}>
          {t(change ? 'pin.change' : 'pin.set')}
        </Button>
        {also}
      </div>
    </form>
  );
}
