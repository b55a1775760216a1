// Starts a broker in a home folder: the only place that constructs things. Everything else is handed what it needs from here.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { GatehouseError } from '../shared/errors.ts';
import type { EntryBody, Status } from '../shared/vocabulary.ts';
import { clientToolsCommand } from './forward/client-tools.ts';
import { endLeftovers } from './forward/leftovers.ts';
import { findProgram, loginPath } from './host/login-path.ts';
import { undumpable } from './host/native.ts';
import { isQuiet } from './host/quiet.ts';
import { consoleFiles } from './operate/console-files.ts';
import { createDoor } from './operate/door.ts';
import { createRouter } from './operate/handlers.ts';
import { createOperator } from './operate/operator.ts';
import { pausedUntil } from './operate/settings.ts';
import { createTopics } from './operate/topics.ts';
import { createAcquire } from './start/acquire.ts';
import { connectorCommand } from './start/connector-command.ts';
import { createDesk } from './start/desk.ts';
import { createDesktopLine } from './start/desktop.ts';
import { doorProofs } from './start/door-proofs.ts';
import { openDoors } from './start/doors.ts';
import { createLockdown } from './start/lockdown.ts';
import { firstSetting, logSetting, type OpenHome, openEverything, pinSetting } from './start/open-home.ts';
import type { Broker, StartOptions } from './start/options.ts';
import { ownPin } from './start/own-pin.ts';
import { type Evidence, peerEvidence } from './start/peers.ts';
import { type LogFault, readLog } from './start/read-log.ts';
import { createTraffic } from './start/traffic.ts';
import { createWindows, trayHolder } from './start/windows.ts';

export { resolveHome } from './host/home.ts';
export { type HomeAtRest, openAtRest } from './start/at-rest.ts';
export type { Face, Waiting } from './start/desktop.ts';
export type { Broker, Ready, StartOptions } from './start/options.ts';
export { recover } from './start/recover.ts';

const checkout = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string };
/** The address printed at start is for a person who reads it, so it lives longer than one made by `gatehouse console`. */
const firstAddressMs = 15 * 60_000;
/** Milliseconds that start waits for the log to be read. */
const logReadMs = 500;

/** @throws GatehouseError when the home is loose or taken, the vault does not open, or a door cannot be had */
export async function start(options: StartOptions): Promise<Broker> {
  const startedAt = performance.now();
  const now = options.clock ?? Date.now;
  const faults = options.faults ?? { check: () => {} };
  const report = options.report ?? ((error: unknown) => console.error('gatehouse:', error instanceof Error ? error.message : error));
  undumpable();

  const opened = await openEverything({ folder: options.home, vault: options.vault, passphrase: options.passphrase, faults, now, report });
  const closers: (() => Promise<void> | void)[] = [() => opened.close()];
  try {
    return await build({ ...options, faults }, opened, closers, { startedAt, now, report });
  } catch (error) {
    for (const close of closers.reverse()) await Promise.resolve(close()).catch(report);
    throw error;
  }
}

interface Means {
  readonly startedAt: number;
  now(): number;
  report(error: unknown): void;
}

