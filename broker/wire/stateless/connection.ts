// One client in the stateless era (MCP 2026-07-28): every request stands alone and says by itself who sends it and what it can.
import type { Message, RequestId } from '../../../shared/message.ts';
import type { Denied, ServerRequest } from '../../../shared/request.ts';
import type { Ended, Engine } from '../engine.ts';
import { codes } from '../gate.ts';
import { waitingProgress } from '../handshake/in-flight.ts';
import { isList, type Offer, publicAddress, visibleByName } from '../handshake/offers.ts';
import { brokenText } from '../handshake/refusals.ts';
import { resourceOwner } from '../handshake/requests.ts';
import { saysItIs } from '../says.ts';
import { memberText } from '../spans.ts';
import { errorText, resultText } from '../texts.ts';
import { claimsEnvelope, type Envelope, envelopeOf, isMalformed, type Malformed, unsupported } from './envelope.ts';
import { type Back, type Exchange, Exchanges, outward, progressHome } from './exchanges.ts';
import { type Headers, paramHeaders, standardHeaders, versionHeader } from './headers.ts';
import type { AskOfLane } from './inputs.ts';
import { Lanes, mostLanes } from './lanes.ts';
import { discoverResult, statelessList } from './lists.ts';
import { malformedText, refusalText, unknownText } from './refusals.ts';
import { Replies } from './replies.ts';
import { type StatelessView, statelessRequest, type Task } from './requests.ts';
import { Subscriptions } from './subscriptions.ts';

export interface StatelessNeeds {
  readonly id: string;
  /** One server under its own names, or null for all that this client may see. */
  readonly only: string | null;
  readonly version: string;
  /** Milliseconds between progress notes while the operator is asked. */
  readonly progressMs: number;
  /** Many streams share the connection, so that ids can meet (HTTP). */
  readonly ownIds: boolean;
  offers(): readonly Offer[];
  handle(lane: string, request: ServerRequest, gone: AbortSignal, waiting: () => void): Promise<Ended>;
  /** Why nothing passes now between this client and `server` (null: any); null when it may. Asked for every message, both ways. */
  stopped(server: string | null): Denied | null;
  note(type: string, facts: Readonly<Record<string, unknown>>): void;
  ask: AskOfLane;
  task(taskId: string): Task | undefined;
  rememberTask(taskId: string, task: Task): void;
  /** Nothing comes by this lane any more. */
  laneEnded(lane: string): void;
}

/** Requests of one connection at a time. */
const mostInFlight = 256;
/** Notifications of the other era that mean nothing here and are nobody's fault. */
const meaningless = new Set(['notifications/initialized', 'notifications/roots/list_changed', 'notifications/progress']);

export class StatelessConnection implements Engine {
  readonly era = 'stateless';
  readonly logLevel = null;
  readonly #needs: StatelessNeeds;
  readonly #exchanges: Exchanges;
  readonly #subscriptions: Subscriptions;
  readonly #replies: Replies;
  readonly #lanes: Lanes;
  #clientText: string | null = null;
  #met = false;
  #ended = false;

  constructor(needs: StatelessNeeds) {
    this.#needs = needs;
    this.#exchanges = new Exchanges(needs.ownIds);
    this.#lanes = new Lanes({ ...needs, inUse: (lane) => this.#exchanges.uses(lane) });
    this.#replies = new Replies(needs);
    this.#subscriptions = new Subscriptions({
      offers: needs.offers,
      discovery: () => this.#discovery(),
      resource: (exchange, uri) => {
        const found = resourceOwner({ ...this.#view(exchange), taskServer: () => undefined }, uri);
        return 'unknown' in found ? null : { server: found.server, uri: found.own };
      },
      task: needs.task,
      publicUri: (server, uri) => publicAddress(needs.offers(), needs.only === null, 'resource', server, uri),
      freshId: () => this.#exchanges.freshId(),
      handle: (lane, request, gone) => needs.handle(lane, request, gone, () => {}),
      mayTell: (exchange, server, note) => this.#replies.mayTellTask(exchange, server, note),
      closed: (exchange) => this.#exchanges.close(exchange),
    });
  }

