// Every client connection that is open: identified anew for each message, joined to its session, wired to the broker.
import { randomBytes } from 'node:crypto';
import { GatehouseError } from '../../shared/errors.ts';
import type { Message, RequestId } from '../../shared/message.ts';
import type { Caller, Denied, ServerRequest } from '../../shared/request.ts';
import { endedMethod, hookServer } from '../clients/hooks.ts';
import type { Session, Sessions } from '../identify/sessions.ts';
import { clientStopped } from '../mediate/decide.ts';
import type { Arrival, Connection, Downstream, StatelessHttp } from '../receive/arrival.ts';
import type { ClientRow } from '../store/rows.ts';
import { connectionOf, type Ended, type Engine } from '../wire/engine.ts';
import { HandshakeConnection } from '../wire/handshake/connection.ts';
import type { Offer } from '../wire/handshake/offers.ts';
import { OpeningConnection } from '../wire/opening.ts';
import { StatelessConnection } from '../wire/stateless/connection.ts';
import { Tasks } from '../wire/stateless/tasks.ts';
import { Quota } from './quota.ts';
import type { AskClient } from './server-asks.ts';

export interface Needs {
  readonly version: string;
  readonly sessions: Sessions;
  clientRow(name: string): ClientRow | undefined;
  offers(client: string, only: string | null): readonly Offer[];
  /** `lane`: for what server processes are started; one connection has one or more (wire/engine.ts). */
  handle(lane: string, request: ServerRequest, gone: AbortSignal, waiting: () => void): Promise<Ended>;
  toServer(connection: string, server: string, text: string): void;
  setLevel(connection: string, server: string, params: string): void;
  /** Why a server may not speak to this client now; null when it may. */
  stopped(client: string, server: string): Denied | null;
  runningServers(connection: string): readonly string[];
  stopServers(lane: string): void;
  record(type: string, facts: Readonly<Record<string, unknown>>): void;
  /** What a server asks of the client on this connection. */
  ask: AskClient;
  /** A hook of this client reports what came of one of its own tools. @throws when that cannot be read or written down */
  toolEnded(caller: Caller, report: Readonly<Record<string, unknown>>): void;
  /** A client came over HTTP, where nothing is known of its program. */
  overHttp(client: string): void;
  changed(): void;
  now(): number;
}

export interface Open {
  readonly id: string;
  readonly arrival: Arrival;
  readonly engine: Engine;
  session: Session;
}

const progressMs = 5_000;

