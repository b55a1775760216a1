// The operator's desk: what the handlers of operate/ need, joined from the rooms.
import type { Topic } from '../../shared/contract.ts';
import { GatehouseError } from '../../shared/errors.ts';
import type { Status } from '../../shared/vocabulary.ts';
import { reachOfHost } from '../forward/addresses.ts';
import type { Pool } from '../forward/pool.ts';
import { provedBySystem } from '../host/system-proof.ts';
import { mintToken, verifierOf } from '../identify/credential.ts';
import type { Sessions } from '../identify/sessions.ts';
import type { Approvals } from '../mediate/approvals.ts';
import { differenceOf } from '../mediate/difference.ts';
import type { Gathered } from '../mediate/gathered.ts';
import { packageSays } from '../mediate/package-change.ts';
import { selfText } from '../mediate/pins.ts';
import type { Compiled } from '../mediate/policy/scopes.ts';
import { shortId } from '../mediate/short-id.ts';
import type { AcquirePart } from '../operate/acquire-part.ts';
import type { Desk, Rows } from '../operate/desk.ts';
import type { Operator } from '../operate/operator.ts';
import type { Topics } from '../operate/topics.ts';
import type { Log } from '../record/log.ts';
import type { State } from '../store/state.ts';
import { KeptFiles } from '../vault/kept-files.ts';
import type { Pin } from '../vault/pin.ts';
import { Sensitive } from '../vault/sensitive.ts';
import type { Vault } from '../vault/vault.ts';
import { digestsOf } from '../wire/handshake/requests.ts';
import { refuseAmbiguous } from '../wire/scan.ts';
import { ClientGuard } from './client-guard.ts';
import { keepToken } from './client-tokens.ts';
import type { Connections } from './connections.ts';
import { currentKeys } from './current-keys.ts';
import { exported } from './exported.ts';
import type { Findings } from './findings.ts';
import { follow } from './follow.ts';
import { identityOf, launchOf } from './launch.ts';
import { policyDesk } from './policy-desk.ts';
import type { Presence } from './presence.ts';
import type { Rules } from './rules.ts';
import { secretNames } from './secret-names.ts';
import type { SessionCover } from './session-cover.ts';
import { createSetup } from './setup.ts';
import { tryOut } from './try-out.ts';

export interface Needs {
  readonly home: string;
  readonly state: State;
  readonly rules: Rules;
  readonly findings: Findings;
  readonly presence: Presence;
  readonly acquire: AcquirePart;
  readonly log: Log;
  readonly vault: Vault;
  readonly pin: Pin;
  readonly pool: Pool;
  readonly approvals: Approvals;
  readonly gathered: Gathered;
  readonly cover: SessionCover;
  readonly sessions: Sessions;
  readonly connections: Connections;
  readonly operator: Operator;
  readonly topics: Topics;
  now(): number;
  status(): Status;
  resolveProgram(command: string): Promise<string | null>;
  fingerprint(server: string, capability: string, text: string): string;
  mask(text: string): string;
  /** A secret's value is new or gone: mask and log must know before anything else does. */
  secretsChanged(): Promise<void>;
  disconnect(client: string): void;
  /** How a client launches the connector. */
  connectorCommand(client: string): { command: string; args: string[] };
  mcpUrl(): string;
  consoleUrl(secret: string): string;
  windowSignedIn(credential: string): void;
  lock(reason: string, by: string): Promise<void>;
  unlock(by: string): void;
  /** Before the vault and the log are closed. */
  closing(close: () => void): void;
  report(error: unknown): void;
}

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

