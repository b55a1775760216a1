// Newline framing (MCP stdio transport): bytes in, whole lines out, nothing decoded on the way.

/** Splits a byte stream into lines without their line end. A line past `maxBytes` is skipped to its end and reported once. */
export class LineReader {
  readonly #maxBytes: number;
  readonly #onLine: (line: Buffer) => void;
  readonly #onTooLong: () => void;
  #parts: Buffer[] = [];
  #held = 0;
  #skipping = false;

  constructor(maxBytes: number, onLine: (line: Buffer) => void, onTooLong: () => void) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
    this.#onTooLong = onTooLong;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#take(chunk.subarray(start, end));
      start = end + 1;
      this.#finish();
    }
    this.#take(chunk.subarray(start));
  }

  #take(part: Buffer): void {
    if (part.length === 0 || this.#skipping) return;
    this.#held += part.length;
    if (this.#held > this.#maxBytes) {
      this.#skipping = true;
      this.#parts = [];
      this.#onTooLong();
      return;
    }
    this.#parts.push(part);
  }

  #finish(): void {
    const parts = this.#parts;
    const skipped = this.#skipping;
    this.#parts = [];
    this.#held = 0;
    this.#skipping = false;
    if (skipped || parts.length === 0) return;
    let line = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    if (line.at(-1) === 13) line = line.subarray(0, -1);
    if (line.length > 0) this.#onLine(line);
  }
}
