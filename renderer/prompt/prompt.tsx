// The question itself: one at a time, drawn from the exact bytes, answerable only when it was seen (security.md, section 2).
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Approval } from '../../shared/vocabulary.ts';
import { useConsole, useLost, useNow, withCredential } from '../data/console.tsx';
import { codeOf } from '../data/fault.ts';
import { ago, clock, englishList } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { IconButton } from '../ui/button.tsx';
import { covered } from '../ui/covered.ts';
import { Field, Input, Tick } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { notice } from '../ui/notice.tsx';
import { Fault } from '../ui/states.tsx';
import { DefinitionChanges } from '../untrusted/changes.tsx';
import { clientTitle } from '../untrusted/client-title.ts';
import { ClientName, Foreign } from '../untrusted/foreign.tsx';
import { flat } from '../untrusted/visible.ts';
import { Alike, alike } from './alike.tsx';
import { Answers } from './answers.tsx';
import { Arguments, moreRows, mustOpen, shownOf, why } from './arguments.tsx';
import { useArming } from './arming.ts';
import { BySystem } from './by-system.tsx';
import { grave } from './choices.ts';
import { Details } from './details.tsx';
import { Flow } from './flow.tsx';
import { AlarmBar, Claim, Sentence } from './headline.tsx';
import { useKeys } from './keys.ts';
import type { AllowAnswer, DenyAnswer } from './menus.tsx';
import { putAside, useQueue } from './queue.ts';
import { useSeenEnd } from './seen-end.ts';

/** `whole`: the prompt is all that its window shows, as in the desktop's prompt window. */
export function PromptPlace({ whole = false }: { whole?: boolean }) {
  const { t } = useTranslation();
  const { current, behind, all } = useQueue();
  const hidden = useSyncExternalStore(covered.subscribe, covered.get);
  return (
    <>
      {/* Focus is not taken from a working person, so a screen reader is told in words. */}
      <p role="status" className="sr-only">
        {current === null ? '' : t('prompt.label', { client: clientTitle(current.client), server: flat(current.server) })}
      </p>
      {/* Opened rows belong to the bytes they showed, not to the question's number. */}
      {current === null || hidden ? null : (
        <Prompt key={`${current.id} ${current.digest}`} approval={current} behind={behind} same={alike(current, all)} whole={whole} />
      )}
    </>
  );
}

interface Props {
  approval: Approval;
  behind: number;
  /** Questions that may be answered together with this one. */
  same: readonly Approval[];
  whole: boolean;
}

