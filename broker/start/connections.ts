// Every client connection that is open: identified anew for each message, joined to its session, wired to the broker.
import { randomBytes } from 'node:crypto';
import { GatehouseError } from '../../shared/errors.ts';
import type { Message } from '../../shared/message.ts';
import type { Caller, Denied, ServerRequest } from '../../shared/request.ts';
import type { Session, Sessions } from '../identify/sessions.ts';
import { clientStopped } from '../mediate/decide.ts';
import type { Arrival, Connection, Downstream } from '../receive/arrival.ts';
import type { ClientRow } from '../store/rows.ts';
import { type Ended, HandshakeConnection } from '../wire/handshake/connection.ts';
import type { Offer } from '../wire/handshake/offers.ts';
import { Quota } from './quota.ts';
import type { AskClient } from './server-asks.ts';

export interface Needs {
  readonly version: string;
  readonly sessions: Sessions;
  clientRow(name: string): ClientRow | undefined;
  offers(client: string, only: string | null): readonly Offer[];
  handle(connection: string, request: ServerRequest, gone: AbortSignal, waiting: () => void): Promise<Ended>;
  toServer(connection: string, server: string, text: string): void;
  setLevel(connection: string, server: string, params: string): void;
  /** Why a server may not speak to this client now; null when it may. */
  stopped(client: string, server: string): Denied | null;
  runningServers(connection: string): readonly string[];
  stopServers(connection: string): void;
  record(type: string, facts: Readonly<Record<string, unknown>>): void;
  /** What a server asks of the client on this connection. */
  ask: AskClient;
  changed(): void;
  now(): number;
}

export interface Open {
  readonly id: string;
  readonly arrival: Arrival;
  readonly engine: HandshakeConnection;
  session: Session;
}

const progressMs = 5_000;

export class Connections {
  readonly #needs: Needs;
  readonly #open = new Map<string, Open>();
  readonly #lastSeen = new Map<string, number>();
  readonly #notes: Quota;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#notes = new Quota(needs.now);
  }

  /** @throws GatehouseError refused for a client that is not paired any more */
  accept(arrival: Arrival, down: Downstream): Connection {
    const needs = this.#needs;
    const row = needs.clientRow(arrival.client);
    if (!row || row.state === 'revoked')
      throw new GatehouseError('refused', 'This client is not paired.', 'Pair it: gatehouse client add NAME');
    const id = `c-${randomBytes(9).toString('base64url')}`;
    const engine = new HandshakeConnection({
      id,
      only: arrival.only,
      version: needs.version,
      progressMs,
      send: (message) => down.send(message),
      unanswered: (request) => down.unanswered?.(request),
      offers: () => needs.offers(arrival.client, arrival.only),
      handle: (request, gone, waiting) => needs.handle(id, request, gone, waiting),
      stopped: (server) => {
        this.#lastSeen.set(arrival.client, needs.now());
        return clientStopped(needs.clientRow(arrival.client)) ?? (server === null ? null : needs.stopped(arrival.client, server));
      },
      toServer: (server, text) => needs.toServer(id, server, text),
      setLevel: (server, params) => needs.setLevel(id, server, params),
      runningServers: () => needs.runningServers(id),
      note: (type, facts) =>
        this.#notes.take(`${arrival.client} ${type}`, (unreported) =>
          needs.record(type, {
            client: arrival.client,
            session: this.callerOf(id).session,
            ...(arrival.only ? { server: arrival.only } : {}),
            ...facts,
            ...(unreported > 0 ? { unreported } : {}),
          }),
        ),
      ask: (ask) => needs.ask(id, ask),
    });
    const session = needs.sessions.join(arrival.client, arrival.process, arrival.folder);
    session.connections++;
    this.#open.set(id, { id, arrival, engine, session });
    this.#lastSeen.set(arrival.client, needs.now());
    needs.changed();
    return { id, receive: (message) => engine.receive(message), end: (reason) => this.#end(id, reason) };
  }

  /** Who is asking, for this very message. @throws GatehouseError refused */
  callerOf(connection: string): Caller {
    const open = this.#open.get(connection);
    const row = open && this.#needs.clientRow(open.arrival.client);
    if (!open || !row || row.state === 'revoked')
      throw new GatehouseError('refused', 'This client is not paired any more.', 'Tell the user to pair it again.');
    const { client, process, folder, via } = open.arrival;
    const session = this.#needs.sessions.join(client, process, folder);
    if (session !== open.session) {
      open.session.connections--;
      session.connections++;
      open.session = session;
    }
    return { client, session: session.id, connection, folder, via };
  }

  get(connection: string): Open | undefined {
    return this.#open.get(connection);
  }

  of(client: string): Open[] {
    return [...this.#open.values()].filter((open) => open.arrival.client === client);
  }

  lastSeen(client: string): number | null {
    return this.#lastSeen.get(client) ?? null;
  }

  /** What some client may see has changed. */
  listsChanged(): void {
    for (const open of this.#open.values()) if (open.arrival.only === null) open.engine.listsChanged();
  }

  fromServer(connection: string, server: string, message: Message): void {
    this.#open.get(connection)?.engine.fromServer(server, message);
  }

  serverGone(connection: string, server: string): void {
    this.#open.get(connection)?.engine.serverGone(server);
  }

  #end(id: string, reason: string): void {
    const open = this.#open.get(id);
    if (!open) return;
    open.engine.end();
    this.#open.delete(id);
    open.session.connections--;
    this.#needs.stopServers(id);
    const { client, only } = open.arrival;
    this.#needs.record('client.disconnected', { client, session: open.session.id, ...(only ? { server: only } : {}), reason });
    this.#needs.changed();
  }
}
