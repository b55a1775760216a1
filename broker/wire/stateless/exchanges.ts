// The requests of one client that are under way in the stateless era, and how their ids and tokens are told apart at a server.
import type { Message, RequestId } from '../../../shared/message.ts';
import { idText } from '../gate.ts';
import { memberText, withMember } from '../spans.ts';
import { type Envelope, levelPasses } from './envelope.ts';

/** One request's way back to its client. Never throws; a client that is gone is ignored. */
export interface Back {
  /** A message that belongs to this request. */
  send(text: string): void;
  /** The reply. `refused`: the request was not taken as it is; over HTTP that has a status of its own. */
  end(text: string, refused?: boolean): void;
  /** There will be no reply: the client withdrew it. */
  drop(): void;
}

export interface Exchange {
  readonly message: Message;
  readonly envelope: Envelope;
  readonly back: Back;
  readonly gone: AbortController;
  readonly lane: string;
  /** Empty until it is known. */
  server: string;
  /** Its id where it goes. */
  readonly outId: RequestId;
  /** Its progress token where it goes, as written. */
  readonly outToken: string | null;
}

export class Exchanges {
  readonly #ownIds: boolean;
  readonly #open = new Set<Exchange>();
  #count = 0;

  /** @param ownIds many streams share the connection, so that ids and tokens of its requests can meet (HTTP) */
  constructor(ownIds: boolean) {
    this.#ownIds = ownIds;
  }

  get size(): number {
    return this.#open.size;
  }

  /** An id nobody else has at any server of this connection. */
  freshId(): string {
    return `gatehouse-${++this.#count}`;
  }

  open(message: Message, envelope: Envelope, lane: string, back: Back): Exchange {
    const [outId, outToken] = this.#ownIds
      ? [this.freshId(), envelope.progressToken && JSON.stringify(`gatehouse-${this.#count}`)]
      : [message.id as RequestId, envelope.progressToken];
    const exchange: Exchange = { message, envelope, back, gone: new AbortController(), lane, server: '', outId, outToken };
    this.#open.add(exchange);
    return exchange;
  }

  close(exchange: Exchange): void {
    this.#open.delete(exchange);
  }

  uses(lane: string): boolean {
    return this.#find((exchange) => exchange.lane === lane) !== undefined;
  }

  /** By the id its client gave it; where ids can meet there is no such thing. */
  ofClient(id: unknown): Exchange | undefined {
    return this.#ownIds ? undefined : this.#find((exchange) => exchange.message.id === id);
  }

  /** The request on whose stream a message came, or to which it most likely belongs: the oldest there that wants to hear it. */
  forLog(lane: string, server: string, level: unknown, during: RequestId | undefined): Exchange | undefined {
    return this.#find(
      (exchange) =>
        exchange.lane === lane &&
        exchange.server === server &&
        (during === undefined || exchange.outId === during) &&
        levelPasses(exchange.envelope.level, level),
    );
  }

  /** Progress belongs to the request that gave the token, and only where that one is at this server. */
  ofToken(lane: string, server: string, token: string | null): Exchange | undefined {
    if (token === null) return undefined;
    return this.#find((exchange) => exchange.lane === lane && exchange.server === server && exchange.outToken === token);
  }

  withdrawAll(): void {
    for (const { gone } of this.#open) gone.abort();
  }

  #find(which: (exchange: Exchange) => boolean): Exchange | undefined {
    for (const exchange of this.#open) if (which(exchange)) return exchange;
    return undefined;
  }
}

/** A request's text with the id and the token it has at the server. */
export function outward(text: string, { message, envelope, outId, outToken }: Exchange): string {
  const named = outId === message.id ? text : withMember(text, ['id'], JSON.stringify(outId));
  return outToken === envelope.progressToken ? named : withMember(named, ['params', '_meta', 'progressToken'], outToken ?? 'null');
}

/** A reply's text with the id its client wrote. */
export function homeward(reply: Message, { message, outId }: Exchange): string {
  return outId === message.id ? reply.text : withMember(reply.text, ['id'], idText(message));
}

/** A progress note with the token its client wrote. */
export function progressHome(text: string, { envelope }: Exchange): string {
  const own = memberText(text, ['params', 'progressToken']);
  return own === envelope.progressToken ? text : withMember(text, ['params', 'progressToken'], envelope.progressToken ?? 'null');
}
