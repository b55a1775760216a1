// A stateless server over Streamable HTTP (MCP 2026-07-28): every request its own POST, cancelled by closing it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message, RequestId } from '../../shared/message.ts';
import { RemoteServer } from './remote-server.ts';
import { asRequestFailure, HttpRefused, type Reading, replyIn } from './reply.ts';
import { type Mirrored, mirroredBy, standardHeaders } from './standard-headers.ts';
import { everyCapability, listChangeFilter, subscriptionKey, withMeta } from './stateless.ts';

/** Our idea of its headers is old: the lists are read again before the next call, and what changed in them is seen. */
const headerMismatch = -32020;
const unsupportedVersion = -32022;
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

export class StatelessHttp extends RemoteServer {
  readonly era = 'stateless';
  /** What the broker's own requests say the client can do. */
  clientCapabilities: object = everyCapability;
  readonly #mirrored = new Map<string, Mirrored>();

  discover(limitMs: number): Promise<Message> {
    return this.ask('server/discover', undefined, limitMs);
  }

  override async ask(method: string, paramsText?: string, limitMs?: number | null): Promise<Message> {
    const params = withMeta(paramsText, this.of.needs.version, this.clientCapabilities);
    return await super.ask(method, params, limitMs);
  }

  /** Learns the headers that a tool wants; one that asks for what cannot be sent must not be offered (server/tools, x-mcp-header). */
  unfit(kind: string, { name, inputSchema }: Readonly<Record<string, unknown>>): string | null {
    if (kind !== 'tool') return null;
    const mirrored = mirroredBy(inputSchema);
    if (typeof mirrored !== 'string') {
      this.#mirrored.set(String(name), mirrored);
      return null;
    }
    this.complain(`its tool ${String(name).slice(0, 100)} is left out: ${mirrored}`);
    return mirrored;
  }

  /** Core defines no notification of a client over HTTP; a cancellation is the request's own signal. */
  notify(): void {}

  /** From now on its lists are watched. */
  open(openingText: string, capabilities: Readonly<Record<string, unknown>>): void {
    this.openingText = openingText;
    const filter = listChangeFilter(capabilities);
    if (filter) void this.#watch(JSON.stringify({ notifications: filter }), Object.keys(filter));
  }

  protected override farewell(): Promise<void> {
    return Promise.resolve();
  }

  protected override async carry(text: string, id: RequestId, signal: AbortSignal, hear: (message: Message) => void): Promise<Message> {
    const message = this.of.needs.parseMessage(text);
    const headers = {
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      ...standardHeaders(message, (tool) => this.#mirrored.get(tool)),
    };
    try {
      const answer = await this.of.exchange.send({ method: 'POST', url: this.url, headers, body: text, signal, limitMs: null });
      const reply = await replyIn(this.#reading(this.isOwn(id) ? (heard) => this.#hearOwn(heard) : hear), answer, id);
      if (!('kind' in reply)) throw new ClosedEarly(this.server);
      const code = (reply.value.error as { code?: unknown } | undefined)?.code;
      if (code === headerMismatch) this.#announce('tools');
      if (code === unsupportedVersion && this.openingText !== '') this.finish('does not speak this version any more');
      return reply;
    } catch (error) {
      // What was found out about it does not hold any more: it is found out again at the next call.
      if (error instanceof HttpRefused && [400, 404, 405].includes(error.status) && this.openingText !== '')
        this.finish(`answered with HTTP ${error.status} and no reply`);
      throw asRequestFailure(this.server, error);
    }
  }

  #reading(hear: (message: Message) => void): Reading {
    return {
      needs: this.of.needs,
      server: this.server,
      maxBytes: this.of.limits.lineBytes,
      read: (bytes) => this.read(bytes),
      complain: (problem) => this.complain(problem),
      tooMuch: () => this.tooMuch(),
      hear: (message) => {
        if (message.kind === 'request') this.complain(`a request (${message.method}), which this protocol does not know`);
        else hear(message);
      },
    };
  }

  /** On the broker's own subscription: as a handshake server would say it. */
  #hearOwn(message: Message): void {
    const kind = /^notifications\/(tools|prompts|resources)\/list_changed$/.exec(message.method ?? '')?.[1];
    if (kind && (message.params?._meta as Record<string, unknown> | undefined)?.[subscriptionKey] !== undefined) this.#announce(kind);
  }

  #announce(kind: string): void {
    const method = `notifications/${kind}/list_changed`;
    const value = { jsonrpc: '2.0', method };
    this.hear({ text: JSON.stringify(value), kind: 'notification', method, value });
  }

  /** A subscription that breaks off is opened again; what it would have said meanwhile may be anything. */
  async #watch(params: string, lists: readonly string[]): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!this.gone) {
      const began = performance.now();
      const refused = await this.ask('subscriptions/listen', params, null).then(
        (reply) => reply.failed === true,
        (error: unknown) => error instanceof HttpRefused,
      );
      if (this.gone || refused) return;
      pauseMs = performance.now() - began > longestPauseMs ? firstPauseMs : Math.min(pauseMs * 2, longestPauseMs);
      await sleep(pauseMs, null, { ref: false });
      if (!this.gone) for (const list of lists) this.#announce(list.replace('ListChanged', ''));
    }
  }
}

class ClosedEarly extends Error {
  constructor(server: string) {
    super(`The server ${server} gave no reply: it closed the stream before it answered.`);
  }
}
