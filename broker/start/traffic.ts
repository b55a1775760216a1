// The traffic of a broker: server processes, questions, client connections, and the rooms each request passes.

import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { durationMs, type EntryBody } from '../../shared/vocabulary.ts';
import { withClientTools } from '../forward/client-tools.ts';
import { createPool, type Pool } from '../forward/pool.ts';
import { Sessions } from '../identify/sessions.ts';
import { Approvals } from '../mediate/approvals.ts';
import { scanSubject } from '../mediate/findings/scan.ts';
import { Gathered } from '../mediate/gathered.ts';
import { LastYes } from '../mediate/last-yes.ts';
import { packageSays } from '../mediate/package-change.ts';
import { LivePins, fingerprint as pinOf, self, selfText } from '../mediate/pins.ts';
import { SamplingBudget } from '../mediate/sampling-budget.ts';
import { isAway, settingOf } from '../operate/settings.ts';
import type { Topics } from '../operate/topics.ts';
import { canonicalText } from '../wire/canonical.ts';
import { parseMessage } from '../wire/gate.ts';
import { LineReader } from '../wire/lines.ts';
import { elementTexts, memberText, withMember } from '../wire/spans.ts';
import { createCarry } from './carry.ts';
import { Connections } from './connections.ts';
import { gatheredRows } from './gathered-rows.ts';
import { lastAllowed } from './last-allowed.ts';
import { identityOf } from './launch.ts';
import type { OpenHome } from './open-home.ts';
import { Presence } from './presence.ts';
import { FactsOfRequests } from './request-facts.ts';
import { createRooms, setLevel } from './requests.ts';
import { Results } from './results.ts';
import { Rules } from './rules.ts';
import { createServerAsks } from './server-asks.ts';
import { SessionCover } from './session-cover.ts';
import { ToldFolders } from './told-folders.ts';
import { ToolReports } from './tool-reports.ts';
import { takeOver } from './updates.ts';
import { Widths } from './widths.ts';

export interface Needs {
  readonly opened: OpenHome;
  readonly topics: Topics;
  readonly version: string;
  /** False: nobody answers, every ask is a deny at once. */
  readonly operatorAnswers: boolean;
  readonly faults: { check(point: string): void };
  /** PATH as the operator's login shell has it. */
  readonly path: Promise<string>;
  /** The operator has a PIN. */
  isProtected(): boolean;
  /** Where the broker listens; 0 before it does. */
  port(): number;
  now(): number;
  /** Writes what happens beside requests. Must not throw. */
  record(body: EntryBody): void;
  report(error: unknown): void;
}

export interface Traffic {
  readonly rules: Rules;
  readonly presence: Presence;
  readonly sessions: Sessions;
  readonly pool: Pool;
  readonly approvals: Approvals;
  readonly gathered: Gathered;
  readonly cover: SessionCover;
  readonly connections: Connections;
  fingerprint(server: string, capability: string, text: string): string;
}

/** Our own program, which no agent may change unseen. */
const checkout = join(import.meta.dirname, '..', '..');
const usualWaitSeconds = 45;

