// What a broker does with a running server, whatever its transport (process, HTTP) and its era (handshake, stateless).
import type { Era, Message, RequestId } from '../../shared/message.ts';

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
  /** Asks something for the broker itself, under an id no client can have. `paramsText` of a stateless server gets its `_meta` here. */
  ask(method: string, paramsText?: string, limitMs?: number): Promise<Message>;
  /**
   * Requests and notifications of the server that belong to no request's own stream, in order, those that came before included;
   * then, once, why it ended. There is one listener; a later one takes its place.
   */
  listen(onMessage: (message: Message) => void, onExit: (reason: string) => void): void;
}
