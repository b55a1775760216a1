// The connector at work: lines between the client's standard streams and whichever broker is there now, for as long as the client stays.
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { Calls } from './calls.ts';
import { type Glance, glance, glanceAtEnds, Lines } from './lines.ts';
import { type Link, LinkError } from './link.ts';

export interface RelayNeeds {
  readonly input: Readable;
  readonly output: Writable;
  /** Throws LinkError. `ended`: nobody needs the link any more. */
  dial(ended: AbortSignal): Promise<Link>;
  /** Asks the desktop to start the broker; false where nothing can. */
  startBroker(): Promise<boolean>;
  /** What a request hears when no broker answers. */
  readonly absent: string;
  say(words: string): void;
}

interface Held {
  readonly line: Buffer;
  readonly seen: Glance;
  readonly until: number;
}

const longestLine = 10 * 1024 * 1024;
/** Milliseconds a request waits for a broker before it is answered with an error. */
const patienceMs = 3000;
const heldBytes = 16 * 1024 * 1024;
const backOff = { first: 50, longest: 2000 };
/** Milliseconds for replies still on their way when the client closes our input; and the longest for all of the end. */
const lastReplies = { quietMs: 100, longestMs: 1000 };
const stopped =
  'Gatehouse stopped while this request was under way, and it is not known whether it was carried out. Check before you repeat it. It is being reached again; later requests may go through.';

export class Relay {
  readonly #needs: RelayNeeds;
  readonly #calls = new Calls();
  readonly #finished = Promise.withResolvers<void>();
  readonly #ended = new AbortController();
  #socket: Socket | null = null;
  #held: Held[] = [];
  #heldSize = 0;
  #expiry: NodeJS.Timeout | null = null;
  #why: string;
  #dialling = false;
  #inputEnded = false;
  #done = false;
  #wake = () => {};

  constructor(needs: RelayNeeds) {
    this.#needs = needs;
    this.#why = needs.absent;
  }

