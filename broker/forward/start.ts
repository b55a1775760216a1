// Starts one server and opens the conversation in its own era; where finding the era used a process up, a second one is started.
import { randomBytes } from 'node:crypto';
import type { Era } from '../../shared/message.ts';
import { startChild } from './child.ts';
import type { Departures, Of } from './departures.ts';
import { StartFailed } from './failures.ts';
import { type Host, isRemote, type Launch, type Limits, type Needs, type ProcessLaunch, type RemoteLaunch } from './needs.ts';
import { openRemote } from './open-remote.ts';
import { open } from './opening.ts';
import { ServerProcess } from './server-process.ts';
import type { Ring } from './stderr.ts';
import type { Live } from './upstream.ts';

/** One start of a server and what came of it. */
export interface Run extends Of {
  readonly abort: AbortController;
  live: Live | null;
}

/** As whom the server is addressed. */
export interface As {
  readonly initializeParams: string;
  /** What the broker's own requests to a stateless server say the client can do; everything where not given. */
  readonly clientCapabilities?: object;
}

export interface StartNeeds {
  readonly needs: Needs;
  readonly limits: Limits;
  readonly host: Host;
  readonly departures: Departures;
  logsOf(server: string): Ring;
  /** Whether a run has a living server. */
  running(run: Run, alive: boolean): void;
  /** What each server was found to speak, where its launch says otherwise. */
  readonly eras: Map<string, Era>;
}

/** @param onGone called once, when the server ended by itself or cannot be talked to any more; not after it was retired */
export type Start = (run: Run, launch: Launch, as: As, onGone: (reason: string) => void) => Promise<Live>;

export function createStart({ needs, limits, host, departures, logsOf, running, eras }: StartNeeds): Start {
  const markers = `${needs.homeMarker}.${randomBytes(9).toString('base64url')}`;
  let started = 0;

  function spawnFor(run: Run, launch: ProcessLaunch, onGone: (reason: string) => void): Promise<ServerProcess> {
    const marker = `${markers}.${++started}`;
    const prefix = newPrefix();
    return startChild(needs, host, launch, marker, run.abort.signal, (child) => {
      const server = new ServerProcess(needs, limits, launch, run.owner, child, prefix, logsOf(launch.server), (reason) => {
        running(run, false);
        // What the dead process started is of no use to anybody.
        void departures.end([server], 0);
        onGone(reason);
      });
      run.live = server;
      running(run, true);
      needs.onEvent({ type: 'server.started', server: launch.server, connection: run.owner, pid: child.pid });
      return server;
    });
  }

  /** Reached over HTTP there is nothing to start: it is found, or it is not. */
  async function reach(run: Run, launch: RemoteLaunch, as: As, onGone: (reason: string) => void): Promise<Live> {
    const of = {
      ...{ needs, limits, launch, owner: run.owner, privatePrefix: newPrefix(), logs: logsOf(launch.server) },
      onGone: (reason: string) => {
        running(run, false);
        onGone(reason);
      },
    };
    const server = await openRemote(of, {
      era: eras.get(launch.server) ?? launch.era,
      as,
      signal: run.abort.signal,
      adopt: (one) => {
        run.live = one;
      },
    });
    run.live = server;
    needs.onEvent({ type: 'server.started', server: launch.server, connection: run.owner, pid: null });
    return server;
  }

  async function launchProcess(run: Run, launch: ProcessLaunch, as: As, onGone: (reason: string) => void): Promise<Live> {
    const { initializeParams, clientCapabilities } = as;
    let era = eras.get(launch.server) ?? launch.era;
    for (;;) {
      let finding = era === null;
      const process = await spawnFor(run, launch, (reason) => {
        if (!finding) onGone(reason);
      });
      if (clientCapabilities) process.clientCapabilities = clientCapabilities;
      const opened = await open(needs, limits, process, { era, initializeParams });
      finding = false;
      if (opened === 'open') return process;
      era = opened;
      if (!process.gone) process.retire('was stopped to be started again in its own protocol');
      await departures.end([process], limits.inputEndMs);
      if (run.abort.signal.aborted) throw new StartFailed(launch.server, 'it was stopped while it started', 'Call again when it may run.');
    }
  }

  return async (run, launch, as, onGone) => {
    const server = await (isRemote(launch) ? reach(run, launch, as, onGone) : launchProcess(run, launch, as, onGone));
    if (server.era !== launch.era) eras.set(launch.server, server.era);
    return server;
  };
}

const newPrefix = () => `gatehouse-${randomBytes(12).toString('base64url')}-`;
