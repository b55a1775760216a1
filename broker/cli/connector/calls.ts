// What the connector remembers of the conversation, so that a broker that dies and comes back is one error per call and nothing more.
import type { Glance } from './lines.ts';

const remembered = 1000;

/** A client's message that must be said again to a new broker. */
interface Said {
  readonly id: string | null;
  readonly line: Buffer;
}

export class Calls {
  /** Ids of requests the broker owes a reply to. */
  readonly #open = new Set<string>();
  /** Ids of requests of the broker that the client owes a reply to. */
  readonly #asked = new Set<string>();
  /** The same, of a broker that is gone: the client's reply must not reach its successor, whose ids may be equal. */
  readonly #stale = new Set<string>();
  /** Ids whose next reply answers a repetition of ours. */
  readonly #repeated = new Set<string>();
  #initialize: Said | null = null;
  #agreed = false;
  #initialized: Buffer | null = null;
  #logLevel: Said | null = null;
  readonly #subscriptions = new Map<string, Said>();

  get open(): number {
    return this.#open.size;
  }

  /** True while the broker has not answered our repetition of `initialize`. */
  get repeating(): boolean {
    return this.#repeated.has(this.#initialize?.id ?? '');
  }

  /** A message of the client goes to the broker. False: it answers a broker that is gone and must not go. */
  toBroker(line: Buffer, { id, method }: Glance): boolean {
    if (method === null) {
      if (id === null) return true;
      this.#asked.delete(id);
      return !this.#stale.delete(id);
    }
    if (id !== null) this.#open.add(id);
    if (method === 'initialize') {
      this.#initialize = { id, line: Buffer.from(line) };
      this.#agreed = false;
      this.#initialized = null;
    } else if (method === 'notifications/initialized') this.#initialized = Buffer.from(line);
    else if (method === 'notifications/cancelled') this.#open.delete(cancelledId(line));
    else if (method === 'logging/setLevel') this.#logLevel = { id, line: Buffer.from(line) };
    else if (method === 'resources/subscribe' || method === 'resources/unsubscribe') this.#subscription(line, method, id);
    return true;
  }

  /** A message of the broker arrives. False: it answers a repetition and must not reach the client. */
  fromBroker(line: Buffer, { id, method, failed }: Glance): boolean {
    if (method === 'notifications/cancelled') this.#asked.delete(cancelledId(line));
    if (id === null) return true;
    if (method !== null) {
      this.#stale.delete(id);
      this.#asked.add(id);
      return true;
    }
    if (this.#repeated.delete(id)) return false;
    this.#open.delete(id);
    if (id === this.#initialize?.id && !failed) this.#agreed = true;
    return true;
  }

  /** The broker is gone: what it owed, and what it had asked of the client. */
  lost(): { owed: string[]; asked: string[] } {
    const lost = { owed: [...this.#open], asked: [...this.#asked] };
    for (const id of this.#asked) this.#stale.add(id);
    for (const set of [this.#open, this.#asked, this.#repeated]) set.clear();
    // Replies to what was asked may never come; the oldest are forgotten.
    for (const id of this.#stale) {
      if (this.#stale.size <= remembered) break;
      this.#stale.delete(id);
    }
    return lost;
  }

  /** The line to open a conversation with a new broker, when one had been opened with the old. */
  reopening(): Buffer | null {
    if (!this.#agreed || !this.#initialize) return null;
    if (this.#initialize.id !== null) this.#repeated.add(this.#initialize.id);
    return this.#initialize.line;
  }

  /** What to say once the new broker has answered that. */
  resuming(): Buffer[] {
    const requests = [...(this.#logLevel ? [this.#logLevel] : []), ...this.#subscriptions.values()];
    for (const { id } of requests) if (id !== null) this.#repeated.add(id);
    return [...(this.#initialized ? [this.#initialized] : []), ...requests.map(({ line }) => line)];
  }

  #subscription(line: Buffer, method: string, id: string | null): void {
    const { uri } = paramsOf(line);
    if (typeof uri !== 'string') return;
    if (method === 'resources/unsubscribe') this.#subscriptions.delete(uri);
    else if (this.#subscriptions.size < remembered) this.#subscriptions.set(uri, { id, line: Buffer.from(line) });
  }
}

function paramsOf(line: Buffer): { uri?: unknown; requestId?: unknown } {
  try {
    return (JSON.parse(line.toString('utf8')) as { params?: object }).params ?? {};
  } catch {
    return {};
  }
}

const cancelledId = (line: Buffer) => JSON.stringify(paramsOf(line).requestId) ?? '';
