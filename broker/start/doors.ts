// The three doors of a broker: loopback HTTP, the connectors' socket, the operator's socket. Each proves who knocks before anything else.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { checkSocketFolder, socketPath } from '../host/home.ts';
import { greet } from '../identify/challenge.ts';
import { bearerMatches } from '../identify/credential.ts';
import { openOperateSocket } from '../operate/socket.ts';
import { openConnectorDoor } from '../receive/connector-door.ts';
import { openHttpDoor } from '../receive/http-door.ts';
import type { ClientRow } from '../store/rows.ts';
import type { State } from '../store/state.ts';
import { parseMessage } from '../wire/gate.ts';
import { LineReader } from '../wire/lines.ts';
import { claimsEnvelope } from '../wire/stateless/envelope.ts';
import { errorText } from '../wire/texts.ts';
import type { Connections } from './connections.ts';
import { ancestry, type Launcher, launcherOf, tokenHeldBy } from './peers.ts';
import type { ProgramEvidence } from './program-evidence.ts';

export interface Needs {
  readonly home: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly state: State;
  readonly connections: Connections;
  readonly evidence: ProgramEvidence;
  /** The operator's API; false: not for it. */
  operate(req: IncomingMessage, res: ServerResponse, way: 'loopback' | 'socket'): Promise<boolean>;
  console(req: IncomingMessage, res: ServerResponse): void;
  /** An operator's token (SHA-256, hex) was found where an AI client can read it. */
  revokeOperatorToken(digest: string): void;
  report(error: unknown): void;
}

export interface Doors {
  readonly port: number;
  /** Closes everything of this client at once. */
  disconnect(client: string): void;
  /** The programs that launched the connectors which are connected now, as the system names them. */
  clientPids(): ReadonlySet<number>;
  close(): Promise<void>;
}

/** @throws GatehouseError when a port or a socket cannot be had */
export async function openDoors(needs: Needs): Promise<Doors> {
  const { state, connections, evidence, report, revokeOperatorToken } = needs;
  const paired = (row: ClientRow | undefined) => (row && row.state !== 'revoked' ? row : null);
  const socket = (name: string) => {
    const path = socketPath(needs.home, name);
    checkSocketFolder(path, true);
    return path;
  };

  const pids = new Map<Socket, number>();
  const ancestries = new WeakMap<Socket, ReturnType<typeof ancestry>>();
  /** Which program stands behind a connector, and whether it holds an operator's token. */
  const notice = async (socket: Socket, client: string, claim: Pick<Launcher, 'pid' | 'startedAt'> | null) => {
    const above = (await ancestries.get(socket)) ?? null;
    const gone = evidence.cameFrom(client, await launcherOf(above, claim));
    if (socket.destroyed) gone();
    else socket.once('close', gone);
    const pid = above?.[0]?.pid ?? claim?.pid ?? null;
    if (pid === null) return;
    pids.set(socket, pid);
    socket.once('close', () => pids.delete(socket));
    if (socket.destroyed) pids.delete(socket);
    const digest = await tokenHeldBy(pid);
    if (digest !== null) revokeOperatorToken(digest);
  };
  const http = await openHttpDoor(needs.port, {
    // Every row is compared, whichever fits, so that the time taken says nothing.
    identify: (token) => [...state.rows.client.values()].filter((row) => bearerMatches(token, row) && paired(row))[0]?.name ?? null,
    mayUse: (client, server) => state.rows.client.get(client)?.servers.includes(server) === true && state.rows.server.has(server),
    accept: (arrival, down) => connections.accept(arrival, down),
    acceptStateless: (arrival) => connections.acceptStateless(arrival),
    standsAlone: claimsEnvelope,
    parseMessage,
    errorText,
    unreadable: (client, why) => connections.unreadable(client, 'http', why),
    other: async (req, res) => {
      if (!(await needs.operate(req, res, 'loopback'))) needs.console(req, res);
    },
    report,
  });
  const opened: { close(): Promise<void> }[] = [http];
  const open = async <T extends { close(): Promise<void> }>(door: Promise<T>): Promise<T> => {
    try {
      opened.unshift(await door);
      return opened[0] as T;
    } catch (error) {
      await Promise.all(opened.map((other) => other.close()));
      throw error;
    }
  };
  const connectors = await open(
    openConnectorDoor(socket('connect'), {
      greet: (line) => greet(line, (name) => paired(state.rows.client.get(name))),
      accept: (arrival, down) => connections.accept(arrival, down),
      parseMessage,
      errorText,
      unreadable: (client, why) => connections.unreadable(client, 'connector', why),
      lineReader: (maxBytes, onLine, onTooLong) => new LineReader(maxBytes, onLine, onTooLong),
      revokeOperatorToken,
      began: (socket) => void ancestries.set(socket, ancestry(socket)),
      clientProcess(process, client, socket) {
        void notice(socket, client, process).catch(report);
      },
      report,
    }),
  );
  await open(
    openOperateSocket(socket('operate'), (req, res) => {
      needs.operate(req, res, 'socket').then((answered) => answered || res.writeHead(404).end(), report);
    }),
  );

  return {
    port: http.port,
    clientPids: () => new Set(pids.values()),
    disconnect(client) {
      http.endClient(client, 'it was revoked');
      connectors.endClient(client, 'it was revoked');
    },
    async close() {
      await Promise.all(opened.map((door) => door.close()));
      evidence.flush();
    },
  };
}
