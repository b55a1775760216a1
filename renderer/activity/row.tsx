// The lines of the live log: the head of a thread, one action, several equal ones together.
import { memo } from 'react';
import type { Entry, Grant, Session } from '../../shared/vocabulary.ts';
import { clock, day, full, sameDay, seconds, span } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Icon } from '../ui/icons.tsx';
import { LabelTag } from '../ui/layout.tsx';
import { Mark } from '../ui/mark.tsx';
import { Foreign } from '../untrusted/foreign.tsx';
import { Decider } from './decider.tsx';
import { EntrySentence, GroupSentence, titleOf } from './sentence.tsx';
import { type EntryLine, endingOf, type GroupLine, type Line, markOf, type ThreadLine } from './threads.ts';

export const threadHeight = 60;
export const rowHeight = 38;
export const narrowRowHeight = 58;

const ThreadHead = memo(
  function ThreadHead({ line, session }: { line: ThreadLine; session: Session | undefined }) {
    const { t } = useTranslation();
    const since = session?.startedAt ?? line.first;
    return (
      <div className="flex h-full items-end">
        <div className="flex w-full min-w-0 items-baseline gap-2 rounded-t-xl border border-line bg-surface px-4 pt-2.5 pb-2">
          <h2 className="shrink-0 font-bold">{line.client === null ? t('activity.you') : <Foreign text={titleOf(line.client) ?? ''} />}</h2>
          <p className="min-w-0 shrink truncate text-sm text-muted">
            {session?.folder ? (
              <>
                <Foreign text={session.folder} mono />
                {' · '}
              </>
            ) : null}
            {line.client === null
              ? t('activity.youAbout')
              : t('activity.since', { time: sameDay(since, Date.now()) ? clock(since) : `${day(since)}, ${clock(since)}` })}
          </p>
          {session?.labels && session.labels.length > 0 ? (
            <span className="flex shrink-0 gap-1.5 self-center">
              {session.labels.map((label) => (
                <LabelTag key={label} label={label} />
              ))}
            </span>
          ) : null}
          <span className="ml-auto hidden shrink-0 text-sm text-muted tabular sm:block">
            {t('activity.actions', { count: line.count })}
          </span>
        </div>
      </div>
    );
  },
  (a, b) => a.session === b.session && a.line.key === b.line.key && a.line.count === b.line.count,
);

interface RowProps<Line> {
  line: Line;
  chosen: boolean;
  narrow: boolean;
  grants: ReadonlyMap<string, Grant>;
}

const EntryRow = memo(
  function EntryRow({ line, chosen, narrow, grants, onOpen }: RowProps<EntryLine> & { onOpen: (seq: number) => void }) {
    const { entry, outcome, last, inGroup } = line;
    const ending = endingOf(entry, outcome);
    return (
      <Row
        entry={entry}
        outcome={outcome}
        last={last}
        chosen={chosen}
        grants={grants}
        narrow={narrow}
        onClick={() => onOpen(entry.seq)}
        mark={inGroup ? <span className="size-[18px] shrink-0" /> : <Mark outcome={markOf(entry, ending)} />}
        inGroup={inGroup}
      >
        <EntrySentence entry={entry} ending={ending} />
      </Row>
    );
  },
  (a, b) =>
    a.line.entry === b.line.entry &&
    a.line.outcome === b.line.outcome &&
    a.line.last === b.line.last &&
    a.line.inGroup === b.line.inGroup &&
    a.chosen === b.chosen &&
    a.narrow === b.narrow &&
    a.grants === b.grants,
);

const GroupRow = memo(
  function GroupRow({ line, chosen, narrow, grants, onToggle }: RowProps<GroupLine> & { onToggle: (key: string) => void }) {
    const first = line.entries[0] as EntryLine;
    const ending = endingOf(first.entry, first.outcome);
    return (
      <Row
        entry={first.entry}
        outcome={first.outcome}
        last={line.last && !chosen}
        chosen={chosen}
        grants={grants}
        narrow={narrow}
        onClick={() => onToggle(line.key)}
        mark={<Mark outcome={markOf(first.entry, ending)} />}
        group
      >
        <GroupSentence entries={line.entries.map((each) => each.entry)} ending={ending} />
      </Row>
    );
  },
  (a, b) =>
    a.line.key === b.line.key &&
    a.line.entries.length === b.line.entries.length &&
    a.line.last === b.line.last &&
    a.chosen === b.chosen &&
    a.narrow === b.narrow &&
    a.grants === b.grants,
);

