// The live log as a virtual list: follows what is new while its top is in view, and holds still as soon as a reader moves away.
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useConsole } from '../data/console.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { Empty, Fault, Loading } from '../ui/states.tsx';
import { Feed, type Filter } from './feed.ts';
import { EntryRow, narrowRowHeight, rowHeight, ThreadHead, threadHeight } from './row.tsx';
import { linesOf } from './threads.ts';

const narrow = window.matchMedia('(max-width: 639px)');

export function useFeed(filter: Filter) {
  const { client } = useConsole();
  const { client: who, server, verdict, search } = filter;
  const feed = useMemo(
    () =>
      new Feed(client, {
        ...(who ? { client: who } : {}),
        ...(server ? { server } : {}),
        ...(verdict ? { verdict } : {}),
        ...(search ? { search } : {}),
      }),
    [client, who, server, verdict, search],
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
  const lines = useMemo(() => linesOf(state), [state]);
  const box = useRef<HTMLDivElement>(null);
  const [away, setAway] = useState(false);
  const isNarrow = useSyncExternalStore(
    (listener) => {
      narrow.addEventListener('change', listener);
      return () => narrow.removeEventListener('change', listener);
    },
    () => narrow.matches,
  );
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => (lines[index]?.kind === 'thread' ? threadHeight : isNarrow ? narrowRowHeight : rowHeight),
    getItemKey: (index) => lines[index]?.key ?? index,
    overscan: 12,
    paddingEnd: 32,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights are kept by index and must be read again when lines move
  useEffect(() => rows.measure(), [lines, isNarrow]);

  const items = rows.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (state.state === 'ready' && lastShown >= lines.length - 20) void feed.more();
  }, [lastShown, lines.length, state.state, feed]);

  const onScroll = () => {
    const top = box.current?.scrollTop ?? 0;
    if (top > 24 && !away) {
      feed.pause();
      setAway(true);
    } else if (top <= 4 && away) {
      feed.resume();
      setAway(false);
    }
  };
  const toTop = () => {
    feed.resume();
    setAway(false);
    box.current?.scrollTo({ top: 0 });
  };

  if (state.state === 'failed') return <Fault error={state.error} />;
  if (state.state === 'loading') return <Loading rows={6} />;
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
        className="scroll-calm h-full overflow-auto px-4 sm:px-8"
        aria-label={t('activity.log')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        data-testid="log"
      >
        <div className="relative mx-auto max-w-[1080px]" style={{ height: rows.getTotalSize() }}>
          {items.map((item) => {
            const line = lines[item.index];
            if (line === undefined) return null;
            return (
              <div
                key={item.key}
                className="absolute inset-x-0 top-0"
                style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              >
                {line.kind === 'thread' ? (
                  <ThreadHead line={line} session={line.session === null ? undefined : byId.get(line.session)} />
                ) : (
                  <EntryRow line={line} chosen={chosen === line.entry.seq} onOpen={onOpen} />
                )}
              </div>
            );
          })}
        </div>
      </section>
    </div>
  );
}
