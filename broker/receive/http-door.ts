// The door on loopback TCP: one server for MCP over HTTP and, behind the same guard, whatever else the broker serves there.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { GatehouseError } from '../../shared/errors.ts';
import { refusal } from './guard.ts';
import { HttpSessions } from './http-sessions.ts';
import { LoneRequests } from './lone-requests.ts';
import { finish, McpEndpoint, type McpNeeds } from './mcp-endpoint.ts';
import { portHolder } from './port-holder.ts';
import { SseEndpoint, ssePath } from './sse-endpoint.ts';

export interface HttpNeeds extends McpNeeds {
  /** Everything that is not MCP: operator API and console. Behind the guard; its response has our headers set. */
  other(req: IncomingMessage, res: ServerResponse): void | Promise<void>;
  /** Milliseconds; for tests. */
  now?(): number;
}

export interface HttpLimits {
  /** Bytes of one body. */
  readonly body: number;
  /** Bytes of all headers. */
  readonly headers: number;
  /** Milliseconds for the headers, and for the whole request. */
  readonly headersMs: number;
  readonly requestMs: number;
  readonly connections: number;
  /** Milliseconds between comments on open streams. */
  readonly keepAliveMs: number;
}

const limits: HttpLimits = {
  body: 4 * 1024 * 1024,
  headers: 16 * 1024,
  headersMs: 10_000,
  requestMs: 30_000,
  connections: 256,
  keepAliveMs: 15_000,
};

export interface HttpDoor {
  readonly port: number;
  /** Sessions of this client, or of all. */
  count(client?: string): number;
  /** Ends every session and stream of a client at once: it was revoked. */
  endClient(client: string, reason: string): void;
  close(): Promise<void>;
}

/**
 * Opens the door on 127.0.0.1 and no other address.
 * @param port 0 picks a free one
 * Throws GatehouseError('conflict') when the port is taken, naming its holder where it is known.
 */
export async function openHttpDoor(port: number, needs: HttpNeeds, own: Partial<HttpLimits> = {}): Promise<HttpDoor> {
  const bounds = { ...limits, ...own };
  const now = needs.now ?? Date.now;
  const sessions = new HttpSessions(now);
  const lone = new LoneRequests(needs.acceptStateless, now);
  const mcp = new McpEndpoint(needs, sessions, lone, bounds.body);
  const sse = new SseEndpoint(needs, bounds.body);
  const server = createServer({
    maxHeaderSize: bounds.headers,
    headersTimeout: bounds.headersMs,
    requestTimeout: bounds.requestMs,
    connectionsCheckingInterval: Math.min(2000, bounds.headersMs / 2),
    keepAliveTimeout: 60_000,
    insecureHTTPParser: false,
    noDelay: true,
  });
  server.maxConnections = bounds.connections;
  server.maxHeadersCount = 0;
  const handle = (req: IncomingMessage, res: ServerResponse) => void answer(req, res, boundPort(server), { mcp, sse }, needs);
  server.on('request', handle);
  // Without this Node says "100 Continue" before the guard has looked.
  server.on('checkContinue', handle);
  server.on('checkExpectation', handle);
  server.on('connect', (_req: IncomingMessage, socket: Duplex) => refuseRaw(socket, '405 Method Not Allowed'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => refuseRaw(socket, statusOf(error)));
  await listen(server, port);
  const alive = setInterval(() => {
    for (const session of sessions.all) session.keepAlive();
    lone.keepAlive();
    sse.keepAlive();
  }, bounds.keepAliveMs);
  const sweep = setInterval(() => {
    sessions.endIdle();
    lone.endIdle();
  }, 60_000);
  for (const timer of [alive, sweep]) timer.unref();
  return {
    port: boundPort(server),
    count: (client) =>
      sessions.all.filter((session) => client === undefined || session.client === client).length + lone.count(client) + sse.count(client),
    endClient(client, reason) {
      sessions.endClient(client, reason);
      lone.endClient(client, reason);
      sse.endClient(client, reason);
    },
    close() {
      for (const timer of [alive, sweep]) clearInterval(timer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      sessions.endAll('the broker stops');
      lone.endAll('the broker stops');
      sse.endAll('the broker stops');
      server.closeAllConnections();
      return closed;
    },
  };
}

const boundPort = (server: Server) => (server.address() as AddressInfo | null)?.port ?? 0;

interface Endpoints {
  readonly mcp: McpEndpoint;
  readonly sse: SseEndpoint;
}

async function answer(req: IncomingMessage, res: ServerResponse, port: number, { mcp, sse }: Endpoints, needs: HttpNeeds): Promise<void> {
  req.on('error', () => {});
  res.on('error', () => {});
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  const status = refusal(req, port);
  if (status !== null) return finish(req, res, status);
  const path = (req.url ?? '').replace(/[?#][\s\S]*$/, '');
  const old = ssePath(path);
  if (old) return sse.handle(req, res, path, old.server);
  if (path === '/mcp' || path.startsWith('/mcp/')) return mcp.handle(req, res, path);
  // Pairing over OAuth is not there yet, and nobody else may answer in its name.
  if (path.startsWith('/.well-known/')) return finish(req, res, 404);
  try {
    if (/^100-continue$/i.test(req.headers.expect ?? '')) res.writeContinue();
    await needs.other(req, res);
  } catch (error) {
    needs.report?.(error);
    if (res.headersSent) res.destroy();
    else finish(req, res, 500);
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(cause.code === 'EADDRINUSE' ? taken(port, cause) : notToBeHad(port, cause)),
    );
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.removeAllListeners('error');
      server.on('error', () => {});
      resolve();
    });
  });
}

function taken(port: number, cause: Error): GatehouseError {
  const holder = portHolder(port);
  return new GatehouseError(
    'conflict',
    `Port ${port} on 127.0.0.1 is taken${holder ? ` by ${holder}` : ''}, so MCP over HTTP cannot be served there.`,
    'End that program, or choose another port with --port N (0 picks a free one).',
    { cause },
  );
}

function notToBeHad(port: number, cause: NodeJS.ErrnoException): GatehouseError {
  const words = `Port ${port} on 127.0.0.1 cannot be had (${cause.code}).`;
  return new GatehouseError('unavailable', words, 'Choose another port with --port N (0 picks a free one).', { cause });
}

function statusOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
}

/** For what never became a request: nobody has a response to write on. */
function refuseRaw(socket: Duplex, status: string): void {
  if (socket.destroyed || !socket.writable) return;
  socket.on('error', () => {});
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 0\r\n\r\n`,
    () => socket.destroy(),
  );
}
