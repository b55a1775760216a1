// Every running server there is: started when first called, ended when no longer wanted. One per (connection, server); a stateless
// server that is a process serves all connections of a session.
import type { Era } from '../../shared/message.ts';
import { CrashBudget } from './crash-budget.ts';
import { type Definition, fetchDefinitions } from './definitions.ts';
import { Departures, type Of } from './departures.ts';
import { ServerGone, StartFailed } from './failures.ts';
import { type Host, isRemote, type Launch, type Limits, type Needs, usualLimits } from './needs.ts';
import { look, type Offer } from './probe.ts';
import { ServerProcess } from './server-process.ts';
import { SharedProcess } from './shared-process.ts';
import { createStart, type Run } from './start.ts';
import { type LogLine, Ring } from './stderr.ts';
import type { Live, Upstream } from './upstream.ts';

export interface RunningProcess {
  /** A connection, or a session whose connections share it; null for a trial start. */
  readonly owner: string | null;
  /** Null for a server reached over HTTP. */
  readonly pid: number | null;
  readonly startedAt: number;
  readonly inFlight: number;
}

/** For whom a server runs: a handshake server for one connection, a stateless one for all connections of a session. */
export interface Owner {
  readonly connection: string;
  readonly session: string;
}

export interface Pool {
  /**
   * The running server of this connection, started if need be. Ask for it at each call: it may have ended since.
   * @param initializeParamsText what a handshake server is opened with; a stateless server has no use for it
   * @throws StartFailed
   */
  upstream(owner: Owner, launch: Launch, initializeParamsText: string): Promise<Upstream>;
  /** Starts the server once, alone, lists what it offers to a client with these capabilities, and ends it. Throws StartFailed. */
  probe(launch: Launch, clientCapabilities: object): Promise<Offer>;
  /** What a running server offers now. */
  fetchDefinitions(upstream: Upstream): Promise<Definition[]>;
  /** Each resolves when the processes and all they started are gone, after at most 4 s; calls in flight fail at once. */
  stopConnection(connection: string): Promise<void>;
  /** Also forgets its crashes: the next call starts it. */
  stopServer(server: string): Promise<void>;
  stopAll(): Promise<void>;
  /** `stopAll`, and nothing is started any more. */
  close(): Promise<void>;
  /** Synchronous last resort for a broker that is about to exit: SIGKILL to every group. */
  killNow(): void;
  processes(server: string): RunningProcess[];
  /** What its processes printed on stderr last, masked, oldest first. */
  logs(server: string): readonly LogLine[];
}

interface Slot extends Of {
  readonly owner: string;
  budget: CrashBudget;
  lastDeath: string;
  run: Run | null;
  started: Promise<Live> | null;
  /** Of a process that several connections use. */
  shared: SharedProcess | null;
}

