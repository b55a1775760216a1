// The requests of one client that are under way, and which of them a server's message belongs to.
import type { RequestId } from '../../../shared/message.ts';

export interface InFlight {
  readonly server: string;
  readonly gone: AbortController;
  /** As written; null without one. */
  readonly progressToken: string | null;
}

export class InFlightRequests {
  readonly #byId = new Map<RequestId, InFlight>();

  get size(): number {
    return this.#byId.size;
  }

  has(id: RequestId): boolean {
    return this.#byId.has(id);
  }

  get(id: RequestId): InFlight | undefined {
    return this.#byId.get(id);
  }

  put(id: RequestId, request: InFlight): void {
    this.#byId.set(id, request);
  }

  remove(id: RequestId): void {
    this.#byId.delete(id);
  }

  withdrawAll(): void {
    for (const { gone } of this.#byId.values()) gone.abort();
  }

  /** The request a server's unasked message most likely belongs to: the era has no correlation, so the oldest at that server. */
  oldestAt(server: string): RequestId | undefined {
    for (const [id, request] of this.#byId) if (request.server === server) return id;
    return undefined;
  }

  /** Progress belongs to the request that gave the token, and only where that one is at this server. */
  ofToken(server: string, token: string | null): RequestId | undefined {
    for (const [id, request] of this.#byId) if (request.server === server && token !== null && request.progressToken === token) return id;
    return undefined;
  }
}

/** Rising progress while the operator is asked, far below what a server reports later. `tell` gets the parameters' text. */
export function waitingProgress(
  progressToken: string | null,
  everyMs: number,
  tell: (params: string) => void,
): { begin(): void; end(): void } {
  let timer: NodeJS.Timeout | undefined;
  let steps = 0;
  const step = () => {
    steps++;
    tell(`{"progressToken":${progressToken},"progress":${(steps / 1e6).toFixed(6)},"message":"Waiting for approval in Gatehouse"}`);
  };
  return {
    // A token is never made up: only where the client gave one.
    begin() {
      if (progressToken === null || timer) return;
      step();
      timer = setInterval(step, everyMs);
    },
    end: () => clearInterval(timer),
  };
}
