// What the rest of the house does with a client's connection, whichever era it speaks.
import type { Era, Message, RequestId } from '../../shared/message.ts';
import type { Denied } from '../../shared/request.ts';

/** How a request ended, as broker.ts tells it. */
export type Ended =
  | { readonly kind: 'refused'; readonly verdict: Denied }
  | { readonly kind: 'answered'; readonly reply: Message }
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'broken'; readonly error: unknown };

/**
 * A lane is what server processes are started for: one for a whole connection of the handshake era; in the stateless era one for each
 * set of capabilities that the client's requests declare. It is named by the connection's id, with `~2` and so on from the second on.
 */
export interface Engine {
  /** Null before the client said which it speaks. */
  readonly era: Era | null;
  /** What the client says it is. Self-reported: for showing, never for deciding. */
  readonly saysItIs: string | null;
  /** Parameters of the client's last logging/setLevel, for servers that start later; null in the stateless era, which asks per request. */
  readonly logLevel: string | null;
  /** What a handshake server of this lane is opened with; null before the client said anything. */
  helloOf(lane: string): string | null;
  lanes(): readonly string[];
  /** A message of a server's process. `during`: the request (by the id the server knows) on whose own stream it came. */
  fromServer(lane: string, server: string, message: Message, during?: RequestId): void;
  /** The process of a server is gone: what it had asked of the client is withdrawn. */
  serverGone(lane: string, server: string): void;
  /** What this client may see has changed. */
  listsChanged(): void;
  /** The client left. Everything it still waited for is withdrawn. */
  end(): void;
}

/** The connection a lane belongs to. */
export const connectionOf = (lane: string): string => lane.replace(/~\d+$/, '');