/** Builds the rooms of an opened home. What it has opened by the time it throws is closed by `closers`, the last first. */
async function build(
  options: StartOptions & { faults: NonNullable<StartOptions['faults']> },
  opened: OpenHome,
  closers: (() => Promise<void> | void)[],
  { startedAt, now, report }: Means,
): Promise<Broker> {
  const { state, log, vault, pin, mask, row: identity, home } = opened;
  const ownedPin = ownPin({
    vault,
    pin,
    mark: () => state.rows.setting.get(pinSetting)?.value,
    keepMark: (value) => rules.change({ type: 'operator.pin-set' }, (tx) => tx.put('setting', { key: pinSetting, value })),
    foreign: () => lock('the PIN in the vault is not the one this home was given', 'gatehouse'),
  });
  // A PIN in the vault counts even where the rule that tells of it is gone: what was protected does not become open by an edit.
  const pinAtStart = await ownedPin.isSet();
  const isProtected = () => pinAtStart || state.rows.setting.has(pinSetting);

  const topics = createTopics();
  const path = loginPath();
  // What a killed broker of this home left running ends before anything new starts.
  await endLeftovers(identity.id).catch(report);
  /** 0 before a door is open; nothing is served until then. */
  let listening = 0;
  const traffic = createTraffic({
    opened,
    topics,
    version,
    operatorAnswers: options.operator,
    faults: options.faults,
    path,
    port: () => listening,
    isProtected,
    now,
    record,
    report,
  });
  const { rules, pool, approvals, gathered, cover, connections, fingerprint } = traffic;
  closers.push(() => pool.close());

  if (opened.problems.length > 0) rules.locked = opened.problems.join('; ');
  // A usual log is read before anything is served; a very long one is read on beside the traffic.
  let logFault: LogFault | null = null;
  const logRead = readLog(log).then((found) => {
    // The operator has looked at exactly these faults before, and went on.
    if (found !== null && found.mark !== state.rows.setting.get(logSetting)?.value) logFault = found;
    return logFault?.reason ?? null;
  });
  rules.locked ??= await Promise.race([logRead, pause(logReadMs, null, { ref: false })]);

  /** For what happens beside requests: it is not undone because it could not be written down. */
  function record(body: EntryBody): void {
    try {
      log.append(body);
    } catch (error) {
      report(error);
    }
  }

  const { lock, unlock } = createLockdown({
    rules,
    state,
    log,
    approvals,
    pool,
    topics,
    keysHold: opened.keysHold,
    logFault: () => logFault?.mark ?? null,
  });
  const operator = createOperator({
    pin: ownedPin,
    clock: now,
    onAct(act) {
      log.append({ ...act, credentials: [...act.credentials] });
      // Wakes every stream, so that one whose credential is gone ends now and not at the next event.
      topics.publish('status');
    },
  });

  const windows = createWindows(operator);
  const endings: (() => void)[] = [];
  const end = () => endings.forEach((one) => void one());
  closers.push(end);

  function status(): Status {
    return {
      version,
      pid: process.pid,
      uptimeMs: Math.round(performance.now() - startedAt),
      locked: rules.locked !== null,
      lockedReason: rules.locked,
      pausedUntil: pausedUntil(state.rows.setting, now()),
      mcp: mcpUrl(),
      pending: approvals.size,
      clients: state.rows.client.size,
      servers: state.rows.server.size,
      vault: identity.vault,
      protected: isProtected(),
    };
  }

  const mcpUrl = () => `http://127.0.0.1:${doors.port}/mcp`;
  const consoleUrl = (secret: string) => `http://127.0.0.1:${doors.port}/#signin=${secret}`;

  const resolveProgram = async (command: string) => (command === clientToolsCommand ? command : findProgram(command, await path));

  const desk = createDesk({
    home: home.folder,
    state,
    rules,
    findings: rules.findings,
    presence: traffic.presence,
    acquire: createAcquire({ ...opened, home: home.folder, path, resolveProgram, sound: opened.problems.length === 0, now, report }),
    log,
    vault,
    pin: ownedPin,
    pool,
    ...{ approvals, gathered, cover },
    sessions: traffic.sessions,
    connections,
    ...{ operator, topics, now, status, resolveProgram },
    fingerprint,
    mask,
    secretsChanged: opened.remask,
    disconnect: (client) => doors.disconnect(client),
    connectorCommand(client) {
      const { command, args } = connectorCommand(checkout);
      return { command, args: [...args, '--home', home.folder, '--client', client] };
    },
    mcpUrl,
    consoleUrl,
    windowSignedIn: (credential) => windows.signedIn(credential),
    lock,
    unlock,
    closing: (close) => endings.push(close),
    report,
  });

  const door = createDoor<NonNullable<ReturnType<typeof operator.check>>, Evidence>(createRouter(desk), {
    ...doorProofs(operator, traffic.presence, record),
    peer: (req) => peerEvidence(req.socket, doors.clientPids()),
    report: (fault, reference, operation) =>
      report(
        new Error(`${operation} failed (reference ${reference}): ${fault instanceof Error ? fault.message : fault}`, { cause: fault }),
      ),
    topics,
  });
  const files = consoleFiles(join(checkout, 'dist', 'console'));

  const doors = await openDoors({
    home: home.folder,
    port: options.port || identity.port,
    state,
    connections,
    evidence: rules.evidence,
    operate: (req, res, way) => door.handle(req, res, way),
    console: (req, res) => files.handle(req, res),
    revokeOperatorToken(digest) {
      if (operator.revokeDigest(digest)) record({ type: 'operator.token-revoked', reason: 'it was found in the environment of a client' });
    },
    report,
  });
  closers.push(() => doors.close());
  opened.keepPort(doors.port);
  listening = doors.port;

  const first = state.rows.setting.has(firstSetting);
  const proven = first || identity.vault === 'sealed-file' || (isProtected() && opened.keysHold && (await provePin()));
  async function provePin(): Promise<boolean> {
    const typed = await options.prove();
    if (typed === null) return false;
    if (await ownedPin.verify(typed)) return true;
    throw new GatehouseError(
      'refused',
      'That is not the PIN of this home.',
      'Start it again and type the right one, or start it without a terminal.',
    );
  }
  if (state.rows.setting.has(firstSetting)) rules.change({ type: 'home.claimed' }, (tx) => tx.remove('setting', firstSetting));
  record({
    type: 'broker.started',
    version,
    pid: process.pid,
    vault: identity.vault,
    ...(rules.locked === null ? {} : { locked: rules.locked }),
  });
  void logRead
    .then((found) => (found === null || rules.locked !== null || stopping !== null ? undefined : lock(found, 'gatehouse')))
    .catch(report);

  let stopping: Promise<void> | null = null;
  async function stop(): Promise<void> {
    approvals.close('shutdown', 'Gatehouse is stopping, and nobody answered.', 'Try again later.');
    gathered.flush();
    topics.close();
    end();
    // Calls in flight fail as their servers end, and get their outcomes before the log closes.
    await pool.close();
    await doors.close();
    await new Promise((resolve) => setImmediate(resolve));
    record({ type: 'broker.stopped' });
    await opened.close();
  }

  return {
    ready: {
      event: 'ready',
      version,
      pid: process.pid,
      home: home.folder,
      mcp: mcpUrl(),
      console: proven ? consoleUrl(operator.mintConsoleSecret(firstAddressMs)) : null,
      operatorToken: proven ? operator.mintToken(null) : null,
      protected: isProtected(),
      locked: rules.locked,
    },
    // What cannot be proven to be open is not: a window before a home whose rows or keys do not hold signs in first.
    attach: (port, isOperator) =>
      door.attach(port, windows.holder(isOperator || (!isProtected() && opened.keysHold && state.problems.length === 0))),
    desktop: () =>
      createDesktopLine({
        attach: (port) => door.attach(port, trayHolder(operator)),
        quiet: isQuiet,
        report,
      }),
    stop: () => (stopping ??= stop()),
  };
}
