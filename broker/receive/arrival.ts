// What a door tells about a client that arrives, and how door and connection talk from then on.
import type { Message, RequestId } from '../../shared/message.ts';

export interface Arrival {
  readonly client: string;
  readonly via: 'connector' | 'http';
  /** Working folder of the client, where it is known. */
  readonly folder: string | null;
  /** The client's process as its connector names it. */
  readonly process: { readonly pid: number; readonly startedAt: string } | null;
  /** One server under its own names, or null for all that this client may see. */
  readonly only: string | null;
}

export interface Outgoing {
  readonly text: string;
  /** The request it replies to. */
  readonly answers?: RequestId;
  /** The request in flight that it concerns. */
  readonly during?: RequestId;
}

/** The way back to the client. Never throws; a client that is gone is ignored. */
export interface Downstream {
  send(message: Outgoing): void;
  /** This request will get no reply: its client withdrew it. */
  unanswered?(id: RequestId): void;
}

export interface Connection {
  readonly id: string;
  receive(message: Message): void;
  end(reason: string): void;
}

/** Throws GatehouseError when the client may not connect. */
export type Accept = (arrival: Arrival, down: Downstream) => Connection;

/** The way back of one request that stands alone. */
export interface Back {
  send(text: string): void;
  /** The reply. `refused`: the request was not taken as it is, which has a status of its own. */
  end(text: string, refused?: boolean): void;
  /** There will be no reply. */
  drop(): void;
}

/** Requests over HTTP that each stand alone (MCP 2026-07-28), of one client and one path. */
export interface StatelessHttp {
  readonly id: string;
  /** The function it returns withdraws the message: its client went away. */
  receive(message: Message, back: Back, headers: (name: string) => string | undefined): () => void;
  /** Nothing is under way. */
  quiet(): boolean;
  end(reason: string): void;
}

/** Throws GatehouseError when the client may not connect. */
export type AcceptStateless = (arrival: Arrival) => StatelessHttp;

/** What a parser throws for a message that may not pass. */
interface Refused {
  readonly code: number;
  readonly message: string;
  readonly id?: RequestId | undefined;
}

/** A refusal of the wire, or null when it is a fault of ours. */
export function asRefused(error: unknown): Refused | null {
  const { code } = (error ?? {}) as { code?: unknown };
  return error instanceof Error && typeof code === 'number' ? (error as Error & Refused) : null;
}
