// One session over Streamable HTTP (MCP 2025-03-26 to 2025-11-25): which response each outgoing message belongs on.
import type { ServerResponse } from 'node:http';
import type { Message, RequestId } from '../../shared/message.ts';
import type { Connection, Outgoing } from './arrival.ts';
import { EventStream } from './sse.ts';

/** Requests that came in one POST and are answered on it. */
interface Exchange {
  readonly open: Set<RequestId>;
  /** Null: the client takes plain JSON only. */
  readonly stream: EventStream | null;
  readonly response: ServerResponse;
  readonly batch: boolean;
  readonly replies: string[];
}

/** Streams that ended are kept for a client that lost the end, up to this many and this many characters. */
const keptStreams = { count: 16, characters: 8 * 1024 * 1024 };
const mostInFlight = 256;
const primed = '2025-11-25';

export class HttpSession {
  readonly id: string;
  readonly client: string;
  /** The path it was opened on: a session of one server is none of another. */
  readonly path: string;
  lastActiveAt: number;
  readonly #onEnd: () => void;
  readonly #exchanges = new Map<RequestId, Exchange>();
  readonly #standalone = new EventStream('s');
  readonly #ended: EventStream[] = [];
  readonly #now: () => number;
  #connection: Connection | null = null;
  #streams = 0;
  #initialize: RequestId | undefined;
  #version: string | null = null;
  #over = false;

  constructor(id: string, client: string, path: string, now: () => number, onEnd: () => void) {
    [this.id, this.client, this.path, this.#now, this.#onEnd] = [id, client, path, now, onEnd];
    this.lastActiveAt = now();
  }

  /** The revision agreed on; null until `initialize` was answered. */
  get version(): string | null {
    return this.#version;
  }

  /** Somebody listens or waits for a reply. A request whose client went away keeps no session open. */
  get busy(): boolean {
    if (this.#standalone.attached) return true;
    return [...this.#exchanges.values()].some(({ stream, response }) => (stream ? stream.attached : !response.destroyed));
  }

  get listening(): boolean {
    return this.#standalone.attached;
  }

  begin(connection: Connection, initialize: RequestId): void {
    this.#connection = connection;
    this.#initialize = initialize;
  }

  /** Why these requests may not be taken, or null. */
  refuses(requests: readonly Message[]): string | null {
    const ids = requests.map(({ id }) => id as RequestId);
    if (new Set(ids).size < ids.length || ids.some((id) => this.#exchanges.has(id))) return 'A request with this id is in flight already.';
    return this.#exchanges.size + ids.length > mostInFlight ? 'Too many requests are in flight.' : null;
  }

  /** Takes messages of one POST; the requests among them are answered on `response`. */
  exchange(
    messages: readonly Message[],
    response: ServerResponse,
    how: { stream: boolean; batch: boolean; headers: Record<string, string> },
  ): void {
    const ids = messages.filter(({ kind }) => kind === 'request').map(({ id }) => id as RequestId);
    const stream = how.stream ? new EventStream((this.#streams++).toString(36)) : null;
    const exchange: Exchange = { open: new Set(ids), stream, response, batch: how.batch, replies: [] };
    for (const id of ids) this.#exchanges.set(id, exchange);
    if (stream) stream.attach(response, { headers: how.headers, prime: this.#version !== null && this.#version >= primed });
    else for (const [name, value] of Object.entries(how.headers)) response.setHeader(name, value);
    for (const message of messages) this.receive(message);
  }

  receive(message: Message): void {
    this.lastActiveAt = this.#now();
    if (!this.#over) this.#connection?.receive(message);
  }

  /** Opens the stream for what belongs to no request. */
  listen(response: ServerResponse): void {
    this.lastActiveAt = this.#now();
    this.#standalone.attach(response);
  }

  /** Goes on with a stream where the client lost it. False: that is not kept any more. */
  resume(response: ServerResponse, eventId: string): boolean {
    this.lastActiveAt = this.#now();
    for (const stream of this.#allStreams()) {
      const after = stream.numberIn(eventId);
      if (after === null) continue;
      stream.attach(response, { after });
      return true;
    }
    return false;
  }

  send({ text, answers, during }: Outgoing): void {
    if (this.#over) return;
    const exchange = answers === undefined ? undefined : this.#exchanges.get(answers);
    if (answers !== undefined) {
      if (exchange) this.#reply(exchange, answers, text);
      return;
    }
    const stream = (during === undefined ? undefined : this.#exchanges.get(during)?.stream) ?? this.#anyStream(text);
    stream.send(text);
  }

  /** A request its client withdrew: what waited for its reply ends without one. */
  unanswered(id: RequestId): void {
    const exchange = this.#exchanges.get(id);
    if (!exchange) return;
    this.#exchanges.delete(id);
    exchange.open.delete(id);
    if (exchange.open.size === 0) this.#complete(exchange);
  }

  keepAlive(): void {
    for (const stream of this.#allStreams()) stream.keepAlive();
  }

  end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    for (const stream of this.#allStreams()) stream.destroy();
    for (const { response, stream } of this.#exchanges.values()) if (!stream) response.destroy();
    this.#exchanges.clear();
    this.#onEnd();
    this.#connection?.end(reason);
  }

  /** Belongs to no request: the standalone stream, or, for what must be answered, any that a client listens to now. */
  #anyStream(text: string): EventStream {
    if (this.#standalone.attached || !isRequest(text)) return this.#standalone;
    for (const { stream } of this.#exchanges.values()) if (stream?.attached) return stream;
    return this.#standalone;
  }

  #reply(exchange: Exchange, id: RequestId, text: string): void {
    this.lastActiveAt = this.#now();
    this.#exchanges.delete(id);
    exchange.open.delete(id);
    const failed = id === this.#initialize && !this.#agree(text);
    if (exchange.stream) exchange.stream.send(text);
    else exchange.replies.push(text);
    if (exchange.open.size === 0) this.#complete(exchange);
    // Not initialized: nothing can be done in this session. The response has been handed to its socket.
    if (failed) this.end('initialize failed');
  }

  #complete({ stream, response, replies, batch }: Exchange): void {
    if (!stream && replies.length === 0) {
      response.writeHead(202).end();
      return;
    }
    if (!stream) {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(batch ? `[${replies.join(',')}]` : replies[0]);
      return;
    }
    stream.finish();
    this.#ended.push(stream);
    let characters = this.#ended.reduce((sum, { size }) => sum + size, 0);
    while (this.#ended.length > keptStreams.count || (this.#ended.length > 1 && characters > keptStreams.characters)) {
      characters -= this.#ended.shift()?.size ?? 0;
    }
  }

  #agree(text: string): boolean {
    this.#initialize = undefined;
    const { result } = JSON.parse(text) as { result?: { protocolVersion?: unknown } };
    if (typeof result?.protocolVersion === 'string') this.#version = result.protocolVersion;
    return result !== undefined;
  }

  *#allStreams(): Generator<EventStream> {
    yield this.#standalone;
    for (const { stream } of this.#exchanges.values()) if (stream) yield stream;
    yield* this.#ended;
  }
}

function isRequest(text: string): boolean {
  const { id, method } = JSON.parse(text) as { id?: unknown; method?: unknown };
  return id !== undefined && method !== undefined;
}
