// One JSON-RPC message on its way: what was parsed and, always, the bytes it came as.

export type RequestId = string | number;

/** The two protocols: a connection begins with `initialize` (2024-11-05 to 2025-11-25), or every request stands alone (2026-07-28). */
export type Era = 'handshake' | 'stateless';

/** A half-open range [start, end) of `text`, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A message that passed the gate. `text` is exactly what was received (one message, no line end) and is what gets
 * forwarded; `value` is only for deciding. Never re-serialise `value`: numbers beyond 2^53, key order and unknown members
 * survive in `text` alone.
 */
export interface Message {
  readonly text: string;
  readonly kind: 'request' | 'notification' | 'response';
  /** Requests and responses; a response to an unreadable request may have none. */
  readonly id?: RequestId;
  /** Requests and notifications. */
  readonly method?: string;
  /** Parsed `params`, into null-prototype objects. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** Responses only. */
  readonly failed?: boolean;
  /** The whole parsed message. */
  readonly value: Readonly<Record<string, unknown>>;
}
