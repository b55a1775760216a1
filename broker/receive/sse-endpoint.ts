// `<mcp>/sse` and `<mcp>/s/<server>/sse`: HTTP+SSE (MCP 2024-11-05) for old clients, one stream for everything that is sent to them.
// The credential is asked for on the stream and on every message; the id in the address is a name, not a credential.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatehouseError } from '../../shared/errors.ts';
import { asRefused, type Connection, type Downstream, type Outgoing } from './arrival.ts';
import { accepts, bearerOf, bodyOf, isJson } from './body.ts';
import { challenge, finish, isExpecting, type McpNeeds } from './mcp-endpoint.ts';
import { dataOf } from './sse.ts';

const mostPerClient = 16;
/** Unsent bytes from which on a reader that does not read is cut off. */
const mostUnsent = 8 * 1024 * 1024;
const invalid = -32600;

/** The path of this transport; `server` null for all that a client may see. */
export function ssePath(path: string): { readonly server: string | null } | null {
  const [whole, server] = /^\/mcp(?:\/s\/([a-z0-9-]{1,24}))?\/sse$/.exec(path) ?? [];
  return whole === undefined ? null : { server: server ?? null };
}

class SseSession implements Downstream {
  readonly id = randomBytes(32).toString('base64url');
  readonly client: string;
  readonly path: string;
  readonly #response: ServerResponse;
  connection: Connection | null = null;

  constructor(client: string, path: string, response: ServerResponse) {
    [this.client, this.path, this.#response] = [client, path, response];
  }

  /** The first event: where this session's messages are to be posted. */
  begin(): void {
    this.#response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
    this.#write(`event: endpoint\ndata: ${this.path}?sessionId=${this.id}\n\n`);
  }

  send({ text }: Outgoing): void {
    this.#write(`event: message\ndata: ${dataOf(text)}\n\n`);
  }

  keepAlive(): void {
    this.#write(':\n\n');
  }

  close(): void {
    this.#response.destroy();
  }

  #write(frame: string): void {
    if (this.#response.destroyed) return;
    this.#response.write(frame);
    if (this.#response.writableLength > mostUnsent) this.#response.destroy();
  }
}

export class SseEndpoint {
  readonly #needs: McpNeeds;
  readonly #bodyLimit: number;
  readonly #sessions = new Map<string, SseSession>();

  constructor(needs: McpNeeds, bodyLimit: number) {
    [this.#needs, this.#bodyLimit] = [needs, bodyLimit];
  }

  count(client?: string): number {
    return [...this.#sessions.values()].filter((session) => client === undefined || session.client === client).length;
  }

  keepAlive(): void {
    for (const session of this.#sessions.values()) session.keepAlive();
  }

  endClient(client: string, reason: string): void {
    for (const session of this.#sessions.values()) if (session.client === client) this.#end(session, reason);
  }

  endAll(reason: string): void {
    for (const session of this.#sessions.values()) this.#end(session, reason);
  }

  /** Answers a request to a path of this transport. Never rejects. */
  async handle(req: IncomingMessage, res: ServerResponse, path: string, server: string | null): Promise<void> {
    try {
      await this.#handle(req, res, path, server);
    } catch (error) {
      if (res.socket === null || res.socket.destroyed) return;
      this.#needs.report?.(error);
      if (res.headersSent) res.destroy();
      else this.#refuse(req, res, 500, -32603, 'Gatehouse failed at this request.');
    }
  }

  async #handle(req: IncomingMessage, res: ServerResponse, path: string, server: string | null): Promise<void> {
    const token = bearerOf(req);
    const client = token === null ? null : this.#needs.identify(token);
    if (token === null || client === null) return challenge(req, res, path);
    if (server !== null && !this.#needs.mayUse(client, server)) return finish(req, res, 404);
    if (req.method === 'GET') return this.#open(req, res, client, path, server);
    const id = new URLSearchParams(/\?([^#]*)/.exec(req.url ?? '')?.[1]).get('sessionId');
    // 405 is what sends a client that knows both transports from here to the stream.
    if (req.method !== 'POST' || id === null) return finish(req, res, 405, { Allow: 'GET' });
    await this.#post(req, res, { client, token, path, id });
  }

  #open(req: IncomingMessage, res: ServerResponse, client: string, path: string, server: string | null): void {
    if (!accepts(req, 'text/event-stream')) return this.#refuse(req, res, 406, invalid, 'GET must accept text/event-stream.');
    if (this.count(client) >= mostPerClient) return this.#refuse(req, res, 429, invalid, 'This client has too many streams open.');
    const session = new SseSession(client, path, res);
    try {
      session.connection = this.#needs.accept({ client, via: 'http', folder: null, process: null, only: server }, session);
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      return this.#refuse(req, res, 403, -32603, `${error.message} ${error.hint}`.trim());
    }
    this.#sessions.set(session.id, session);
    // The stream is the session: a client that comes back begins anew.
    res.on('close', () => this.#end(session, 'the client left'));
    session.begin();
  }

  async #post(req: IncomingMessage, res: ServerResponse, of: { client: string; token: string; path: string; id: string }): Promise<void> {
    if (!isJson(req)) return this.#refuse(req, res, 415, invalid, 'The content type must be application/json.');
    if (isExpecting(req)) res.writeContinue();
    const body = await bodyOf(req, this.#bodyLimit);
    if (body === null) return this.#refuse(req, res, 413, invalid, `A message may have at most ${this.#bodyLimit} bytes.`);
    // It may have been revoked while its body was on the way.
    if (this.#needs.identify(of.token) !== of.client) return challenge(req, res, of.path);
    // Another client's session is not found, just as one that never was (T14).
    const session = this.#sessions.get(of.id);
    if (session?.client !== of.client || session.path !== of.path) return finish(req, res, 404);
    try {
      const message = this.#needs.parseMessage(body, this.#bodyLimit);
      finish(req, res, 202);
      session.connection?.receive(message);
    } catch (error) {
      const refused = asRefused(error);
      if (!refused) throw error;
      finish(
        req,
        res,
        400,
        { 'Content-Type': 'application/json' },
        this.#needs.errorText(refused.id ?? null, refused.code, refused.message),
      );
    }
  }

  #end(session: SseSession, reason: string): void {
    if (!this.#sessions.delete(session.id)) return;
    session.close();
    session.connection?.end(reason);
  }

  #refuse(req: IncomingMessage, res: ServerResponse, status: number, code: number, words: string): void {
    finish(req, res, status, { 'Content-Type': 'application/json' }, this.#needs.errorText(null, code, words));
  }
}
