// The rooms behind each step of broker.ts, joined: verdicts from grants and pins, server processes from the pool, entries in the log.
import type { Message, RequestId } from '../../shared/message.ts';
import type { Allowed, Caller, Denied, ServerRequest, Verdict } from '../../shared/request.ts';
import type { Entry, EntryBody } from '../../shared/vocabulary.ts';
import type { Reached, Received, Rooms } from '../broker.ts';
import { ServerGone } from '../forward/failures.ts';
import type { Pool } from '../forward/pool.ts';
import type { Upstream } from '../forward/upstream.ts';
import type { Approvals } from '../mediate/approvals.ts';
import { unbound } from '../mediate/binding.ts';
import { decide, type Facts } from '../mediate/decide.ts';
import { Rounds } from '../mediate/rounds.ts';
import type { DefinitionRow, ServerRow } from '../store/rows.ts';
import { leavingOf } from '../wire/handshake/requests.ts';
import { roundOf } from '../wire/stateless/requests.ts';
import type { Connections } from './connections.ts';
import { factsOf, keptOf, outcomeOf, saidOf, verdictOf } from './entry-facts.ts';
import { launchOf } from './launch.ts';
import { type Needs as Presenting, pinOf, presentRequest } from './present-request.ts';
import { type Needs as Reading, Readings } from './readings.ts';
import type { FactsOfRequests } from './request-facts.ts';
import type { Results } from './results.ts';
import type { ToolReports } from './tool-reports.ts';
import { Translations } from './translations.ts';
import type { Widths } from './widths.ts';

export interface Needs extends Omit<Presenting, 'openingText'>, Reading {
  readonly connections: Connections;
  readonly approvals: Approvals;
  readonly facts: Facts;
  readonly requestFacts: FactsOfRequests;
  readonly widths: Widths;
  readonly pool: Pool;
  readonly results: Results;
  readonly toolReports: Pick<ToolReports, 'began'>;
  server(name: string): ServerRow | undefined;
  definition(server: string, capability: string): DefinitionRow | undefined;
  waitMs(client: string): number;
  grantUsed(id: string): void;
  /** A capability that can click for the person goes out now. */
  screenUsed(client: string): void;
  readonly log: {
    append(body: EntryBody): Entry;
    asked(body: EntryBody, requestText: string): Entry;
    outcome(asked: Entry, body: Omit<EntryBody, 'type'>, replyText: string | null): Entry;
  };
  now(): number;
}

/** Notifications after which a server's definitions are read again. */
const listChanges = new Set([
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
]);

export interface JoinedRooms extends Rooms {
  /** The process of `server` on this connection, when there is one. */
  running(connection: string, server: string): Upstream | undefined;
  runningServers(connection: string): string[];
}

/** A server as it is, whose definitions and words are pinned, and as this connection's era sees it, for all that passes. */
interface Running {
  readonly upstream: Upstream;
  readonly seen: Upstream;
}

