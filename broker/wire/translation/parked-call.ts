// One call at a handshake server on behalf of a stateless client: it runs, or it is parked while the client gathers what the server asked.
import type { Message } from '../../../shared/message.ts';
import { idText } from '../gate.ts';
import { memberText, withoutMembers } from '../spans.ts';
import type { RequestOptions } from './upstream.ts';

/** What the server asked and nobody has answered yet. */
interface Question {
  /** As the server wrote it. */
  readonly id: string;
  readonly method: string;
  /** As it stands in `inputRequests`. */
  readonly text: string;
}

/** A server's request in the shape that a result carries it. The id of an elicitation belongs to the other era alone. */
function inputRequest(message: Message): string {
  const params = memberText(message.text, ['params']);
  if (params === null) return `{"method":${JSON.stringify(message.method)}}`;
  const own = message.method === 'elicitation/create' ? withoutMembers(params, [], (key) => key === 'elicitationId') : params;
  return `{"method":${JSON.stringify(message.method)},"params":${own}}`;
}

export class ParkedCall {
  readonly name: string;
  /** Its id at the server. */
  readonly ownId: string;
  readonly digest: string;
  readonly method: string;
  /** The progress token it has at the server, as written. */
  readonly token: string | null;
  /** The one its client's present round has. */
  currentToken: string | null;
  options: RequestOptions = {};
  round = 0;
  parked = false;
  expiry: NodeJS.Timeout | undefined;
  readonly #questions = new Map<string, Question>();
  #count = 0;
  #reply: Message | Error | null = null;
  #wake = () => {};

  constructor(name: string, ownId: string, method: string, digest: string, token: string | null) {
    [this.name, this.ownId, this.method, this.digest, this.token, this.currentToken] = [name, ownId, method, digest, token, token];
  }

  /** The server's answer to the call itself. */
  finish(reply: Message | Error): void {
    this.#reply = reply;
    this.#wake();
  }

  ask(message: Message): void {
    this.#questions.set(`q${++this.#count}`, { id: idText(message), method: message.method ?? '', text: inputRequest(message) });
    this.#wake();
  }

  /** The server takes a question back. */
  unask(id: string | null): void {
    for (const [key, question] of this.#questions) if (question.id === id) this.#questions.delete(key);
  }

  /** Takes the answer to one question: the server's id for it, or null when that was not asked. */
  take(key: string): string | null {
    const question = this.#questions.get(key);
    this.#questions.delete(key);
    return question?.id ?? null;
  }

  takeAll(): Question[] {
    const all = [...this.#questions.values()];
    this.#questions.clear();
    return all;
  }

  get asking(): boolean {
    return this.#questions.size > 0;
  }

  /** What the client is to answer, as the text of `inputRequests`. */
  get inputRequests(): string {
    return `{${[...this.#questions].map(([key, { text }]) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
  }

  /** The reply, or null when there is something to ask first. Rejects when the server ends. */
  async next(signal: AbortSignal | undefined): Promise<Message | null> {
    while (this.#reply === null && !this.asking && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    if (this.#reply instanceof Error) throw this.#reply;
    return this.#reply;
  }
}
