// The requests that wait for a server's reply, and when each is given up.
import type { Message, RequestId } from '../../shared/message.ts';
import { RequestFailed, type RequestProblem } from './failures.ts';

interface Waiting {
  resolve(reply: Message): void;
  reject(error: Error): void;
  giveUp: NodeJS.Timeout | null;
  /** The broker's own, without an end: it does not count as something somebody waits for. */
  readonly standing: boolean;
}

const keyOf = (id: RequestId) => `${typeof id}:${id}`;

export function requestFailed(server: string, problem: RequestProblem): RequestFailed {
  const messages: Record<RequestProblem, string> = {
    'duplicate-id': 'A request with this id is in flight already.',
    'server-not-reading': `The server ${server} does not read its input; too much waits for it already.`,
    'unreadable-reply': `The server ${server} sent a reply that cannot be read or is too long.`,
    cancelled: 'The request was cancelled.',
    'no-reply': `The server ${server} gave no reply.`,
    unreachable: `The server ${server} could not be reached.`,
    refused: `The server ${server} refused the request.`,
    timeout: `The server ${server} did not answer in time.`,
  };
  return new RequestFailed(server, problem, messages[problem]);
}

export class Awaited {
  readonly #server: string;
  readonly #waiting = new Map<string, Waiting>();

  constructor(server: string) {
    this.#server = server;
  }

  /** Standing requests left out. */
  get size(): number {
    let count = 0;
    for (const { standing } of this.#waiting.values()) if (!standing) count++;
    return count;
  }

  has(id: RequestId): boolean {
    return this.#waiting.has(keyOf(id));
  }

  put(id: RequestId, standing: boolean): Promise<Message> {
    return new Promise((resolve, reject) => this.#waiting.set(keyOf(id), { resolve, reject, giveUp: null, standing }));
  }

  /** False when nobody waits for it. */
  resolve(id: RequestId, reply: Message): boolean {
    const waiting = this.#take(id);
    waiting?.resolve(reply);
    return waiting !== undefined;
  }

  fail(id: RequestId, problem: RequestProblem): boolean {
    const waiting = this.#take(id);
    waiting?.reject(requestFailed(this.#server, problem));
    return waiting !== undefined;
  }

  failAll(error: Error): void {
    for (const waiting of this.#waiting.values()) {
      if (waiting.giveUp) clearTimeout(waiting.giveUp);
      waiting.reject(error);
    }
    this.#waiting.clear();
  }

  giveUpAfter(id: RequestId, problem: RequestProblem, ms: number, onGiveUp: () => void): void {
    const waiting = this.#waiting.get(keyOf(id));
    if (!waiting || waiting.giveUp) return;
    waiting.giveUp = setTimeout(() => {
      if (this.fail(id, problem)) onGiveUp();
    }, ms);
  }

  #take(id: RequestId): Waiting | undefined {
    const waiting = this.#waiting.get(keyOf(id));
    if (!waiting) return undefined;
    this.#waiting.delete(keyOf(id));
    if (waiting.giveUp) clearTimeout(waiting.giveUp);
    return waiting;
  }
}
