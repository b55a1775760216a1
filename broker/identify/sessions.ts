// Sessions: everything one running instance of a client does, over all its connections.
import { createHash, randomBytes } from 'node:crypto';

export interface ProcessEvidence {
  readonly pid: number;
  /** Start time as the OS gives it; with the pid it names one process for ever. */
  readonly startedAt: string;
}

export interface Session {
  readonly id: string;
  readonly client: string;
  readonly process: ProcessEvidence | null;
  readonly folder: string | null;
  readonly startedAt: number;
  lastActiveAt: number;
  connections: number;
}

/** A session ends after this much quiet, in milliseconds (product.md). */
const quietMs = 30 * 60_000;

export class Sessions {
  readonly #now: () => number;
  readonly #byKey = new Map<string, Session>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The session of this client process, begun when there is none. Without process evidence there is one per client. */
  join(client: string, process: ProcessEvidence | null, folder: string | null): Session {
    this.#sweep();
    const key = process ? `${client}\n${process.pid}\n${process.startedAt}` : client;
    const now = this.#now();
    const known = this.#byKey.get(key);
    if (known && now - known.lastActiveAt < quietMs) {
      known.lastActiveAt = now;
      return known;
    }
    const id = `s-${createHash('sha256').update(key).update(randomBytes(8)).digest('hex').slice(0, 12)}`;
    const session: Session = { id, client, process, folder, startedAt: now, lastActiveAt: now, connections: 0 };
    this.#byKey.set(key, session);
    return session;
  }

  list(): Session[] {
    this.#sweep();
    return [...this.#byKey.values()].sort((a, b) => b.lastActiveAt - a.lastActiveAt);
  }

  #sweep(): void {
    const now = this.#now();
    for (const [key, session] of this.#byKey) {
      if (session.connections <= 0 && now - session.lastActiveAt >= quietMs) this.#byKey.delete(key);
    }
  }

  /** The operator ends it: what the client does next begins a new one, without the old one's grants. */
  end(id: string): boolean {
    for (const [key, session] of this.#byKey) {
      if (session.id !== id) continue;
      this.#byKey.delete(key);
      return true;
    }
    return false;
  }
}
