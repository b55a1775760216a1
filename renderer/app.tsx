// Chooses between the way in, the first run and the console, and keeps the line to the broker open while it is shown.
import { QueryClientProvider, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { Router, useLocation } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { ConsoleProvider, makeConsole, useConsole } from './data/console.tsx';
import { PromptWindow } from './prompt/window.tsx';
import { useKeptLanguage } from './settings/language.ts';
import { Shell } from './shell/shell.tsx';
import { FirstRun } from './signin/first-run.tsx';
import { SignInPage, Threshold } from './signin/page.tsx';
import { useTranslation } from './strings/i18n.ts';
import type { Host } from './transport.ts';
import { Fault } from './ui/states.tsx';

/** `secret`: the one-time secret of the address this page was opened with, already gone from the address bar. */
export function App({ host, secret }: { host: Host; secret: string | null }) {
  const { t } = useTranslation();
  const [stage, setStage] = useState<'entering' | 'outside' | 'inside'>('entering');
  const [problem, setProblem] = useState<unknown>(null);

  useEffect(() => {
    const enter = async () => {
      if (secret !== null) host.setSession((await host.client.operator.redeem({ secret })).session);
      // A desktop port may speak for the operator already; a page without a secret never does.
      else if (host.kind === 'desktop') await host.client.setting.list();
      else return setStage('outside');
      setStage('inside');
    };
    enter().catch((error: unknown) => {
      if (secret !== null) setProblem(error);
      setStage('outside');
    });
  }, [host, secret]);

  // The desktop has two windows and one person: who signs in at one is signed in at the other.
  useEffect(() => {
    if (stage !== 'outside' || host.kind !== 'desktop') return;
    const timer = setInterval(
      () =>
        void host.client.setting.list().then(
          () => setStage('inside'),
          () => {},
        ),
      1500,
    );
    return () => clearInterval(timer);
  }, [host, stage]);

  if (stage === 'entering') return <Threshold title={t('title')} about={t('signin.entering')} />;
  if (stage === 'outside') {
    return (
      <SignInPage
        host={host}
        problem={problem}
        onSession={(session) => {
          host.setSession(session);
          setStage('inside');
        }}
      />
    );
  }
  return (
    <Inside
      host={host}
      onLeave={() => {
        host.setSession(null);
        setProblem(null);
        setStage('outside');
      }}
    />
  );
}

function Inside({ host, onLeave }: { host: Host; onLeave: () => void }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: one console for one stay; leaving takes it away
  const console = useMemo(() => makeConsole(host, onLeave), [host]);
  useEffect(() => console.line.open(), [console]);
  return (
    <ConsoleProvider value={console}>
      <QueryClientProvider client={console.cache}>
        <Router hook={useHashLocation}>
          <FirstThings />
        </Router>
      </QueryClientProvider>
    </ConsoleProvider>
  );
}

function FirstThings() {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data: status, error, refetch } = useQuery(orpc.status.queryOptions());
  const [place] = useLocation();
  const [putOff, setPutOff] = useState(false);
  useKeptLanguage();
  if (status === undefined) {
    return (
      <Threshold title={t('title')} about={t('signin.entering')}>
        {error ? <Fault error={error} retry={() => void refetch()} /> : null}
      </Threshold>
    );
  }
  // The desktop's prompt window shows the question alone; setting a PIN belongs to the large window.
  if (place === '/prompt') return <PromptWindow />;
  return status.protected || putOff ? <Shell /> : <FirstRun onDone={() => setPutOff(true)} />;
}
