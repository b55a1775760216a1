// What servers send to one client: their requests, notifications, and the client's answers to them.
import type { Message, RequestId } from '../../../shared/message.ts';
import { codes, idText } from '../gate.ts';
import { memberText, withMember } from '../spans.ts';
import { errorText } from '../texts.ts';

export interface Needs {
  /** More than one server shares the connection, so their ids can meet. */
  readonly several: boolean;
  send(message: { text: string; during?: RequestId }): void;
  toServer(server: string, text: string): void;
  record(server: string, message: Message): (result: 'ok' | 'error' | 'withdrawn') => void;
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
  readonly done: (result: 'ok' | 'error' | 'withdrawn') => void;
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

  receive(server: string, message: Message): void {
    if (message.kind === 'request') return this.#request(server, message);
    if (message.kind !== 'notification' || !serverNotifications.has(message.method as string)) return;
    if (message.method === 'notifications/cancelled') return this.#cancelled(server, message);
    if (message.method === 'notifications/progress') {
      // One server must not speak for another's call; a token nobody gave is dropped.
      const during = this.#needs.ofToken(server, memberText(message.text, ['params', 'progressToken']));
      if (during !== undefined) this.#needs.send({ text: message.text, during });
      return;
    }
    const during = this.#needs.inFlightAt(server);
    this.#needs.send({ text: message.text, ...(during === undefined ? {} : { during }) });
  }

  /** The client's answer to a server's request. Unknown ids are dropped: nobody asked. */
  reply(message: Message): void {
    if (message.id === undefined) return;
    const asked = this.#open.get(message.id);
    if (!asked) return;
    this.#open.delete(message.id);
    asked.done(message.failed ? 'error' : 'ok');
    this.#needs.toServer(asked.server, withMember(message.text, ['id'], asked.originalId));
  }

  /** The client's progress on a server's request goes to the server that gave the token. */
  progressOfClient(message: Message, running: readonly string[]): void {
    const token = memberText(message.text, ['params', 'progressToken']);
    const owner = [...this.#open.values()].find((asked) => asked.progressToken !== null && asked.progressToken === token)?.server;
    const server = owner ?? (this.#needs.several ? undefined : running[0]);
    if (server !== undefined) this.#needs.toServer(server, message.text);
  }

  /** Nothing passes to this client now: a request is answered so that the server does not wait, the rest is dropped. */
  refuse(server: string, message: Message): void {
    if (message.kind === 'request') this.#answerError(server, message, codes.internal, 'This client takes no requests now.');
  }

  gone(server: string): void {
    for (const [id, asked] of this.#open) {
      if (asked.server !== server) continue;
      this.#open.delete(id);
      asked.done('withdrawn');
    }
  }

  end(): void {
    for (const asked of this.#open.values()) asked.done('withdrawn');
    this.#open.clear();
  }

  #request(server: string, message: Message): void {
    const id = message.id as RequestId;
    const refuse = (code: number, why: string) => this.#answerError(server, message, code, why);
    if (!serverRequests.has(message.method as string)) return refuse(codes.unknownMethod, 'Method not found');
    if (this.#open.size >= mostOpen) return refuse(codes.internal, 'Too many requests to this client are open.');
    let done: Asked['done'];
    try {
      done = this.#needs.record(server, message);
    } catch {
      // What cannot be written down does not happen.
      return refuse(codes.internal, 'Gatehouse could not record this request, so it was not handed on.');
    }
    const outward = this.#needs.several || this.#open.has(id) ? `gatehouse-${server}-${++this.#count}` : id;
    this.#open.set(outward, {
      server,
      originalId: idText(message),
      progressToken: memberText(message.text, ['params', '_meta', 'progressToken']),
      done,
    });
    const during = this.#needs.inFlightAt(server);
    const text = outward === id ? message.text : withMember(message.text, ['id'], JSON.stringify(outward));
    this.#needs.send({ text, ...(during === undefined ? {} : { during }) });
  }

  #answerError(server: string, message: Message, code: number, why: string): void {
    this.#needs.toServer(server, withMember(errorText('', code, why), ['id'], idText(message)));
  }

  #cancelled(server: string, message: Message): void {
    const original = memberText(message.text, ['params', 'requestId']);
    for (const [id, asked] of this.#open) {
      if (asked.server !== server || asked.originalId !== original) continue;
      this.#open.delete(id);
      asked.done('withdrawn');
      this.#needs.send({ text: withMember(message.text, ['params', 'requestId'], JSON.stringify(id)) });
      return;
    }
  }
}