  /** Runs until the client is gone. Never rejects. */
  async run(): Promise<void> {
    const { input, output } = this.#needs;
    const lines = new Lines(
      longestLine,
      (line) => this.#fromClient(line, glance(line)),
      (head, tail) => this.#tooLong(glanceAtEnds(head, tail)),
    );
    input.on('data', (chunk: Buffer) => this.#together(this.#socket, () => lines.push(chunk)));
    input.once('end', () => lines.end());
    for (const event of ['end', 'error', 'close']) input.once(event, () => void this.#lastReplies());
    output.on('error', () => this.#finish());
    output.on('drain', () => this.#socket?.resume());
    void this.#keepLinked();
    await this.#finished.promise;
    input.destroy();
  }

  #finish(): void {
    if (this.#done) return;
    this.#done = true;
    this.#ended.abort();
    if (this.#expiry) clearTimeout(this.#expiry);
    this.#socket?.destroy();
    this.#wake();
    this.#finished.resolve();
  }

  async #lastReplies(): Promise<void> {
    if (this.#inputEnded) return;
    this.#inputEnded = true;
    const end = Date.now() + lastReplies.longestMs;
    let quiet = Date.now() + lastReplies.quietMs;
    let open = -1;
    while (!this.#done && Date.now() < Math.min(end, quiet)) {
      const now = this.#calls.open + this.#held.length;
      if (now === 0) break;
      // A broker that is just being reached counts as movement.
      if (now !== open || this.#dialling) quiet = Date.now() + lastReplies.quietMs;
      open = now;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (!this.#done) this.#answerHeld(this.#why);
    this.#finish();
  }

  async #keepLinked(): Promise<void> {
    let wait = backOff.first;
    let asked = false;
    while (!this.#done) {
      const began = Date.now();
      try {
        this.#dialling = true;
        const { socket, rest } = await this.#needs.dial(this.#ended.signal).finally(() => {
          this.#dialling = false;
        });
        if (this.#done) return void socket.destroy();
        this.#why = this.#needs.absent;
        asked = false;
        await this.#talk(socket, rest);
        if (Date.now() - began > 5000) wait = backOff.first;
      } catch (error) {
        const refused = error instanceof LinkError && error.kind === 'refused';
        this.#why = refused ? error.message : this.#needs.absent;
        if (refused) this.#answerHeld(this.#why);
        else if (!asked) {
          asked = true;
          await this.#needs.startBroker().catch(() => false);
        }
      }
      if (this.#done) return;
      await this.#pause(wait);
      wait = Math.min(wait * 2, backOff.longest);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** One broker, until it is gone. */
  async #talk(socket: Socket, rest: Buffer): Promise<void> {
    this.#socket = socket;
    const lines = new Lines(
      // A reply may be longer than what we would send: the broker has its own limit, this one only bounds memory.
      longestLine * 8,
      (line) => this.#fromBroker(line),
      () => socket.destroy(),
    );
    const gone = new Promise<void>((resolve) => {
      socket.on('error', () => {});
      socket.once('close', () => resolve());
    });
    socket.on('data', (chunk: Buffer) => this.#together(this.#needs.output, () => lines.push(chunk)));
    socket.on('drain', () => this.#readOn());
    const opening = this.#calls.reopening();
    if (opening) socket.write(opening);
    else this.#flush();
    if (rest.length > 0) lines.push(rest);
    socket.resume();
    // Already closed before we listened: then no event comes.
    if (!socket.destroyed) await gone;
    this.#socket = null;
    const { owed, asked } = this.#calls.lost();
    if (this.#done) return;
    if (owed.length > 0) this.#needs.say(`the broker stopped; ${owed.length} requests under way were answered with an error`);
    for (const id of owed) this.#answer(id, stopped);
    for (const id of asked)
      this.#tell(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id},"reason":"Gatehouse stopped."}}\n`);
    this.#readOn();
  }

  /** What is written meanwhile leaves in one piece. */
  #together(stream: Writable | null, work: () => void): void {
    stream?.cork();
    work();
    stream?.uncork();
  }

  #fromClient(line: Buffer, seen: Glance): void {
    const socket = this.#socket;
    if (socket && !this.#calls.repeating && this.#held.length === 0) {
      if (this.#calls.toBroker(line, seen) && !socket.write(line)) this.#needs.input.pause();
      return;
    }
    // A reply to a broker that is gone.
    if (!socket && seen.method === null && seen.id !== null) return void this.#calls.toBroker(line, seen);
    this.#held.push({ line, seen, until: Date.now() + patienceMs });
    this.#heldSize += line.length;
    if (this.#heldSize > heldBytes) this.#needs.input.pause();
    this.#expiry ??= setTimeout(() => this.#expire(), patienceMs);
  }

  #fromBroker(line: Buffer): void {
    const seen = glance(line);
    const wasRepeating = this.#calls.repeating;
    const pass = this.#calls.fromBroker(line, seen);
    if (pass) this.#tell(line);
    if (!wasRepeating || this.#calls.repeating) return;
    if (seen.failed) return void this.#socket?.destroy();
    for (const again of this.#calls.resuming()) this.#socket?.write(again);
    this.#flush();
  }

  #tell(line: Buffer | string): void {
    if (!this.#needs.output.write(line)) this.#socket?.pause();
  }

  /** What waited goes to the broker, in order. */
  #flush(): void {
    const held = this.#held;
    this.#held = [];
    this.#heldSize = 0;
    for (const { line, seen } of held) if (this.#calls.toBroker(line, seen)) this.#socket?.write(line);
    this.#readOn();
  }

  #readOn(): void {
    if (this.#heldSize <= heldBytes && !(this.#socket?.writableNeedDrain ?? false)) this.#needs.input.resume();
  }

  #expire(): void {
    this.#expiry = null;
    const now = Date.now();
    const over = this.#held.filter(({ until }) => until <= now);
    this.#held = this.#held.filter(({ until }) => until > now);
    this.#heldSize = this.#held.reduce((sum, { line }) => sum + line.length, 0);
    for (const { seen } of over) if (seen.id !== null && seen.method !== null) this.#answer(seen.id, this.#why);
    const next = this.#held[0];
    if (next) this.#expiry = setTimeout(() => this.#expire(), Math.max(1, next.until - now));
    this.#readOn();
  }

  #answerHeld(words: string): void {
    const held = this.#held;
    this.#held = [];
    this.#heldSize = 0;
    for (const { seen } of held) if (seen.id !== null && seen.method !== null) this.#answer(seen.id, words);
    this.#readOn();
  }

  #tooLong(seen: Glance | null): void {
    const words = `A message may have at most ${longestLine} bytes.`;
    if (seen?.method === null) return;
    this.#tell(`{"jsonrpc":"2.0","id":${seen?.id ?? 'null'},"error":{"code":-32600,"message":${JSON.stringify(words)}}}\n`);
  }

  #answer(id: string, words: string): void {
    this.#tell(`{"jsonrpc":"2.0","id":${id},"error":{"code":-32603,"message":${JSON.stringify(words)}}}\n`);
  }
}
