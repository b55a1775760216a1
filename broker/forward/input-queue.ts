// Writes lines to a server's stdin with back-pressure: one drain listener for the life of the stream, a bounded queue before it.
import type { Writable } from 'node:stream';

export class InputQueue {
  readonly #stream: Writable;
  readonly #maxBytes: number;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #full = false;
  #ending = false;

  constructor(stream: Writable, maxBytes: number) {
    this.#stream = stream;
    this.#maxBytes = maxBytes;
    stream.on('drain', () => {
      this.#full = false;
      this.#flush();
    });
  }

  /** Bytes not taken by the server yet. */
  get waitingBytes(): number {
    return this.#waitingBytes + this.#stream.writableLength;
  }

  /**
   * One message. False when it was not taken because too much waits already, or input has ended.
   * A line end inside it (a message that came over HTTP) would make two of it; in JSON it can only be white space, so it becomes a blank.
   */
  write(text: string): boolean {
    if (this.#ending) return false;
    const line = Buffer.from(`${text.replace(/[\r\n]/g, ' ')}\n`);
    if (this.waitingBytes > 0 && this.waitingBytes + line.length > this.#maxBytes) return false;
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    if (!this.#full) this.#flush();
    return true;
  }

  /** No more input. What waits is dropped: the server is being ended. */
  end(): void {
    this.#ending = true;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    if (!this.#stream.destroyed) this.#stream.end();
  }

  #flush(): void {
    while (!this.#full && !this.#stream.destroyed) {
      const line = this.#waiting.shift();
      if (!line) return;
      this.#waitingBytes -= line.length;
      this.#full = !this.#stream.write(line);
    }
  }
}
