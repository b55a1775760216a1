// A handshake server as a client of the stateless era sees it (mcp.md 3.3). What it asks of the client becomes a result that needs input.
import type { Message, RequestId } from '../../../shared/message.ts';
import { codes, idText, parseMessage } from '../gate.ts';
import { memberText, withMember } from '../spans.ts';
import { keys, lowerLevel } from '../stateless/envelope.ts';
import { errorText, resultText } from '../texts.ts';
import { discoverResultOf } from './openings.ts';
import { Calls, type Principal } from './parked-calls.ts';
import { completed, withoutEnvelope } from './texts.ts';
import type { RequestOptions, Upstream } from './upstream.ts';
import { Watches } from './watches.ts';

/** Those that a server may answer with questions of its own. */
const calls = new Set(['tools/call', 'prompts/get', 'resources/read']);
/** Notes of the other era that have no reader in this one. */
const unheard = new Set(['notifications/elicitation/complete', 'notifications/tasks/status']);

export class AsStateless implements Upstream {
  readonly era = 'stateless';
  readonly openingText: string;
  readonly #inner: Upstream;
  readonly #serverInfo: string | null;
  readonly #logs: boolean;
  readonly #calls: Calls;
  readonly #watches: Watches;
  #count = 0;
  #level: string | null = null;
  #onMessage: (message: Message) => void = () => {};

  /** @param inner opened with the capabilities that this client declares */
  constructor(inner: Upstream, principal: Principal) {
    this.#inner = inner;
    this.openingText = discoverResultOf({ era: 'handshake', openingText: inner.openingText });
    this.#serverInfo = memberText(inner.openingText, ['serverInfo']);
    this.#logs = memberText(inner.openingText, ['capabilities', 'logging']) !== null;
    this.#calls = new Calls(inner, principal, {
      freshId: () => this.#freshId(),
      finished: (reply, method) => completed(reply, method, this.#serverInfo),
      tell: (message) => this.#onMessage(message),
    });
    this.#watches = new Watches(inner, (message) => this.#onMessage(message));
  }

  get server(): string {
    return this.#inner.server;
  }

  get pid(): number | null {
    return this.#inner.pid;
  }

  get inFlight(): number {
    return this.#inner.inFlight;
  }

  async request(text: string, id: RequestId, options: RequestOptions = {}): Promise<Message> {
    const message = parseMessage(text);
    const method = message.method ?? '';
    if (method === 'server/discover') return parseMessage(resultText(id, this.openingText));
    if (method === 'subscriptions/listen') return this.#watches.listen(message, options);
    // Tasks are another protocol in each era (mcp.md 3.4).
    if (method.startsWith('tasks/')) return parseMessage(errorText(id, codes.unknownMethod, 'Method not found'));
    this.#setLevel(memberText(text, ['params', '_meta', keys.level]));
    return calls.has(method) ? this.#calls.call(message, options) : this.#plain(message, options);
  }

  /** What a client of this era tells a server without asking is that it cancels, and that goes by the request's signal. */
  notify(): void {}

  async ask(method: string, paramsText?: string, limitMs?: number | null): Promise<Message> {
    const reply = await this.#inner.ask(method, paramsText, limitMs);
    return parseMessage(completed(reply.text, method, this.#serverInfo));
  }

  listen(onMessage: (message: Message) => void, onExit: (reason: string) => void): void {
    this.#onMessage = onMessage;
    this.#inner.listen(
      (message) => this.#fromServer(message),
      (reason) => {
        this.#calls.end();
        this.#watches.end(reason);
        onExit(reason);
      },
    );
  }

  /** Ids of different clients' requests meet here, and those of calls that wait outlive the request that made them. */
  #freshId(): string {
    return `gatehouse-s${++this.#count}`;
  }

  async #plain(message: Message, { signal }: RequestOptions): Promise<Message> {
    const id = this.#freshId();
    const cancel = () =>
      this.#inner.notify(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${JSON.stringify(id)}}}`);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const outgoing = withMember(withoutEnvelope(message.text), ['id'], JSON.stringify(id));
      const reply = await this.#inner.request(outgoing, id, signal ? { signal } : {});
      return parseMessage(withMember(completed(reply.text, message.method ?? '', this.#serverInfo), ['id'], idText(message)));
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** The level holds for everything the server says; which request gets what is filtered behind us. Nobody asked: nothing to say. */
  #setLevel(text: string | null): void {
    if (text === null || !this.#logs) return;
    const level = lowerLevel(JSON.parse(text) as string, this.#level);
    if (level === this.#level) return;
    this.#level = level;
    this.#inner.ask('logging/setLevel', JSON.stringify({ level })).catch(() => {});
  }

  #fromServer(message: Message): void {
    const { method = '' } = message;
    if (message.kind === 'request') this.#calls.asked(message, null);
    else if (method === 'notifications/progress') this.#calls.progress(message, null);
    else if (method === 'notifications/cancelled') this.#calls.unasked(message);
    else if (method === 'notifications/resources/updated') this.#watches.updated(message);
    else if (!unheard.has(method)) this.#onMessage(message);
  }
}
