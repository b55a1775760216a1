// What servers send to one client: their requests, notifications, and the client's answers to them.
import type { Message, RequestId } from '../../../shared/message.ts';
import type { Denied } from '../../../shared/request.ts';
import { codes, idText, parseMessage } from '../gate.ts';
import { memberText, withMember } from '../spans.ts';
import { errorText, resultText } from '../texts.ts';
import { answerText, requiredElicitations, undeclared } from './asks.ts';
import { waitingProgress } from './in-flight.ts';

/** How a server's request ended: with the client's reply, with a no, taken back, or broken. */
export type AskEnded =
  | { readonly kind: 'refused'; readonly verdict: Denied }
  | { readonly kind: 'answered'; readonly reply: Message }
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'broken'; readonly error: unknown };

/** A server's request on its way to the client; broker/start/server-asks.ts says what each member is for. */
export interface Ask {
  readonly server: string;
  readonly message: Message;
  readonly gone: AbortSignal;
  hand(): Promise<Message>;
  waiting?(): void;
}

export interface Needs {
  /** More than one server shares the connection, so their ids can meet. */
  readonly several: boolean;
  /** Milliseconds between progress notes while the operator is asked. */
  readonly progressMs: number;
  /** Capabilities that the client declared. */
  declared(): Readonly<Record<string, unknown>>;
  send(message: { text: string; during?: RequestId }): void;
  toServer(server: string, text: string): void;
  /** Whether it may be put to the client, and how that ended. Never rejects. */
  ask(ask: Ask): Promise<AskEnded>;
  note(type: string, facts: Readonly<Record<string, unknown>>): void;
  /** A request of the client that is in flight at this server. */
  inFlightAt(server: string): RequestId | undefined;
  /** The one that gave this progress token to this server. */
  ofToken(server: string, token: string | null): RequestId | undefined;
}

interface Asked {
  readonly server: string;
  /** The id as the server wrote it. */
  readonly originalId: string;
  readonly progressToken: string | null;
  readonly gone: AbortController;
  /** Set once the client has it. */
  answer: ((reply: Message) => void) | null;
}

/** What a server may ask of a client in this era. */
const serverRequests = new Set([
  'ping',
  'sampling/createMessage',
  'elicitation/create',
  'roots/list',
  'tasks/get',
  'tasks/result',
  'tasks/list',
  'tasks/cancel',
]);
const serverNotifications = new Set([
  'notifications/cancelled',
  'notifications/progress',
  'notifications/message',
  'notifications/resources/updated',
  'notifications/resources/list_changed',
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/elicitation/complete',
  'notifications/tasks/status',
]);
/** Requests of one connection's servers that the client has not answered yet. */
const mostOpen = 1000;

export class ServerSide {
  readonly #needs: Needs;
  /** By the id the client sees. */
  readonly #open = new Map<RequestId, Asked>();
  #count = 0;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** @param own the client's request on whose own stream it came, where the server's transport tells */
  receive(server: string, message: Message, own?: RequestId): void {
    if (message.kind === 'request') return this.#request(server, message, own);
    if (message.kind !== 'notification' || !serverNotifications.has(message.method as string)) return;
    if (message.method === 'notifications/cancelled') return this.#cancelled(server, message);
    if (message.method === 'notifications/progress') {
      // One server must not speak for another's call; a token nobody gave is dropped.
      const during = this.#needs.ofToken(server, memberText(message.text, ['params', 'progressToken']));
      if (during !== undefined) this.#needs.send({ text: message.text, during });
      return;
    }
    const during = own ?? this.#needs.inFlightAt(server);
    this.#needs.send({ text: message.text, ...(during === undefined ? {} : { during }) });
  }

  /** The client's answer to a server's request. Unknown ids are dropped: nobody asked. */
  reply(message: Message): void {
    if (message.id === undefined) return;
    const asked = this.#open.get(message.id);
    if (!asked?.answer) return;
    this.#open.delete(message.id);
    asked.answer(message);
  }

