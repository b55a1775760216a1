// What every page stands on: the typed client, the query keys made from it, and the state of the line to the broker.
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import { QueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { CallContext, Client, Host } from '../transport.ts';
import { codeOf } from './fault.ts';
import { LiveLine } from './live.ts';

export const queriesOf = (client: Client) => createTanstackQueryUtils<Client>(client);
export type Queries = ReturnType<typeof queriesOf>;

export interface Console {
  readonly host: Host;
  readonly client: Client;
  readonly orpc: Queries;
  readonly cache: QueryClient;
  readonly line: LiveLine;
  /** Forgets the session and shows the way in. */
  readonly leave: () => void;
}

export function makeConsole(host: Host, leave: () => void): Console {
  const orpc = queriesOf(host.client);
  const cache = new QueryClient({
    defaultOptions: {
      queries: {
        // The broker says when something is stale; asking on a timer would only hide a dead line.
        staleTime: Number.POSITIVE_INFINITY,
        retry: (count, error) => codeOf(error) === 'lost' && count < 2,
        refetchOnWindowFocus: false,
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
  return { host, client: host.client, orpc, cache, line: new LiveLine(host.client, orpc, cache, leave), leave };
}

const context = createContext<Console | null>(null);
export const ConsoleProvider = context.Provider;

export function useConsole(): Console {
  const found = useContext(context);
  if (found === null) throw new Error('no console around this component');
  return found;
}

export function useLine() {
  const { line } = useConsole();
  return useSyncExternalStore(line.subscribe, line.get);
}

/** So long a quiet line is only a quiet line, ms: a restart of the broker is not worth a banner's flicker. */
const patience = 900;

/** Since when the line has been down, so long that what is shown must be called old; null while it is not. */
export function useLost(): number | null {
  const { state, since } = useLine();
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (state !== 'lost') return;
    const timer = setTimeout(() => setLate(true), Math.max(0, since + patience - Date.now()));
    return () => clearTimeout(timer);
  }, [state, since]);
  return late && state === 'lost' ? since : null;
}

/** The time now, renewed every `every` milliseconds while something on the page counts. */
export function useNow(every = 1000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** The context of one call made with a single-use credential instead of the session. */
export const withCredential = (credential: string): { context: CallContext } => ({ context: { credential } });
