// Servers on their way out, ended together: one look at the process table serves them all.
import { setTimeout as sleep } from 'node:timers/promises';
import { endTrees, endTreesOnWindows, kill } from './ending.ts';
import type { Host, Limits, Needs } from './needs.ts';
import { tableFor } from './process-table.ts';
import type { Live } from './upstream.ts';

export interface Of {
  readonly owner: string | null;
  readonly server: string;
}

interface Departure {
  readonly servers: readonly Live[];
  readonly done: Promise<void>;
}

const longestStopMs = 3_800;

export class Departures {
  readonly #needs: Needs;
  readonly #limits: Limits;
  readonly #host: Host;
  readonly #open = new Set<Departure>();

  constructor(needs: Needs, limits: Limits, host: Host) {
    this.#needs = needs;
    this.#limits = limits;
    this.#host = host;
  }

  /** Ends servers and all they started; whoever starts the same server for the same owner waits for it. */
  end(servers: readonly Live[], inputEndMs: number): Promise<void> {
    if (servers.length === 0) return Promise.resolve();
    const failed = (reason: string) => {
      for (const { server, owner } of servers) this.#needs.onEvent({ type: 'server.failed', server, connection: owner, reason });
    };
    const done = Promise.race([this.#work(servers, inputEndMs), sleep(longestStopMs, null, { ref: false })]).then(
      (left) => {
        if (left?.length !== 0) failed(`could not be ended (${left ? `pids ${left.join(', ')}` : 'it took too long'})`);
      },
      (error: unknown) => failed(`could not be ended (${error instanceof Error ? error.message : 'unknown'})`),
    );
    const departure: Departure = { servers, done: done.finally(() => this.#open.delete(departure)) };
    this.#open.add(departure);
    return departure.done;
  }

  /** Resolves when all of these that were on their way out are gone. */
  async ended(which: (of: Of) => boolean): Promise<void> {
    await Promise.all([...this.#open].filter(({ servers }) => servers.some(which)).map(({ done }) => done));
  }

  /** SIGKILL to every group, those on their way out included. */
  killNow(running: readonly Live[]): void {
    const all = [...[...this.#open].flatMap(({ servers }) => servers), ...running];
    for (const { pid } of all) if (pid !== null) kill(this.#host.platform === 'win32' ? pid : -pid, 'SIGKILL');
  }

  async #work(servers: readonly Live[], inputEndMs: number): Promise<number[]> {
    const patience = { inputEndMs, graceMs: this.#limits.graceMs };
    const trees = servers.flatMap(({ tree }) => tree ?? []);
    const table = tableFor(this.#host.platform);
    const [left] = await Promise.all([
      table ? endTrees(trees, table, patience) : endTreesOnWindows(trees, this.#host, patience),
      ...servers.map((server) => server.left),
    ]);
    return left;
  }
}
