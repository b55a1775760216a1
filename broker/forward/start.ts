// Starts one server and opens the conversation in its own era; where finding the era used a process up, a second one is started.
import { randomBytes } from 'node:crypto';
import type { Era } from '../../shared/message.ts';
import { startChild } from './child.ts';
import type { Departures, Of } from './departures.ts';
import { StartFailed } from './failures.ts';
import type { Host, Launch, Limits, Needs } from './needs.ts';
import { open } from './opening.ts';
import { ServerProcess } from './server-process.ts';
import type { Ring } from './stderr.ts';

/** One start of a server and what came of it. */
export interface Run extends Of {
  readonly abort: AbortController;
  process: ServerProcess | null;
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
export type Start = (run: Run, launch: Launch, as: As, onGone: (reason: string) => void) => Promise<ServerProcess>;

export function createStart({ needs, limits, host, departures, logsOf, running, eras }: StartNeeds): Start {
  const markers = `${needs.homeMarker}.${randomBytes(9).toString('base64url')}`;
  let started = 0;

  function spawnFor(run: Run, launch: Launch, onGone: (reason: string) => void): Promise<ServerProcess> {
    const marker = `${markers}.${++started}`;
    const prefix = `gatehouse-${randomBytes(12).toString('base64url')}-`;
    return startChild(needs, host, launch, marker, run.abort.signal, (child) => {
      const server = new ServerProcess(needs, limits, launch, run.owner, child, prefix, logsOf(launch.server), (reason) => {
        running(run, false);
        // What the dead process started is of no use to anybody.
        void departures.end([server], 0);
        onGone(reason);
      });
      run.process = server;
      running(run, true);
      needs.onEvent({ type: 'server.started', server: launch.server, connection: run.owner, pid: child.pid });
      return server;
    });
  }

  return async (run, launch, { initializeParams, clientCapabilities }, onGone) => {
    let era = eras.get(launch.server) ?? launch.era;
    for (;;) {
      let finding = era === null;
      const process = await spawnFor(run, launch, (reason) => {
        if (!finding) onGone(reason);
      });
      if (clientCapabilities) process.clientCapabilities = clientCapabilities;
      const opened = await open(needs, limits, process, { era, initializeParams });
      finding = false;
      if (opened === 'open') {
        if (process.era !== launch.era) eras.set(launch.server, process.era);
        return process;
      }
      era = opened;
      if (!process.gone) process.retire('was stopped to be started again in its own protocol');
      await departures.end([process], limits.inputEndMs);
      if (run.abort.signal.aborted) throw new StartFailed(launch.server, 'it was stopped while it started', 'Call again when it may run.');
    }
  };
}
