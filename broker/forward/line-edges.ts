// Remembers how a too long line begins and ends, so that the request it answers can be failed instead of left waiting.
import type { RequestId } from '../../shared/message.ts';

const kept = 512;

/** Watches the same chunks as the line reader. `onLong` is called at the end of each line longer than `maxBytes`. */
export class LineEdges {
  readonly #maxBytes: number;
  readonly #onLong: (head: string, tail: string) => void;
  #length = 0;
  #head = Buffer.alloc(0);
  #tail = Buffer.alloc(0);

  constructor(maxBytes: number, onLong: (head: string, tail: string) => void) {
    this.#maxBytes = maxBytes;
    this.#onLong = onLong;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      // A line inside one chunk is nearly always short: nothing to remember.
      if (this.#length + end - start > this.#maxBytes) {
        this.#take(chunk.subarray(start, end));
        this.#onLong(this.#head.toString('latin1'), this.#tail.toString('latin1'));
      }
      this.#length = 0;
      start = end + 1;
    }
    if (start < chunk.length) this.#take(chunk.subarray(start));
  }

  #take(part: Buffer): void {
    if (this.#length === 0) {
      this.#head = Buffer.alloc(0);
      this.#tail = Buffer.alloc(0);
    }
    if (this.#head.length < kept) this.#head = Buffer.concat([this.#head, part.subarray(0, kept - this.#head.length)]);
    this.#tail = part.length >= kept ? Buffer.from(part.subarray(-kept)) : Buffer.concat([this.#tail, part]).subarray(-kept);
    this.#length += part.length;
  }
}

const id = '"id"\\s*:\\s*("(?:[^"\\\\]|\\\\.)*"|-?\\d+)';
const version = '"jsonrpc"\\s*:\\s*"2\\.0"';
const outcome = '"(?:result|error)"\\s*:';
const idFirst = new RegExp(`^\\s*\\{\\s*(?:${version}\\s*,\\s*)?${id}\\s*,\\s*(?:${version}\\s*,\\s*)?${outcome}`);
const outcomeFirst = new RegExp(`^\\s*\\{\\s*(?:${version}\\s*,\\s*)?${outcome}`);
const idLast = new RegExp(`,\\s*(?:${version}\\s*,\\s*)?${id}\\s*(?:,\\s*${version}\\s*)?\\}\\s*$`);

/** The id of the reply that a line's edges belong to; undefined when they do not tell for certain. */
export function idAtEdges(head: string, tail: string): RequestId | undefined {
  const found = idFirst.exec(head) ?? (outcomeFirst.test(head) ? idLast.exec(tail) : null);
  return found ? (JSON.parse(found[1] as string) as RequestId) : undefined;
}

/** Ids of the replies in a line that did not pass the gate, as far as a lenient reader can tell. */
export function idsIn(line: Buffer): RequestId[] {
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    return [];
  }
  const ids: RequestId[] = [];
  for (const item of Array.isArray(value) ? value : [value]) {
    if (typeof item !== 'object' || item === null || 'method' in item || !('id' in item)) continue;
    if (typeof item.id === 'string' || typeof item.id === 'number') ids.push(item.id);
  }
  return ids;
}