export function createTraffic({
  opened,
  topics,
  version,
  operatorAnswers,
  faults,
  path,
  port,
  isProtected,
  now,
  record,
  report,
}: Needs): Traffic {
  const { state, log, vault, mask, sealed, row: identity } = opened;
  const sessions = new Sessions(now);
  const pins = new LivePins();
  const fingerprint = (server: string, capability: string, text: string) => pinOf(server, capability, canonicalText(text));
  const definition = (server: string, capability: string) => state.rows.definition.get(`${server} ${capability}`);
  const homes = [...new Set([opened.home.folder, realpathSync(opened.home.folder)])];
  const own = () => ({ homes, userHome: homedir(), port: port() });
  const requestFacts = new FactsOfRequests({ server: (name) => state.rows.server.get(name), definition, mask });
  const rules = new Rules({
    state,
    pins,
    operatorAnswers,
    requestFacts,
    conditions: {
      factsOf: (caller, request) => requestFacts.of(caller, request),
      pin: (server, capability) => definition(server, capability)?.fingerprint ?? null,
      lastUsed: (id) => state.grantUse(id)?.lastUsedAt ?? null,
      lapseMs: () => durationMs(settingOf(state.rows.setting, 'grant.lapse')),
    },
    fingerprint,
    now,
    report,
    home: opened.home.folder,
    own,
    program: { folders: [realpathSync(checkout)] },
    listsChanged: () => connections.listsChanged(),
    grantsChanged: () => folders.changed(),
    evidenceChanged: () => topics.publish('client', 'finding'),
  });

  const folders = new ToldFolders({
    server: (name) => state.rows.server.get(name),
    grants: () => state.rows.grant.values(),
    notify: (connection, server, text) => rooms.running(connection, server)?.notify(text),
    now,
  });
  const pool = withClientTools(
    createPool({
      parseMessage,
      memberText,
      elementTexts,
      withMember,
      LineReader,
      secret: (name) => vault.get(`secret:${name}`),
      bundleTrouble: (sha256, tree) => opened.bundles.trouble(sha256, tree),
      loginPath: () => path,
      mask: () => mask,
      faults,
      clock: { now },
      homeMarker: identity.id,
      version,
      onEvent(event) {
        // A trial start has an entry of its own.
        if (event.connection === null && event.type !== 'server.failed') return;
        if (event.type === 'server.started') rules.setTrouble(event.server, null);
        if (event.type === 'server.failed' || (event.type === 'server.exited' && !event.expected))
          rules.setTrouble(event.server, event.reason);
        record({ ...event, connection: event.connection ?? undefined } as EntryBody);
        topics.publish('server');
      },
    }),
    parseMessage,
  );

  const expiryMs = () => durationMs(settingOf(state.rows.setting, 'approval.expiry'));
  const gathered = new Gathered(
    now,
    gatheredRows({ rows: state.rows, change: (act, write) => void rules.change(act, write), sealed, report }),
  );
  const lastYes = new LastYes({ now, earlier: (client, server, capability) => lastAllowed(log, client, server, capability) });
  const approvals = new Approvals({
    now,
    allowed: (caller, request) => lastYes.put(caller, request),
    expiryMs,
    away: () => isAway(state.rows.setting, now()),
    gathered,
    flooded: (client) => floodedBy(client),
    changed: () => topics.publish('approval', 'status'),
    ended: (approval, caller, request, how) =>
      record({
        type: `approval.${how}`,
        approval,
        client: caller.client,
        server: request.server,
        session: caller.session,
        ...(request.capability === null ? {} : { capability: request.capability }),
      }),
  });
  /** A flood ends at once, as a pause that only the operator lifts. */
  function floodedBy(client: string): void {
    const row = state.rows.client.get(client);
    if (row?.state !== 'active') return;
    try {
      rules.change({ type: 'client.paused', client, decidedBy: 'surge', reason: 'it asked more than anybody can answer' }, (tx) =>
        tx.put('client', { ...row, state: 'paused' }),
      );
    } catch (error) {
      report(error);
    }
    approvals.forget({ client });
    rules.settle();
    topics.publish('client', 'approval');
  }
  rules.approvals = approvals;

  const carry = createCarry({
    clientOf: (connection) => connections.get(connection)?.arrival.client ?? '',
    rooms: () => rooms,
    record,
    now,
  });

  const toolReports = new ToolReports({ record, wasTold: (caller, of) => rules.touched.wasTold(caller, of), now });
  const connections = new Connections({
    version,
    sessions,
    clientRow: (name) => state.rows.client.get(name),
    offers: (client, only) => rules.offers(client, only),
    handle: carry,
    toServer: (connection, server, text) => rooms.running(connection, server)?.notify(text),
    setLevel(connection, server, params) {
      const upstream = rooms.running(connection, server);
      if (upstream) setLevel(upstream, params);
    },
    stopped: (client, server) => rules.parted(client, server),
    runningServers: (connection) => rooms.runningServers(connection),
    stopServers(connection) {
      folders.forget(connection);
      void pool.stopConnection(connection).catch(report);
    },
    record: (type, facts) => record({ type, ...facts }),
    ask: (connection, ask) => askClient(connection, ask),
    toolEnded: (caller, report) => toolReports.ended(caller, report),
    overHttp: (client) => rules.evidence.overHttp(client),
    changed: () => topics.publish('client', 'session'),
    now,
  });

  const setting = (key: string) => settingOf(state.rows.setting, key);
  const askClient = createServerAsks({
    callerOf: (connection) => connections.callerOf(connection),
    approvals,
    facts: rules.facts,
    budget: new SamplingBudget(() => ({ requests: Number(setting('sampling.requests')), tokens: Number(setting('sampling.tokens')) })),
    expiryMs,
    grantUsed: (id) => state.touchGrant(id, now()),
    folders,
    log,
    now,
  });

  const presence = new Presence({
    grants: () => state.rows.grant.values(),
    controlsScreen: (grant) => rules.controlsScreen(grant),
    connected: (client) => connections.of(client).length > 0,
    isProtected,
    now,
  });

  const rooms = createRooms({
    connections,
    approvals,
    facts: rules.facts,
    pool,
    pins,
    server: (name) => state.rows.server.get(name),
    requestFacts,
    widths: new Widths({
      requestFacts,
      clients: () => state.rows.client.values(),
      atWork: () => sessions.list().filter(({ connections }) => connections > 0),
      definitions: () => state.rows.definition.values(),
    }),
    definition,
    waitMs: (client) => (state.rows.client.get(client)?.waitSeconds ?? usualWaitSeconds) * 1000,
    fingerprint,
    own: (server) => rules.own(server),
    touched: rules.touched,
    results: new Results(rules.touched),
    toolReports,
    sentence: (caller, request) => requestFacts.sentence(caller, request),
    lastYes: (caller, request) => lastYes.of(caller, request),
    critical: (caller, request) => rules.critical(caller, request),
    screenUsed: (client) => presence.used(client),
    policy: (caller, request) => rules.policies.verdict(caller, request),
    says(server, openingText) {
      const row = state.rows.server.get(server);
      const text = selfText(openingText, row ? packageSays(row.package, identityOf(row)) : null);
      return { text, fingerprint: fingerprint(server, self, text) };
    },
    scan: (server, capability, text) => scanSubject({ server, capability: capability === '' ? null : capability, text }),
    shown(connection, server, shown) {
      takeOver({ rows: state.rows, rules, now, report }, server, shown);
      if (!rules.shown(connection, server, shown)) return;
      const { changed, fresh } = rules.news.of(server);
      if (changed.length > 0) record({ type: 'server.quarantined', server, capabilities: changed.slice(0, 50), count: changed.length });
      if (fresh.size > 0) record({ type: 'server.offers-new', server, capabilities: [...fresh.keys()].slice(0, 50), count: fresh.size });
      topics.publish('server', 'finding');
    },
    grantUsed: (id) => state.touchGrant(id, now()),
    log,
    now,
  });

  return {
    ...{ rules, presence, sessions, pool, approvals, gathered, connections, fingerprint },
    cover: new SessionCover(requestFacts),
  };
}
