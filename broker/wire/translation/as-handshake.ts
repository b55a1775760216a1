// A stateless server as a client of the handshake era sees it (mcp.md 3.2). What it needs as input becomes real requests to the client.
import type { Message, RequestId } from '../../../shared/message.ts';
import { codes, idText, nameParam, parseMessage } from '../gate.ts';
import { memberText, withMember } from '../spans.ts';
import { errorText, resultText } from '../texts.ts';
import { Enquiries } from './enquiries.ts';
import { ListeningFor } from './listening-for.ts';
import { initializeResultOf } from './openings.ts';
import { enveloped, envelopeText, handshakeReply, nextRound, withoutSubscription } from './texts.ts';
import type { RequestOptions, Upstream } from './upstream.ts';

/** The client on whose behalf requests are made: parameters of its `initialize` (exact text), as they are now. */
export type Hello = () => string;

/** A server that asks more often than this for one call never comes to an end. */
const mostRounds = 8;
/** Notes of this era that a handshake client does not know. */
const unheard = new Set(['notifications/subscriptions/acknowledged', 'notifications/tasks', 'notifications/cancelled']);

export class AsHandshake implements Upstream {
  readonly era = 'handshake';
  readonly openingText: string;
  readonly #inner: Upstream;
  readonly #hello: Hello;
  readonly #enquiries: Enquiries;
  readonly #listening: ListeningFor;
  #level: string | null = null;
  #count = 0;
  #onMessage: (message: Message) => void = () => {};

  constructor(inner: Upstream, hello: Hello) {
    this.#inner = inner;
    this.#hello = hello;
    this.openingText = initializeResultOf({ era: 'stateless', openingText: inner.openingText });
    this.#enquiries = new Enquiries(() => this.#freshId());
    this.#listening = new ListeningFor(inner, {
      freshId: () => this.#freshId(),
      envelope: () => this.#envelope(),
      heard: (message) => this.#heard(message, undefined),
    });
  }

  get server(): string {
    return this.#inner.server;
  }

  get pid(): number | null {
    return this.#inner.pid;
  }

  get inFlight(): number {
    return this.#inner.inFlight;
  }

  async request(text: string, _id: RequestId, options: RequestOptions = {}): Promise<Message> {
    const message = parseMessage(text);
    const local = this.#here(message);
    if (local === null) return this.#send(message, options);
    return parseMessage(local);
  }

  /** Only the client's answers to what the server asked have a reader; it cancels by the request's signal, and the rest means nothing here. */
  notify(text: string): void {
    const message = parseMessage(text);
    if (message.kind === 'response') this.#enquiries.answered(message);
  }

  async ask(method: string, paramsText = '{}', limitMs?: number | null): Promise<Message> {
    const local = this.#here(parseMessage(`{"jsonrpc":"2.0","id":0,"method":${JSON.stringify(method)},"params":${paramsText}}`));
    return local === null ? this.#inner.ask(method, paramsText, limitMs) : parseMessage(local);
  }

  listen(onMessage: (message: Message) => void, onExit: (reason: string) => void): void {
    this.#onMessage = onMessage;
    this.#inner.listen(
      (message) => this.#heard(message, undefined),
      (reason) => {
        this.#listening.end();
        this.#enquiries.end(reason);
        onExit(reason);
      },
    );
  }

  /** Replies to what the other era does not have; null for all that the server answers. */
  #here(message: Message): string | null {
    const id = message.id as RequestId;
    switch (message.method) {
      case 'ping':
        return resultText(id, '{}');
      case 'logging/setLevel':
        // From here on each request asks for it.
        this.#level = memberText(message.text, ['params', 'level']);
        return resultText(id, '{}');
      case 'resources/subscribe':
      case 'resources/unsubscribe':
        this.#listening.set(nameParam(message, 'uri') ?? '', message.method === 'resources/subscribe');
        return resultText(id, '{}');
    }
    // Tasks are another protocol in each era (mcp.md 3.4).
    return message.method?.startsWith('tasks/') ? errorText(id, codes.unknownMethod, 'Method not found') : null;
  }

  async #send(message: Message, options: RequestOptions): Promise<Message> {
    const { signal } = options;
    const onMessage = (said: Message) => this.#heard(said, options);
    const first = enveloped(message.text, this.#envelope());
    const pages: string[] = [];
    let outgoing = first;
    let id = message.id as RequestId;
    for (let round = 0; round <= mostRounds; round++) {
      const reply = await this.#inner.request(outgoing, id, { onMessage, ...(signal ? { signal } : {}) });
      const type = (reply.value.result as { resultType?: unknown } | null | undefined)?.resultType ?? 'complete';
      if (reply.failed || type === 'complete') {
        for (const page of pages) this.#tell(parseMessage(elicitationDone(page)), options);
        return parseMessage(withMember(handshakeReply(reply.text, message.method ?? ''), ['id'], idText(message)));
      }
      if (type !== 'input_required')
        return this.#failed(message, `The server answered with something this client's protocol does not have.`);
      const enquiry = await this.#enquiries.put(reply, (said) => this.#tell(said, options), signal);
      if ('error' in enquiry) return parseMessage(withMember(`{"jsonrpc":"2.0","id":0,"error":${enquiry.error}}`, ['id'], idText(message)));
      pages.push(...enquiry.pages);
      id = this.#freshId();
      outgoing = nextRound(first, id, enquiry.answers, memberText(reply.text, ['result', 'requestState']));
    }
    return this.#failed(message, `The server asked for input ${mostRounds} times without coming to an end.`);
  }

  #failed(message: Message, words: string): Message {
    return parseMessage(errorText(message.id as RequestId, codes.internal, words));
  }

  #envelope(): string {
    return envelopeText(this.#hello(), this.#level);
  }

  #freshId(): string {
    return `gatehouse-h${++this.#count}`;
  }

  #heard(message: Message, during: RequestOptions | undefined): void {
    // A server of this era sends no requests (basic/transports/stdio).
    if (message.kind !== 'notification' || unheard.has(message.method ?? '')) return;
    const text = withoutSubscription(message.text);
    this.#tell(text === message.text ? message : parseMessage(text), during);
  }

  #tell(message: Message, during: RequestOptions | undefined): void {
    if (during?.onMessage) during.onMessage(message);
    else this.#onMessage(message);
  }
}

const elicitationDone = (id: string) =>
  `{"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":{"elicitationId":${JSON.stringify(id)}}}`;
