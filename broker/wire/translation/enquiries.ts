// What a stateless server needs as input, put to a handshake client as requests of its own, until all answers are there.
import type { Message } from '../../../shared/message.ts';
import { parseMessage } from '../gate.ts';
import { memberText, memberTexts, putMember } from '../spans.ts';

/** All answers, as the text of `inputResponses`, and the ids given to pages the person was sent to; or the error the call ends with. */
export type Enquiry = { readonly answers: string; readonly pages: readonly string[] } | { readonly error: string };

interface Waiting {
  resolve(reply: Message): void;
  reject(error: Error): void;
}

export class Enquiries {
  readonly #freshId: () => string;
  readonly #waiting = new Map<string, Waiting>();

  constructor(freshId: () => string) {
    this.#freshId = freshId;
  }

  /** The client's reply to a question. Unknown ids are dropped: nobody asked. */
  answered(reply: Message): void {
    this.#waiting.get(String(reply.id))?.resolve(reply);
  }

  /**
   * Puts every question of an input_required result to the client by `tell`.
   * Rejects when `signal` aborts first; the questions are then taken back.
   */
  async put(needing: Message, tell: (message: Message) => void, signal: AbortSignal | undefined): Promise<Enquiry> {
    const pages: string[] = [];
    const asked = memberTexts(needing.text, ['result', 'inputRequests']).map(([key, value]) => {
      const id = this.#freshId();
      const method = memberText(value, ['method']) ?? '""';
      let params = memberText(value, ['params']);
      if (params !== null && memberText(params, ['mode']) === '"url"') {
        // The handshake era knows a page by an id; this era has none.
        params = putMember(params, ['elicitationId'], JSON.stringify(id));
        pages.push(id);
      }
      const text = `{"jsonrpc":"2.0","id":"${id}","method":${method}${params === null ? '' : `,"params":${params}`}}`;
      return { key, method, id, message: parseMessage(text) };
    });
    try {
      const replies = asked.map(({ id, message }) => {
        const reply = new Promise<Message>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
        tell(message);
        return reply;
      });
      const answers: string[] = [];
      const all = await withdrawable(Promise.all(replies), signal);
      for (const [at, { key, method }] of asked.entries()) {
        const reply = all[at] as Message;
        const result = reply.failed ? null : memberText(reply.text, ['result']);
        // A client that fails at a form has not filled it in; there is no way to say no to the other questions.
        if (result === null && method !== '"elicitation/create"')
          return { error: memberText(reply.text, ['error']) ?? '{"code":-32603,"message":"The client did not answer the server."}' };
        answers.push(`${JSON.stringify(key)}:${result ?? '{"action":"cancel"}'}`);
      }
      return { answers: `{${answers.join(',')}}`, pages };
    } catch (error) {
      for (const { id } of asked) {
        if (!this.#waiting.has(id)) continue;
        tell(parseMessage(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"${id}"}}`));
      }
      throw error;
    } finally {
      for (const { id } of asked) this.#waiting.delete(id);
    }
  }

  /** The server is gone. */
  end(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }
}

function withdrawable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  // Nobody may be left to hear of it.
  work.catch(() => {});
  if (!signal) return work;
  const left = Promise.withResolvers<never>();
  const leave = () => left.reject(new Error('the client withdrew the request'));
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  return Promise.race([work, left.promise]).finally(() => signal.removeEventListener('abort', leave));
}