  get saysItIs(): string | null {
    return this.#clientText === null ? null : saysItIs(JSON.parse(this.#clientText));
  }

  helloOf(lane: string): string | null {
    return this.#lanes.helloOf(lane);
  }

  lanes(): readonly string[] {
    return this.#lanes.names;
  }

  /** Nobody waits for anything now. */
  get quiet(): boolean {
    return this.#exchanges.size === 0;
  }

  /**
   * A message of the client; what goes wrong becomes a reply. Never throws.
   * @param headers of the HTTP request it came in; null where there are none
   * @returns withdraws it: its client left
   */
  receive(message: Message, back: Back, headers: Headers | null = null): () => void {
    if (this.#ended) return () => {};
    if (message.kind === 'notification') this.#notification(message);
    // A client of this era asks and notifies; it has nothing to reply to.
    if (message.kind !== 'request') return () => {};
    const taken = this.#take(message, back, headers);
    if (!taken) return () => {};
    void this.#request(taken);
    return () => taken.gone.abort();
  }

  fromServer(lane: string, server: string, message: Message, during?: RequestId): void {
    // A server of this era sends no requests; the few words it may say unasked are these.
    if (this.#ended || message.kind !== 'notification' || this.#needs.stopped(server)) return;
    if (message.method === 'notifications/progress') {
      const exchange = this.#exchanges.ofToken(lane, server, memberText(message.text, ['params', 'progressToken']));
      exchange?.back.send(progressHome(message.text, exchange));
    } else if (message.method === 'notifications/message') {
      this.#exchanges.forLog(lane, server, message.params?.level, during)?.back.send(message.text);
    } else this.#subscriptions.fromServer(lane, server, message);
  }

  /** Its requests end by themselves, and what it had asked the client is known by rounds, which it may take up again. */
  serverGone(): void {}

  listsChanged(): void {
    if (!this.#ended) this.#subscriptions.listsChanged();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#subscriptions.end();
    this.#exchanges.withdrawAll();
    this.#replies.end();
  }

  /** The request if it is one that may be worked on; otherwise it has been answered. */
  #take(message: Message, back: Back, headers: Headers | null): Exchange | null {
    const id = message.id as RequestId;
    const refuse = (malformed: Malformed) => {
      back.end(malformedText(message, malformed), true);
      return null;
    };
    if (this.#exchanges.ofClient(id)) return refuse({ code: codes.invalid, message: 'A request with this id is still in flight.' });
    if (this.#exchanges.size >= mostInFlight) {
      back.end(errorText(id, codes.internal, 'Too many requests are in flight.'));
      return null;
    }
    // Here the versions are named even to a client that knows nothing of this era: it may be all that it can show (basic/versioning).
    if (message.method === 'initialize' && !claimsEnvelope(message)) {
      const asked = message.params?.protocolVersion;
      return refuse(unsupported(typeof asked === 'string' ? asked : 'unknown'));
    }
    // Which version is meant must be beyond doubt before anything is said about it.
    const doubt = headers && versionHeader(message, headers);
    if (doubt) return refuse(doubt);
    const envelope = envelopeOf(message);
    if (isMalformed(envelope)) return refuse(envelope);
    const wrong = headers && standardHeaders(message, headers);
    if (wrong) return refuse(wrong);
    const lane = this.#lanes.of(envelope);
    if (lane === null) {
      back.end(errorText(id, codes.internal, `This client declares more than ${mostLanes} different sets of capabilities.`));
      return null;
    }
    const mismatch = headers && message.method === 'tools/call' ? this.#wrongParams(message, envelope, headers) : null;
    if (mismatch) return refuse(mismatch);
    return this.#exchanges.open(message, envelope, lane, back);
  }

  #wrongParams(message: Message, envelope: Envelope, headers: Headers): Malformed | null {
    const name = message.params?.name;
    const several = this.#needs.only === null;
    const found = typeof name === 'string' ? visibleByName(this.#needs.offers(), 'tool', envelope.capabilities, several, name) : undefined;
    return found ? paramHeaders(message, found.definition.text, headers) : null;
  }

  async #request(exchange: Exchange): Promise<void> {
    const { message, envelope, back } = exchange;
    const id = message.id as RequestId;
    try {
      const stopped = this.#needs.stopped(null);
      if (stopped) {
        this.#needs.note('refused', { method: message.method, verdict: 'deny', decidedBy: stopped.decidedBy, reason: stopped.reason });
        back.end(refusalText(message, stopped));
      } else if (message.method === 'subscriptions/listen') {
        this.#meet(envelope);
        // It closes itself, when it ends.
        return this.#subscriptions.listen(exchange);
      } else {
        if (message.method !== 'server/discover') this.#meet(envelope);
        const local = this.#answerHere(message, envelope);
        if (local === null) await this.#forward(exchange);
        // No list of ours has a second page.
        else if (message.params && Object.hasOwn(message.params, 'cursor')) back.end(errorText(id, codes.badParams, 'Invalid cursor'));
        else back.end(resultText(id, local));
      }
    } catch (error) {
      back.end(brokenText(message, error));
    }
    this.#exchanges.close(exchange);
  }

  /** A probe is not a conversation yet. */
  #meet({ version, clientText }: Envelope): void {
    this.#clientText = clientText ?? this.#clientText;
    if (this.#met) return;
    this.#met = true;
    this.#needs.note('client.connected', { saysItIs: this.saysItIs, protocol: version });
  }

  /** Results that need no server; null when the request is for one. */
  #answerHere(message: Message, envelope: Envelope): string | null {
    const method = message.method as string;
    if (method === 'server/discover') return this.#discovery();
    if (!isList(method)) return null;
    this.#needs.note('listed', { method });
    return statelessList(method, this.#needs.offers(), envelope.capabilities, this.#needs.only === null);
  }

  #discovery(): string {
    const { only, version } = this.#needs;
    const offers = this.#needs.offers();
    return discoverResult(offers, only !== null, version);
  }

  #view({ envelope }: Exchange): StatelessView {
    return {
      offers: this.#needs.offers(),
      several: this.#needs.only === null,
      declared: envelope.capabilities,
      task: this.#needs.task,
    };
  }