function Prompt({ approval, behind, same, whole }: Props) {
  const { t, language } = useTranslation();
  const { client, orpc, cache } = useConsole();
  const { data: status } = useQuery(orpc.status.queryOptions());
  const now = useNow();
  const shownRows = useMemo(() => shownOf(approval), [approval]);
  const needed = useMemo(() => mustOpen(shownRows, grave(approval), approval.review !== undefined), [shownRows, approval]);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [allCalls, setAllCalls] = useState(false);
  const [pin, setPin] = useState('');
  const [wantsPin, setWantsPin] = useState(false);
  const [proof, setProof] = useState<string | null>(null);
  const [listed, setListed] = useState(false);
  const [answering, setBusy] = useState(false);
  // An answer that cannot arrive is not taken: a person would believe that it was given.
  const lost = useLost() !== null;
  const busy = answering || lost;
  const [fault, setFault] = useState<unknown>(null);
  const deny = useRef<HTMLButtonElement>(null);
  const frame = useRef<HTMLElement>(null);
  const body = useRef<HTMLDivElement>(null);
  // A row that a person opened is seen by that; rows that come into the list must be scrolled to.
  const { seen, scrolls } = useSeenEnd(body, `${approval.digest} ${opened.has(moreRows)}`);

  // Other words are something else to look at, too.
  const shown = `${approval.id} ${approval.nonce} ${[...opened].join()} ${allCalls} ${language}`;
  const arming = useArming(shown);
  const askPin = wantsPin || ((approval.presence === 'pin' || approval.risk === 'critical') && status?.protected === true);
  const unseen = needed.filter((id) => !opened.has(id));
  const ready = unseen.length === 0 && seen && (!askPin || pin.length >= 6 || proof !== null);
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
    // Every way to answer leads here; an open menu outlives the moment in which its button went.
    if (busy) return;
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
      setProof(null);
    }
  };
  const allow = ({ for: time, match }: AllowAnswer) =>
    answer(async () => {
      const proven = askPin ? withCredential(proof ?? (await client.operator.signIn({ pin, use: 'once' })).credential) : undefined;
      const input = { id: approval.id, nonce: approval.nonce, for: time, match, calls: calls > 1 ? ('all' as const) : ('one' as const) };
      const { note } = await client.approval.approve(input, proven);
      return (
        (note ? <Foreign text={note} english /> : null) ??
        t(time === 'once' ? 'prompt.didAllow' : 'prompt.didAllowFor', { time: t(`time.${time}`) })
      );
    });
  const refuse = (choice: DenyAnswer) =>
    answer(async () => {
      await client.approval.deny({ id: approval.id, nonce: approval.nonce, ...choice });
      return <Say k={choice.pauseClient ? 'prompt.didPause' : 'prompt.didDeny'} parts={{ client: clientTitle(approval.client) }} />;
    });

  // A letter is a yes only where a glance is enough: what is grave needs the button itself.
  const letters = { deny: firstLetter(t('prompt.deny')), allow: firstLetter(t('prompt.allowOnce')) };
  const keys = useKeys(frame, letters, {
    deny: () => !busy && refuse({ for: 'once', pauseClient: false }),
    allow: () =>
      !grave(approval) && approval.review === undefined && ready && !busy && arming.rested() && allow({ for: 'once', match: 'exact' }),
  });
  const asList = listed && same.length > 1;

  return (
    <section
      ref={frame}
      role="dialog"
      aria-label={t('prompt.label', { client: clientTitle(approval.client), server: flat(approval.server) })}
      data-testid="prompt"
      data-risk={approval.risk}
      className={`flex flex-col overflow-hidden bg-surface ${whole ? 'h-dvh' : 'fixed inset-x-0 bottom-0 z-[60] max-h-[92dvh] animate-rise rounded-t-2xl border border-line shadow-lift sm:inset-x-auto sm:top-[84px] sm:right-8 sm:bottom-auto sm:max-h-[calc(100dvh-100px)] sm:w-[440px] sm:rounded-2xl'}`}
    >
      <AlarmBar approval={approval} />
      {asList ? (
        <Alike questions={same} onSingle={() => setListed(false)} />
      ) : (
        <>
          <div
            ref={body}
            {...(scrolls ? { tabIndex: 0, role: 'group', 'aria-label': t('prompt.body') } : {})}
            className={`scroll-calm flex min-h-0 flex-col gap-3.5 overflow-auto px-5 py-4 -outline-offset-2 ${whole ? 'flex-1' : ''}`}
          >
            <div className="flex items-start gap-3">
              <h2 className={`min-w-0 flex-1 text-balance ${approval.risk === 'low' ? 'text-lg' : 'text-xl'}`}>
                <Sentence approval={approval} />
              </h2>
              <IconButton label={t('prompt.aside')} tabIndex={-1} className="-mt-0.5 -mr-1.5" onClick={() => putAside(approval.id)}>
                <Icon name="close" />
              </IconButton>
            </div>
            {approval.review ? (
              <p className="-mt-1.5 text-soft">
                <Say k="prompt.wantsIt" parts={{ client: <ClientName name={approval.client} /> }} />
              </p>
            ) : null}
            {approval.path && approval.path.length > 0 ? (
              <Flow path={approval.path} />
            ) : approval.risk !== 'low' && approval.reasons.length > 0 && !approval.review ? (
              <p className="-mt-1.5 text-soft">
                <Say k="prompt.because" parts={{ reasons: <Foreign text={englishList(approval.reasons.map(lowered))} english /> }} />
              </p>
            ) : null}
            {approval.waiting === 0 ? (
              <p className="rounded-lg bg-amber-faint px-3 py-2 text-sm text-amber">{t('prompt.stopped')}</p>
            ) : null}
            {approval.review ? (
              <section aria-label={t('prompt.changes')} className="rounded-lg border border-dashed claim px-3 py-1">
                <DefinitionChanges was={approval.review.was} is={approval.review.is} />
              </section>
            ) : null}
            {needed.includes(why) && !opened.has(why) ? (
              <p className="-mt-1.5">
                <button type="button" className="rounded font-medium underline underline-offset-2" onClick={() => open(why)}>
                  {t(approval.review ? 'prompt.sawChanges' : 'prompt.sawReasons')}
                </button>{' '}
                <span className="text-muted">{t('prompt.toEnable')}</span>
              </p>
            ) : null}
            <div>
              <Arguments shown={shownRows} needed={needed} opened={opened} onOpen={open} last={approval.lastTime} />
            </div>
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
                {(ids) => (
                  <Input {...ids} type="password" inputMode="numeric" value={pin} onChange={(event) => setPin(event.target.value)} />
                )}
              </Field>
            ) : null}
            {askPin ? <BySystem proven={proof !== null} onProof={setProof} onFault={setFault} /> : null}
            {fault ? <Fault error={fault} /> : null}
          </div>
          <footer className="grid gap-3 border-t border-line bg-surface px-5 pt-3.5 pb-4">
            <Answers
              approval={approval}
              arming={arming}
              ready={ready}
              busy={busy}
              calls={calls}
              keys={keys}
              shown={shown}
              denyButton={deny}
              onAllow={allow}
              onDeny={refuse}
            />
            {lost ? (
              <p role="alert" className="rounded-lg bg-ink px-3 py-2 font-medium text-ground">
                {t('prompt.lineLost')}
              </p>
            ) : null}
            {unseen.length === 0 && !seen ? <p className="text-sm text-amber">{t('prompt.scroll')}</p> : null}
            <Details approval={approval} covered={shownRows.covered}>
              <span className="tabular">
                {t('prompt.clock', { ago: ago(approval.createdAt, now, true), until: clock(approval.expiresAt) })}
              </span>
              {same.length > 1 ? (
                <button type="button" className="rounded font-medium underline underline-offset-2" onClick={() => setListed(true)}>
                  {t('alike.open', { count: same.length })}
                </button>
              ) : behind > 0 ? (
                <span> · {t('prompt.behind', { count: behind })}</span>
              ) : null}
            </Details>
          </footer>
        </>
      )}
    </section>
  );
}

/** The letter that answers is the underlined first one of its button. */
const firstLetter = (words: string) => words.charAt(0).toLowerCase();

/** A reason of the broker is a sentence of its own; after "Because" it goes on. */
const lowered = (reason: string) => reason.charAt(0).toLowerCase() + reason.slice(1).replace(/\.$/, '');
