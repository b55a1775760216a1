// Which of the waiting questions is before the person now, which were put aside, and how many there are.
import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { Approval } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';

const listeners = new Set<() => void>();
let aside: ReadonlySet<string> = new Set();
let called: string | null = null;

const tell = () => {
  for (const listener of listeners) listener();
};
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Takes a question off the screen; it stays open, listed and counted. */
export function putAside(id: string): void {
  aside = new Set([...aside, id]);
  if (called === id) called = null;
  tell();
}

/** Brings a question up, whether it was put aside or its turn has not come. */
export function bringUp(id: string): void {
  aside = new Set([...aside].filter((each) => each !== id));
  called = id;
  tell();
}

export interface Queue {
  readonly all: readonly Approval[];
  /** The one before the person; null when none waits or all are aside. */
  readonly current: Approval | null;
  /** Open, and not the one before the person. */
  readonly rest: readonly Approval[];
  /** How many will come up by themselves after this one. */
  readonly behind: number;
}

export function useQueue(): Queue {
  const { orpc } = useConsole();
  const { data } = useQuery(orpc.approval.list.queryOptions());
  const asideNow = useSyncExternalStore(subscribe, () => aside);
  const calledNow = useSyncExternalStore(subscribe, () => called);
  const all = data === undefined ? [] : [...data].sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
  const ready = all.filter((each) => !asideNow.has(each.id));
  const current = all.find((each) => each.id === calledNow) ?? ready[0] ?? null;
  return { all, current, rest: all.filter((each) => each !== current), behind: ready.filter((each) => each !== current).length };
}