  async #forward(exchange: Exchange): Promise<void> {
    const { message, back, gone, lane, outId } = exchange;
    const request = statelessRequest(message, this.#view(exchange));
    if ('unknown' in request) {
      // Query and fragment of an address hold values, and nothing that was refused here is kept sealed.
      const name = request.unknown === 'resource' ? request.name.replace(/[?#].*$/s, '?...') : request.name;
      this.#needs.note('refused', { method: message.method, reason: `unknown ${request.unknown}`, name });
      return back.end(unknownText(message, request), request.unknown === 'method');
    }
    exchange.server = request.server;
    const waiting = waitingProgress(exchange.envelope.progressToken, this.#needs.progressMs, (params) =>
      back.send(`{"jsonrpc":"2.0","method":"notifications/progress","params":${params}}`),
    );
    try {
      this.#replies.leaving(exchange, request);
      const leaving = { ...request, outgoing: outward(request.outgoing, exchange), ...(outId === message.id ? {} : { outgoingId: outId }) };
      const ended = await this.#needs.handle(lane, leaving, gone.signal, waiting.begin);
      const reply = await this.#replies.textOf(exchange, request, ended, waiting.begin);
      if (reply === null) back.drop();
      else back.end(reply);
    } finally {
      waiting.end();
    }
  }

  #notification(message: Message): void {
    if (this.#needs.stopped(null)) return;
    if (message.method === 'notifications/cancelled') this.#exchanges.ofClient(message.params?.requestId)?.gone.abort();
    else if (!meaningless.has(message.method ?? ''))
      this.#needs.note('refused', { method: message.method, reason: 'unknown notification' });
  }
}
