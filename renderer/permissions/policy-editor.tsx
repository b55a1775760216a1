// Writes a policy: checked as it is typed, tried on the last requests before it counts, never taken over with a fault in it.
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import type { CheckedPolicy, PolicyChange } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Input } from '../ui/field.tsx';
import { Mark } from '../ui/mark.tsx';
import { notice } from '../ui/notice.tsx';
import { Fault } from '../ui/states.tsx';
import { ClientName, Code, Foreign, Name } from '../untrusted/foreign.tsx';
import { PolicyCases } from './policy-cases.tsx';

const named = /^[a-z0-9][a-z0-9-]{0,47}$/;
const sample = `forbid (principal, action, resource)
when { context.labels.contains("destructive") };
`;

type Trial = { changes: PolicyChange[]; tried: number };

export function PolicyEditor({ given, onClose }: { given: { name: string; text: string }; onClose: () => void }) {
  const { t } = useTranslation();
  const { client, orpc } = useConsole();
  const fresh = given.name === '';
  const [name, setName] = useState(given.name);
  const [text, setText] = useState(given.text);
  const [trial, setTrial] = useState<{ of: string; result: Trial } | null>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const fits = named.test(name);
  const later = useDeferredValue(text);
  const { data: checked } = useQuery({
    ...orpc.policy.check.queryOptions({ input: { name: fits ? name : 'draft', text: later } }),
    enabled: later.trim() !== '',
    gcTime: 0,
  });
  const sound = checked?.ok === true && later === text && text.trim() !== '';
  const tried = trial?.of === text ? trial.result : null;
  const run = async (dryRun: boolean) => {
    setBusy(true);
    setFault(null);
    try {
      const result = await client.policy.add({ name, text, dryRun });
      if (dryRun) setTrial({ of: text, result });
      else {
        notice(t('policies.didAdd'));
        onClose();
      }
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      wide
      open
      onClose={onClose}
      title={t(fresh ? 'policies.add' : 'policies.changeTitle')}
      about={t('policies.editAbout')}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button disabled={!fits || !sound || busy} onClick={() => void run(true)}>
            {t('policies.try')}
          </Button>
          <Button kind="main" disabled={!fits || !sound || busy || tried === null} onClick={() => void run(false)}>
            {t('policies.take')}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        {fresh ? (
          <Field label={t('policies.name')} error={name !== '' && !fits ? t('policies.nameWrong') : undefined}>
            {(ids) => <Input {...ids} mono value={name} onChange={(event) => setName(event.target.value)} placeholder="no-deleting" />}
          </Field>
        ) : null}
        <Field label={t('policies.text')} hint={t('policies.textHint')}>
          {(ids) => (
            <textarea
              {...ids}
              value={text}
              rows={7}
              spellCheck={false}
              placeholder={sample}
              onChange={(event) => setText(event.target.value)}
              className="scroll-calm w-full resize-y rounded-lg border border-edge bg-surface px-3 py-2 font-mono text-[0.82rem] leading-5 placeholder:text-muted"
            />
          )}
        </Field>
        {checked && text.trim() !== '' ? <Checked checked={checked} text={later} /> : null}
        {tried ? <Tried trial={tried} /> : null}
        <PolicyCases policy={fits && sound ? { name, text } : null} />
        {fault ? <Fault error={fault} /> : null}
      </div>
    </Dialog>
  );
}

/** Line of a place in the text, from 1. */
const lineOf = (text: string, at: number) => text.slice(0, at).split('\n').length;

function Checked({ checked, text }: { checked: CheckedPolicy; text: string }) {
  const { t } = useTranslation();
  const all = [
    ...checked.problems.map((problem) => ({ ...problem, grave: true })),
    ...checked.warnings.map((problem) => ({ ...problem, grave: false })),
  ];
  if (all.length === 0) {
    return (
      <p role="status" className="flex items-center gap-2.5 text-soft">
        <Mark outcome="passed" quiet />
        {t('policies.sound', { count: checked.policies.length })}
      </p>
    );
  }
  return (
    <div role="status">
      <ul className="grid gap-2">
        {all.map((problem) => (
          <li key={`${problem.message} ${problem.at?.start}`} className="flex items-start gap-2.5">
            <Mark outcome={problem.grave ? 'failed' : 'asked'} quiet />
            <p className="min-w-0">
              {problem.at ? <span className="text-muted">{t('policies.line', { line: lineOf(text, problem.at.start) })} </span> : null}
              <Foreign text={problem.message} lines />
              {problem.hint ? (
                <span className="block text-sm text-muted">
                  <Foreign text={problem.hint} lines />
                </span>
              ) : null}
            </p>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** How many are listed of what would have been judged otherwise. */
const most = 20;

function Tried({ trial }: { trial: Trial }) {
  const { t } = useTranslation();
  return (
    <section aria-label={t('policies.tried')} className="rounded-lg border border-line px-3.5 py-2.5" data-testid="tried">
      <p className="font-semibold">{t('policies.would', { count: trial.changes.length, tried: trial.tried })}</p>
      <ul className="mt-1 grid gap-1">
        {trial.changes.slice(0, most).map((change) => (
          <li key={change.seq} className="text-sm">
            <Say
              k="policies.changed"
              parts={{
                client: <ClientName name={change.client} />,
                name: <Code text={change.capability} />,
                server: <Name text={change.server} />,
              }}
              values={{ was: t(`policies.verdict.${change.was}`), would: t(`policies.verdict.${change.would}`) }}
            />
          </li>
        ))}
      </ul>
      {trial.changes.length > most ? <p className="text-sm text-muted">{t('reach.more', { count: trial.changes.length - most })}</p> : null}
    </section>
  );
}
