// The operator's door: one dispatch of the contract, reached over loopback, the socket in the home folder, or a message port.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { mapEventIterator } from '@orpc/client';
import type { SupportedMessagePort } from '@orpc/client/message-port';
import type { AnyRouter } from '@orpc/server';
import { MessagePortHandler } from '@orpc/server/message-port';
import { NodeHttpHandler } from '@orpc/server/node';
import { StandardRPCHandler } from '@orpc/server/standard';
import { GatehouseError } from '../../shared/errors.ts';
import { addressedToUs, bearerIn, bearerOf, bodyOf, fromOurPage, isJson, type Way } from './arrival.ts';
import { gatehouseError, type Report, toldToCaller } from './faults.ts';
import { guarded } from './guarded-port.ts';
import { type Claim, claimIn } from './request-proof.ts';
import { mayCall, ruleOf, rulesByPath } from './rules.ts';
import { signAnswer } from './signed-answer.ts';
import type { Topics } from './topics.ts';

/** Longest body of a call, in bytes. A secret's value is at most 64 Ki characters. */
const bodyLimit = 256 * 1024;
const prefix = '/api';

/** Changes nothing that is drawn, and yet is no mere look: it makes a way in. */
const opening = new Set(['operator.consoleAddress']);

/** What every handler is given. `A` is who calls, `P` what is known of the process that calls. */
export interface DoorContext<A, P = unknown> {
  readonly actor: A | null;
  readonly way: Way;
  /** Who holds a window's port now. */
  readonly holder?: () => A | null;
  /** The credential as it came, for `signOut`. */
  readonly token: string | null;
  /** Evidence of the calling process, taken when first asked for; null for the window and where there is none. */
  readonly peer: () => Promise<P | null>;
}

/** A signed call that holds. */
export interface Proven<A> {
  readonly actor: A;
  answer(status: number, body: Buffer | 'stream'): string;
  /** Ends the credential. */
  revoke(): void;
}

export interface DoorNeeds<A, P = unknown> {
  /** Who holds this credential; null when nobody does. Called once per call; whether the call counts as use, `used` says. */
  check(token: string): A | null | Promise<A | null>;
  /** Evidence of the process at the other end. */
  peer?(req: IncomingMessage): Promise<P | null>;
  /** False: this process may not use this credential (T36), which is then revoked. */
  mayOperate?(actor: A, peer: P | null): boolean;
  revoke?(token: string): void | Promise<void>;
  /** A last word on an operation that changes something. @throws GatehouseError */
  mayChange?(actor: A | null, operation: string): void;
  /** Does a signed call name a credential that is good now? Before its body is read; false where nobody says. */
  knows?(claim: Claim): boolean;
  /** Checks a call that was signed in place of carrying its token (request-proof.ts). Null: nobody's, or used before. */
  prove?(claim: Claim, path: string, body: Buffer): Proven<A> | null;
  /** Calls what only an operator may: a page that just looks whether the broker is there keeps no session alive. */
  used?(actor: A): void;
  /** False ends the event streams of an actor whose credential has gone. Asked before every event. */
  stillHolds?(actor: A): boolean;
  /** Faults nobody made for a person, with their cause. */
  report: Report;
  topics: Topics;
}

export interface Door<A> {
  /** Answers requests for `/api` and below; false: not for this door. */
  handle(req: IncomingMessage, res: ServerResponse, way?: 'loopback' | 'socket'): Promise<boolean>;
  /** Serves a message port of the desktop, whose holder is `actor` at the moment of a call; null until it signs in. The caller starts the port. */
  attach(port: SupportedMessagePort, actor: () => A | null): void;
}