export function createDesk(needs: Needs): Desk {
  const { state, rules, log, pool, approvals, sessions, connections, operator } = needs;
  const kept = new KeptFiles(needs.home, needs.vault);
  const guard = new ClientGuard({
    kept,
    findings: needs.findings,
    mcpUrl: needs.mcpUrl,
    now: needs.now,
    record: (act) => log.append(act),
    changed: () => needs.topics.publish('setup', 'finding'),
    report: needs.report,
  });
  needs.closing(() => guard.close());
  return {
    now: needs.now,
    status: needs.status,
    rows: state.rows as unknown as { readonly [T in keyof Rows]: ReadonlyMap<string, Rows[T]> },
    change: (act, write) =>
      rules.change(act, (tx) => write({ put: (table, row) => tx.put(table, row as never), remove: (table, id) => tx.remove(table, id) })),
    grantUse(id) {
      const use = state.grantUse(id);
      return { lastUsedAt: iso(use?.lastUsedAt ?? null), uses: use?.uses ?? 0 };
    },
    record: (act) => log.append(act),
    approvals,
    gathered: needs.gathered,
    cover: needs.cover,
    rests: (row) => rules.rests(row),
    settle: () => rules.settle(),
    canonicalDigest(capability, argumentsText) {
      try {
        JSON.parse(argumentsText);
        refuseAmbiguous(argumentsText, 64);
      } catch (cause) {
        throw new GatehouseError(
          'usage',
          'The arguments are not JSON that can be read in one way only.',
          'Give one JSON value, without repeated keys.',
          { cause },
        );
      }
      return digestsOf(capability, argumentsText).canonicalDigest;
    },
    mask: needs.mask,
    newId: shortId,
    resolveProgram: needs.resolveProgram,
    reachOf: async (url) => {
      try {
        return await reachOfHost(url);
      } catch {
        throw new GatehouseError('not-found', `The name ${url.hostname} is not known.`, 'Look at its spelling and at your connection.');
      }
    },
    tryOut: (row) => tryOut(pool, launchOf(row, null)),
    fingerprint: needs.fingerprint,
    stopServer: (name) => pool.stopServer(name),
    processes: (name) => pool.processes(name).length,
    trouble: (name) => rules.trouble(name),
    findings: needs.findings,
    presence: needs.presence,
    acquire: needs.acquire,
    policies: policyDesk({
      book: rules.policies,
      touched: rules.touched,
      requestFacts: rules.requestFacts,
      definition: (server, capability) => state.rows.definition.get(`${server} ${capability}`),
      compiled: (name) => JSON.parse(state.rows.policy.get(name)?.compiled ?? 'null') as Compiled[] | null,
      now: needs.now,
    }),
    labelsOf: (server, capability) => rules.touched.of(server, capability),
    ownOf: (openingText, packageName) => (openingText === null ? null : selfText(openingText, packageName)),
    readDifference: differenceOf,
    news: (name) => rules.news.of(name),
    packageOf: (row) => identityOf(row),
    packageSays: (row) => packageSays(row.package, identityOf(row)),
    logs: (name) => pool.logs(name).map((line) => ({ at: new Date(line.at).toISOString(), text: line.text })),
    clients: {
      mint() {
        const token = mintToken();
        return { token, ...verifierOf(token) };
      },
      keepToken: (name, token) => keepToken(needs.home, name, token),
      connections: (name) => connections.of(name).length,
      lastSeen: (name) => iso(connections.lastSeen(name) ?? rules.evidence.lastSeen(name)),
      evidence: (name) => rules.evidence.of(name, () => connections.of(name).some(({ arrival }) => arrival.via === 'http')),
      saysItIs: (name) => connections.of(name).at(-1)?.engine.saysItIs ?? null,
      disconnect: needs.disconnect,
      stopServers(name) {
        for (const { id } of connections.of(name)) void pool.stopConnection(id).catch(needs.report);
      },
      stdio(name) {
        return { ...needs.connectorCommand(name), env: {} };
      },
      httpUrl: needs.mcpUrl,
    },
    secrets: {
      reread: needs.secretsChanged,
      async set(name, value) {
        await needs.vault.set(`secret:${name}`, new Sensitive(value));
        await needs.secretsChanged();
      },
      async remove(name) {
        await needs.vault.remove(`secret:${name}`);
        await needs.secretsChanged();
      },
      match: (values) => secretNames(state.rows.secret.keys(), needs.vault, values),
    },
    keptFiles: {
      list: () => kept.list(),
      open: (id) => kept.open(id),
      async seal(...given) {
        const head = await kept.seal(...given);
        guard.soon();
        return head;
      },
      forget(id) {
        kept.forget(id);
        guard.soon();
      },
      currentKeys: (ids, secrets) =>
        currentKeys({ open: (id) => kept.open(id), servers: state.rows.server.values(), vault: needs.vault }, ids, secrets),
    },
    setup: createSetup(
      needs.home,
      guard,
      (finding) => state.rows.dismissal.has(finding),
      () => needs.topics.publish('server', 'secret', 'finding', 'log', 'setup'),
    ),
    sessions: {
      list: () =>
        sessions.list().map((session) => ({
          id: session.id,
          client: session.client,
          pid: session.process?.pid ?? null,
          folder: session.folder,
          connections: session.connections,
          startedAt: new Date(session.startedAt).toISOString(),
          labels: rules.touched.held(session.client, session.id),
          lastActiveAt: new Date(session.lastActiveAt).toISOString(),
        })),
      end: (id) => sessions.end(id),
    },
    log: {
      list: (query) => log.list(query as Parameters<Log['list']>[0]),
      show: (seq) => log.get(seq),
      follow: (query, after, signal) => follow(log as never, query, after, signal),
      verify: () => log.verify(),
      tally(filter) {
        const { bars, flows, ...rest } = log.tally(filter);
        return { ...rest, bars: [...bars], flows: [...flows] };
      },
      export: (wish, signal) => exported(log, wish, needs.status().version, signal),
    },
    operator: {
      redeem: (secret) => operator.redeem(secret),
      signIn: (pin, use, signal) => operator.signIn(pin, use, signal),
      consoleAddress: (ttlMs) => needs.consoleUrl(operator.mintConsoleSecret(ttlMs)),
      windowSignedIn: needs.windowSignedIn,
      async proveBySystem(signal) {
        if (!(await provedBySystem(signal)))
          throw new GatehouseError('refused', 'The system did not say that it is you.', 'Type the PIN, or try again.');
        return operator.provedBySystem();
      },
      setPin: (pin, current) => needs.pin.set(pin, current),
      signOut: (id) => void operator.signOut(id),
    },
    lock: needs.lock,
    unlock: needs.unlock,
    changes: (signal) => needs.topics.subscribe(signal) as AsyncGenerator<{ topic: Topic | 'hello' }, void, void>,
  };
}
