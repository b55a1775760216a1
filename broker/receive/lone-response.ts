// The response to one request that stands alone (MCP 2026-07-28): plain JSON when the reply comes first, an event stream otherwise.
import type { ServerResponse } from 'node:http';
import type { Back } from './arrival.ts';
import { dataOf } from './sse.ts';

/** Unsent bytes from which on a reader that does not read is cut off. */
const mostUnsent = 8 * 1024 * 1024;

/** Statuses of requests that were not taken, by the code of their error (basic/transports/streamable-http; 400 for all others). */
const refusedStatus: Readonly<Record<number, number>> = { [-32601]: 404 };
/** Errors of servers that have a status of their own too. */
const alwaysBad = new Set([-32020, -32021, -32022]);

export class LoneResponse implements Back {
  readonly #response: ServerResponse;
  readonly #stream: boolean;
  #over = false;

  /** @param stream the client takes an event stream; without it, notes on the way are lost */
  constructor(response: ServerResponse, stream: boolean, onGone: () => void) {
    this.#response = response;
    this.#stream = stream;
    response.on('error', () => {});
    // Closing the response is how a client cancels.
    response.once('close', () => {
      if (this.#over) return;
      this.#over = true;
      onGone();
    });
  }

  get over(): boolean {
    return this.#over;
  }

  send(text: string): void {
    if (this.#over || !this.#stream) return;
    this.#begin();
    this.#write(text);
  }

  end(text: string, refused = false): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#response.headersSent) {
      this.#write(text);
      this.#response.end();
      return;
    }
    const { error } = JSON.parse(text) as { error?: { code?: number } };
    const code = error?.code ?? 0;
    const status = refused ? (refusedStatus[code] ?? 400) : alwaysBad.has(code) ? 400 : 200;
    this.#response.writeHead(status, { 'Content-Type': 'application/json' });
    this.#response.end(text);
  }

  drop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#response.destroy();
  }

  /** A comment, so that nothing on the way takes a long wait for dead. Clients ignore it. */
  keepAlive(): void {
    if (this.#over || !this.#stream) return;
    this.#begin();
    this.#response.write(':\n\n');
  }

  #begin(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
    this.#response.flushHeaders();
  }

  #write(text: string): void {
    // Without ids: streams of this revision are not resumed.
    this.#response.write(`event: message\ndata: ${dataOf(text)}\n\n`);
    if (this.#response.writableLength > mostUnsent) this.#response.destroy();
  }
}
