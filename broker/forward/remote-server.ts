// What all servers reached over HTTP have in common: requests in flight, what is heard of them, and how they end.
import type { Era, Message, RequestId } from '../../shared/message.ts';
import { requestFailed } from './awaited.ts';
import { Complaints } from './complaints.ts';
import type { Exchange } from './exchange.ts';
import { RequestFailed, ServerGone } from './failures.ts';
import { unaskedPerSecond } from './flow.ts';
import type { Limits, Needs, RemoteLaunch } from './needs.ts';
import type { Ring } from './stderr.ts';
import { Unheard } from './unheard.ts';
import type { Live, RequestOptions } from './upstream.ts';

export interface Remote {
  readonly needs: Needs;
  readonly limits: Limits;
  readonly launch: RemoteLaunch;
  readonly exchange: Exchange;
  readonly owner: string | null;
  readonly privatePrefix: string;
  readonly logs: Ring;
  onGone(reason: string): void;
}

const keyOf = (id: RequestId) => `${typeof id}:${id}`;

export abstract class RemoteServer implements Live {
  abstract readonly era: Era;
  readonly pid = null;
  readonly tree = null;
  readonly server: string;
  readonly owner: string | null;
  readonly startedAt: number;
  readonly hint: string;
  openingText = '';
  lastUsed = performance.now();
  left: Promise<void> = Promise.resolve();
  protected readonly of: Remote;
  protected readonly url: URL;
  /** Aborted when it has ended. */
  protected readonly over = new AbortController();
  readonly #unheard = new Unheard();
  readonly #complaints: Complaints;
  readonly #inFlight = new Map<string, { readonly standing: boolean }>();
  #counter = 0;
  #gone: string | null = null;
  #unasked = { since: 0, count: 0 };

