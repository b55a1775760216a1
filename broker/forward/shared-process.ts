// One stateless server process for all connections of a session: ids, progress tokens and subscriptions of one never meet another's.
import type { Message, RequestId } from '../../shared/message.ts';
import { requestFailed } from './awaited.ts';
import type { Needs } from './needs.ts';
import type { ServerProcess } from './server-process.ts';
import { metaKey, subscriptionKey } from './stateless.ts';
import { Unheard } from './unheard.ts';
import type { RequestOptions, Upstream } from './upstream.ts';

/** A request on its way under an id of ours. */
interface Mapped {
  readonly lease: Lease;
  readonly id: RequestId;
  readonly idText: string;
  /** As the client wrote it; null where it asked for no progress. */
  readonly tokenText: string | null;
  /** It asked for the server's log messages. */
  readonly logs: boolean;
}

const tokenPath = ['params', '_meta', 'progressToken'];

export class SharedProcess {
  readonly process: ServerProcess;
  readonly #needs: Pick<Needs, 'withMember' | 'memberText'>;
  readonly #leases = new Map<string, Lease>();
  readonly #mapped = new Map<string, Mapped>();
  #counter = 0;

  constructor(needs: Pick<Needs, 'withMember' | 'memberText'>, process: ServerProcess) {
    this.#needs = needs;
    this.process = process;
    process.listen(
      (message) => this.#heard(message),
      (reason) => {
        for (const lease of this.#leases.values()) lease.end(reason);
        this.#leases.clear();
      },
    );
  }

  /** The server as this connection sees it. */
  lease(connection: string): Upstream {
    const lease = this.#leases.get(connection) ?? new Lease(this, this.process);
    this.#leases.set(connection, lease);
    return lease;
  }

  /** The connection is gone: what it still waits for is cancelled. True when nobody is left. */
  release(connection: string): boolean {
    const lease = this.#leases.get(connection);
    this.#leases.delete(connection);
    lease?.end('was left by its client');
    return this.#leases.size === 0;
  }

  holds(connection: string): boolean {
    return this.#leases.has(connection);
  }

  async request(lease: Lease, text: string, id: RequestId, options: RequestOptions): Promise<Message> {
    const { withMember, memberText } = this.#needs;
    const own = `g${++this.#counter}`;
    const ownText = `"${own}"`;
    const tokenText = memberText(text, tokenPath);
    const logs = memberText(text, ['params', '_meta', metaKey('logLevel')]) !== null;
    this.#mapped.set(own, { lease, id, idText: memberText(text, ['id']) ?? JSON.stringify(id), tokenText, logs });
    let sent = withMember(text, ['id'], ownText);
    // The token says the same as the id: which request it is.
    if (tokenText !== null) sent = withMember(sent, tokenPath, ownText);
    try {
      return this.#back(await this.process.request(sent, own, options), own);
    } finally {
      this.#mapped.delete(own);
    }
  }

  /** A reply as the one who asked knows it. */
  #back(reply: Message, own: string): Message {
    const { id, idText } = this.#mapped.get(own) as Mapped;
    let text = this.#needs.withMember(reply.text, ['id'], idText);
    text = this.#needs.withMember(text, ['result', '_meta', subscriptionKey], idText);
    return { ...reply, id, text, value: { ...reply.value, id } };
  }

  #heard(message: Message): void {
    if (message.kind === 'request') return this.process.complain(`a request (${message.method}), which this protocol does not know`);
    const meta = message.params?._meta as Record<string, unknown> | undefined;
    const subscription = meta?.[subscriptionKey];
    if (subscription !== undefined) return this.#ofSubscription(message, subscription as RequestId);
    if (message.method === 'notifications/progress')
      return this.#ofRequest(message, message.params?.progressToken, ['params', 'progressToken'], (mapped) => mapped.tokenText);
    if (message.method === 'notifications/cancelled')
      return this.#ofRequest(message, message.params?.requestId, ['params', 'requestId'], (mapped) => mapped.idText);
    // Nothing says which request a log message belongs to; all who hear it are connections of one client's session.
    const hearing = new Set<Lease>();
    for (const { lease, logs } of this.#mapped.values()) if (logs || message.method !== 'notifications/message') hearing.add(lease);
    for (const lease of hearing) lease.hear(message);
  }

  #ofSubscription(message: Message, id: RequestId): void {
    if (!this.process.isOwn(id)) {
      return this.#ofRequest(message, id, ['params', '_meta', subscriptionKey], (mapped) => mapped.idText);
    }
    if (!message.method?.endsWith('/list_changed')) return;
    const text = `{"jsonrpc":"2.0","method":${JSON.stringify(message.method)}}`;
    const plain: Message = { text, kind: 'notification', method: message.method, value: { jsonrpc: '2.0', method: message.method } };
    for (const lease of this.#leases.values()) lease.hear(plain);
  }

  #ofRequest(message: Message, own: unknown, path: readonly string[], as: (mapped: Mapped) => string | null): void {
    const mapped = typeof own === 'string' ? this.#mapped.get(own) : undefined;
    const replacement = mapped && as(mapped);
    if (!mapped || !replacement) return this.process.complain(`${message.method} for no request in flight`);
    const text = this.#needs.withMember(message.text, path, replacement);
    mapped.lease.hear({ ...message, text, ...changed(message, path, JSON.parse(replacement)) });
  }
}

/** The parsed form of a message with one value replaced. */
function changed(message: Message, path: readonly string[], value: unknown): Pick<Message, 'value' | 'params'> {
  const put = (at: Readonly<Record<string, unknown>>, [step, ...rest]: readonly string[]): Readonly<Record<string, unknown>> => {
    const key = step as string;
    return { ...at, [key]: rest.length === 0 ? value : put(at[key] as Record<string, unknown>, rest) };
  };
  const whole = put(message.value, path);
  return { value: whole, params: whole.params as Record<string, unknown> };
}

class Lease implements Upstream {
  readonly era = 'stateless';
  readonly #shared: SharedProcess;
  readonly #process: ServerProcess;
  readonly #unheard = new Unheard();
  readonly #left = new AbortController();
  readonly #inFlight = new Set<string>();

  constructor(shared: SharedProcess, process: ServerProcess) {
    this.#shared = shared;
    this.#process = process;
  }

  get server(): string {
    return this.#process.server;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get openingText(): string {
    return this.#process.openingText;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  async request(text: string, id: RequestId, options: RequestOptions = {}): Promise<Message> {
    const key = `${typeof id}:${id}`;
    if (this.#inFlight.has(key)) throw requestFailed(this.server, 'duplicate-id');
    this.#inFlight.add(key);
    try {
      const signal = options.signal ? AbortSignal.any([options.signal, this.#left.signal]) : this.#left.signal;
      return await this.#shared.request(this, text, id, { signal });
    } finally {
      this.#inFlight.delete(key);
    }
  }

  /** A cancellation names an id that only the request's own signal can translate. */
  notify(text: string): void {
    if (!text.includes('notifications/cancelled')) this.#process.notify(text);
  }

  ask(method: string, paramsText?: string, limitMs?: number | null): Promise<Message> {
    return this.#process.ask(method, paramsText, limitMs);
  }

  listen(onMessage: (message: Message) => void, onExit: (reason: string) => void): void {
    this.#unheard.hear(onMessage, onExit);
  }

  hear(message: Message): void {
    const problem = this.#unheard.add(message);
    if (problem) this.#process.complain(problem);
  }

  end(reason: string): void {
    this.#left.abort();
    this.#unheard.end(reason);
  }
}
