// Every server process there is: one per (connection, server), started when first called, ended when no longer wanted.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from './child.ts';
import { CrashBudget } from './crash-budget.ts';
import { type Definition, fetchDefinitions } from './definitions.ts';
import { endTrees, endTreesOnWindows, kill } from './ending.ts';
import { StartFailed } from './failures.ts';
import { shakeHands } from './handshake.ts';
import { type Host, type Launch, type Limits, type Needs, usualLimits } from './needs.ts';
import { look, type Offer } from './probe.ts';
import { tableFor } from './process-table.ts';
import { ServerProcess } from './server-process.ts';
import { type LogLine, Ring } from './stderr.ts';
import type { Upstream } from './upstream.ts';

export interface RunningProcess {
  /** Null for a trial start. */
  readonly connection: string | null;
  readonly pid: number;
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

interface Run {
  readonly connection: string | null;
  readonly server: string;
  readonly abort: AbortController;
  process: ServerProcess | null;
}

interface Slot {
  readonly connection: string;
  readonly server: string;
  budget: CrashBudget;
  lastDeath: string;
  run: Run | null;
  upstream: Promise<ServerProcess> | null;
}

type Of = Pick<Run, 'connection' | 'server'>;

/** Processes on their way out, ended together: one look at the process table serves them all. */
interface Ending {
  readonly processes: readonly ServerProcess[];
  readonly done: Promise<void>;
}

const longestStopMs = 3_800;

export function createPool(needs: Needs, changed: Partial<Limits> = {}): Pool {
  if (!/^[A-Za-z0-9_-]+$/.test(needs.homeMarker)) throw new Error('A home marker is made of A-Z a-z 0-9 _ and -.');
  const limits: Limits = { ...usualLimits, ...changed };
  const host: Host = needs.host ?? { platform: process.platform, env: process.env };
  const table = tableFor(host.platform);
  const markers = `${needs.homeMarker}.${randomBytes(9).toString('base64url')}`;
  let started = 0;
  let closed = false;
  const runs = new Set<Run>();
  const slots = new Map<string, Slot>();
  const endings = new Set<Ending>();
  const logs = new Map<string, Ring>();

  function ringOf(server: string): Ring {
    const ring = logs.get(server) ?? new Ring(200);
    logs.set(server, ring);
    return ring;
  }

  /** Ends processes and all they started; whoever starts the same server for the same connection waits for it. */
  function endProcesses(processes: readonly ServerProcess[], inputEndMs: number): Promise<void> {
    if (processes.length === 0) return Promise.resolve();
    const patience = { inputEndMs, graceMs: limits.graceMs };
    const trees = processes.map((process) => process.tree);
    const failed = (reason: string) => {
      for (const { server, connection } of processes) needs.onEvent({ type: 'server.failed', server, connection, reason });
    };
    const work = table ? endTrees(trees, table, patience) : endTreesOnWindows(trees, host, patience);
    const done = Promise.race([work, sleep(longestStopMs, null, { ref: false })]).then(
      (left) => {
        if (left?.length !== 0) failed(`could not be ended (${left ? `pids ${left.join(', ')}` : 'it took too long'})`);
      },
      (error: unknown) => failed(`could not be ended (${error instanceof Error ? error.message : 'unknown'})`),
    );
    const ending: Ending = { processes, done: done.finally(() => endings.delete(ending)) };
    endings.add(ending);
    return ending.done;
  }

  async function ended(which: (of: Of) => boolean): Promise<void> {
    await Promise.all([...endings].filter((ending) => ending.processes.some(which)).map((ending) => ending.done));
  }

  function spawnFor(run: Run, launch: Launch, onGone: (reason: string) => void): Promise<ServerProcess> {
    const marker = `${markers}.${++started}`;
    const prefix = `gatehouse-${randomBytes(12).toString('base64url')}-`;
    return startChild(needs, host, launch, marker, run.abort.signal, (child) => {
      const server = new ServerProcess(needs, limits, launch, run.connection, child, prefix, ringOf(launch.server), (reason) => {
        runs.delete(run);
        // What the dead process started is of no use to anybody.
        void endProcesses([server], 0);
        onGone(reason);
      });
      run.process = server;
      needs.onEvent({ type: 'server.started', server: launch.server, connection: run.connection, pid: child.pid });
      return server;
    });
  }

  function newRun(connection: string | null, server: string): Run {
    const run: Run = { connection, server, abort: new AbortController(), process: null };
    runs.add(run);
    return run;
  }

  /** Takes a run out of use at once; resolves when its processes are gone. */
  async function end(chosen: readonly Run[], reason: string): Promise<void> {
    const processes: ServerProcess[] = [];
    for (const run of chosen) {
      runs.delete(run);
      run.abort.abort();
      if (!run.process || run.process.gone) continue;
      run.process.retire(reason);
      processes.push(run.process);
    }
    for (const slot of slots.values()) if (slot.run && chosen.includes(slot.run)) vacate(slot, slot.run);
    await endProcesses(processes, limits.inputEndMs);
  }

  function vacate(slot: Slot, run: Run): void {
    if (slot.run !== run) return;
    slot.run = null;
    slot.upstream = null;
  }

  async function stop(which: (of: Of) => boolean, reason: string): Promise<void> {
    await end([...runs].filter(which), reason);
    await ended(which);
  }

  function endWhenIdle(run: Run, server: ServerProcess): void {
    const check = () => {
      if (server.gone) return;
      const quietFor = performance.now() - server.lastUsed;
      if (server.inFlight === 0 && quietFor >= limits.idleMs) void end([run], 'was stopped because nobody used it');
      else setTimeout(check, Math.max(limits.idleMs - quietFor, limits.idleMs / 10)).unref();
    };
    setTimeout(check, limits.idleMs).unref();
  }

  async function start(slot: Slot, run: Run, launch: Launch, paramsText: string): Promise<ServerProcess> {
    const { connection, server } = slot;
    const died = (reason: string) => {
      slot.budget.died(needs.clock.now());
      slot.lastDeath = reason;
    };
    try {
      await ended((of) => of.connection === connection && of.server === server);
      const process = await spawnFor(run, launch, (reason) => {
        died(reason);
        vacate(slot, run);
      });
      await shakeHands(needs, process, paramsText, limits.startMs);
      endWhenIdle(run, process);
      return process;
    } catch (error) {
      vacate(slot, run);
      const stopped = run.abort.signal.aborted;
      if (run.process && !run.process.gone) {
        if (!stopped) died(error instanceof StartFailed ? error.reason : 'did not start');
        void end([run], 'was stopped because it did not start');
      }
      runs.delete(run);
      const reason = error instanceof StartFailed ? error.reason : 'a fault of Gatehouse';
      if (!stopped) needs.onEvent({ type: 'server.failed', server, connection, reason });
      throw error;
    }
  }

  const pool: Pool = {
    upstream({ connection }, launch, paramsText) {
      const { server } = launch;
      if (closed) return Promise.reject(new StartFailed(server, 'Gatehouse is stopping', 'Start Gatehouse again.'));
      const key = JSON.stringify([connection, server]);
      const slot = slots.get(key) ?? { connection, server, budget: new CrashBudget(), lastDeath: '', run: null, upstream: null };
      slots.set(key, slot);
      if (slot.upstream) {
        if (slot.run?.process) slot.run.process.lastUsed = performance.now();
        return slot.upstream;
      }
      const retryInMs = slot.budget.waitMs(needs.clock.now());
      if (retryInMs > 0) {
        const reason = `it keeps crashing, next try in ${Math.ceil(retryInMs / 1000)} s; last time it ${slot.lastDeath}`;
        return Promise.reject(new StartFailed(server, reason, `See \`gatehouse server logs ${server}\`.`, { retryInMs }));
      }
      const run = newRun(connection, server);
      slot.run = run;
      slot.upstream = start(slot, run, launch, paramsText);
      return slot.upstream;
    },

    async probe(launch, clientCapabilities) {
      if (closed) throw new StartFailed(launch.server, 'Gatehouse is stopping', 'Start Gatehouse again.');
      const run = newRun(null, launch.server);
      try {
        const process = await spawnFor(run, launch, () => {});
        return await look(needs, limits, process, clientCapabilities);
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
      await stop((of) => of.connection === connection, 'was stopped because its client left');
      for (const [key, slot] of slots) if (slot.connection === connection && !slot.run) slots.delete(key);
    },

    async stopServer(server) {
      for (const slot of slots.values()) if (slot.server === server) slot.budget = new CrashBudget();
      await stop((of) => of.server === server, 'was stopped by the operator');
    },

    stopAll: () => stop(() => true, 'was stopped by Gatehouse'),

    close() {
      closed = true;
      return pool.stopAll();
    },

    killNow() {
      const processes = [...endings].flatMap((ending) => ending.processes);
      for (const run of runs) if (run.process) processes.push(run.process);
      for (const { pid } of processes) kill(host.platform === 'win32' ? pid : -pid, 'SIGKILL');
    },

    processes(server) {
      const alive: RunningProcess[] = [];
      for (const { process, connection, server: name } of runs) {
        if (process && name === server && !process.gone) {
          alive.push({ connection, pid: process.pid, startedAt: process.startedAt, inFlight: process.inFlight });
        }
      }
      return alive;
    },

    logs: (server) => logs.get(server)?.lines ?? [],
  };
  return pool;
}
