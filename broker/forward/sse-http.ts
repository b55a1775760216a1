// A handshake server over HTTP+SSE (MCP 2024-11-05): one stream for everything it says, a second address for what it is told.
import type { Message, RequestId } from '../../shared/message.ts';
import { readEvents } from './answer-body.ts';
import { Awaited } from './awaited.ts';
import { ServerGone, StartFailed } from './failures.ts';
import { initialized, initializeResult } from './handshake.ts';
import { type Remote, RemoteServer } from './remote-server.ts';
import { asRequestFailure, HttpRefused, slowDown } from './reply.ts';

export class SseHttp extends RemoteServer {
  readonly era = 'handshake';
  readonly #awaited: Awaited;
  #endpoint: URL | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(of: Remote) {
    super(of);
    this.#awaited = new Awaited(of.launch.server);
  }

  /** Opens the stream and waits for the address to post to. @throws StartFailed, HttpRefused, ExchangeFailed */
  async connect(limitMs: number): Promise<void> {
    const headers = { Accept: 'text/event-stream' };
    const answer = await this.of.exchange.send({ method: 'GET', url: this.url, headers, signal: this.over.signal, limitMs });
    if (answer.status !== 200 || answer.contentType !== 'text/event-stream') {
      answer.close();
      throw new HttpRefused(this.server, answer.status, answer.header('www-authenticate'));
    }
    this.over.signal.addEventListener('abort', () => answer.close(), { once: true });
    const named = Promise.withResolvers<string>();
    const late = setTimeout(() => named.reject(this.#failed('its stream does not begin with an address to post to')), limitMs);
    const tooLong = () => {
      this.complain(`an event longer than ${this.of.limits.lineBytes} bytes`);
      this.#ended('sent an event that is too long');
    };
    const ended = readEvents(
      answer,
      this.of.limits.lineBytes,
      ({ type, data }) => {
        if (type === 'endpoint') named.resolve(data.toString('utf8'));
        else if (type === 'message') this.#event(data, () => slowDown(answer));
      },
      tooLong,
    );
    void ended.then(() => {
      named.reject(this.#failed('it closed its stream at once'));
      this.#ended('closed its stream');
    });
    const text = await named.promise.finally(() => clearTimeout(late));
    const endpoint = URL.canParse(text, this.url.href) ? new URL(text, this.url) : null;
    // Elsewhere would be another server: it has neither been accepted nor been given the secrets.
    if (endpoint?.origin !== this.url.origin) throw this.#failed('the address to post to that it names is not its own');
    this.#endpoint = endpoint;
  }

  async initialize(paramsText: string, limitMs: number): Promise<void> {
    const reply = await this.ask('initialize', paramsText, limitMs);
    this.openingText = initializeResult(this.of.needs, this, reply);
    await this.#post(initialized, this.over.signal);
  }

  notify(text: string): void {
    if (this.gone) return;
    this.lastUsed = performance.now();
    this.#queue = this.#queue
      .then(() => this.#post(text, this.over.signal))
      .catch((error: unknown) => {
        if (!this.gone) this.complain(`a notification did not reach it: ${error instanceof Error ? error.message : 'unknown'}`);
      });
  }

  /** Replies come on the one stream; nothing there says which request another message belongs to. */
  protected override async carry(text: string, id: RequestId, signal: AbortSignal): Promise<Message> {
    const reply = this.#awaited.put(id, false);
    signal.addEventListener(
      'abort',
      () => this.#awaited.giveUpAfter(id, 'cancelled', this.gone ? 0 : this.of.limits.cancelledMs, () => {}),
      {
        once: true,
      },
    );
    try {
      await this.#post(text, this.over.signal);
    } catch (error) {
      this.#awaited.fail(id, 'no-reply');
      await reply.catch(() => {});
      throw asRequestFailure(this.server, error);
    }
    return await reply;
  }

  protected override farewell(): Promise<void> {
    this.#awaited.failAll(new ServerGone(this.server, 'was stopped'));
    return Promise.resolve();
  }

  async #post(body: string, signal: AbortSignal): Promise<void> {
    const headers = { 'Content-Type': 'application/json' };
    const url = this.#endpoint as URL;
    const answer = await this.of.exchange.send({ method: 'POST', url, headers, body, signal, limitMs: this.of.limits.startMs });
    answer.body.resume();
    if (answer.status < 200 || answer.status > 299) {
      // The stream is what makes the session; a server that does not know it any more has lost everything.
      if (answer.status === 404 || answer.status === 410) this.#ended('forgot the session');
      throw new HttpRefused(this.server, answer.status, answer.header('www-authenticate'));
    }
  }

  #event(data: Buffer, slower: () => void): void {
    let message: Message;
    try {
      message = this.read(data);
    } catch (error) {
      return this.complain(`an event is no message: ${error instanceof Error ? error.message : 'unreadable'}`);
    }
    if (message.kind !== 'response') {
      if (this.tooMuch()) slower();
      return this.hear(message);
    }
    if (message.id === undefined || !this.#awaited.resolve(message.id, message)) this.complain('a reply to no request in flight');
  }

  #ended(how: string): void {
    this.finish(how);
    this.#awaited.failAll(new ServerGone(this.server, how));
  }

  #failed(reason: string): StartFailed {
    return new StartFailed(this.server, reason, this.hint);
  }
}
