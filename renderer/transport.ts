// Makes the typed client of the contract over fetch (a browser) or a message port (the desktop window); nothing else knows which.
import { createORPCClient } from '@orpc/client';
import { RPCLink as FetchLink } from '@orpc/client/fetch';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../shared/contract.ts';

/** `credential` replaces the console session for one call: the single-use proof a PIN was traded for. */
export type CallContext = { credential?: string };
export type Client = ContractRouterClient<Contract, CallContext>;

export interface Host {
  readonly kind: 'browser' | 'desktop';
  readonly client: Client;
  /** The session lives in this closure and nowhere else: no cookie, no storage, no address. */
  setSession(session: string | null): void;
}

/** A client that speaks to the broker this page came from. */
export function browserHost(base: string): Host {
  return host('browser', (headers) => new FetchLink<CallContext>({ url: `${base}/api`, headers }));
}

/** A client that speaks through a port of the desktop window's preload. */
export function desktopHost(port: MessagePort): Host {
  port.start();
  return host('desktop', (headers) => new PortLink<CallContext>({ port, headers }));
}

/** Calls back with each port that this very window posts to itself as `{ type: 'gatehouse-port' }`. */
export function onPort(found: (port: MessagePort) => void): void {
  window.addEventListener('message', (event) => {
    const port = event.ports[0];
    if (event.source !== window || event.data?.type !== 'gatehouse-port' || port === undefined) return;
    found(port);
  });
}

type Headers = (options: { context: CallContext }) => Record<string, string>;

function host(kind: Host['kind'], link: (headers: Headers) => FetchLink<CallContext> | PortLink<CallContext>): Host {
  let session: string | null = null;
  const headers: Headers = ({ context }) => {
    const credential = context.credential ?? session;
    return credential === null ? {} : { authorization: `Bearer ${credential}` };
  };
  return {
    kind,
    client: createORPCClient<Client>(link(headers)),
    setSession: (value) => {
      session = value;
    },
  };
}
