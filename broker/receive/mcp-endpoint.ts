// `<mcp>` and `<mcp>/s/<server>`: one HTTP request of an MCP client, refused at the first thing that is not as it must be.
// In this order: credential, path, method, content type, accept, session, revision, body (Host and Origin: guard.ts, before).
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatehouseError } from '../../shared/errors.ts';
import type { Message, RequestId } from '../../shared/message.ts';
import { type Accept, type AcceptStateless, asRefused } from './arrival.ts';
import { elementsOf } from './batch.ts';
import { accepts, bearerOf, bodyOf, isJson } from './body.ts';
import type { HttpSession } from './http-session.ts';
import type { HttpSessions } from './http-sessions.ts';
import type { LoneRequests } from './lone-requests.ts';

export interface McpNeeds {
  /** Whose token this is, now; null when nobody's. Must take equally long for each wrong one. */
  identify(token: string): string | null;
  /** Whether this client may see that server. False too when there is none of that name. */
  mayUse(client: string, server: string): boolean;
  accept: Accept;
  acceptStateless: AcceptStateless;
  /** Does this message say that it stands alone, outside of any session? */
  standsAlone(message: Message): boolean;
  parseMessage(text: Buffer | string, maxBytes: number): Message;
  errorText(id: RequestId | null, code: number, message: string): string;
  /** A body of this client was refused by the gate. */
  unreadable?(client: string, why: string): void;
  /** A fault nobody made for a person. */
  report?(error: unknown): void;
}

