// All sessions over HTTP: found by their id only together with the client and the path they belong to, and ended when nobody needs them.
import { randomBytes } from 'node:crypto';
import { HttpSession } from './http-session.ts';

/** Milliseconds without an open stream after which a session ends. */
const idleMs = 30 * 60_000;
const mostPerClient = 64;

export class HttpSessions {
  readonly #byId = new Map<string, HttpSession>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get all(): readonly HttpSession[] {
    return [...this.#byId.values()];
  }

  /** Null when this client has too many already, all of them in use. */
  open(client: string, path: string): HttpSession | null {
    const own = this.all.filter((session) => session.client === client);
    if (own.length >= mostPerClient) {
      const [oldest] = own.filter(({ busy }) => !busy).sort((a, b) => a.lastActiveAt - b.lastActiveAt);
      if (!oldest) return null;
      oldest.end('the client opened too many sessions');
    }
    // 256 random bits, of characters that are legal in a header (MCP 2025-11-25 basic/transports, Session Management).
    const id = randomBytes(32).toString('base64url');
    const session = new HttpSession(id, client, path, this.#now, () => this.#byId.delete(id));
    this.#byId.set(id, session);
    return session;
  }

  /** An id is a name, not a credential (T14): another client's session is not found, just as one that never was. */
  find(id: string, client: string, path: string): HttpSession | null {
    const session = this.#byId.get(id);
    return session?.client === client && session.path === path ? session : null;
  }

  endClient(client: string, reason: string): void {
    for (const session of this.all) if (session.client === client) session.end(reason);
  }

  endAll(reason: string): void {
    for (const session of this.all) session.end(reason);
  }

  endIdle(): void {
    for (const session of this.all) if (!session.busy && this.#now() - session.lastActiveAt > idleMs) session.end('it was idle');
  }
}
