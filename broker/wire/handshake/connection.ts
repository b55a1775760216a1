// One client's connection in the handshake era (MCP 2024-11-05 to 2025-11-25): every message in, every message out.
import type { Message, RequestId } from '../../../shared/message.ts';
import type { Denied, ServerRequest } from '../../../shared/request.ts';
import { shownBack } from '../addresses.ts';
import type { Ended, Engine } from '../engine.ts';
import { codes, nameParam } from '../gate.ts';
import { saysItIs } from '../says.ts';
import { memberText, withMember } from '../spans.ts';
import { errorText, notificationText, resultText } from '../texts.ts';
import { InFlightRequests, waitingProgress } from './in-flight.ts';
import { isList, listKinds, listResult, type Offer, oneServer, publicAddress, severalServers } from './offers.ts';
import { brokenText, refusalText, unknownText } from './refusals.ts';
import { type Ask, type AskEnded, ServerSide } from './relay.ts';
import { understand } from './requests.ts';

export interface Outgoing {
  readonly text: string;
  /** The request it replies to. */
  readonly answers?: RequestId;
  /** The request in flight that it concerns. */
  readonly during?: RequestId;
}

export interface Needs {
  readonly id: string;
  /** One server under its own names, or null for all that this client may see. */
  readonly only: string | null;
  readonly version: string;
  /** Milliseconds between progress notes while the operator is asked. */
  readonly progressMs: number;
  send(message: Outgoing): void;
  /** This request will get no reply: its client withdrew it. */
  unanswered(id: RequestId): void;
  /** Accepted servers this client may see now. */
  offers(): readonly Offer[];
  handle(request: ServerRequest, gone: AbortSignal, waiting: () => void): Promise<Ended>;
  /** Why nothing passes now between this client and `server` (null: any); null when it may. Asked for every message, both ways. */
  stopped(server: string | null): Denied | null;
  /** Hands a message to the running process of `server`; nothing happens when there is none. */
  toServer(server: string, text: string): void;
  setLevel(server: string, paramsText: string): void;
  runningServers(): readonly string[];
  /** What the log should know and no request carries: connected, listed, refused. */
  note(type: string, facts: Readonly<Record<string, unknown>>): void;
  /** What a server asks of this client: mediated and recorded before it is handed on. Never rejects. */
  ask(ask: Ask): Promise<AskEnded>;
}

/** Requests of one connection at a time, and task ids remembered. */
const mostInFlight = 256;
const mostTasks = 10_000;

export class HandshakeConnection implements Engine {
  readonly era = 'handshake';
  readonly id: string;
  readonly #needs: Needs;
  readonly #inFlight = new InFlightRequests();
  /** Task id -> the server that gave it out; the oldest is forgotten first. */
  readonly #tasks = new Map<string, string>();
  readonly #servers: ServerSide;
  #hello: Message | null = null;
  #logLevel: string | null = null;
  #version: string = '';
  /** The lists whose changes the client was promised. */
  #lists: readonly string[] = [];
  #ended = false;

