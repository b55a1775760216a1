// Questions of one kind as one list: the same client, server, capability and risk, a tick and all of the arguments for each (rule 10).
import { useRef, useState } from 'react';
import type { Approval } from '../../shared/vocabulary.ts';
import { useConsole, useLost } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Button } from '../ui/button.tsx';
import { notice } from '../ui/notice.tsx';
import { Fault } from '../ui/states.tsx';
import { ClientName, Code, Foreign, Name } from '../untrusted/foreign.tsx';
import { rowsOf } from '../untrusted/value.ts';
import { useArming } from './arming.ts';
import { grave } from './choices.ts';
import { nameOf } from './name.ts';
import { useSeenEnd } from './seen-end.ts';

/** A row that would need opening is answered by itself: nothing unseen is in a list. */
const plain = (approval: Approval): boolean =>
  !grave(approval) &&
  approval.presence !== 'pin' &&
  approval.review === undefined &&
  approval.waiting <= 1 &&
  rowsOf(approval.argumentsText).every((row) => !row.long && !row.hidden);

const kindOf = ({ client, server, capability, risk }: Approval) => [client, server, capability, risk].join('\n');

/** The questions that may be answered with this one, itself among them; empty where it must stand alone. */
export function alike(approval: Approval, all: readonly Approval[]): readonly Approval[] {
  if (!plain(approval)) return [];
  const same = all.filter((each) => kindOf(each) === kindOf(approval) && plain(each));
  return same.length > 1 ? same : [];
}

export function Alike({ questions, onSingle }: { questions: readonly Approval[]; onSingle: () => void }) {
  const { t } = useTranslation();
  const { client, orpc, cache } = useConsole();
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const [answering, setBusy] = useState(false);
  const busy = useLost() !== null || answering;
  const [fault, setFault] = useState<unknown>(null);
  const ticked = questions.filter((each) => !off.has(each.id));
  const arming = useArming(ticked.map((each) => `${each.id} ${each.nonce}`).join());
  const box = useRef<HTMLDivElement>(null);
  const { seen, scrolls } = useSeenEnd(box, questions.map((each) => each.id).join());
  const [first] = questions;
  if (first === undefined) return null;
  const answerAll = async (answer: (approval: Approval) => Promise<unknown>, words: string) => {
    setBusy(true);
    setFault(null);
    try {
      for (const approval of ticked) await answer(approval);
      notice(words);
      onSingle();
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
      void cache.invalidateQueries({ queryKey: orpc.approval.key() });
    }
  };
  return (
    <>
      <div
        ref={box}
        {...(scrolls ? { tabIndex: 0, role: 'group', 'aria-label': t('prompt.body') } : {})}
        className="scroll-calm min-h-0 flex-1 overflow-auto px-5 py-4 -outline-offset-2"
      >
        <h2 className="mb-3 text-lg text-balance">
          <Say
            k="alike.sentence"
            parts={{
              client: <ClientName name={first.client} />,
              server: <Name text={first.server} />,
              name: <Code text={nameOf(first.capability).name} />,
            }}
            values={{ count: questions.length }}
          />
        </h2>
        <ul className="divide-y divide-line border-y border-line">
          {questions.map((approval) => (
            <li key={approval.id}>
              <label className="flex items-start gap-3 py-2">
                <input
                  type="checkbox"
                  className="mt-0.5 size-4 shrink-0 accent-[var(--ink)]"
                  checked={!off.has(approval.id)}
                  onChange={(event) =>
                    setOff(new Set(event.target.checked ? [...off].filter((id) => id !== approval.id) : [...off, approval.id]))
                  }
                />
                <span className="grid min-w-0 gap-0.5">
                  {rowsOf(approval.argumentsText).map((row) => (
                    <span key={row.id} className="min-w-0">
                      {row.name === null ? null : (
                        <span className="text-muted">
                          <Foreign text={row.name} />{' '}
                        </span>
                      )}
                      <Foreign text={row.text} lines mono />
                    </span>
                  ))}
                </span>
              </label>
            </li>
          ))}
        </ul>
        {fault ? (
          <div className="mt-3">
            <Fault error={fault} />
          </div>
        ) : null}
      </div>
      <footer className="flex flex-wrap items-center gap-2 border-t border-line px-5 py-4">
        {seen ? null : <p className="basis-full text-sm text-amber">{t('prompt.scroll')}</p>}
        <Button
          className="font-semibold"
          disabled={busy || ticked.length === 0}
          onClick={(event) =>
            event.nativeEvent.isTrusted &&
            void answerAll(
              ({ id, nonce }) => client.approval.deny({ id, nonce, for: 'once' }),
              t('alike.didDeny', { count: ticked.length }),
            )
          }
        >
          {t('alike.deny', { count: ticked.length })}
        </Button>
        <Button kind="quiet" onClick={onSingle}>
          {t('alike.single')}
        </Button>
        <Button
          kind="main"
          className="ml-auto transition-opacity duration-150 disabled:opacity-35"
          disabled={busy || ticked.length === 0 || !seen || !arming.armed}
          onFocus={arming.onFocus}
          onClick={(event) =>
            arming.counts(event) &&
            void answerAll(
              ({ id, nonce }) => client.approval.approve({ id, nonce, for: 'once', match: 'exact', calls: 'one' }),
              t('alike.didAllow', { count: ticked.length }),
            )
          }
        >
          {t('alike.allow', { count: ticked.length })}
        </Button>
      </footer>
    </>
  );
}