export function createPool(needs: Needs, changed: Partial<Limits> = {}): Pool {
  if (!/^[A-Za-z0-9_-]+$/.test(needs.homeMarker)) throw new Error('A home marker is made of A-Z a-z 0-9 _ and -.');
  const limits: Limits = { ...usualLimits, ...changed };
  const host: Host = needs.host ?? { platform: process.platform, env: process.env };
  const departures = new Departures(needs, limits, host);
  let closed = false;
  const runs = new Set<Run>();
  const slots = new Map<string, Slot>();
  const logs = new Map<string, Ring>();
  const eras = new Map<string, Era>();
  const start = createStart({
    needs,
    limits,
    host,
    departures,
    logsOf: ringOf,
    running: (run, alive) => (alive ? runs.add(run) : runs.delete(run)),
    eras,
  });

  function ringOf(server: string): Ring {
    const ring = logs.get(server) ?? new Ring(200);
    logs.set(server, ring);
    return ring;
  }

  function newRun(owner: string | null, server: string): Run {
    const run: Run = { owner, server, abort: new AbortController(), live: null };
    runs.add(run);
    return run;
  }

  /** Takes a run out of use at once; resolves when its processes are gone. */
  async function end(chosen: readonly Run[], reason: string): Promise<void> {
    const leaving: Live[] = [];
    for (const run of chosen) {
      runs.delete(run);
      run.abort.abort();
      if (!run.live || run.live.gone) continue;
      run.live.retire(reason);
      leaving.push(run.live);
    }
    for (const slot of slots.values()) if (slot.run && chosen.includes(slot.run)) vacate(slot, slot.run);
    await departures.end(leaving, limits.inputEndMs);
  }

  function vacate(slot: Slot, run: Run): void {
    if (slot.run !== run) return;
    slot.run = null;
    slot.started = null;
    slot.shared = null;
  }

  async function stop(which: (of: Of) => boolean, reason: string): Promise<void> {
    await end([...runs].filter(which), reason);
    await departures.ended(which);
  }

  function endWhenIdle(run: Run, server: Live): void {
    const check = () => {
      if (server.gone) return;
      const quietFor = performance.now() - server.lastUsed;
      if (server.inFlight === 0 && quietFor >= limits.idleMs) void end([run], 'was stopped because nobody used it');
      else setTimeout(check, Math.max(limits.idleMs - quietFor, limits.idleMs / 10)).unref();
    };
    setTimeout(check, limits.idleMs).unref();
  }

  async function startSlot(slot: Slot, run: Run, launch: Launch, paramsText: string): Promise<Live> {
    const { owner, server } = slot;
    const died = (reason: string) => {
      slot.budget.died(needs.clock.now());
      slot.lastDeath = reason;
    };
    try {
      await departures.ended((of) => of.owner === owner && of.server === server);
      const process = await start(run, launch, { initializeParams: paramsText }, (reason) => {
        died(reason);
        vacate(slot, run);
      });
      endWhenIdle(run, process);
      return process;
    } catch (error) {
      vacate(slot, run);
      const stopped = run.abort.signal.aborted;
      if (run.live && !run.live.gone) {
        if (!stopped) died(error instanceof StartFailed ? error.reason : 'did not start');
        void end([run], 'was stopped because it did not start');
      }
      runs.delete(run);
      const reason = error instanceof StartFailed ? error.reason : 'a fault of Gatehouse';
      if (!stopped) needs.onEvent({ type: 'server.failed', server, connection: owner, reason });
      throw error;
    }
  }

  /** The slot of an owner, its server started if need be. */
  function slotOf(owner: string, launch: Launch, paramsText: string): Slot & { started: Promise<Live> } {
    const { server } = launch;
    const key = JSON.stringify([owner, server]);
    const slot = slots.get(key) ?? { owner, server, budget: new CrashBudget(), lastDeath: '', run: null, started: null, shared: null };
    slots.set(key, slot);
    if (slot.started) {
      if (slot.run?.live) slot.run.live.lastUsed = performance.now();
      return slot as Slot & { started: Promise<Live> };
    }
    const retryInMs = slot.budget.waitMs(needs.clock.now());
    if (retryInMs > 0) {
      const reason = `it keeps crashing, next try in ${Math.ceil(retryInMs / 1000)} s; last time it ${slot.lastDeath}`;
      throw new StartFailed(server, reason, `See \`gatehouse server logs ${server}\`.`, { retryInMs });
    }
    const run = newRun(owner, server);
    slot.run = run;
    slot.started = startSlot(slot, run, launch, paramsText);
    return slot as Slot & { started: Promise<Live> };
  }

  const pool: Pool = {
    async upstream({ connection, session }, launch, paramsText) {
      const { server } = launch;
      if (closed) throw new StartFailed(server, 'Gatehouse is stopping', 'Start Gatehouse again.');
      const mayBeShared = !isRemote(launch) && (eras.get(server) ?? launch.era) === 'stateless';
      const slot = slotOf(mayBeShared ? `session ${session}` : connection, launch, paramsText);
      const live = await slot.started;
      if (live instanceof ServerProcess && live.era === 'stateless') {
        if (live.gone) throw new ServerGone(server, 'ended while it started');
        slot.shared ??= new SharedProcess(needs, live);
        return slot.shared.lease(connection);
      }
      if (!mayBeShared) return live;
      // It does not speak what it was known to speak; what a handshake opened belongs to one connection.
      if (slot.run) await end([slot.run], 'was stopped to be started again for one connection');
      return await slotOf(connection, launch, paramsText).started;
    },

    async probe(launch, clientCapabilities) {
      if (closed) throw new StartFailed(launch.server, 'Gatehouse is stopping', 'Start Gatehouse again.');
      const run = newRun(null, launch.server);
      try {
        return await look(needs, clientCapabilities, (how) => start(run, launch, how, () => {}));
      } catch (error) {
        const reason = error instanceof StartFailed ? error.reason : 'a fault of Gatehouse';
        if (!run.abort.signal.aborted) needs.onEvent({ type: 'server.failed', server: launch.server, connection: null, reason });
        throw error;
      } finally {
        await end([run], 'was stopped after its trial start');
      }
    },

    fetchDefinitions: (upstream) => fetchDefinitions(needs, upstream),

    async stopConnection(connection) {
      const deserted = [...slots.values()].filter((slot) => slot.shared?.holds(connection) && slot.shared.release(connection));
      const unused = new Set(deserted.map((slot) => slot.run));
      await stop((of) => of.owner === connection || unused.has(of as Run), 'was stopped because its client left');
      for (const [key, slot] of slots) if ((slot.owner === connection || deserted.includes(slot)) && !slot.run) slots.delete(key);
    },

    async stopServer(server) {
      eras.delete(server);
      for (const slot of slots.values()) if (slot.server === server) slot.budget = new CrashBudget();
      await stop((of) => of.server === server, 'was stopped by the operator');
    },

    stopAll: () => stop(() => true, 'was stopped by Gatehouse'),

    close() {
      closed = true;
      return pool.stopAll();
    },

    killNow() {
      departures.killNow([...runs].flatMap((run) => run.live ?? []));
    },

    processes(server) {
      const alive: RunningProcess[] = [];
      for (const { live, owner, server: name } of runs) {
        if (live && name === server && !live.gone) {
          alive.push({ owner, pid: live.pid, startedAt: live.startedAt, inFlight: live.inFlight });
        }
      }
      return alive;
    },

    logs: (server) => logs.get(server)?.lines ?? [],
  };
  return pool;
}
