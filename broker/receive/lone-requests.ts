// Requests over HTTP that each stand alone: brought to the one connection that serves this client on this path.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Message } from '../../shared/message.ts';
import type { AcceptStateless, StatelessHttp } from './arrival.ts';
import { LoneResponse } from './lone-response.ts';

/** Milliseconds without a request under way after which the connection, and the servers that run for it, are let go. */
const idleMs = 30 * 60_000;

interface Served {
  readonly client: string;
  readonly connection: StatelessHttp;
  lastActiveAt: number;
}

export class LoneRequests {
  readonly #accept: AcceptStateless;
  readonly #now: () => number;
  readonly #served = new Map<string, Served>();
  readonly #responses = new Set<LoneResponse>();

  constructor(accept: AcceptStateless, now: () => number) {
    this.#accept = accept;
    this.#now = now;
  }

  /** Takes one message; `stream`: its client takes an event stream. @throws GatehouseError when the client may not connect */
  take(
    of: { readonly client: string; readonly path: string; readonly server: string | null; readonly stream: boolean },
    message: Message,
    req: IncomingMessage,
    res: ServerResponse,
  ): void {
    const { connection } = this.#of(of);
    let withdraw = () => {};
    const response = new LoneResponse(res, of.stream, () => withdraw());
    this.#responses.add(response);
    res.once('close', () => this.#responses.delete(response));
    withdraw = connection.receive(message, response, (name) => {
      const value = req.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    });
    if (message.kind === 'notification') res.writeHead(202).end();
  }

  count(client?: string): number {
    return [...this.#served.values()].filter((served) => client === undefined || served.client === client).length;
  }

  keepAlive(): void {
    for (const response of this.#responses) response.keepAlive();
  }

  endClient(client: string, reason: string): void {
    this.#end((served) => served.client === client, reason);
  }

  endAll(reason: string): void {
    this.#end(() => true, reason);
  }

  endIdle(): void {
    this.#end(({ connection, lastActiveAt }) => connection.quiet() && this.#now() - lastActiveAt > idleMs, 'it was idle');
  }

  #of({ client, path, server }: { readonly client: string; readonly path: string; readonly server: string | null }): Served {
    const key = `${client}\n${path}`;
    const served = this.#served.get(key) ?? {
      client,
      connection: this.#accept({ client, via: 'http', folder: null, process: null, only: server }),
      lastActiveAt: 0,
    };
    served.lastActiveAt = this.#now();
    this.#served.set(key, served);
    return served;
  }

  #end(which: (served: Served) => boolean, reason: string): void {
    for (const [key, served] of this.#served) {
      if (!which(served)) continue;
      this.#served.delete(key);
      served.connection.end(reason);
    }
  }
}
