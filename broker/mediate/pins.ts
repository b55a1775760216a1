// Pins: is the definition a server shows now the one that was accepted?
import { createHash } from 'node:crypto';

/** What was accepted, per server; read at the moment of asking. */
export interface Accepted {
  readonly capability: string;
  readonly fingerprint: string;
  readonly accepted: boolean;
}

export type PinState = 'accepted' | 'unlisted' | 'waiting' | 'changed';

/** SHA-256 over server and canonical definition: key order and white space are no change. `canonical` is RFC 8785 text (wire/). */
export function fingerprint(server: string, capability: string, canonical: string): string {
  return createHash('sha256').update(`gatehouse-pin-1\n${server}\n${capability}\n${canonical}`).digest('hex');
}

/** Definitions a running process showed last, by connection and server. */
export class LivePins {
  readonly #shown = new Map<string, ReadonlyMap<string, string>>();

  /** `shown`: capability -> fingerprint as the process lists it now. */
  put(connection: string, server: string, shown: ReadonlyMap<string, string>): void {
    this.#shown.set(`${connection}\n${server}`, shown);
  }

  forget(connection: string, server: string): void {
    this.#shown.delete(`${connection}\n${server}`);
  }

  /**
   * How `capability` stands. A resource is data, its listing changes with its content and is no definition; tools, prompts and
   * templates are. What a process does not list just now is judged by what was accepted.
   */
  state(connection: string, server: string, capability: string, accepted: Accepted | undefined): PinState {
    if (!accepted) return capability.startsWith('resource:') ? 'unlisted' : 'waiting';
    if (!accepted.accepted) return 'waiting';
    if (capability.startsWith('resource:')) return 'accepted';
    const live = this.#shown.get(`${connection}\n${server}`)?.get(capability);
    return live === undefined || live === accepted.fingerprint ? 'accepted' : 'changed';
  }
}
