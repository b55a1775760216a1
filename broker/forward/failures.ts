// How forwarding fails: before a server runs, while it runs, or for one request alone. None of them is a denial.
import { GatehouseError } from '../../shared/errors.ts';

/** The server process ended or cannot be reached any more; every request in flight is rejected with this. */
export class ServerGone extends Error {
  readonly server: string;
  /** Masked; says how it ended and what it last printed. */
  readonly reason: string;

  /** True: the server said so instead of taking the request, which may be sent again to a fresh start. */
  readonly untouched: boolean;

  constructor(server: string, reason: string, { untouched = false } = {}) {
    super(`The server ${server} ${reason}.`);
    this.name = 'ServerGone';
    this.server = server;
    this.reason = reason;
    this.untouched = untouched;
  }
}

/** The server could not be started; nothing was sent. */
export class StartFailed extends GatehouseError {
  readonly server: string;
  readonly reason: string;
  /** Ms until another try is made; null where trying again is up to whoever asks. */
  readonly retryInMs: number | null;

  constructor(server: string, reason: string, hint: string, options: { cause?: unknown; retryInMs?: number } = {}) {
    super(
      'failed',
      `The server ${server} could not be started: ${reason}.`,
      hint,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.name = 'StartFailed';
    this.server = server;
    this.reason = reason;
    this.retryInMs = options.retryInMs ?? null;
  }
}

export type RequestProblem =
  | 'duplicate-id'
  | 'server-not-reading'
  | 'unreadable-reply'
  | 'cancelled'
  | 'timeout'
  | 'no-reply'
  | 'unreachable'
  | 'refused';

/** One request failed; the server lives on. */
export class RequestFailed extends Error {
  readonly server: string;
  readonly problem: RequestProblem;

  constructor(server: string, problem: RequestProblem, message: string) {
    super(message);
    this.name = 'RequestFailed';
    this.server = server;
    this.problem = problem;
  }
}
