// The question itself: one at a time, drawn from the exact bytes, answerable only when it was seen (security.md, section 2).
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Approval } from '../../shared/vocabulary.ts';
import { useConsole, useNow, withCredential } from '../data/console.tsx';
import { codeOf } from '../data/fault.ts';
import { ago, clock, list } from '../strings/format.ts';
import { Say } from '../strings/say.tsx';
import { IconButton } from '../ui/button.tsx';
import { covered } from '../ui/covered.ts';
import { Field, Input, Tick } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { Mark } from '../ui/mark.tsx';
import { notice } from '../ui/notice.tsx';
import { Fault } from '../ui/states.tsx';
import { Code, Foreign, Name } from '../untrusted/foreign.tsx';
import { rowsOf } from '../untrusted/value.ts';
import { flat } from '../untrusted/visible.ts';
import { type AllowAnswer, Answers, type DenyAnswer, Meaning } from './answers.tsx';
import { Arguments, moreRows, mustOpen, why } from './arguments.tsx';
import { useArming } from './arming.ts';
import { grave, suggestionOf } from './choices.ts';
import { Details } from './details.tsx';
import { nameOf } from './name.ts';
import { putAside, useQueue } from './queue.ts';
import { useSeenEnd } from './seen-end.ts';

export function PromptPlace() {
  const { t } = useTranslation();
  const { current, behind } = useQueue();
  const hidden = useSyncExternalStore(covered.subscribe, covered.get);
  return (
    <>
      {/* Focus is not taken from a working person, so a screen reader is told in words. */}
      <p role="status" className="sr-only">
        {current === null ? '' : t('prompt.label', { client: flat(current.client), server: flat(current.server) })}
      </p>
      {/* Opened rows belong to the bytes they showed, not to the question's number. */}
      {current === null || hidden ? null : <Prompt key={`${current.id} ${current.digest}`} approval={current} behind={behind} />}
    </>
  );
}

export function Sentence({ approval }: { approval: Approval }) {
  const { kind, name } = nameOf(approval.capability);
  return (
    <Say
      k={`sentence.${kind}`}
      parts={{ client: <Name text={approval.client} />, server: <Name text={approval.server} />, name: <Code text={name} /> }}
    />
  );
}

