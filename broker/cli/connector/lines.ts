// Lines as they pass through the connector: cut at line ends, bytes untouched, and just enough read of each to know what it is.

/** What the connector must know of a message: nothing else of it is looked at. */
export interface Glance {
  /** JSON text of the id, where there is one. */
  readonly id: string | null;
  readonly method: string | null;
  /** A reply that carries an error. */
  readonly failed: boolean;
}

const nothing: Glance = { id: null, method: null, failed: false };
const headBytes = 256;

/** Cuts a byte stream into lines, each with its line end. Of a line past `maxBytes` only head and tail are kept, to find its id. */
export class Lines {
  readonly #maxBytes: number;
  readonly #onLine: (line: Buffer) => void;
  readonly #onTooLong: (head: Buffer, tail: Buffer) => void;
  #parts: Buffer[] = [];
  #held = 0;
  #long: { head: Buffer; tail: Buffer } | null = null;

  constructor(maxBytes: number, onLine: (line: Buffer) => void, onTooLong: (head: Buffer, tail: Buffer) => void) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
    this.#onTooLong = onTooLong;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#take(chunk.subarray(start, end + 1));
      start = end + 1;
      this.#finish();
    }
    if (start < chunk.length) this.#take(chunk.subarray(start));
  }

  /** The stream is over: a last line may have no end. */
  end(): void {
    if (this.#held > 0) this.push(Buffer.from('\n'));
  }

  #take(part: Buffer): void {
    this.#parts.push(part);
    this.#held += part.length;
    // One more for the line end, which does not count.
    if (this.#held <= this.#maxBytes + 1) return;
    const all = this.#parts.length === 1 ? part : Buffer.concat(this.#parts);
    this.#long = { head: this.#long?.head ?? Buffer.from(all.subarray(0, headBytes)), tail: Buffer.from(all.subarray(-headBytes)) };
    this.#parts = [this.#long.tail];
    // Stays past the limit until the line ends.
    this.#held = this.#maxBytes + 1;
  }

  #finish(): void {
    const [parts, long] = [this.#parts, this.#long];
    this.#parts = [];
    this.#held = 0;
    this.#long = null;
    if (long) this.#onTooLong(long.head, long.tail);
    else this.#onLine(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts));
  }
}

// Ids that mean the same however they are written: no escapes, no exponents, nothing beyond ASCII. Others are left to the parser.
const id = '("[ !#-\\[\\]-~]*"|0|-?[1-9][0-9]{0,14})';
const kind = '"(method|result|error)"\\s*:\\s*(?:"([^"\\\\\\x80-\\xff]*)"|[{[])';
/** The id where it is the last member: only the outermost object can end at the end of the line. */
const idAtEnd = new RegExp(`,\\s*"id"\\s*:\\s*${id}\\s*(?:,\\s*"jsonrpc"\\s*:\\s*"2\\.0"\\s*)?\\}\\s*$`);
const idAtStart = new RegExp(`^\\s*\\{\\s*"jsonrpc"\\s*:\\s*"2\\.0"\\s*,\\s*"id"\\s*:\\s*${id}\\s*,\\s*${kind}`);
const kindAtStart = new RegExp(`^\\s*\\{\\s*${kind}`);

/** The same from the ends of a line that is too long to parse on the way; null where they do not show it beyond doubt. */
export function glanceAtEnds(head: Buffer, tail: Buffer): Glance | null {
  const start = head.toString('latin1', 0, headBytes);
  const first = idAtStart.exec(start);
  if (first) return { id: first[1] ?? null, method: first[2] === 'method' ? (first[3] ?? null) : null, failed: first[2] === 'error' };
  const kindOf = kindAtStart.exec(start);
  const last = kindOf && idAtEnd.exec(tail.toString('latin1', Math.max(0, tail.length - headBytes)));
  if (!kindOf || !last) return null;
  return { id: last[1] ?? null, method: kindOf[1] === 'method' ? (kindOf[2] ?? null) : null, failed: kindOf[1] === 'error' };
}

/** Lines below this many bytes are simply parsed. */
const short = 4096;

export function glance(line: Buffer): Glance {
  if (line.length > short) {
    const seen = glanceAtEnds(line, line);
    if (seen) return seen;
  }
  try {
    const value = JSON.parse(line.toString('utf8')) as { id?: unknown; method?: unknown; error?: unknown } | null;
    if (typeof value !== 'object' || value === null) return nothing;
    const { id, method, error } = value;
    return {
      id: typeof id === 'string' || typeof id === 'number' ? JSON.stringify(id) : null,
      method: typeof method === 'string' ? method : null,
      failed: error !== undefined,
    };
  } catch {
    return nothing;
  }
}
