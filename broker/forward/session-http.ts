// A handshake server over Streamable HTTP (MCP 2025-03-26 to 2025-11-25): a session, a stream for what it says unasked, resumption.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message, RequestId } from '../../shared/message.ts';
import { type EventStreamEnd, readEvents } from './answer-body.ts';
import type { Answer } from './exchange.ts';
import { RequestFailed, ServerGone } from './failures.ts';
import { initialized, initializeResult } from './handshake.ts';
import { RemoteServer } from './remote-server.ts';
import { asRequestFailure, HttpRefused, type Reading, replyIn, slowDown } from './reply.ts';

/** A server that names no time to wait before a reconnection gets this one. */
const usualRetryMs = 1_000;
const longestRetryMs = 30_000;
/** Resumptions in a row that brought nothing. */
const mostEmpty = 5;
const farewellMs = 1_000;
const sessionHeader = 'Mcp-Session-Id';

export class SessionHttp extends RemoteServer {
  readonly era = 'handshake';
  #session: string | null = null;
  #version: string | null = null;
  /** Notifications and replies go out one after the other. */
  #queue: Promise<unknown> = Promise.resolve();

  /** @throws StartFailed, RequestFailed, HttpRefused when it does not understand a POST at all */
  async initialize(paramsText: string, limitMs: number): Promise<void> {
    const reply = await this.ask('initialize', paramsText, limitMs);
    this.openingText = initializeResult(this.of.needs, this, reply);
    this.#version = (reply.value.result as { protocolVersion: string }).protocolVersion;
    await this.#say(initialized);
    void this.#stand();
  }

  notify(text: string): void {
    if (this.gone) return;
    this.lastUsed = performance.now();
    this.#queue = this.#queue.then(() => this.#say(text)).catch(() => {});
  }