export class Connections {
  readonly #needs: Needs;
  readonly #open = new Map<string, Open>();
  readonly #lastSeen = new Map<string, number>();
  readonly #notes: Quota;
  readonly #tasks = new Tasks();

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
    const shared = this.#shared(id, arrival);
    const engine = new OpeningConnection({
      send: (message) => down.send(message),
      stateless: () => new StatelessConnection({ ...shared, ...this.#forStateless(arrival.client), ownIds: false }),
      handshake: () =>
        new HandshakeConnection({
          ...shared,
          send: (message) => down.send(message),
          unanswered: (request) => down.unanswered?.(request),
          handle: (request, gone, waiting) => needs.handle(id, request, gone, waiting),
          toServer: (server, text) => needs.toServer(id, server, text),
          setLevel: (server, params) => needs.setLevel(id, server, params),
          runningServers: () => needs.runningServers(id),
          ask: (ask) => needs.ask(id, ask),
        }),
    });
    this.#begin(id, arrival, engine);
    const hooked = arrival.only === hookServer;
    return {
      id,
      receive: (message) => (hooked && message.method === endedMethod ? this.#toolEnded(id, message, down) : engine.receive(message)),
      end: (reason) => this.#end(id, reason),
    };
  }

  /** A report is no use of a server: nothing is decided, nothing forwarded. */
  #toolEnded(id: string, { id: request, params }: Message, down: Downstream): void {
    if (request === undefined) return;
    let reply: object = { result: {} };
    try {
      this.#needs.toolEnded(this.callerOf(id), params ?? {});
    } catch (thrown) {
      reply = { error: { code: -32600, message: thrown instanceof GatehouseError ? thrown.message : 'It could not be written down.' } };
    }
    down.send({ text: JSON.stringify({ jsonrpc: '2.0', id: request, ...reply }), answers: request });
  }

  /** For requests over HTTP that each stand alone; one of these serves all that a client sends to one path. @throws as `accept` */
  acceptStateless(arrival: Arrival): StatelessHttp {
    const id = `c-${randomBytes(9).toString('base64url')}`;
    const row = this.#needs.clientRow(arrival.client);
    if (!row || row.state === 'revoked')
      throw new GatehouseError('refused', 'This client is not paired.', 'Pair it: gatehouse client add NAME');
    const engine = new StatelessConnection({ ...this.#shared(id, arrival), ...this.#forStateless(arrival.client), ownIds: true });
    this.#begin(id, arrival, engine);
    return {
      id,
      receive: (message, back, headers) => engine.receive(message, back, headers),
      quiet: () => engine.quiet,
      end: (reason) => this.#end(id, reason),
    };
  }

  #shared(id: string, arrival: Arrival) {
    const needs = this.#needs;
    return {
      id,
      only: arrival.only,
      version: needs.version,
      progressMs,
      offers: () => needs.offers(arrival.client, arrival.only),
      stopped: (server: string | null) => {
        this.#lastSeen.set(arrival.client, needs.now());
        return clientStopped(needs.clientRow(arrival.client)) ?? (server === null ? null : needs.stopped(arrival.client, server));
      },
      note: (type: string, facts: Readonly<Record<string, unknown>>) =>
        this.#notes.take(`${arrival.client} ${type}`, (unreported) =>
          needs.record(type, {
            client: arrival.client,
            session: this.callerOf(id).session,
            ...(arrival.only ? { server: arrival.only } : {}),
            ...facts,
            ...(unreported > 0 ? { unreported } : {}),
          }),
        ),
    };
  }

  #forStateless(client: string) {
    const needs = this.#needs;
    return {
      handle: needs.handle,
      ask: needs.ask,
      laneEnded: needs.stopServers,
      task: (taskId: string) => this.#tasks.get(client, taskId),
      rememberTask: (taskId: string, task: { server: string; capability: string }) => this.#tasks.put(client, taskId, task),
    };
  }

  #begin(id: string, arrival: Arrival, engine: Engine): void {
    const session = this.#needs.sessions.join(arrival.client, arrival.process, arrival.folder);
    session.connections++;
    this.#open.set(id, { id, arrival, engine, session });
    this.#lastSeen.set(arrival.client, this.#needs.now());
    if (arrival.via === 'http') this.#needs.overHttp(arrival.client);
    this.#needs.changed();
  }

  /** Who is asking, for this very message. @throws GatehouseError refused */
  callerOf(lane: string): Caller {
    const open = this.get(lane);
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
    return { client, session: session.id, connection: lane, folder, via };
  }

  get(lane: string): Open | undefined {
    return this.#open.get(connectionOf(lane));
  }

  of(client: string): Open[] {
    return [...this.#open.values()].filter((open) => open.arrival.client === client);
  }

  lastSeen(client: string): number | null {
    return this.#lastSeen.get(client) ?? null;
  }

  /** Something came from this client that is no message, or could be read in two ways: nothing of its content is kept. */
  unreadable(client: string, via: Arrival['via'], why: string): void {
    const reason = why.replace(/"(?:[^"\\]|\\.)*"/g, '"..."').slice(0, 300);
    this.#notes.take(`${client} unreadable`, (unreported) =>
      this.#needs.record('refused', {
        client,
        via,
        verdict: 'deny',
        decidedBy: 'hygiene',
        reason,
        ...(unreported > 0 ? { unreported } : {}),
      }),
    );
  }

  /** What some client may see has changed. */
  listsChanged(): void {
    for (const open of this.#open.values()) open.engine.listsChanged();
  }

  fromServer(lane: string, server: string, message: Message, during?: RequestId): void {
    this.get(lane)?.engine.fromServer(lane, server, message, during);
  }

  serverGone(lane: string, server: string): void {
    this.get(lane)?.engine.serverGone(lane, server);
  }

  #end(id: string, reason: string): void {
    const open = this.#open.get(id);
    if (!open) return;
    const lanes = new Set([id, ...open.engine.lanes()]);
    open.engine.end();
    this.#open.delete(id);
    open.session.connections--;
    for (const lane of lanes) this.#needs.stopServers(lane);
    const { client, only } = open.arrival;
    this.#needs.record('client.disconnected', { client, session: open.session.id, ...(only ? { server: only } : {}), reason });
    this.#needs.changed();
  }
}
