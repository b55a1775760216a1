// What the operator said yes to last, by client and capability: a prompt shows what is different now.
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { Approval } from '../../shared/vocabulary.ts';

type LastTime = NonNullable<Approval['lastTime']>;

export interface Needs {
  now(): number;
  /** What the log still knows of a yes from before this start, masked; null: none. */
  earlier(client: string, server: string, capability: string): LastTime | null;
}

/** Pairs remembered, and characters of one: a difference longer than this is read by nobody. */
const mostKept = 500;
const longest = 16 * 1024;

export class LastYes {
  readonly #needs: Needs;
  readonly #kept = new Map<string, LastTime | null>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** The operator allowed this, now. */
  put(caller: Caller, request: ServerRequest): void {
    const { argumentsText } = request;
    const at = new Date(this.#needs.now()).toISOString();
    this.#keep(keyOf(caller.client, request), argumentsText.length > longest ? null : { at, argumentsText });
  }

  /** Undefined where nothing was allowed before, or too much to compare. */
  of(caller: Caller, request: ServerRequest): LastTime | undefined {
    const key = keyOf(caller.client, request);
    if (!this.#kept.has(key)) {
      const found = this.#needs.earlier(caller.client, request.server, request.capability ?? '');
      this.#keep(key, found !== null && found.argumentsText.length <= longest && isJson(found.argumentsText) ? found : null);
    }
    return this.#kept.get(key) ?? undefined;
  }

  #keep(key: string, last: LastTime | null): void {
    this.#kept.delete(key);
    this.#kept.set(key, last);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
  }
}

const keyOf = (client: string, request: ServerRequest) => `${client}\n${request.server}\n${request.capability}`;

/** What the log keeps of a long request ends somewhere. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
