// One connector at the socket: it proves itself within its time, then its lines go to a connection and the replies come back.
import type { Socket } from 'node:net';
import { GatehouseError } from '../../shared/errors.ts';
import type { Message, RequestId } from '../../shared/message.ts';
import { type Accept, asRefused, type Connection, type Outgoing } from './arrival.ts';

/** The proof as identify/ makes it: `check` is for the one line that answers `challenge`. */
export interface Greeting {
  readonly hello: {
    readonly client: string;
    readonly only: string | null;
    readonly folder: string | null;
    readonly process: { readonly pid: number; readonly startedAt: string } | null;
  };
  readonly protocol: number;
  readonly challenge: string;
  check(proof: string): { readonly operatorToken: string | null } | null;
}

export interface ConnectorNeeds {
  /** Answers the first line. Throws at what is not a hello, with `why: 'too-old'` where that is so. */
  greet(line: string): Greeting;
  accept: Accept;
  parseMessage(line: Buffer, maxBytes: number): Message;
  errorText(id: RequestId | null, code: number, message: string): string;
  lineReader(maxBytes: number, onLine: (line: Buffer) => void, onTooLong: () => void): { push(chunk: Buffer): void };
  /** An operator's token reached the environment of a client. `digest` is SHA-256 in hex. */
  revokeOperatorToken(digest: string): void;
  /** Somebody said hello and waits for the challenge. */
  began?(socket: Socket): void;
  /** Called once for each proven connector, with the client's process as it names it, for evidence of our own. */
  clientProcess?(process: { readonly pid: number; readonly startedAt: string } | null, client: string, socket: Socket): void;
  /** A line of this client was refused by the gate. */
  unreadable?(client: string, why: string): void;
  /** A fault nobody made for a person. */
  report?(error: unknown): void;
}

export interface Limits {
  /** Bytes of one line of the proof. */
  readonly proofLine: number;
  /** Milliseconds for the whole proof. */
  readonly proofMs: number;
  /** Bytes of one MCP line. */
  readonly line: number;
  /** Unsent bytes from which on nothing more is read from this client. */
  readonly unsentPause: number;
  /** Unsent bytes from which on the client counts as gone. */
  readonly unsentEnd: number;
}

export const limits: Limits = {
  proofLine: 8 * 1024,
  proofMs: 5000,
  line: 10 * 1024 * 1024,
  unsentPause: 1024 * 1024,
  unsentEnd: 64 * 1024 * 1024,
};

export class ConnectorSocket {
  readonly #socket: Socket;
  readonly #needs: ConnectorNeeds;
  readonly #limits: Limits;
  readonly #tooSlow: NodeJS.Timeout;
  #greeting: Greeting | null = null;
  #connection: Connection | null = null;
  #lines: { push(chunk: Buffer): void } | null = null;
  #held: Buffer = Buffer.alloc(0);
  #ended = false;

  constructor(socket: Socket, needs: ConnectorNeeds, own: Limits) {
    this.#socket = socket;
    this.#needs = needs;
    this.#limits = own;
    this.#tooSlow = setTimeout(() => this.end('it did not prove itself in time'), own.proofMs);
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('drain', () => socket.resume());
    socket.on('error', () => this.end('its socket broke'));
    socket.on('close', () => this.end('the client is gone'));
  }

  /** Whose connector it says it is; null before it said so. */
  get client(): string | null {
    return this.#greeting?.hello.client ?? null;
  }

  get proven(): boolean {
    return this.#connection !== null;
  }

  /** Closes at once; what was not sent yet is lost. */
  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#tooSlow);
    // What was said before this leaves before this.
    while (this.#socket.writableCorked > 0) this.#socket.uncork();
    this.#socket.destroy();
    this.#connection?.end(reason);
  }

