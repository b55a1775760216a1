// One line of the live log: when, how it ended, the sentence, the rule that decided, how long it took.
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Session } from '../../shared/vocabulary.ts';
import { clock, day, full, sameDay, seconds, span } from '../strings/format.ts';
import { Mark } from '../ui/mark.tsx';
import { Foreign } from '../untrusted/foreign.tsx';
import { Decider, EntrySentence } from './sentence.tsx';
import { endingOf, type Line, markOf } from './threads.ts';

export const threadHeight = 60;
export const rowHeight = 38;
export const narrowRowHeight = 58;

export const ThreadHead = memo(function ThreadHead({ line, session }: { line: Line & { kind: 'thread' }; session: Session | undefined }) {
  const { t } = useTranslation();
  const since = session?.startedAt ?? line.first;
  return (
    <div className="flex h-full items-end">
      <div className="flex w-full min-w-0 items-baseline gap-2 rounded-t-xl border border-line bg-surface px-4 pt-2.5 pb-2">
        <h2 className="shrink-0 font-bold">{line.client === null ? t('activity.you') : <Foreign text={line.client} />}</h2>
        <p className="min-w-0 truncate text-sm text-muted">
          {session?.folder ? <Foreign text={session.folder} mono className="mr-2" /> : null}
          {line.client === null
            ? t('activity.youAbout')
            : t('activity.since', { time: sameDay(since, Date.now()) ? clock(since) : `${day(since)}, ${clock(since)}` })}
        </p>
        <span className="ml-auto shrink-0 text-sm text-muted tabular">{t('activity.actions', { count: line.count })}</span>
      </div>
    </div>
  );
});

export const EntryRow = memo(function EntryRow({
  line,
  chosen,
  onOpen,
}: {
  line: Line & { kind: 'entry' };
  chosen: boolean;
  onOpen: (seq: number) => void;
}) {
  const { entry, outcome, last } = line;
  const ending = endingOf(entry, outcome);
  const duration = outcome?.durationMs ?? entry.durationMs;
  return (
    <button
      type="button"
      aria-expanded={chosen}
      onClick={() => onOpen(entry.seq)}
      className={`flex h-full w-full items-center gap-x-3 border-x border-b border-line bg-surface px-4 text-left -outline-offset-2 hover:bg-sunken ${last ? 'rounded-b-xl' : ''} ${chosen ? 'bg-sunken' : ''}`}
    >
      <time dateTime={entry.at} title={full(entry.at)} className="hidden w-[4.1rem] shrink-0 text-sm text-muted tabular sm:block">
        {seconds(entry.at)}
      </time>
      <Mark outcome={markOf(entry, ending)} />
      <span className="min-w-0 flex-1">
        <span className="block truncate">
          <EntrySentence entry={entry} ending={ending} />
        </span>
        <span className="block truncate text-xs text-muted tabular sm:hidden">
          {seconds(entry.at)}
          {duration === undefined ? '' : ` · ${span(duration)}`}
        </span>
      </span>
      <span className="hidden max-w-[36%] shrink-0 truncate text-sm text-muted md:block">
        <Decider entry={entry} outcome={outcome} />
      </span>
      <span className="hidden w-16 shrink-0 text-right text-sm text-muted tabular sm:block">
        {duration === undefined ? '' : span(duration)}
      </span>
    </button>
  );
});
