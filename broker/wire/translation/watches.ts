// Resources that stateless clients watch at a handshake server: subscribed to once however many watch, and let go with the last of them.
import type { Message } from '../../../shared/message.ts';
import { idText, nameParam, parseMessage } from '../gate.ts';
import { putMember } from '../spans.ts';
import { keys } from '../stateless/envelope.ts';
import type { RequestOptions, Upstream } from './upstream.ts';

interface Watch {
  readonly id: string;
  readonly uris: readonly string[];
  end(error: Error): void;
}

export class Watches {
  readonly #inner: Upstream;
  readonly #tell: (message: Message) => void;
  readonly #open = new Set<Watch>();
  readonly #counts = new Map<string, number>();

  constructor(inner: Upstream, tell: (message: Message) => void) {
    [this.#inner, this.#tell] = [inner, tell];
  }

  /** `subscriptions/listen`: held here for as long as the client listens. Changes of lists are told by the server to everybody anyway. */
  listen(message: Message, { signal }: RequestOptions): Promise<Message> {
    const { resourceSubscriptions = [] } = (message.params?.notifications ?? {}) as { resourceSubscriptions?: string[] };
    const id = idText(message);
    const done = Promise.withResolvers<Message>();
    const watch: Watch = { id, uris: [...new Set(resourceSubscriptions)], end: done.reject };
    this.#open.add(watch);
    for (const uri of watch.uris) this.#count(uri, 1);
    const leave = () => {
      if (!this.#open.delete(watch)) return;
      for (const uri of watch.uris) this.#count(uri, -1);
      done.reject(new Error('the client stopped listening'));
    };
    if (signal?.aborted) leave();
    else signal?.addEventListener('abort', leave, { once: true });
    return done.promise;
  }

  updated(message: Message): void {
    const uri = nameParam(message, 'uri') ?? '';
    for (const { id, uris } of this.#open) {
      if (uris.some((own) => uri.startsWith(own)))
        this.#tell(parseMessage(putMember(message.text, ['params', '_meta', keys.subscription], id)));
    }
  }

  end(reason: string): void {
    for (const watch of this.#open) watch.end(new Error(reason));
    this.#open.clear();
    this.#counts.clear();
  }

  #count(uri: string, by: 1 | -1): void {
    const before = this.#counts.get(uri) ?? 0;
    if (before + by > 0) this.#counts.set(uri, before + by);
    else this.#counts.delete(uri);
    const method = before === 0 && by === 1 ? 'resources/subscribe' : before === 1 && by === -1 ? 'resources/unsubscribe' : null;
    // A server that refuses a subscription tells nothing, as one that has nothing to tell.
    if (method) this.#inner.ask(method, JSON.stringify({ uri })).catch(() => {});
  }
}