export function createDoor<A, P = unknown>(router: AnyRouter, needs: DoorNeeds<A, P>): Door<A> {
  type Context = DoorContext<A, P>;
  const rules = rulesByPath(router);
  const peers = new WeakMap<Socket, Promise<P | null>>();

  // The one place where a call is let through. It sees the operation that will really run, whichever door it came by.
  const dispatch = new StandardRPCHandler<Context>(router, {
    interceptors: [
      // A window that signed in sends its credential with each call, as a page does; over HTTP it was checked before the body was read.
      async (call) => {
        const token = call.context.way === 'window' ? bearerIn(call.request.headers.authorization) : null;
        if (token === null)
          return await call.next({ ...call, context: { ...call.context, actor: call.context.holder?.() ?? call.context.actor } });
        return await call.next({ ...call, context: { ...call.context, token, actor: await needs.check(token) } });
      },
    ],
    clientInterceptors: [
      async (call) => {
        const operation = call.path.join('.');
        const rule = ruleOf(call.procedure['~orpc'].meta as object);
        if (!mayCall(rule, call.context.actor)) throw gatehouseError(closedTo(operation, call.context.actor === null));
        if (rule.caller === 'operator' && call.context.actor !== null) needs.used?.(call.context.actor);
        let output: unknown;
        try {
          if (rule.changes.length > 0 || opening.has(operation)) needs.mayChange?.(call.context.actor, operation);
          output = await call.next();
        } catch (fault) {
          throw toldToCaller(fault, operation, needs.report);
        }
        if (rule.changes.length > 0) needs.topics.publish(...rule.changes);
        if (!isStream(output)) return output;
        return mapEventIterator(output, {
          value: async (event) => {
            const { actor } = call.context;
            if (rule.caller === 'operator' && actor !== null && needs.stillHolds?.(actor) === false) throw gatehouseError(ended);
            return event;
          },
          error: async (fault) => toldToCaller(fault, operation, needs.report),
        });
      },
    ],
  });
  const overHttp = new NodeHttpHandler<Context>(dispatch);
  const overPort = new MessagePortHandler<Context>(dispatch);

  function peerOf(req: IncomingMessage): Promise<P | null> {
    const known = peers.get(req.socket) ?? needs.peer?.(req).catch(() => null) ?? Promise.resolve(null);
    peers.set(req.socket, known);
    return known;
  }

  async function answer(req: IncomingMessage, res: ServerResponse, way: 'loopback' | 'socket'): Promise<boolean> {
    const url = req.url ?? '/';
    const path = url.split('?', 1)[0] ?? '/';
    if (path !== prefix && !path.startsWith(`${prefix}/`)) return false;
    res.setHeader('cache-control', 'no-store');
    res.setHeader('x-content-type-options', 'nosniff');
    res.setHeader('cross-origin-resource-policy', 'same-origin');
    if (way === 'loopback' && !addressedToUs(req)) return refuse(res, 403);
    if (!fromOurPage(req, way)) return refuse(res, 403);
    if (req.method !== 'POST') return refuse(res, 405);

    const token = bearerOf(req);
    // Only over the socket: what crosses loopback TCP is the page's, which holds a credential of its own.
    const claim = way === 'socket' ? claimIn(req.headers.authorization) : null;
    const rule = rules.get(path.slice(prefix.length));
    const limit = rule?.bodyBytes ?? bodyLimit;
    // A signature covers the body, so the body comes first; whoever names no credential of ours gets no more room than anybody.
    const room = claim !== null && needs.knows?.(claim) === true ? limit : bodyLimit;
    const early = claim === null ? undefined : ((await bodyOf(req, room).catch(() => null)) ?? undefined);
    const proven = claim !== null && early !== undefined ? (needs.prove?.(claim, path, early) ?? null) : null;
    let actor = proven?.actor ?? (token === null ? null : await needs.check(token));
    if (actor !== null && needs.mayOperate?.(actor, await peerOf(req)) === false) {
      actor = null;
      if (token !== null) await needs.revoke?.(token);
      proven?.revoke();
      if (rule?.caller !== 'anyone') return refuse(res, 403, belowClient);
    }
    // Without a credential nothing is revealed, not even which operations exist.
    if (actor === null && (rule === undefined || !mayCall(rule, null))) return refuse(res, 401);
    if (rule === undefined) return refuse(res, 404);
    if (url.includes('?')) return refuse(res, 400);
    if (!isJson(req)) return refuse(res, 415);
    const body = early ?? (await bodyOf(req, limit).catch(() => undefined));
    if (body === undefined) return refuse(res, 400);
    if (body === null) return refuse(res, 413);
    const parsed = parsedCall(body);
    if (parsed === null) return refuse(res, 400);

    if (proven) signAnswer(res, proven.answer);
    const context: Context = { actor, way, token, peer: () => peerOf(req) };
    const { matched } = await overHttp.handle(Object.assign(req, { body: parsed }), res, { prefix, context });
    return matched || refuse(res, 404);
  }

  return {
    async handle(req, res, way = 'loopback') {
      try {
        return await answer(req, res, way);
      } catch (fault) {
        // A caller that hung up is no fault of ours, and nobody is left to answer.
        if (!res.destroyed) needs.report(fault, 'door', req.url ?? '');
        return refuse(res, 500);
      }
    },
    attach(port, actor) {
      const context: Context = { actor: null, holder: actor, way: 'window', token: null, peer: async () => null };
      overPort.upgrade(
        guarded(port, (fault) => needs.report(fault, 'window', 'message port')),
        { context },
      );
    },
  };
}

/** The body as oRPC's `{json, meta}`; null when it is anything else. An empty body is a call without input. */
function parsedCall(body: Buffer): object | null {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function isStream(output: unknown): output is AsyncIterator<unknown, unknown, void> {
  return output !== null && typeof output === 'object' && Symbol.asyncIterator in output;
}

function refuse(res: ServerResponse, status: number, error?: GatehouseError): true {
  if (res.headersSent) return true;
  // What is left of an unread body is not worth reading.
  if (status === 413) res.setHeader('connection', 'close');
  if (error === undefined) {
    res.writeHead(status).end();
    return true;
  }
  const { message, code, hint } = error;
  const json = { defined: true, code: 'GATEHOUSE', status, message, data: { code, hint } };
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ json }));
  return true;
}

function closedTo(operation: string, toNobody: boolean): GatehouseError {
  // A window that hears `not-verified` shows the way in; anything else it would take for a broker in trouble, and try again for ever.
  return new GatehouseError(
    toNobody ? 'not-verified' : 'refused',
    `${operation} was refused: it needs the operator.`,
    'Sign in, then call again.',
  );
}

const ended = new GatehouseError('not-verified', 'This stream ended because its credential is no longer good.', 'Sign in again.');
const belowClient = new GatehouseError(
  'refused',
  'This was refused because it came from a process that a paired AI client started. The operator token it used is revoked.',
  'Answer in the console, or from a terminal of your own with a new `gatehouse operator signin`.',
);
