// What running processes show that was not accepted: changed definitions, new ones, a server that says other things of itself.
import type { Shown } from '../mediate/pins.ts';

interface News {
  /** Capabilities whose definition is another than the accepted one; empty text: the server itself. */
  readonly changed: readonly string[];
  /** Capabilities nobody has accepted, with their definitions. */
  readonly fresh: ReadonlyMap<string, Shown>;
}

const none: News = { changed: [], fresh: new Map() };
/** A server that keeps inventing capabilities is not remembered without end. */
const mostFresh = 500;

export class DefinitionNews {
  readonly #byServer = new Map<string, News>();

  /** True when that is news worth an entry. */
  put(server: string, changed: readonly string[], fresh: ReadonlyMap<string, Shown>): boolean {
    const before = this.of(server);
    const kept = new Map([...fresh].slice(0, mostFresh));
    if (changed.length > 0 || kept.size > 0) this.#byServer.set(server, { changed, fresh: kept });
    else this.#byServer.delete(server);
    const same = (a: Iterable<string>, b: Iterable<string>) => [...a].join('\n') === [...b].join('\n');
    return (changed.length > 0 && !same(changed, before.changed)) || (kept.size > 0 && !same(kept.keys(), before.fresh.keys()));
  }

  of(server: string): News {
    return this.#byServer.get(server) ?? none;
  }

  /** Rows changed: what was news is known, or will be seen again. */
  clear(): void {
    this.#byServer.clear();
  }
}