interface FrameProps {
  entry: Entry;
  outcome: Entry | null;
  last: boolean;
  chosen: boolean;
  narrow: boolean;
  grants: ReadonlyMap<string, Grant>;
  onClick: () => void;
  mark: React.ReactNode;
  group?: boolean;
  inGroup?: boolean;
  children: React.ReactNode;
}

/** The whole row is one button; only the rule on the right is a way of its own. */
/** Which of two forms a row has is known before it is drawn: what a form does not show is not made for it. */
function Row({ entry, outcome, last, chosen, narrow, grants, onClick, mark, group = false, inGroup = false, children }: FrameProps) {
  // A row that is kept as it was would keep its dates in the language of before.
  useTranslation();
  const duration = outcome?.durationMs ?? entry.durationMs;
  const today = sameDay(entry.at, Date.now());
  return (
    <div
      className={`relative flex h-full w-full items-center gap-x-3 border-x border-b border-line px-4 hover:bg-sunken ${last ? 'rounded-b-xl' : ''} ${chosen ? 'bg-sunken' : inGroup ? 'bg-ground' : 'bg-surface'}`}
    >
      <button
        type="button"
        tabIndex={-1}
        data-row=""
        aria-expanded={chosen}
        onClick={onClick}
        className="flex min-w-0 flex-1 items-center gap-x-3 text-left outline-none after:absolute after:inset-0 after:-outline-offset-2 focus-visible:after:outline-2 focus-visible:after:outline-ink"
      >
        {narrow ? null : (
          <time dateTime={entry.at} onPointerEnter={sayInFull} className="w-[4.1rem] shrink-0 text-sm text-muted tabular">
            {today ? seconds(entry.at) : `${day(entry.at)}`}
          </time>
        )}
        {mark}
        <span className="min-w-0 flex-1">
          <span className="block truncate">
            {children}
            {group ? (
              <span
                className={`ml-1 inline-block align-[-3px] text-muted transition-transform duration-150 ${chosen ? 'rotate-180' : ''}`}
                aria-hidden="true"
              >
                <Icon name="down" size={14} />
              </span>
            ) : null}
          </span>
          {narrow ? (
            <span className="block truncate text-xs text-muted tabular">
              {today ? seconds(entry.at) : `${day(entry.at)}, ${clock(entry.at)}`}
              {' · '}
              <Decider entry={entry} outcome={outcome} grants={grants} />
            </span>
          ) : null}
        </span>
      </button>
      {narrow ? null : (
        <>
          <span className="relative hidden max-w-[36%] shrink-0 truncate text-sm text-muted md:block">
            <Decider entry={entry} outcome={outcome} grants={grants} link />
          </span>
          <span className="w-14 shrink-0 text-right text-sm text-muted tabular">
            {duration === undefined || group ? '' : span(duration)}
          </span>
        </>
      )}
    </div>
  );
}

/** The whole date is made for the one row that somebody points at. */
const sayInFull = ({ currentTarget }: React.PointerEvent<HTMLTimeElement>) => {
  currentTarget.title ||= full(currentTarget.dateTime);
};

interface LineProps {
  line: Line;
  narrow: boolean;
  session: Session | undefined;
  chosen: number | null;
  opened: ReadonlySet<string>;
  grants: ReadonlyMap<string, Grant>;
  onOpen: (seq: number) => void;
  onToggle: (key: string) => void;
}

export function LineView({ line, session, chosen, opened, narrow, grants, onOpen, onToggle }: LineProps) {
  switch (line.kind) {
    case 'thread':
      return <ThreadHead line={line} session={session} />;
    case 'group':
      return <GroupRow line={line} chosen={opened.has(line.key)} narrow={narrow} grants={grants} onToggle={onToggle} />;
    case 'entry':
      return <EntryRow line={line} chosen={chosen === line.entry.seq} narrow={narrow} grants={grants} onOpen={onOpen} />;
    case 'gap':
      return <div className="h-full border-x border-line bg-surface" />;
  }
}