/** The revisions that may stand in MCP-Protocol-Version; 2024-11-05 agreed on over this transport is met in the field. */
const versions = new Set(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']);
const batchVersion = '2025-03-26';
/** The revision without sessions; both are served on one path, and the body says which is meant. */
const loneVersion = '2026-07-28';
const loneMark = 'io.modelcontextprotocol/protocolVersion';
const invalid = -32600;

export class McpEndpoint {
  readonly #needs: McpNeeds;
  readonly #sessions: HttpSessions;
  readonly #lone: LoneRequests;
  readonly #bodyLimit: number;

  constructor(needs: McpNeeds, sessions: HttpSessions, lone: LoneRequests, bodyLimit: number) {
    [this.#needs, this.#sessions, this.#lone, this.#bodyLimit] = [needs, sessions, lone, bodyLimit];
  }

  /** Answers a request to `path`, which is `/mcp` or below. Never rejects. */
  async handle(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    try {
      await this.#handle(req, res, path);
    } catch (error) {
      // Gone before it was answered; whatever happened has nobody to hear it.
      if (res.socket === null || res.socket.destroyed) return;
      this.#needs.report?.(error);
      if (res.headersSent) res.destroy();
      else this.#refuse(req, res, 500, -32603, 'Gatehouse failed at this request.');
    }
  }

  async #handle(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    const token = bearerOf(req);
    const client = token === null ? null : this.#needs.identify(token);
    const [, server] = /^\/mcp\/s\/([a-z0-9-]{1,24})$/.exec(path) ?? [];
    if (token === null || client === null) return challenge(req, res, server === undefined ? '/mcp' : path);
    // A server the client may not see and one that does not exist: the same answer.
    if (path !== '/mcp' && (server === undefined || !this.#needs.mayUse(client, server))) return finish(req, res, 404);
    const { method } = req;
    if (method !== 'POST' && method !== 'GET' && method !== 'DELETE') return finish(req, res, 405, { Allow: 'GET, POST, DELETE' });
    if (method === 'POST' && !isJson(req)) return this.#refuse(req, res, 415, invalid, 'The content type must be application/json.');
    const stream = accepts(req, 'text/event-stream', true);
    if (method === 'GET' && !stream) return this.#refuse(req, res, 406, invalid, 'GET must accept text/event-stream.');
    if (method === 'POST' && !stream && !accepts(req, 'application/json')) {
      return this.#refuse(req, res, 406, invalid, 'POST must accept application/json and text/event-stream.');
    }
    if (method === 'POST') return this.#post(req, res, { client, token, path, server: server ?? null, stream });
    // The revision without sessions has POST alone.
    if (req.headers['mcp-protocol-version'] === loneVersion) return finish(req, res, 405, { Allow: 'POST' });
    const session = this.#sessionOf(req, res, client, path);
    if (session === null) return;
    if (session === undefined) return this.#refuse(req, res, 400, invalid, 'Bad Request: Mcp-Session-Id header is required');
    if (method === 'DELETE') {
      session.end('the client ended it');
      return finish(req, res, 204);
    }
    this.#listen(req, res, session);
  }

  #listen(req: IncomingMessage, res: ServerResponse, session: HttpSession): void {
    const from = req.headers['last-event-id'];
    if (typeof from === 'string') {
      if (!session.resume(res, from)) this.#refuse(req, res, 400, invalid, 'That stream is not kept any more.');
    } else if (session.listening) this.#refuse(req, res, 409, invalid, 'Conflict: this session has its stream already.');
    else session.listen(res);
  }

  /** The session that a request names, undefined when it names none; null: it has been refused. */
  #sessionOf(req: IncomingMessage, res: ServerResponse, client: string, path: string): HttpSession | undefined | null {
    const version = req.headers['mcp-protocol-version'];
    if (version !== undefined && !versions.has(String(version))) {
      const words = `Bad Request: Unsupported protocol version. Supported: ${[...versions, loneVersion].join(', ')}.`;
      this.#refuse(req, res, 400, invalid, words);
      return null;
    }
    const id = req.headers['mcp-session-id'];
    const session = typeof id === 'string' ? this.#sessions.find(id, client, path) : undefined;
    if (session === null) this.#refuse(req, res, 404, -32001, 'Session not found');
    return session;
  }

  async #post(req: IncomingMessage, res: ServerResponse, posted: Posted): Promise<void> {
    if (isExpecting(req)) res.writeContinue();
    const body = await bodyOf(req, this.#bodyLimit);
    if (body === null) {
      const why = `A message may have at most ${this.#bodyLimit} bytes.`;
      this.#needs.unreadable?.(posted.client, why);
      return this.#refuse(req, res, 413, invalid, why);
    }
    // It may have been revoked while its body was on the way.
    if (this.#needs.identify(posted.token) !== posted.client) return challenge(req, res, posted.path);
    const lone = this.#standsAlone(req, body);
    if (lone) return this.#alone(req, res, posted, lone);
    const session = this.#sessionOf(req, res, posted.client, posted.path);
    if (session === null) return;
    const of = { ...posted, session };
    const taken = this.#read(body, of.session?.version ?? null);
    if ('refused' in taken) {
      this.#needs.unreadable?.(posted.client, taken.refused);
      return this.#refuse(req, res, 400, taken.code, taken.refused, taken.id);
    }
    const { messages, batch } = taken;
    const requests = messages.filter(({ kind }) => kind === 'request');
    const [first] = messages;
    const initialize = first?.kind === 'request' && first.method === 'initialize';
    if (initialize && of.session === undefined && first.id !== undefined) return this.#begin(req, res, of, first, first.id);
    if (of.session === undefined) return this.#refuse(req, res, 400, invalid, 'Bad Request: Mcp-Session-Id header is required', first?.id);
    if (requests.some(({ method }) => method === 'initialize')) {
      return this.#refuse(req, res, 400, invalid, 'This session is initialized already.', first?.id);
    }
    const why = of.session.refuses(requests);
    if (why !== null) return this.#refuse(req, res, 400, invalid, why, first?.id);
    if (requests.length > 0) return of.session.exchange(messages, res, { stream: of.stream, batch, headers: {} });
    for (const message of messages) of.session.receive(message);
    finish(req, res, 202);
  }

  /** The message of a body that stands alone; null for what belongs to a session, or cannot be read as a message. */
  #standsAlone(req: IncomingMessage, body: Buffer): Message | null {
    // What could not stand alone is not parsed twice.
    if (req.headers['mcp-protocol-version'] !== loneVersion && !body.includes(loneMark)) return null;
    try {
      const message = this.#needs.parseMessage(body, this.#bodyLimit);
      if (this.#needs.standsAlone(message)) return message;
      // `initialize` opens a session by definition; anything else under this header lacks what it must have, and is told so.
      return req.headers['mcp-protocol-version'] === loneVersion && message.method !== 'initialize' ? message : null;
    } catch {
      return null;
    }
  }

  #alone(req: IncomingMessage, res: ServerResponse, of: Posted, message: Message): void {
    if (message.kind === 'response') return this.#refuse(req, res, 400, invalid, 'A client sends requests and notifications, no replies.');
    try {
      this.#lone.take(of, message, req, res);
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      this.#refuse(req, res, 403, -32603, `${error.message} ${error.hint}`.trim(), message.id);
    }
  }

  #begin(req: IncomingMessage, res: ServerResponse, of: Posted, initialize: Message, id: RequestId): void {
    const session = this.#sessions.open(of.client, of.path);
    if (!session) return this.#refuse(req, res, 429, invalid, 'This client has too many sessions. End some with DELETE.', id);
    try {
      const arrival = { client: of.client, via: 'http', folder: null, process: null, only: of.server } as const;
      session.begin(this.#needs.accept(arrival, session), id);
    } catch (error) {
      session.end('it was refused');
      if (!(error instanceof GatehouseError)) throw error;
      return this.#refuse(req, res, 403, -32603, `${error.message} ${error.hint}`.trim(), id);
    }
    session.exchange([initialize], res, { stream: of.stream, batch: false, headers: { 'Mcp-Session-Id': session.id } });
  }

  /** The messages of a body; a batch is for sessions of 2025-03-26 alone. */
  #read(body: Buffer, version: string | null): Taken {
    try {
      if (version === batchVersion && /^[ \t\r\n]*\[/.test(body.toString('latin1', 0, 64))) {
        const elements = isUtf8(body) ? elementsOf(body.toString('utf8')) : null;
        if (!elements) return { refused: 'This is not a batch of 1 to 100 messages.', code: invalid };
        return { messages: elements.map((text) => this.#needs.parseMessage(text, this.#bodyLimit)), batch: true };
      }
      return { messages: [this.#needs.parseMessage(body, this.#bodyLimit)], batch: false };
    } catch (error) {
      const refused = asRefused(error);
      if (!refused) throw error;
      return { refused: refused.message, code: refused.code, ...(refused.id === undefined ? {} : { id: refused.id }) };
    }
  }

  #refuse(req: IncomingMessage, res: ServerResponse, status: number, code: number, words: string, id?: RequestId): void {
    finish(req, res, status, { 'Content-Type': 'application/json' }, this.#needs.errorText(id ?? null, code, words));
  }
}

interface Posted {
  readonly client: string;
  readonly token: string;
  readonly path: string;
  readonly server: string | null;
  readonly stream: boolean;
}

type Taken =
  | { readonly messages: Message[]; readonly batch: boolean }
  | { readonly refused: string; readonly code: number; readonly id?: RequestId };

export const isExpecting = (req: IncomingMessage) => /^100-continue$/i.test(req.headers.expect ?? '');

/** RFC 9728 5.1, and nothing else: no body, and the same for paths that do not exist. */
export function challenge(req: IncomingMessage, res: ServerResponse, path: string): void {
  const metadata = `http://${req.headers.host}/.well-known/oauth-protected-resource${path}`;
  finish(req, res, 401, { 'WWW-Authenticate': `Bearer resource_metadata="${metadata}"` });
}

/** Ends a response; what is left of the request is not waited for when it may be long. */
export function finish(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
  text?: string,
): void {
  const small = Number(req.headers['content-length'] ?? 0) <= 64 * 1024 && req.headers['transfer-encoding'] === undefined;
  if (!req.complete && (!small || isExpecting(req))) res.shouldKeepAlive = false;
  res.writeHead(status, headers);
  res.end(text);
}
