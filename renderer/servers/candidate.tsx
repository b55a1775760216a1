// Looks at a server from elsewhere before it is added: what it asks for first, then exactly what would run.
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Candidate } from '../../shared/candidate.ts';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Input } from '../ui/field.tsx';
import { Fault } from '../ui/states.tsx';
import { Foreign } from '../untrusted/foreign.tsx';
import { CandidateFacts } from './candidate-facts.tsx';
import { type Given, given, QuestionFields, whole } from './candidate-fields.tsx';

export type Source =
  | { kind: 'bundle'; of: { data: string } | { sha256: string } }
  | { kind: 'registry'; of: { id: string; version?: string; way?: number } };

export function CandidateReview({ first, source, onClose }: { first: Candidate; source: Source; onClose: () => void }) {
  const { t } = useTranslation();
  const { client } = useConsole();
  const [, go] = useLocation();
  const [candidate, setCandidate] = useState(first);
  const [step, setStep] = useState<'asks' | 'look'>(first.fields.length > 0 ? 'asks' : 'look');
  const [answers, setAnswers] = useState<Record<string, Given>>(() => given(first.fields));
  const [name, setName] = useState(first.name);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const named = /^[a-z0-9-]{1,24}$/.test(name);
  const during = async (act: () => Promise<void>) => {
    setBusy(true);
    setFault(null);
    await act().catch((error: unknown) => setFault(error));
    setBusy(false);
  };
  const look = () =>
    during(async () => {
      const told = await whole(first.fields, answers, name, (secret, value) => client.secret.set({ name: secret, value }));
      setCandidate(
        source.kind === 'bundle'
          ? await client.candidate.bundle({ ...source.of, ...told })
          : await client.candidate.registry({ ...source.of, ...told }),
      );
      setStep('look');
    });
  const add = () =>
    during(async () => {
      await client.server.addCandidate({ name, digest: candidate.digest });
      onClose();
      go(`/servers/${name}`);
    });
  const footer =
    step === 'asks' ? (
      <>
        <Button onClick={onClose}>{t('cancel')}</Button>
        <Button kind="main" type="submit" form="candidate-asks" disabled={busy || !named}>
          {t('servers.look')}
        </Button>
      </>
    ) : (
      <>
        {first.fields.length > 0 ? (
          <Button onClick={() => setStep('asks')}>{t('back')}</Button>
        ) : (
          <Button onClick={onClose}>{t('cancel')}</Button>
        )}
        <Button kind="main" disabled={busy || !named || candidate.missing.length > 0} onClick={() => void add()}>
          {busy ? t('servers.starting') : t('servers.addDo')}
        </Button>
      </>
    );
  return (
    <Dialog
      wide
      open
      onClose={onClose}
      title={step === 'asks' ? <Foreign text={first.title} /> : t(candidate.remote ? 'find.reachTitle' : 'servers.lookTitle')}
      about={t(step === 'asks' ? 'find.asksAbout' : candidate.remote ? 'find.reachAbout' : 'servers.lookAbout')}
      footer={footer}
    >
      <div className="grid gap-5">
        <Field label={t('servers.name')} hint={t('servers.nameHint')} error={named ? undefined : t('servers.nameWrong')}>
          {(ids) => <Input {...ids} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        {step === 'asks' ? (
          <form
            id="candidate-asks"
            className="grid gap-5"
            onSubmit={(event) => {
              event.preventDefault();
              void look();
            }}
          >
            <QuestionFields fields={first.fields} answers={answers} onChange={setAnswers} />
          </form>
        ) : (
          <CandidateFacts candidate={candidate} />
        )}
        {fault ? <Fault error={fault} /> : null}
      </div>
    </Dialog>
  );
}
