// The buttons of a prompt: Deny and its ladder on the left, Allow once on the right, and below them one wider yes that says what it covers.
import type { RefObject } from 'react';
import type { Approval } from '../../shared/vocabulary.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Button } from '../ui/button.tsx';
import { type Arming, deliberate } from './arming.ts';
import { grave, suggestionOf } from './choices.ts';
import { type AllowAnswer, AllowMenu, type DenyAnswer, DenyMenu, WidthWords } from './menus.tsx';

interface Props {
  approval: Approval;
  arming: Arming;
  /** False while something must still be opened or a PIN is missing. */
  ready: boolean;
  busy: boolean;
  /** How many equal calls a yes lets through. */
  calls: number;
  /** True while one letter answers: it is underlined, so that nothing moves under a pointer. */
  keys: boolean;
  /** Names what is in view; a menu's own wait starts again with it. */
  shown: string;
  denyButton: RefObject<HTMLButtonElement | null>;
  onAllow: (answer: AllowAnswer) => void;
  onDeny: (answer: DenyAnswer) => void;
}

export function Answers({ approval, arming, ready, busy, calls, keys, shown, denyButton, onAllow, onDeny }: Props) {
  const { t } = useTranslation();
  const suggestion = suggestionOf(approval);
  const can = arming.armed && ready && !busy;
  const weighs = grave(approval);
  // A changed definition is accepted or not; how wide a yes to it is, is asked when it is known again.
  const review = approval.review !== undefined;
  const yes = (answer: AllowAnswer) => (event: React.MouseEvent) => {
    if (can && arming.counts(event)) onAllow(answer);
  };
  const faint = 'transition-opacity duration-150 disabled:opacity-35';
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <span className="inline-flex gap-0.5">
          <Button
            ref={denyButton}
            className="deny-focus font-semibold"
            onKeyDown={(event) => event.repeat && event.preventDefault()}
            onClick={(event) => !busy && deliberate(event) && onDeny({ for: 'once', pauseClient: false })}
          >
            <Lettered words={t('prompt.deny')} on={keys} />
          </Button>
          <DenyMenu busy={busy} approval={approval} onDeny={onDeny} />
        </span>
        {weighs && !review ? (
          <Button
            disabled={busy}
            className="-ml-1 !px-3 max-[439px]:hidden"
            onClick={(event) => deliberate(event) && onDeny({ for: 'once', pauseClient: true })}
          >
            {t('prompt.denyPause')}
          </Button>
        ) : null}
        <span className="ml-auto inline-flex">
          <Button
            kind="main"
            className={`${faint} ${weighs && !review ? 'rounded-r-none' : ''}`}
            disabled={!can}
            onFocus={arming.onFocus}
            onClick={yes({ for: 'once', match: 'exact' })}
          >
            {review ? (
              t('prompt.acceptOnce')
            ) : calls > 1 ? (
              t('prompt.allowAll', { count: calls })
            ) : (
              <Lettered words={t('prompt.allowOnce')} on={keys && !weighs} />
            )}
          </Button>
          {weighs && !review ? <AllowMenu approval={approval} shown={shown} onAllow={onAllow} can={ready && !busy} main /> : null}
        </span>
      </div>
      {weighs || review ? null : (
        <div className="flex min-w-0">
          <Button
            className={`h-auto min-h-9 flex-1 rounded-r-none py-1.5 text-left !whitespace-normal ${faint}`}
            disabled={!can}
            onFocus={arming.onFocus}
            onClick={yes({ for: suggestion.time, match: suggestion.match })}
            data-testid="wider"
          >
            <span className="min-w-0 flex-1">
              <Say
                k="prompt.allowWider"
                parts={{ what: <WidthWords approval={approval} id={suggestion.match} /> }}
                values={{ time: t(`time.${suggestion.time}`) }}
              />
            </span>
          </Button>
          <AllowMenu approval={approval} shown={shown} onAllow={onAllow} can={ready && !busy} />
        </div>
      )}
    </div>
  );
}

/** The letter that answers is the first of its words. */
function Lettered({ words, on }: { words: string; on: boolean }) {
  if (!on) return words;
  return (
    <span>
      <span className="underline decoration-2 underline-offset-4">{words.slice(0, 1)}</span>
      {words.slice(1)}
    </span>
  );
}