  protected override async carry(text: string, id: RequestId, signal: AbortSignal, hear: (message: Message) => void): Promise<Message> {
    const { exchange, limits } = this.of;
    const stop = new AbortController();
    // A cancelled request may still say something, and closing its stream is no cancellation in this era.
    const giveUp = () => setTimeout(() => stop.abort(), this.gone ? 0 : limits.cancelledMs).unref();
    signal.addEventListener('abort', giveUp, { once: true });
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...this.#headers() };
    const reading = this.#reading(hear);
    try {
      const answer = await exchange.send({ method: 'POST', url: this.url, headers, body: text, signal: stop.signal, limitMs: null });
      await this.#refuseLost(answer);
      if (this.#version === null) this.#session = answer.header(sessionHeader);
      const reply = await this.#orLost(replyIn(reading, answer, id));
      return 'kind' in reply ? reply : await this.#resumed(reading, id, reply, stop.signal);
    } catch (error) {
      throw asRequestFailure(this.server, error);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  protected override async farewell(): Promise<void> {
    if (this.#session === null) return;
    const signal = AbortSignal.timeout(farewellMs);
    const answer = await this.of.exchange.send({ method: 'DELETE', url: this.url, headers: this.#headers(), signal, limitMs: farewellMs });
    answer.close();
  }

  #headers(): Record<string, string> {
    return {
      ...(this.#session === null ? {} : { [sessionHeader]: this.#session }),
      ...(this.#version === null ? {} : { 'MCP-Protocol-Version': this.#version }),
    };
  }

  #reading(hear: (message: Message) => void): Reading {
    return {
      needs: this.of.needs,
      server: this.server,
      maxBytes: this.of.limits.lineBytes,
      read: (bytes) => this.read(bytes),
      complain: (problem) => this.complain(problem),
      tooMuch: () => this.tooMuch(),
      hear,
    };
  }

  /** 404 to a session's id: the server forgot it, and this request never reached anything (basic/transports, Session Management). */
  async #refuseLost(answer: Answer): Promise<void> {
    if (this.#session === null || answer.status !== 404) return;
    answer.close();
    throw this.#lost();
  }

  /** Servers of the SDK say 400 and no id where the session is not theirs. */
  async #orLost<T>(reading: Promise<T>): Promise<T> {
    const reply = await reading;
    const error = (reply as Partial<Message>).value?.error as { code?: unknown; message?: unknown } | undefined;
    // A server that was replaced by one of the other era says one of its errors.
    const other = this.openingText !== '' && [-32020, -32021, -32022].includes(error?.code as number);
    if (other || (this.#session !== null && error?.code === -32000 && /session id/i.test(String(error.message)))) throw this.#lost();
    return reply;
  }

  #lost(): ServerGone {
    this.finish('forgot the session');
    return new ServerGone(this.server, 'forgot the session', { untouched: true });
  }

  /** One notification or reply. What becomes of it is only for the log. */
  async #say(text: string): Promise<void> {
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...this.#headers() };
    try {
      const signal = AbortSignal.any([this.over.signal, AbortSignal.timeout(this.of.limits.startMs)]);
      const answer = await this.of.exchange.send({ method: 'POST', url: this.url, headers, body: text, signal, limitMs: null });
      await this.#refuseLost(answer);
      if (answer.status >= 300) this.complain(`HTTP ${answer.status} to a notification`);
      // Read to its end, so that the connection is kept.
      answer.body.resume();
      setTimeout(() => answer.close(), farewellMs).unref();
    } catch (error) {
      if (!this.gone) this.complain(`a notification did not reach it: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }

  /** The stream of a request broke off before the reply; with an event id it goes on where it was. */
  async #resumed(reading: Reading, id: RequestId, broken: EventStreamEnd, signal: AbortSignal): Promise<Message> {
    let end = broken;
    for (let empty = 0; empty < mostEmpty; empty++) {
      if (!end.lastId) break;
      await sleep(Math.min(end.retryMs ?? usualRetryMs, longestRetryMs), null, { signal, ref: false });
      const answer = await this.#get(end.lastId, signal).catch(() => null);
      if (!answer) continue;
      await this.#refuseLost(answer);
      if (answer.status !== 200 || answer.contentType !== 'text/event-stream') {
        answer.close();
        break;
      }
      const reply = await replyIn(reading, answer, id);
      if ('kind' in reply) return reply;
      if (reply.lastId !== null && reply.lastId !== end.lastId) empty = -1;
      end = { lastId: reply.lastId ?? end.lastId, retryMs: reply.retryMs ?? end.retryMs };
    }
    throw new RequestFailed(this.server, 'no-reply', `The server ${this.server} closed the stream before it answered.`);
  }

  #get(lastId: string | null, signal: AbortSignal): Promise<Answer> {
    const headers = { Accept: 'text/event-stream', ...this.#headers(), ...(lastId ? { 'Last-Event-ID': lastId } : {}) };
    return this.of.exchange.send({ method: 'GET', url: this.url, headers, signal, limitMs: this.of.limits.startMs });
  }

  /** What it says unasked comes on a stream of its own, for as long as the session lives and the server has one. */
  async #stand(): Promise<void> {
    let lastId: string | null = null;
    let pauseMs = usualRetryMs;
    while (!this.gone) {
      const answer: Answer | null = await this.#get(lastId, this.over.signal).catch(() => null);
      if (answer) {
        try {
          await this.#refuseLost(answer);
        } catch {
          return;
        }
        if (answer.status !== 200 || answer.contentType !== 'text/event-stream') {
          answer.close();
          // 405 is the proper way to have none; what is refused once is refused again.
          if (answer.status < 500) return;
        } else {
          const began = performance.now();
          const end = await this.#hearAll(answer);
          lastId = end.lastId ?? lastId;
          pauseMs = performance.now() - began > longestRetryMs ? usualRetryMs : pauseMs;
          if (end.retryMs !== null) pauseMs = Math.max(end.retryMs, 10);
        }
      }
      await sleep(Math.min(pauseMs, longestRetryMs), null, { ref: false });
      pauseMs *= 2;
    }
  }

  #hearAll(answer: Answer): Promise<EventStreamEnd> {
    const stop = () => answer.close();
    this.over.signal.addEventListener('abort', stop, { once: true });
    return readEvents(
      answer,
      this.of.limits.lineBytes,
      ({ type, data }) => {
        if (type !== 'message' || data.length === 0) return;
        try {
          const message = this.read(data);
          if (message.kind === 'response') return this.complain('a reply on the stream for what it says unasked');
          if (this.tooMuch()) slowDown(answer);
          this.hear(message);
        } catch (error) {
          this.complain(`an event is no message: ${error instanceof Error ? error.message : 'unreadable'}`);
        }
      },
      () => {
        this.complain(`an event longer than ${this.of.limits.lineBytes} bytes`);
        answer.close();
      },
    ).finally(() => this.over.signal.removeEventListener('abort', stop));
  }
}

/** Does this answer mean that the address does not speak Streamable HTTP, so that the older transport may be tried? */
export function mayBeOlder(error: unknown): boolean {
  return error instanceof HttpRefused && [400, 404, 405].includes(error.status);
}