export function createRooms(needs: Needs): JoinedRooms {
  const { connections, approvals, facts, requestFacts, pool, pins, log } = needs;
  const readings = new Readings(needs);
  const running = new Map<string, Map<string, Running>>();
  const rounds = new Rounds(needs.now);
  const translations = new Translations(needs.now);
  /** What let a request leave. */
  const leaving = new WeakMap<ServerRequest, Allowed>();

  function heard(connection: string, upstream: Upstream, message: Message, during?: RequestId): void {
    if (listChanges.has(message.method ?? '')) readings.stale(upstream);
    connections.fromServer(connection, upstream.server, message, during);
  }

  /** Once per process: its messages go to this connection, and what makes its definitions old is noticed. */
  function listenTo(connection: string, upstream: Upstream, seen: Upstream): void {
    if (!readings.begin(upstream)) return;
    const servers = running.get(connection) ?? new Map<string, Running>();
    const entry: Running = { upstream, seen };
    running.set(connection, servers.set(upstream.server, entry));
    seen.listen(
      (message) => heard(connection, upstream, message),
      () => {
        if (servers.get(upstream.server) === entry) servers.delete(upstream.server);
        if (servers.size === 0) running.delete(connection);
        pins.forget(connection, upstream.server);
        connections.serverGone(connection, upstream.server);
      },
    );
    const level = connections.get(connection)?.engine.logLevel;
    if (level) setLevel(seen, level);
  }

  /** The running server, its definitions known. */
  async function reached(caller: Caller, request: ServerRequest, again = false): Promise<Running> {
    const row = needs.server(request.server);
    const params = connections.get(caller.connection)?.engine.helloOf(caller.connection);
    if (!row || !params) throw new ServerGone(request.server, 'is not here any more');
    const upstream = await pool.upstream(caller, launchOf(row, caller.folder), params);
    const seen = translations.of(caller, connections.get(caller.connection)?.engine, upstream);
    listenTo(caller.connection, upstream, seen);
    try {
      await readings.known(caller.connection, upstream);
    } catch (error) {
      // It forgot the session, or ended, while it was read: nothing of the request has left, so a fresh start may serve it.
      if (again || !(error instanceof ServerGone)) throw error;
      return await reached(caller, request, true);
    }
    return { upstream, seen };
  }

  async function send(
    { upstream, seen }: Running,
    caller: Caller,
    request: ServerRequest,
    text: string,
    message: Message,
    gone: AbortSignal,
  ) {
    const id = request.outgoingId ?? (message.id as RequestId);
    const onMessage = (said: Message) => heard(caller.connection, upstream, said, id);
    const reply = await seen.request(oneLine(text), id, { signal: gone, onMessage });
    requestFacts.pages.answered(caller, request, reply);
    needs.results.came(caller, request, reply);
    const result = reply.value.result as { resultType?: unknown; requestState?: unknown } | undefined;
    const verdict = leaving.get(request);
    if (verdict && result?.resultType === 'input_required') rounds.needsInput(caller, request, roundOf(result.requestState), verdict);
    return reply;
  }

  const rooms: JoinedRooms = {
    running: (connection, server) => running.get(connection)?.get(server)?.seen,
    runningServers: (connection) => [...(running.get(connection)?.keys() ?? [])],

    identify: (connection) => connections.callerOf(connection),

    mediate: {
      decide(caller, request) {
        const verdict = decide(facts, caller, request);
        return verdict.kind === 'ask' ? (rounds.spend(caller, request) ?? verdict) : verdict;
      },

      async ask(caller, request, question, _asked, received: Received): Promise<Allowed | Denied> {
        const openingText = (connection: string, server: string) => running.get(connection)?.get(server)?.upstream.openingText ?? null;
        const shown = presentRequest({ ...needs, openingText }, caller, request, question);
        const { verdict } = approvals.ask(
          caller,
          request,
          needs.widths.shown(caller, request, shown),
          needs.waitMs(caller.client),
          received.gone,
        );
        received.waiting();
        return await verdict;
      },

      confirm(caller, request, verdict): Verdict {
        // Everything once more: starting the server took its time, and pause, lock, a changed definition or a revoked grant count at once.
        requestFacts.forget(request);
        const now = decide(facts, caller, request);
        if (now.kind === 'deny') return now;
        // The definition is another than the one that was allowed: the call is the review of it.
        if (verdict.pin !== undefined && verdict.pin !== pinOf(needs, caller, request)) return now;
        const news = now.kind === 'ask' && (['pin', 'flow', 'critical'].includes(now.decidedBy) || now.decidedBy.startsWith('policy:'));
        if (news && verdict.pin === undefined) return now;
        // A policy that allowed it is not there any more.
        if (now.kind === 'ask' && verdict.decidedBy.startsWith('policy:')) return now;
        if (now.kind === 'ask' && verdict.decidedBy.startsWith('grant:')) {
          const reason = 'The permission for it was taken back or ran out before it was sent.';
          return { kind: 'deny', decidedBy: verdict.decidedBy, result: 'denied', reason, advice: 'Ask again, or tell the user.' };
        }
        // The bytes that leave are the bytes that were approved, or this is a fault of ours and nothing leaves.
        const broken = unbound(verdict, caller, request, leavingOf(request));
        if (broken) return broken;
        needs.touched.touch(caller, request);
        requestFacts.pages.leaves(caller, request, requestFacts.of(caller, request));
        if (needs.touched.of(request.server, request.capability ?? '').includes('controls-screen')) needs.screenUsed(caller.client);
        if (verdict.decidedBy.startsWith('grant:')) needs.grantUsed(verdict.decidedBy.slice('grant:'.length));
        leaving.set(request, verdict);
        return verdict;
      },
    },

    forward: {
      async reach(caller, request): Promise<Reached> {
        const first = await reached(caller, request);
        return {
          async request(text, message, gone) {
            try {
              return await send(first, caller, request, text, message, gone);
            } catch (error) {
              // The server did not take it, because it forgot the session: once more, to a fresh start that is read and confirmed anew.
              if (!(error instanceof ServerGone && error.untouched) || gone.aborted) throw error;
              const again = await reached(caller, request);
              const verdict = leaving.get(request);
              if (!verdict || rooms.mediate.confirm(connections.callerOf(caller.connection), request, verdict).kind !== 'allow')
                throw error;
              return await send(again, caller, request, text, message, gone);
            }
          },
        };
      },
    },

    record: {
      asked(caller, request, verdict) {
        const facts: EntryBody = { type: 'asked', ...factsOf(caller, request), ...verdictOf(verdict) };
        // A broker that is locked because its keys are gone cannot seal contents, and says no all the same.
        if (verdict.decidedBy === 'lockdown') return log.append(facts);
        // What changed under a name we know is not what our verb for that name means.
        const sentence = () => (verdict.decidedBy === 'pin' ? null : needs.sentence(caller, request));
        const said = request.mediated ? saidOf(requestFacts.of(caller, request), sentence()) : {};
        const entry = log.asked({ ...facts, ...said }, keptOf(request));
        needs.toolReports.began(caller, request, entry);
        return entry;
      },

      outcome(asked, ended) {
        log.outcome(
          asked,
          {
            ...outcomeOf(ended),
            ...(ended.kind === 'answered' ? needs.results.of(ended.reply) : {}),
            durationMs: Math.max(0, needs.now() - Date.parse(asked.at)),
          },
          ended.kind === 'answered' ? ended.reply.text : null,
        );
      },
    },
  };
  return rooms;
}

/** The level as the client set it, under an id of the broker's own; the reply is nobody's. */
export function setLevel(upstream: Upstream, levelParams: string): void {
  upstream.ask('logging/setLevel', levelParams).catch(() => {});
}

/** stdio frames by line ends, which JSON allows between tokens only: the one change made to bytes that came over HTTP. */
const oneLine = (text: string) => (/[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, ' ') : text);