  #data(chunk: Buffer): void {
    if (this.#ended) return;
    if (this.#lines) return this.#lines.push(chunk);
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    while (!this.#ended) {
      const end = this.#held.indexOf(10);
      if (end > this.#limits.proofLine || (end === -1 && this.#held.length > this.#limits.proofLine))
        return this.end('its proof is too long');
      if (end === -1) return;
      const line = this.#held.toString('utf8', 0, end);
      this.#held = this.#held.subarray(end + 1);
      if (!this.#greeting) this.#hello(line);
      else {
        this.#prove(this.#greeting, line);
        break;
      }
    }
  }

  #hello(line: string): void {
    try {
      this.#greeting = this.#needs.greet(line);
      this.#needs.began?.(this.#socket);
      this.#write(this.#greeting.challenge);
    } catch (error) {
      const { why } = (error ?? {}) as { why?: unknown };
      if (why === undefined) this.#needs.report?.(error);
      this.#refuse({ why: why === 'too-old' ? 'too-old' : 'not-proved' });
    }
  }

  #prove(greeting: Greeting, line: string): void {
    const proof = greeting.check(line);
    if (!proof) return this.#refuse({ why: 'not-proved' });
    clearTimeout(this.#tooSlow);
    const { client, only, folder, process } = greeting.hello;
    try {
      if (proof.operatorToken !== null) this.#needs.revokeOperatorToken(proof.operatorToken);
      this.#needs.clientProcess?.(process, client, this.#socket);
      const connection = this.#needs.accept({ client, via: 'connector', folder, process, only }, { send: (out) => this.#send(out) });
      // Revoked from inside accept(): then this socket is closed already.
      if (this.#ended) return connection.end('the client is gone');
      this.#connection = connection;
    } catch (error) {
      if (!(error instanceof GatehouseError)) this.#needs.report?.(error);
      const words = error instanceof GatehouseError ? `${error.message} ${error.hint}`.trim() : 'Gatehouse could not open this connection.';
      return this.#refuse({ why: 'refused', words });
    }
    this.#write(JSON.stringify({ gatehouse: 'ready', protocol: greeting.protocol }));
    this.#lines = this.#needs.lineReader(
      this.#limits.line,
      (text) => this.#line(text),
      () => this.#tooLong(),
    );
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    if (rest.length > 0) this.#lines.push(rest);
  }

  #line(line: Buffer): void {
    if (this.#ended) return;
    try {
      const message = this.#needs.parseMessage(line, this.#limits.line);
      this.#connection?.receive(message);
    } catch (error) {
      const refused = asRefused(error);
      if (!refused) this.#needs.report?.(error);
      else this.#needs.unreadable?.(this.client ?? '', refused.message);
      const { id = null, code, message } = refused ?? { code: -32603, message: 'Gatehouse failed at this message.' };
      this.#write(this.#needs.errorText(id, code, message));
    }
  }

  #tooLong(): void {
    const why = `A message may have at most ${this.#limits.line} bytes.`;
    this.#needs.unreadable?.(this.client ?? '', why);
    this.#write(this.#needs.errorText(null, -32600, why));
  }

  #send({ text }: Outgoing): void {
    // A line end inside JSON text is white space; on this wire it would cut the message in two.
    this.#write(/[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, ' ') : text);
  }

  #write(text: string): void {
    const socket = this.#socket;
    if (this.#ended || socket.destroyed) return;
    // Replies of one turn leave together: one wake-up of the other side for all of them.
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    socket.write(`${text}\n`);
    // A client that does not read is not read either, so it cannot make us hold more and more.
    if (socket.writableLength > this.#limits.unsentEnd) this.end('it does not read what is sent to it');
    else if (socket.writableLength > this.#limits.unsentPause) socket.pause();
  }

  #refuse(answer: object): void {
    const socket = this.#socket;
    socket.removeAllListeners('data');
    socket.resume();
    // The reason may have to travel; the limit closes a socket that does not take it.
    socket.end(`${JSON.stringify({ gatehouse: 'refused', ...answer })}\n`, () => this.end('it was refused'));
  }
}
