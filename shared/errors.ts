// Errors an operator can meet. (What an MCP client meets are JSON-RPC errors, made in broker/wire.)
// A message says what happened, why, and what to do next, in that order; the hint is the last part.

/** A code exists only where somebody branches on it. */
export const exitCodes = {
  failed: 1,
  'not-found': 1,
  exists: 1,
  conflict: 1,
  unavailable: 1,
  usage: 2,
  'no-broker': 3,
  refused: 4,
  locked: 4,
  'needs-pin': 4,
  'not-verified': 4,
} as const;

export type ErrorCode = keyof typeof exitCodes;

/** An error made for a person. Anything else that is thrown is a fault of ours and keeps its cause. */
export class GatehouseError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'GatehouseError';
    this.code = code;
    this.hint = hint;
  }
}
