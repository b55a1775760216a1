// Reads a server-sent event stream (WHATWG HTML 9.2) as bytes: what a server wrote into `data` stays what it wrote.

export interface ServerEvent {
  readonly type: string;
  readonly data: Buffer;
  /** The last id that came with this event or before it; empty: the server took it back. */
  readonly id: string | null;
}

const cr = 13;
const lf = 10;
const colon = 58;
const space = 32;
const bom = Buffer.from([0xef, 0xbb, 0xbf]);
const newline = Buffer.from('\n');

export class EventReader {
  readonly #maxBytes: number;
  readonly #onEvent: (event: ServerEvent) => void;
  readonly #onTooLong: () => void;
  #line: Buffer[] = [];
  #lineBytes = 0;
  #afterCr = false;
  #first = true;
  #type = '';
  #data: Buffer[] = [];
  #dataBytes = 0;
  #tooLong = false;
  #id: string | null = null;
  /** What the server asks for before a reconnection, in ms; null when it did not. */
  retryMs: number | null = null;

  constructor(maxBytes: number, onEvent: (event: ServerEvent) => void, onTooLong: () => void) {
    this.#maxBytes = maxBytes;
    this.#onEvent = onEvent;
    this.#onTooLong = onTooLong;
  }

  get lastId(): string | null {
    return this.#id;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte !== cr && byte !== lf) {
        this.#afterCr = false;
        continue;
      }
      // The second half of CRLF, wherever the chunks were cut.
      if (byte === lf && this.#afterCr) {
        this.#afterCr = false;
        start = at + 1;
        continue;
      }
      this.#keep(chunk.subarray(start, at));
      start = at + 1;
      this.#afterCr = byte === cr;
      this.#endLine();
    }
    this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    if (part.length === 0 || this.#tooLong) return;
    this.#lineBytes += part.length;
    if (this.#lineBytes + this.#dataBytes > this.#maxBytes) {
      this.#tooLong = true;
      this.#line = [];
      this.#data = [];
      // Said at once: such an event may never end.
      return this.#onTooLong();
    }
    // A copy: a chunk is not kept whole for a few bytes of it.
    this.#line.push(Buffer.from(part));
  }

  #endLine(): void {
    let line = this.#line.length === 1 ? (this.#line[0] as Buffer) : Buffer.concat(this.#line);
    const empty = this.#lineBytes === 0;
    this.#line = [];
    this.#lineBytes = 0;
    if (this.#first && line.subarray(0, 3).equals(bom)) line = line.subarray(3);
    this.#first = false;
    if (empty) this.#dispatch();
    else if (!this.#tooLong && line.length > 0) this.#field(line);
  }

  #field(line: Buffer): void {
    const at = line.indexOf(colon);
    if (at === 0) return;
    const name = (at === -1 ? line : line.subarray(0, at)).toString('latin1');
    let value = at === -1 ? Buffer.alloc(0) : line.subarray(at + 1);
    if (value[0] === space) value = value.subarray(1);
    if (name === 'data') {
      this.#dataBytes += value.length + 1;
      this.#data.push(value, newline);
    } else if (name === 'event') this.#type = value.toString('utf8');
    else if (name === 'id' && !value.includes(0)) this.#id = value.toString('utf8');
    else if (name === 'retry' && /^[0-9]{1,9}$/.test(value.toString('latin1'))) this.retryMs = Number(value.toString('latin1'));
  }

  #dispatch(): void {
    const data = this.#data;
    const type = this.#type === '' ? 'message' : this.#type;
    const tooLong = this.#tooLong;
    this.#data = [];
    this.#dataBytes = 0;
    this.#type = '';
    this.#tooLong = false;
    if (!tooLong && data.length > 0) this.#onEvent({ type, data: Buffer.concat(data.slice(0, -1)), id: this.#id });
  }
}
