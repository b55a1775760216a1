// The way in: says how to open the console signed in; typing the PIN here is the second choice, and asked for on purpose.
import { type ReactNode, useState } from 'react';
import { useTranslation } from '../strings/i18n.ts';
import type { Host } from '../transport.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { Field, Input } from '../ui/field.tsx';
import { Emblem } from '../ui/icons.tsx';
import { Fault } from '../ui/states.tsx';

export function SignInPage({ host, problem, onSession }: { host: Host; problem: unknown; onSession: (session: string) => void }) {
  const { t } = useTranslation();
  const [typing, setTyping] = useState(host.kind === 'desktop');
  const [pin, setPin] = useState('');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(problem);
  const signIn = async () => {
    setBusy(true);
    setFault(null);
    try {
      const { credential } = await host.client.operator.signIn({ pin, use: 'console' });
      onSession(credential);
    } catch (error) {
      setFault(error);
      setBusy(false);
    } finally {
      setPin('');
    }
  };
  return (
    <Threshold title={t('signin.title')} about={t(host.kind === 'desktop' ? 'signin.aboutDesktop' : 'signin.about')}>
      {host.kind === 'desktop' ? null : (
        <div className="flex items-center gap-2 rounded-lg border border-line bg-surface py-2 pr-2 pl-3.5">
          <code className="flex-1 text-[0.82rem]">gatehouse console</code>
          <CopyButton text="gatehouse console" label={t('signin.copy')} />
        </div>
      )}
      {fault ? <Fault error={fault} /> : null}
      {typing ? (
        <form
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (pin !== '' && !busy) void signIn();
          }}
        >
          <Field label={t('signin.pin')} hint={host.kind === 'desktop' ? undefined : t('signin.pinHint')}>
            {(ids) => <Input {...ids} type="password" autoFocus value={pin} onChange={(event) => setPin(event.target.value)} />}
          </Field>
          <Button kind="main" type="submit" disabled={busy || pin === ''} className="justify-self-start">
            {t('signin.go')}
          </Button>
        </form>
      ) : (
        <button
          type="button"
          className="justify-self-start rounded font-medium text-muted underline underline-offset-4 hover:text-ink"
          onClick={() => setTyping(true)}
        >
          {t('signin.usePin')}
        </button>
      )}
    </Threshold>
  );
}

/** The frame of what comes before the console proper. */
export function Threshold({ title, about, children }: { title: ReactNode; about: ReactNode; children?: ReactNode }) {
  return (
    <main className="scroll-calm grid h-full place-items-center overflow-auto p-6">
      <div className="grid w-full max-w-[25rem] gap-5">
        <Emblem size={40} />
        <div className="grid gap-2">
          <h1 className="text-2xl font-bold tracking-tight text-balance">{title}</h1>
          <p className="text-muted">{about}</p>
        </div>
        {children}
      </div>
    </main>
  );
}