  /** The client's progress on a server's request goes to the server that gave the token. */
  progressOfClient(message: Message, running: readonly string[]): void {
    const token = memberText(message.text, ['params', 'progressToken']);
    const owner = [...this.#open.values()].find(
      (asked) => asked.answer && asked.progressToken !== null && asked.progressToken === token,
    )?.server;
    const server = owner ?? (this.#needs.several ? undefined : running[0]);
    if (server !== undefined) this.#needs.toServer(server, message.text);
  }

  /** Before an error that sends the person to addresses is handed on: each is asked about. The first no; null when all may pass. */
  async required(server: string, reply: Message, gone: AbortSignal): Promise<AskEnded | null> {
    const elicitations = requiredElicitations(reply);
    for (const message of elicitations ?? []) {
      // A client without the capability shows the error and nothing else.
      if (undeclared(message, this.#needs.declared())) return null;
      // What the client does with the address comes back by no reply: that it was handed over is all there is.
      const ended = await this.#needs.ask({ server, message, gone, hand: async () => parseMessage(resultText(0, '{}')) });
      if (ended.kind !== 'answered') return ended;
    }
    return null;
  }

  /** Nothing passes to this client now: a request is answered so that the server does not wait, the rest is dropped. */
  refuse(server: string, message: Message): void {
    if (message.kind === 'request') this.#answerError(server, message, codes.internal, 'This client takes no requests now.');
  }

  gone(server: string): void {
    for (const [id, asked] of this.#open) if (asked.server === server) this.#withdraw(id, asked);
  }

  end(): void {
    for (const [id, asked] of this.#open) this.#withdraw(id, asked);
  }

  #withdraw(id: RequestId, asked: Asked): void {
    this.#open.delete(id);
    asked.gone.abort();
  }

  #request(server: string, message: Message, own: RequestId | undefined): void {
    const refuse = (code: number, why: string) => this.#answerError(server, message, code, why);
    const method = message.method as string;
    if (!serverRequests.has(method)) return refuse(codes.unknownMethod, 'Method not found');
    const missing = undeclared(message, this.#needs.declared());
    if (missing) {
      // Nobody is asked about what this client cannot do.
      this.#needs.note('refused', { method, server, reason: `the client has not declared ${missing.capability}` });
      return refuse(missing.code, `This client has not declared ${missing.capability}.`);
    }
    if (this.#open.size >= mostOpen) return refuse(codes.internal, 'Too many requests to this client are open.');
    void this.#ask(server, message, own);
  }

  async #ask(server: string, message: Message, own: RequestId | undefined): Promise<void> {
    const id = message.id as RequestId;
    const outward = this.#needs.several || this.#open.has(id) ? `gatehouse-${server}-${++this.#count}` : id;
    const progressToken = memberText(message.text, ['params', '_meta', 'progressToken']);
    const asked: Asked = { server, originalId: idText(message), progressToken, gone: new AbortController(), answer: null };
    this.#open.set(outward, asked);
    const waiting = waitingProgress(progressToken, this.#needs.progressMs, (params) =>
      this.#needs.toServer(server, `{"jsonrpc":"2.0","method":"notifications/progress","params":${params}}`),
    );
    const ended = await this.#needs.ask({
      server,
      message,
      gone: asked.gone.signal,
      waiting: waiting.begin,
      hand: () => {
        waiting.end();
        const reply = new Promise<Message>((resolve) => {
          asked.answer = resolve;
        });
        const during = own ?? this.#needs.inFlightAt(server);
        const text = outward === id ? message.text : withMember(message.text, ['id'], JSON.stringify(outward));
        this.#needs.send({ text, ...(during === undefined ? {} : { during }) });
        return reply;
      },
    });
    waiting.end();
    if (this.#open.get(outward) === asked) this.#open.delete(outward);
    if (asked.gone.signal.aborted) return;
    const text = answerText(message, ended);
    if (text !== null) this.#needs.toServer(server, withMember(text, ['id'], asked.originalId));
  }

  #answerError(server: string, message: Message, code: number, why: string): void {
    this.#needs.toServer(server, withMember(errorText('', code, why), ['id'], idText(message)));
  }

  #cancelled(server: string, message: Message): void {
    const original = memberText(message.text, ['params', 'requestId']);
    for (const [id, asked] of this.#open) {
      if (asked.server !== server || asked.originalId !== original) continue;
      this.#withdraw(id, asked);
      // What the client never had is not to be cancelled there.
      if (asked.answer) this.#needs.send({ text: withMember(message.text, ['params', 'requestId'], JSON.stringify(id)) });
      return;
    }
  }
}