function Prompt({ approval, behind }: { approval: Approval; behind: number }) {
  const { t } = useTranslation();
  const { client, orpc, cache } = useConsole();
  const { data: status } = useQuery(orpc.status.queryOptions());
  const now = useNow();
  const rows = useMemo(() => rowsOf(approval.argumentsText), [approval.argumentsText]);
  const needed = useMemo(() => mustOpen(rows, grave(approval)), [rows, approval]);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [allCalls, setAllCalls] = useState(false);
  const [pin, setPin] = useState('');
  const [wantsPin, setWantsPin] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const deny = useRef<HTMLButtonElement>(null);
  const frame = useRef<HTMLElement>(null);
  const body = useRef<HTMLDivElement>(null);
  // A row that a person opened is seen by that; rows that come into the list must be scrolled to.
  const { seen, scrolls } = useSeenEnd(body, `${approval.digest} ${opened.has(moreRows)}`);

  const shown = `${approval.id} ${approval.nonce} ${[...opened].join()} ${allCalls}`;
  const arming = useArming(shown);
  const askPin = wantsPin || (approval.risk === 'critical' && status?.protected === true);
  const unseen = needed.filter((id) => !opened.has(id));
  const ready = unseen.length === 0 && seen && (!askPin || pin.length >= 6);
  const calls = allCalls && approval.waiting > 1 ? approval.waiting : 1;
  const open = (id: string) => setOpened(new Set([...opened, id]));

  // Focus starts on Deny, but is never taken from where a person works; a change sends it back from Allow to Deny.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each content that is shown
  useEffect(() => {
    const active = document.activeElement;
    if (active === null || active === document.body || frame.current?.contains(active)) deny.current?.focus({ preventScroll: true });
  }, [approval.nonce]);

  useEffect(() => {
    const aside = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || !event.isTrusted) return;
      const active = document.activeElement;
      if (active === document.body || frame.current?.contains(active)) putAside(approval.id);
    };
    document.addEventListener('keydown', aside);
    return () => document.removeEventListener('keydown', aside);
  }, [approval.id]);

  const answer = async (act: () => Promise<ReactNode>) => {
    setBusy(true);
    setFault(null);
    try {
      const words = await act();
      cache.setQueryData(orpc.approval.list.queryKey(), (before) =>
        before?.filter((each) => each.id !== approval.id || (approval.waiting > 1 && calls === 1)),
      );
      notice(words);
      void cache.invalidateQueries({ queryKey: orpc.approval.key() });
    } catch (error) {
      if (codeOf(error) === 'needs-pin') setWantsPin(true);
      setFault(error);
      void cache.invalidateQueries({ queryKey: orpc.approval.key() });
    } finally {
      setBusy(false);
      setPin('');
    }
  };
  const allow = ({ for: time, match }: AllowAnswer) =>
    answer(async () => {
      const proof = askPin ? withCredential((await client.operator.signIn({ pin, use: 'once' })).credential) : undefined;
      const input = { id: approval.id, nonce: approval.nonce, for: time, match, calls: calls > 1 ? ('all' as const) : ('one' as const) };
      const { note } = await client.approval.approve(input, proof);
      return note ?? t(time === 'once' ? 'prompt.didAllow' : 'prompt.didAllowFor', { time: t(`time.${time}`) });
    });
  const refuse = (choice: DenyAnswer) =>
    answer(async () => {
      await client.approval.deny({ id: approval.id, nonce: approval.nonce, ...choice });
      return <Say k={choice.pauseClient ? 'prompt.didPause' : 'prompt.didDeny'} parts={{ client: <Foreign text={approval.client} /> }} />;
    });

  return (
    <section
      ref={frame}
      role="dialog"
      aria-label={t('prompt.label', { client: flat(approval.client), server: flat(approval.server) })}
      data-testid="prompt"
      data-risk={approval.risk}
      className="fixed inset-x-0 bottom-0 z-[60] flex max-h-[92dvh] animate-rise flex-col overflow-hidden rounded-t-2xl border border-line bg-surface shadow-lift sm:inset-x-auto sm:top-[76px] sm:right-8 sm:bottom-auto sm:max-h-[calc(100dvh-92px)] sm:w-[440px] sm:rounded-2xl"
    >
      <RiskBar approval={approval} />
      <div
        ref={body}
        {...(scrolls ? { tabIndex: 0, role: 'group', 'aria-label': t('prompt.body') } : {})}
        className="scroll-calm flex min-h-0 flex-col gap-3.5 overflow-auto px-5 py-4 -outline-offset-2"
      >
        <div className="flex items-start gap-3">
          <h2 className={`min-w-0 flex-1 text-balance ${approval.risk === 'low' ? 'text-lg' : 'text-xl'}`}>
            <Sentence approval={approval} />
          </h2>
          <IconButton label={t('prompt.aside')} tabIndex={-1} className="-mt-0.5 -mr-1.5" onClick={() => putAside(approval.id)}>
            <Icon name="close" />
          </IconButton>
        </div>
        {approval.risk !== 'low' && approval.reasons.length > 0 ? (
          <p className="-mt-1.5 text-soft">
            <Say k="prompt.because" parts={{ reasons: <Foreign text={list(approval.reasons)} /> }} />
          </p>
        ) : null}
        {approval.waiting === 0 ? <p className="rounded-lg bg-amber-faint px-3 py-2 text-sm text-amber">{t('prompt.stopped')}</p> : null}
        <div>
          <Arguments rows={rows} needed={needed} opened={opened} onOpen={open} emptyWords={t('prompt.noArguments')} />
        </div>
        {needed.includes(why) && !opened.has(why) ? (
          <button type="button" className="self-start rounded font-medium underline underline-offset-2" onClick={() => open(why)}>
            {t('prompt.sawReasons')}
          </button>
        ) : null}
        <Claim approval={approval} />
        {approval.waiting > 1 ? (
          <Tick
            label={t('prompt.equalCalls', { count: approval.waiting })}
            checked={allCalls}
            onChange={(event) => setAllCalls(event.target.checked)}
          />
        ) : null}
        {askPin ? (
          <Field label={t('prompt.pin')} hint={t('prompt.pinHint')}>
            {(ids) => <Input {...ids} type="password" inputMode="numeric" value={pin} onChange={(event) => setPin(event.target.value)} />}
          </Field>
        ) : null}
        {fault ? <Fault error={fault} /> : null}
      </div>
      <footer className="grid gap-3 border-t border-line bg-surface px-5 pt-3.5 pb-4">
        <Answers
          approval={approval}
          arming={arming}
          ready={ready}
          busy={busy}
          calls={calls}
          shown={shown}
          denyButton={deny}
          onAllow={allow}
          onDeny={refuse}
        />
        <p className="text-sm text-muted">
          {unseen.length > 0 ? (
            <span className="text-amber">{t('prompt.openFirst', { count: unseen.length })}</span>
          ) : !seen ? (
            <span className="text-amber">{t('prompt.scroll')}</span>
          ) : (
            <Meaning approval={approval} allowance={suggestionOf(approval)} now={now} />
          )}
        </p>
        <Details approval={approval}>
          <span className="tabular">
            {t('prompt.clock', { ago: ago(approval.createdAt, now, true), until: clock(approval.expiresAt) })}
          </span>
          {behind > 0 ? <span> · {t('prompt.behind', { count: behind })}</span> : null}
        </Details>
      </footer>
    </section>
  );
}

function RiskBar({ approval }: { approval: Approval }) {
  const { t } = useTranslation();
  if (approval.risk === 'low') return null;
  const look = { medium: 'bg-amber-faint text-amber', high: 'bg-vermilion-faint text-vermilion', critical: 'bg-solid text-on-solid' }[
    approval.risk
  ];
  return (
    <p className={`flex items-center gap-2.5 px-5 py-2.5 font-bold ${look}`}>
      {approval.risk === 'medium' ? (
        <Mark outcome="asked" quiet />
      ) : approval.risk === 'high' ? (
        <Mark outcome="leaves" quiet size={15} />
      ) : (
        <Icon name="lock" />
      )}
      {t(`risk.${approval.risk}`)}
    </p>
  );
}

/** What the server says of itself stands in a box of its own, and is marked as its word (rule 2). */
function Claim({ approval }: { approval: Approval }) {
  const { t } = useTranslation();
  const { title, description } = approval.claim;
  if (!title && !description) return null;
  const words = [title, description].filter(Boolean).join(': ');
  return (
    <aside
      aria-label={t('prompt.serverSays')}
      className="rounded-lg border border-dashed border-edge px-3 py-2 text-sm text-muted"
      data-testid="claim"
    >
      <span className="font-semibold text-soft">{t('prompt.serverSays')}</span>{' '}
      <Foreign text={words.length > 180 ? `${words.slice(0, 180)}…` : words} />
    </aside>
  );
}