  constructor(of: Remote) {
    this.of = of;
    this.server = of.launch.server;
    this.owner = of.owner;
    this.url = new URL(of.launch.url);
    this.hint = `See \`gatehouse server logs ${this.server}\`.`;
    this.startedAt = of.needs.clock.now();
    this.#complaints = new Complaints(
      () => of.needs.clock.now(),
      (problem, unreported) => {
        const masked = of.needs.mask()(problem);
        of.logs.add({ at: new Date(of.needs.clock.now()).toISOString(), text: masked });
        of.needs.onEvent({ type: 'server.protocol-error', server: this.server, connection: of.owner, problem: masked, unreported });
      },
    );
  }

  /** Sends one request and waits for its reply; `signal` aborts when nobody waits any more. */
  protected abstract carry(text: string, id: RequestId, signal: AbortSignal, hear: (message: Message) => void): Promise<Message>;
  abstract notify(text: string): void;
  /** The server is told that we left, in the way of its transport. */
  protected abstract farewell(): Promise<void>;

  get inFlight(): number {
    let count = 0;
    for (const { standing } of this.#inFlight.values()) if (!standing) count++;
    return count;
  }

  get gone(): boolean {
    return this.#gone !== null;
  }

  request(text: string, id: RequestId, options: RequestOptions = {}): Promise<Message> {
    if (this.isOwn(id)) return Promise.reject(requestFailed(this.server, 'duplicate-id'));
    return this.#track(text, id, options, false);
  }

  ask(method: string, paramsText?: string, limitMs: number | null = this.of.limits.startMs): Promise<Message> {
    const id = `${this.of.privatePrefix}${++this.#counter}`;
    const params = paramsText === undefined ? '' : `,"params":${paramsText}`;
    const text = `{"jsonrpc":"2.0","id":"${id}","method":${JSON.stringify(method)}${params}}`;
    if (limitMs === null) return this.#track(text, id, {}, true);
    const limit = AbortSignal.timeout(Math.ceil(limitMs));
    return this.#track(text, id, { signal: limit }, false).catch((error: unknown) => {
      throw limit.aborted && error instanceof RequestFailed ? requestFailed(this.server, 'timeout') : error;
    });
  }

  listen(onMessage: (message: Message) => void, onExit: (reason: string) => void): void {
    this.#unheard.hear(onMessage, onExit);
  }

  retire(reason: string): void {
    if (this.#gone !== null) return;
    this.#end(reason, true);
    this.left = this.farewell()
      .catch(() => {})
      .finally(() => this.of.exchange.close());
  }

  protected isOwn(id: RequestId): boolean {
    return typeof id === 'string' && id.startsWith(this.of.privatePrefix);
  }

  /** It ended by itself, or can no longer be spoken to. */
  protected finish(reason: string): void {
    if (this.#gone !== null) return;
    this.#end(reason, false);
    this.of.exchange.close();
    this.of.onGone(reason);
  }

  protected complain(problem: string): void {
    this.#complaints.add(problem);
  }

  /** A message that belongs to no request's own stream. */
  protected hear(message: Message): void {
    const problem = this.#unheard.add(message);
    if (problem) this.complain(problem);
  }

  /** A message as it came, on one line: JSON allows line ends between tokens only, and what it is sent on by may not. */
  protected read(bytes: Buffer): Message {
    const { parseMessage } = this.of.needs;
    const message = parseMessage(bytes, this.of.limits.lineBytes);
    return /[\r\n]/.test(message.text) ? parseMessage(message.text.replace(/[\r\n]+/g, ' ')) : message;
  }

  /** True when it says more in a second than it may; whoever reads it then pauses. */
  protected tooMuch(): boolean {
    const now = performance.now();
    if (now - this.#unasked.since >= 1_000) this.#unasked = { since: now, count: 0 };
    if (++this.#unasked.count !== unaskedPerSecond) return this.#unasked.count > unaskedPerSecond;
    this.complain(`more than ${unaskedPerSecond} messages in a second that nobody asked for; it is slowed down`);
    return true;
  }

  async #track(text: string, id: RequestId, { signal, onMessage }: RequestOptions, standing: boolean): Promise<Message> {
    if (this.#gone !== null) throw new ServerGone(this.server, this.#gone);
    const key = keyOf(id);
    if (this.#inFlight.has(key)) throw requestFailed(this.server, 'duplicate-id');
    if (signal?.aborted) throw requestFailed(this.server, 'cancelled');
    this.#inFlight.set(key, { standing });
    this.lastUsed = performance.now();
    const ended = signal ? AbortSignal.any([signal, this.over.signal]) : this.over.signal;
    const left = Promise.withResolvers<never>();
    // What the request itself says about its end is said first.
    const leave = () => setImmediate(() => left.reject(requestFailed(this.server, 'cancelled')));
    ended.addEventListener('abort', leave, { once: true });
    const hear = onMessage
      ? (message: Message) => {
          try {
            onMessage(message);
          } catch (error) {
            this.complain(`its message ${message.method} could not be handled: ${error instanceof Error ? error.message : 'unknown'}`);
          }
        }
      : (message: Message) => this.hear(message);
    try {
      return await Promise.race([this.carry(text, id, ended, hear), left.promise]);
    } catch (error) {
      if (this.#gone !== null && !(error instanceof ServerGone)) throw new ServerGone(this.server, this.#gone);
      throw signal?.aborted ? requestFailed(this.server, 'cancelled') : error;
    } finally {
      ended.removeEventListener('abort', leave);
      this.#inFlight.delete(key);
      this.lastUsed = performance.now();
    }
  }

  #end(reason: string, expected: boolean): void {
    this.#gone = reason;
    this.over.abort();
    this.#unheard.end(reason);
    // One that never opened was only a try.
    if (this.openingText === '') return;
    const { server, owner } = this;
    this.of.needs.onEvent({
      ...{ type: 'server.exited', server, connection: owner, pid: null, code: null, signal: null, expected },
      reason: this.of.needs.mask()(reason),
    });
  }
}
