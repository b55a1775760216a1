// The live log as a virtual list: follows what is new while its top is in view, and holds still as soon as a reader moves away.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { Empty, Fault, Loading } from '../ui/states.tsx';
import { useGrants } from './decider.tsx';
import { Feed, type Filter } from './feed.ts';
import { useRowKeys } from './keys.ts';
import { LineView, narrowRowHeight, rowHeight, threadHeight } from './row.tsx';
import { arranged, type Line, linesOf } from './threads.ts';
import { useWindow } from './window.ts';

const narrow = window.matchMedia('(max-width: 639px)');

export function useFeed(filter: Filter) {
  const { client } = useConsole();
  const { client: who, server, verdict, search, since, until } = filter;
  const feed = useMemo(
    () =>
      new Feed(client, {
        ...(who ? { client: who } : {}),
        ...(server ? { server } : {}),
        ...(verdict ? { verdict } : {}),
        ...(search ? { search } : {}),
        ...(since ? { since } : {}),
        ...(until ? { until } : {}),
      }),
    [client, who, server, verdict, search, since, until],
  );
  useEffect(() => feed.open(), [feed]);
  return { feed, state: useSyncExternalStore(feed.subscribe, feed.get) };
}

interface Props {
  feed: Feed;
  state: ReturnType<Feed['get']>;
  filtered: boolean;
  chosen: number | null;
  onOpen: (seq: number) => void;
}

export function LogList({ feed, state, filtered, chosen, onOpen }: Props) {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data: sessions } = useQuery(orpc.session.list.queryOptions());
  const byId = useMemo(() => new Map(sessions?.map((session) => [session.id, session])), [sessions]);
  const grants = useGrants();
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const { lines, starts } = useMemo(() => linesOf(state, opened), [state, opened]);
  const box = useRef<HTMLDivElement>(null);
  const [away, setAway] = useState(false);
  const isNarrow = useSyncExternalStore(
    (listener) => {
      narrow.addEventListener('change', listener);
      return () => narrow.removeEventListener('change', listener);
    },
    () => narrow.matches,
  );
  const heights = useCallback((index: number) => heightOf(lines[index], isNarrow ? narrowRowHeight : rowHeight), [lines, isNarrow]);
  const shown = useWindow(box, lines.length, heights);
  const inView = lines.slice(shown.from, shown.to);
  const lastShown = Math.max(0, shown.to - 1);
  useEffect(() => {
    if (state.state === 'ready' && lastShown >= lines.length - 20) void feed.more();
  }, [lastShown, lines.length, state.state, feed]);
  // Pages far from the ones in view are let go, and read again where somebody comes back to them.
  const gap = inView.find((line) => line.kind === 'gap');
  const near = starts.findLastIndex((start) => start <= lastShown);
  useEffect(() => {
    if (gap?.kind === 'gap') void feed.again(gap.page);
  }, [gap, feed]);
  useEffect(() => {
    feed.keepNear(near, (page, outcomes) => {
      const all = arranged(page, outcomes);
      const heads = all.filter((line) => line.kind === 'thread').length;
      return { heads, lines: all.length - heads };
    });
  }, [near, feed]);

  const hold = useCallback(() => {
    feed.pause();
    setAway(true);
  }, [feed]);
  const onKeyDown = useRowKeys(box, hold);
  const onScroll = () => {
    shown.onScroll();
    const top = box.current?.scrollTop ?? 0;
    if (top > 24 && !away) hold();
    else if (top <= 4 && away) {
      feed.resume();
      setAway(false);
    }
  };
  const toggle = useCallback((key: string) => setOpened((now) => (now.has(key) ? without(now, key) : new Set([...now, key]))), []);
  const toTop = () => {
    feed.resume();
    setAway(false);
    box.current?.scrollTo({ top: 0 });
  };

  if (state.state === 'failed') return <Fault error={state.error} />;
  if (state.state === 'loading')
    return (
      <div className="px-4 sm:px-8">
        <div className="mx-auto max-w-[1080px]">
          <Loading rows={6} />
        </div>
      </div>
    );
  if (lines.length === 0)
    return filtered ? (
      <Empty title={t('activity.noMatch')}>{t('activity.noMatchAbout')}</Empty>
    ) : (
      <Empty title={t('activity.empty')}>{t('activity.emptyAbout')}</Empty>
    );
  return (
    <div className="relative min-h-0 flex-1">
      {away ? (
        <div className="pointer-events-none absolute inset-x-0 top-2 z-10 flex justify-center">
          <Button small className="pointer-events-auto rounded-full shadow-rise" onClick={toTop}>
            <Icon name="up" size={14} />
            {state.waiting > 0 ? t('activity.waiting', { count: state.waiting }) : t('activity.toTop')}
          </Button>
        </div>
      ) : null}
      <section
        ref={box}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        className="scroll-calm h-full overflow-auto px-4 sm:px-8"
        aria-label={t('activity.log')}
        aria-describedby="log-keys"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        data-testid="log"
      >
        <p id="log-keys" className="sr-only">
          {t('activity.logKeys')}
        </p>
        <div className="relative mx-auto max-w-[1080px] [overflow-anchor:none]" style={{ height: shown.total }}>
          <div className="absolute inset-x-0 top-0 [contain:layout_style]" style={{ transform: `translateY(${shown.offset}px)` }}>
            {inView.map((line, index) => (
              <div key={line.key} data-line="" style={{ height: heights(shown.from + index) }}>
                <LineView
                  line={line}
                  session={line.kind === 'thread' && line.session !== null ? byId.get(line.session) : undefined}
                  chosen={chosen}
                  opened={opened}
                  grants={grants}
                  narrow={isNarrow}
                  onOpen={onOpen}
                  onToggle={toggle}
                />
              </div>
            ))}
          </div>
        </div>
      </section>
    </div>
  );
}

const heightOf = (line: Line | undefined, row: number): number => {
  if (line?.kind === 'gap') return line.heads * threadHeight + line.rows * row;
  return line?.kind === 'thread' ? threadHeight : row;
};

const without = (set: ReadonlySet<string>, key: string) => new Set([...set].filter((each) => each !== key));
