// The sets of capabilities that one client's requests declare: server processes are started for each, because a handshake fixes them.
import { hash } from 'node:crypto';
import { canonicalText } from '../canonical.ts';
import { handshakeHello } from '../translation/hello.ts';
import type { Envelope } from './envelope.ts';

interface Lane {
  readonly name: string;
  readonly capabilities: string;
  readonly client: string | null;
}

export interface Needs {
  /** Of the connection. */
  readonly id: string;
  /** Something is under way there. */
  inUse(lane: string): boolean;
  /** Nothing comes by this lane any more. */
  laneEnded(lane: string): void;
}

export const mostLanes = 8;

export class Lanes {
  readonly #needs: Needs;
  /** By canonical capabilities, the longest unused first. */
  readonly #open = new Map<string, Lane>();
  #count = 0;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  get names(): readonly string[] {
    const names = [...this.#open.values()].map(({ name }) => name);
    return names.length > 0 ? names : [this.#needs.id];
  }

  /** The lane of a request. Past the limit one that was used longest ago and waits for nothing makes room; null when there is none. */
  of({ capabilitiesText, clientText }: Envelope): string | null {
    const key = hash('sha256', canonicalText(capabilitiesText));
    const lane = this.#open.get(key) ?? this.#begin(capabilitiesText, clientText);
    if (lane === null) return null;
    // The order is that of use.
    this.#open.delete(key);
    this.#open.set(key, lane);
    return lane.name;
  }

  /** Parameters of `initialize` for servers of this lane. */
  helloOf(name: string): string | null {
    for (const lane of this.#open.values()) if (lane.name === name) return handshakeHello(lane.capabilities, lane.client);
    return null;
  }

  #begin(capabilities: string, client: string | null): Lane | null {
    if (this.#open.size >= mostLanes) {
      const unused = [...this.#open].find(([, { name }]) => !this.#needs.inUse(name));
      if (!unused) return null;
      this.#open.delete(unused[0]);
      this.#needs.laneEnded(unused[1].name);
    }
    this.#count += 1;
    return { name: this.#count === 1 ? this.#needs.id : `${this.#needs.id}~${this.#count}`, capabilities, client };
  }
}
