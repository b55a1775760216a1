// Resources a handshake client subscribed to, watched at a stateless server by one subscription that is opened anew when they change.
import type { Message } from '../../../shared/message.ts';
import { enveloped } from './texts.ts';
import type { Upstream } from './upstream.ts';

interface Means {
  freshId(): string;
  /** `_meta` of a request made now, as the text of an object. */
  envelope(): string;
  heard(message: Message): void;
}

/** Milliseconds before a subscription that the server ended is opened again. */
const againMs = 1_000;

export class ListeningFor {
  readonly #inner: Upstream;
  readonly #means: Means;
  readonly #uris = new Set<string>();
  #open: AbortController | null = null;
  #soon = false;

  constructor(inner: Upstream, means: Means) {
    [this.#inner, this.#means] = [inner, means];
  }

  set(uri: string, wanted: boolean): void {
    if (this.#uris.has(uri) === wanted) return;
    if (wanted) this.#uris.add(uri);
    else this.#uris.delete(uri);
    // Changes that come together cost one subscription.
    if (this.#soon) return;
    this.#soon = true;
    setImmediate(() => {
      this.#soon = false;
      this.#renew();
    });
  }

  end(): void {
    this.#uris.clear();
    this.#open?.abort();
    this.#open = null;
  }

  /** The new one first: what changes meanwhile is told twice rather than not at all. */
  #renew(): void {
    const before = this.#open;
    this.#open = null;
    if (this.#uris.size > 0) this.#listen();
    before?.abort();
  }

  #listen(): void {
    const open = new AbortController();
    this.#open = open;
    const id = this.#means.freshId();
    const notifications = JSON.stringify({ resourceSubscriptions: [...this.#uris] });
    const text = enveloped(
      `{"jsonrpc":"2.0","id":"${id}","method":"subscriptions/listen","params":{"notifications":${notifications}}}`,
      this.#means.envelope(),
    );
    const again = () => {
      if (this.#open !== open) return;
      this.#open = null;
      setTimeout(() => {
        if (this.#open === null && this.#uris.size > 0) this.#listen();
      }, againMs).unref();
    };
    // A server that is gone, or that refuses, is not asked again.
    const over = () => {
      if (this.#open === open) this.#open = null;
    };
    this.#inner
      .request(text, id, { signal: open.signal, onMessage: (message) => this.#means.heard(message) })
      .then((reply) => (reply.failed ? over() : again()), over);
  }
}