  constructor(needs: Needs) {
    this.id = needs.id;
    this.#needs = needs;
    this.#servers = new ServerSide({
      several: needs.only === null,
      progressMs: needs.progressMs,
      declared: () => this.#declared(),
      send: (message) => this.#send(message),
      toServer: needs.toServer,
      ask: needs.ask,
      note: needs.note,
      inFlightAt: (server) => this.#inFlight.oldestAt(server),
      ofToken: (server, token) => this.#inFlight.ofToken(server, token),
    });
  }

  /** The client's `initialize` parameters with the version agreed on, for starting servers as this client; null before it came. */
  helloOf(): string | null {
    return this.#hello && withMember(memberText(this.#hello.text, ['params']) ?? '{}', ['protocolVersion'], JSON.stringify(this.#version));
  }

  get saysItIs(): string | null {
    return saysItIs(this.#hello?.params?.clientInfo);
  }

  lanes(): readonly string[] {
    return [this.id];
  }

  /** Parameters of the client's last logging/setLevel, for servers that start later. */
  get logLevel(): string | null {
    return this.#logLevel;
  }

  /** A message of the client. Never throws; what goes wrong becomes a reply. */
  receive(message: Message): void {
    if (this.#ended) return;
    if (message.kind === 'request') void this.#request(message);
    else if (this.#needs.stopped(null)) return;
    else if (message.kind === 'notification') this.#notification(message);
    else this.#servers.reply(message);
  }

  /** A message of a server's process on this connection. */
  fromServer(_lane: string, server: string, message: Message, during?: RequestId): void {
    if (this.#ended) return;
    if (this.#needs.stopped(server)) this.#servers.refuse(server, message);
    else this.#servers.receive(server, this.#shown(server, message), during);
  }

  /** The process of a server is gone: what it had asked of the client is withdrawn. */
  serverGone(_lane: string, server: string): void {
    this.#servers.gone(server);
  }

  /** What this client may see has changed. */
  listsChanged(): void {
    if (!this.#hello || this.#ended) return;
    for (const kind of this.#lists) this.#send({ text: notificationText(`notifications/${kind}/list_changed`) });
  }

  /** The client left. Everything it still waited for is withdrawn. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#inFlight.withdrawAll();
    this.#servers.end();
  }

  /** A note about a resource, with the address this client has for it. */
  #shown(server: string, message: Message): Message {
    if (message.method !== 'notifications/resources/updated' || this.#needs.only !== null) return message;
    const own = nameParam(message, 'uri') ?? '';
    const shown = publicAddress(this.#needs.offers(), true, 'resource', server, own);
    return shown === own ? message : { ...message, text: withMember(message.text, ['params', 'uri'], JSON.stringify(shown)) };
  }

  #send(message: Outgoing): void {
    if (!this.#ended) this.#needs.send(message);
  }

  #reply(message: Message, text: string): void {
    this.#send({ text, answers: message.id as RequestId });
  }

  async #request(message: Message): Promise<void> {
    const id = message.id as RequestId;
    if (this.#inFlight.has(id)) return this.#reply(message, errorText(id, codes.invalid, 'A request with this id is still in flight.'));
    if (this.#inFlight.size >= mostInFlight) return this.#reply(message, errorText(id, codes.internal, 'Too many requests are in flight.'));
    try {
      const stopped = this.#needs.stopped(null);
      if (stopped) {
        this.#needs.note('refused', { method: message.method, verdict: 'deny', decidedBy: stopped.decidedBy, reason: stopped.reason });
        return this.#reply(message, refusalText(message, stopped));
      }
      const local = this.#answerHere(message);
      if (local !== null) return this.#reply(message, local);
      await this.#forward(message, id);
    } catch (error) {
      this.#reply(message, brokenText(message, error));
    }
  }

  /** Replies that need no server; null when the request is for one. */
  #answerHere(message: Message): string | null {
    const id = message.id as RequestId;
    const method = message.method as string;
    if (method === 'initialize') return this.#initialize(message);
    if (method === 'ping') return resultText(id, '{}');
    if (!this.#hello)
      return method.startsWith('server/')
        ? errorText(id, codes.unknownMethod, 'Method not found')
        : errorText(id, codes.invalid, 'Send "initialize" first.');
    if (isList(method)) {
      if (message.params && Object.hasOwn(message.params, 'cursor')) return errorText(id, codes.badParams, 'Invalid cursor');
      this.#needs.note('listed', { method });
      return resultText(id, listResult(method, this.#needs.offers(), this.#declared(), this.#needs.only === null));
    }
    if (method === 'logging/setLevel') {
      this.#logLevel = memberText(message.text, ['params']) ?? '{}';
      if (this.#needs.only === null) return this.#levelForAll(message);
    }
    return null;
  }

  #initialize(message: Message): string {
    const id = message.id as RequestId;
    if (this.#hello) return errorText(id, codes.invalid, 'This connection is initialized already.');
    const offers = this.#needs.offers();
    const asked = message.params?.protocolVersion;
    const only = this.#needs.only;
    const offer = offers[0];
    if (only !== null && !offer) {
      return errorText(
        id,
        codes.internal,
        `Gatehouse has no server ${only} that this client may use now. Ask the user to look at it in Gatehouse.`,
      );
    }
    this.#hello = message;
    const result = only !== null && offer ? oneServer(offer, asked) : severalServers(offers, asked, this.#needs.version);
    this.#version = JSON.parse(memberText(result, ['protocolVersion']) ?? '""') as string;
    this.#lists = listKinds.filter((kind) => memberText(result, ['capabilities', kind]) !== null);
    this.#needs.note('client.connected', { saysItIs: this.saysItIs, protocol: this.#version });
    return resultText(id, result);
  }

  /** With several servers a level goes to those that run; the others get it when they start. */
  #levelForAll(message: Message): string {
    for (const server of this.#needs.runningServers()) this.#needs.setLevel(server, this.#logLevel ?? '{}');
    return resultText(message.id as RequestId, '{}');
  }

  async #forward(message: Message, id: RequestId): Promise<void> {
    const only = this.#needs.only;
    const offers = this.#needs.offers();
    const request = understand(message, {
      offers,
      several: only === null,
      declared: this.#declared(),
      taskServer: (taskId) => (only === null ? this.#tasks.get(taskId) : offers[0]?.server),
    });
    if ('unknown' in request) {
      // Query and fragment of an address hold values, and nothing that was refused here is kept sealed.
      const name = request.unknown === 'resource' ? request.name.replace(/[?#].*$/s, '?...') : request.name;
      this.#needs.note('refused', { method: message.method, reason: `unknown ${request.unknown}`, name });
      return this.#reply(message, unknownText(message, request));
    }
    const gone = new AbortController();
    const progressToken = memberText(message.text, ['params', '_meta', 'progressToken']);
    this.#inFlight.put(id, { server: request.server, gone, progressToken });
    const waiting = waitingProgress(progressToken, this.#needs.progressMs, (params) =>
      this.#send({ text: `{"jsonrpc":"2.0","method":"notifications/progress","params":${params}}`, during: id }),
    );
    try {
      const handled = await this.#needs.handle(request, gone.signal, waiting.begin);
      // An error that sends the person to an address is a question too.
      const refused = handled.kind === 'answered' ? await this.#servers.required(request.server, handled.reply, gone.signal) : null;
      const ended = refused ?? handled;
      waiting.end();
      if (ended.kind === 'answered') {
        this.#rememberTask(request.server, ended.reply);
        this.#reply(message, shownBack(message, request.argumentsText, ended.reply.text));
      } else if (ended.kind === 'refused' && ended.verdict.result !== 'withdrawn')
        this.#reply(message, refusalText(message, ended.verdict));
      else if (ended.kind === 'broken') this.#reply(message, brokenText(message, ended.error));
      else this.#needs.unanswered(id);
    } finally {
      waiting.end();
      this.#inFlight.remove(id);
    }
  }

  #rememberTask(server: string, reply: Message): void {
    const result = reply.value.result as { task?: { taskId?: unknown } } | undefined;
    const taskId = result?.task?.taskId;
    if (typeof taskId !== 'string' || this.#tasks.has(taskId)) return;
    const [oldest] = this.#tasks.keys();
    if (this.#tasks.size >= mostTasks && oldest !== undefined) this.#tasks.delete(oldest);
    this.#tasks.set(taskId, server);
  }

  #notification(message: Message): void {
    switch (message.method) {
      case 'notifications/initialized':
        return;
      case 'notifications/cancelled':
        return this.#cancel(message);
      case 'notifications/progress':
        return this.#servers.progressOfClient(message, this.#needs.runningServers());
      case 'notifications/roots/list_changed':
      case 'notifications/tasks/status':
        for (const server of this.#needs.runningServers()) this.#needs.toServer(server, message.text);
        return;
      default:
        this.#needs.note('refused', { method: message.method, reason: 'unknown notification' });
    }
  }

  #cancel(message: Message): void {
    const requestId = message.params?.requestId as RequestId;
    const found = this.#inFlight.get(requestId);
    if (!found) return;
    this.#needs.toServer(found.server, message.text);
    found.gone.abort();
  }

  #declared(): Readonly<Record<string, unknown>> {
    const declared = this.#hello?.params?.capabilities;
    return typeof declared === 'object' && declared !== null ? (declared as Record<string, unknown>) : {};
  }
}
