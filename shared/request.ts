// A request on its way through the broker: who asks what of whom, and what was decided.
import type { Message, RequestId } from './message.ts';

/** Who is asking, as identified for this very message. */
export interface Caller {
  readonly client: string;
  /** Id of the session this message belongs to. */
  readonly session: string;
  /** Id of the connection it came by. */
  readonly connection: string;
  /** The client's working folder, where it is known. */
  readonly folder: string | null;
  readonly via: 'connector' | 'http';
}

/** A client's message for one server. */
export interface ServerRequest {
  readonly message: Message;
  readonly server: string;
  /** What is sent to the server: the message as received, or with the names that the broker had given put back. */
  readonly outgoing: string;
  /** The capability it would use; null for a message that uses none (logging/setLevel). */
  readonly capability: string | null;
  /** False: the protocol's own housekeeping (completion, subscriptions, levels), which needs visibility but no grant. */
  readonly mediated: boolean;
  /** The exact text of what is asked: `params.arguments`, or the uri as JSON text; `{}` when absent. */
  readonly argumentsText: string;
  /** SHA-256 over `argumentsText`, hex. */
  readonly digest: string;
  /** SHA-256 over the RFC 8785 form, numbers by their text, of capability + arguments, hex; never covers `_meta`. */
  readonly canonicalDigest: string;
  /** Its id in `outgoing`, where that is not the client's own. */
  readonly outgoingId?: RequestId;
  /** A later round of a request whose server needed input: names the state that the server gave out (MCP 2026-07-28, multi round-trip). */
  readonly round?: string;
  /** What the client answers in this round, exact text. */
  readonly inputsText?: string;
}

/** How a request that was not carried out ended, for the log. `open`: the client stopped waiting, the question still stands. */
export type Unanswered = 'denied' | 'expired' | 'withdrawn' | 'open';

export interface Allowed {
  readonly kind: 'allow';
  readonly decidedBy: string;
  readonly reason: string;
  readonly approval?: string;
  /** What the capability said when the operator allowed it; anything else asks again. */
  readonly pin?: string;
  /** Whom and what the operator allowed: client, server, capability, arguments. */
  readonly binding?: string;
}

export interface Denied {
  readonly kind: 'deny';
  readonly decidedBy: string;
  readonly reason: string;
  readonly approval?: string;
  readonly result: Unanswered;
  /** What may be done about it, for the model. */
  readonly advice: string;
}

export interface Asking {
  readonly kind: 'ask';
  readonly decidedBy: string;
  readonly reason: string;
}

export type Verdict = Allowed | Denied | Asking;
