// One server-sent event stream (WHATWG HTML 9.2): framing that no payload can break, and a bounded memory for clients that come back.
import type { ServerResponse } from 'node:http';

interface Event {
  readonly number: number;
  readonly frame: string;
}

/** What is kept for a client that is not there: this many events, or characters. The newest is always kept: it may be the reply. */
const kept = { events: 100, characters: 1024 * 1024 };
/** Unsent bytes from which on a reader that does not read is cut off; it may come back for what is kept. */
const mostUnsent = 8 * 1024 * 1024;

/** A data field per line, because any of CR, LF and CRLF would end the field. U+2028 and a BOM inside are ordinary characters here. */
export function dataOf(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/\r\n|\r|\n/g, '\ndata: ') : text;
}

const frameOf = (id: string, text: string) => `id: ${id}\nevent: message\ndata: ${dataOf(text)}\n\n`;

export class EventStream {
  readonly id: string;
  readonly #events: Event[] = [];
  #size = 0;
  #last = 0;
  /** Number of the last event that went out on some response. */
  #sent = 0;
  #response: ServerResponse | null = null;
  #finished = false;

  constructor(id: string) {
    this.id = id;
  }

  /** A client is listening now. */
  get attached(): boolean {
    return this.#response !== null;
  }

  /** Characters kept. */
  get size(): number {
    return this.#size;
  }

  /** Nothing more will come, and everything went out. */
  get done(): boolean {
    return this.#finished && this.#sent === this.#last;
  }

  /** The number in an event id of this stream, or null when it is of another. */
  numberIn(eventId: string): number | null {
    const [, stream, number] = /^([A-Za-z0-9_-]{1,64})\.([0-9]{1,12})$/.exec(eventId) ?? [];
    return stream === this.id ? Number(number) : null;
  }

  /**
   * Sends to this response from now on, beginning after event `after` (default: what never went out). An older response ends.
   * @param prime begin with an empty event, so that the client has an id to come back with (MCP 2025-11-25)
   */
  attach(response: ServerResponse, options: { headers?: Record<string, string>; after?: number; prime?: boolean } = {}): void {
    this.#response?.end();
    this.#response = response;
    response.writeHead(200, { ...options.headers, 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
    response.on('close', () => {
      if (this.#response === response) this.#response = null;
    });
    response.on('error', () => {});
    const after = options.after ?? this.#sent;
    if (options.prime) response.write(`id: ${this.id}.${after}\nretry: 1000\ndata:\n\n`);
    else response.flushHeaders();
    for (const { number, frame } of this.#events) {
      if (number <= after || this.#response !== response) continue;
      this.#sent = Math.max(this.#sent, number);
      this.#write(frame);
    }
    if (this.#finished) this.#end();
  }

  send(text: string): void {
    this.#last += 1;
    const frame = frameOf(`${this.id}.${this.#last}`, text);
    this.#events.push({ number: this.#last, frame });
    this.#size += frame.length;
    while (this.#events.length > 1 && (this.#events.length > kept.events || this.#size > kept.characters)) {
      this.#size -= this.#events.shift()?.frame.length ?? 0;
    }
    if (!this.#response) return;
    this.#sent = this.#last;
    this.#write(frame);
  }

  /** The last event has been sent. */
  finish(): void {
    this.#finished = true;
    this.#end();
  }

  /** A comment, so that nothing on the way takes the stream for dead. Clients ignore it. */
  keepAlive(): void {
    this.#write(':\n\n');
  }

  /** Closes the client's socket at once. */
  destroy(): void {
    this.#response?.destroy();
    this.#response = null;
  }

  #write(frame: string): void {
    this.#response?.write(frame);
    if ((this.#response?.writableLength ?? 0) > mostUnsent) this.destroy();
  }

  #end(): void {
    this.#response?.end();
    this.#response = null;
  }
}
