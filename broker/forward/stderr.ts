// What servers print on stderr: masked, cut, and only the last of it kept.

export interface LogLine {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly text: string;
}

const longestKept = 4 * 1024;
// Longer than the longest secret, so that masking sees a secret whole before the line is cut.
const longestRead = 128 * 1024;

/** The last lines of one source. */
export class Ring {
  readonly #size: number;
  #lines: LogLine[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  add(line: LogLine): void {
    this.#lines.push(line);
    if (this.#lines.length > this.#size) this.#lines = this.#lines.slice(-this.#size);
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }
}

/** Splits a stream into lines, masks each with the secrets known at that moment, and hands on at most 4 KiB of it. */
export class StderrLines {
  readonly #mask: () => (text: string) => string;
  readonly #onLine: (text: string) => void;
  #parts: Buffer[] = [];
  #held = 0;

  constructor(mask: () => (text: string) => string, onLine: (text: string) => void) {
    this.#mask = mask;
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#take(chunk.subarray(start, end));
      this.flush();
      start = end + 1;
    }
    this.#take(chunk.subarray(start));
  }

  /** Ends the line being read. */
  flush(): void {
    if (this.#held === 0) return;
    const raw = Buffer.concat(this.#parts).toString('utf8').replace(/\r$/, '');
    this.#parts = [];
    this.#held = 0;
    let text: string;
    try {
      text = this.#mask()(raw);
    } catch {
      text = '<a line that could not be masked>';
    }
    this.#onLine(text.length > longestKept ? `${text.slice(0, longestKept)}...` : text);
  }

  #take(part: Buffer): void {
    const room = longestRead - this.#held;
    if (part.length === 0 || room <= 0) return;
    // A copy: the chunk would be kept whole for a few bytes of it.
    const kept = Buffer.from(part.subarray(0, room));
    this.#parts.push(kept);
    this.#held += kept.length;
  }
}
