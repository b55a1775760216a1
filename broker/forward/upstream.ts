// What a broker does with a running server, whatever its transport (process, HTTP) and its era (handshake, stateless).

import type { Era, Message, RequestId } from '../../shared/message.ts';
import type { Tree } from './ending.ts';

export interface RequestOptions {
  /**
   * Messages of the server that came on this very request's own response stream (HTTP), in order, before the reply. Those then do
   * not reach `listen`. Never called on stdio, where nothing says which request a message belongs to: there all of them reach `listen`.
   */
  onMessage?(message: Message): void;
  /**
   * Aborted: nobody waits for the reply any more, and the request rejects with RequestFailed `cancelled`.
   * Stateless: the server is told in the way of its transport (`notifications/cancelled` on stdio, the stream closed on HTTP).
   * Handshake: telling the server is the caller's, who hands its client's own `notifications/cancelled` to `notify`.
   */
  readonly signal?: AbortSignal;
}

/**
 * One server as one connection sees it. Its era is what the server speaks, so the texts handed in must be of that era: the handshake is
 * done already for a handshake server, and every request for a stateless server carries its own `_meta`. Translation stands before it.
 * Ids are the caller's; they come back as they were given, even where several connections share one process.
 */
export interface Upstream {
  readonly server: string;
  readonly era: Era;
  /** The exact text of the `result` of the server's answer to `initialize` or `server/discover`. */
  readonly openingText: string;
  /** Of its process; null for a server reached over HTTP. */
  readonly pid: number | null;
  /** Requests sent and not answered yet, the broker's own included. */
  readonly inFlight: number;
  /**
   * Sends one request as it is; resolves with the reply, which may be an error of the server's own.
   * Rejects with ServerGone when the server ends and with RequestFailed when this request alone fails. Never hangs on a dead server.
   */
  request(text: string, id: RequestId, options?: RequestOptions): Promise<Message>;
  /** Sends a notification, or a reply to a request of the server's, as it is. A server that is gone is ignored. */
  notify(text: string): void;
  /** Asks something for the broker itself, under an id no client can have. For a stateless server it gets its `_meta` here.
   * @param limitMs null: a request that stands until the server ends it */
  ask(method: string, paramsText?: string, limitMs?: number | null): Promise<Message>;
  /**
   * Requests and notifications of the server that belong to no request's own stream, in order, those that came before included;
   * then, once, why it ended. There is one listener; a later one takes its place.
   * The broker holds a subscription of its own to the list changes of a stateless server: those come here as a handshake server would
   * send them, without a subscription id.
   */
  listen(onMessage: (message: Message) => void, onExit: (reason: string) => void): void;
  /** Why an item of a list may not be offered over this transport; null or absent where it may. */
  unfit?(kind: string, item: Readonly<Record<string, unknown>>): string | null;
}

/** A running server as the pool keeps it. */
export interface Live extends Upstream {
  /** Who it runs for: a connection, or a session where its connections share it; null for a trial start. */
  readonly owner: string | null;
  readonly startedAt: number;
  /** By performance.now(). */
  lastUsed: number;
  readonly gone: boolean;
  /** Its processes; null for a server reached over HTTP. */
  readonly tree: Tree | null;
  /** It is being ended on purpose: whatever waits fails now, and nothing it still says is heard. */
  retire(reason: string): void;
  /** Settles when a remote server was told, after `retire`, that we left. */
  readonly left: Promise<void>;
}
