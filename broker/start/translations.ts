// A server as a client's connection sees it: as it is where both speak the same era, translated where they do not.
import type { Caller } from '../../shared/request.ts';
import type { Upstream } from '../forward/upstream.ts';
import type { Engine } from '../wire/engine.ts';
import { AsHandshake } from '../wire/translation/as-handshake.ts';
import { AsStateless } from '../wire/translation/as-stateless.ts';
import { StateSeal } from '../wire/translation/state-seal.ts';

export class Translations {
  readonly #now: () => number;
  readonly #seal = new StateSeal();
  /** A running server is translated once: what waits between two rounds is kept there. */
  readonly #known = new WeakMap<Upstream, Upstream>();

  constructor(now: () => number) {
    this.#now = now;
  }

  of(caller: Caller, engine: Engine | undefined, upstream: Upstream): Upstream {
    if (!engine?.era || engine.era === upstream.era) return upstream;
    const known = this.#known.get(upstream);
    if (known) return known;
    const translated =
      engine.era === 'handshake'
        ? new AsHandshake(upstream, () => engine.helloOf(caller.connection) ?? '{}')
        : new AsStateless(upstream, { client: caller.client, seal: this.#seal, now: this.#now });
    this.#known.set(upstream, translated);
    return translated;
  }
}
