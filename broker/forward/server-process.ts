// One running server: its lines in and out, which reply belongs to which request, and how all of that ends.
import type { Message, RequestId } from '../../shared/message.ts';
import type { Child } from './child.ts';
import { Complaints } from './complaints.ts';
import type { Tree } from './ending.ts';
import { RequestFailed, type RequestProblem, ServerGone } from './failures.ts';
import { Flow, unaskedPerSecond } from './flow.ts';
import { InputQueue } from './input-queue.ts';
import { idAtEdges, idsIn, LineEdges } from './line-edges.ts';
import type { Launch, Limits, Lines, Needs } from './needs.ts';
import { Ring, StderrLines } from './stderr.ts';
import { Unheard } from './unheard.ts';
import type { RequestOptions, Upstream } from './upstream.ts';

interface Waiting {
  resolve(reply: Message): void;
  reject(error: Error): void;
  giveUp: NodeJS.Timeout | null;
}

/** After the process ended: how long its pipes may be silent before we stop reading, and how long we read at all. */
const lastWordsMs = 200;
const longestLastWordsMs = 2_000;

const keyOf = (id: RequestId) => `${typeof id}:${id}`;

export class ServerProcess implements Upstream {
  readonly server: string;
  readonly connection: string | null;
  readonly pid: number;
  readonly tree: Tree;
  readonly startedAt: number;
  readonly era = 'handshake';
  /** Set by the handshake. */
  openingText = '';
  /** By performance.now(). */
  lastUsed = performance.now();
  readonly #needs: Needs;
  readonly #limits: Limits;
  readonly #child: Child;
  readonly #privatePrefix: string;
  readonly #input: InputQueue;
  readonly #complaints: Complaints;
  readonly #flow: Flow;
  readonly #lastPrinted = new Ring(5);
  readonly #unheard = new Unheard();
  readonly #waiting = new Map<string, Waiting>();
  readonly #onGone: (reason: string) => void;
  #counter = 0;
  #gone: string | null = null;
  #retired = false;

  /** @param onGone called once, when the process ended by itself or cannot be talked to any more; not after `retire` */
  constructor(
    needs: Needs,
    limits: Limits,
    launch: Launch,
    connection: string | null,
    child: Child,
    privatePrefix: string,
    logs: Ring,
    onGone: (reason: string) => void,
  ) {
    this.server = launch.server;
    this.connection = connection;
    this.pid = child.pid;
    this.startedAt = needs.clock.now();
    this.#needs = needs;
    this.#limits = limits;
    this.#child = child;
    this.#privatePrefix = privatePrefix;
    this.#onGone = onGone;
    this.#input = new InputQueue(child.stdin, limits.queueBytes);
    this.#flow = new Flow(
      () => child.stdout.pause(),
      () => child.stdout.resume(),
    );
    this.#complaints = new Complaints(
      () => needs.clock.now(),
      (problem, unreported) => {
        needs.onEvent({ type: 'server.protocol-error', server: this.server, connection, problem: needs.mask()(problem), unreported });
      },
    );
    this.tree = { pid: child.pid, marker: child.marker, endInput: () => this.#input.end(), ended: this.#watch(logs) };
  }

  get inFlight(): number {
    return this.#waiting.size;
  }

  get gone(): boolean {
    return this.#gone !== null;
  }

  request(text: string, id: RequestId, { signal }: RequestOptions = {}): Promise<Message> {
    if (typeof id === 'string' && id.startsWith(this.#privatePrefix)) return Promise.reject(this.#failed('duplicate-id'));
    if (signal?.aborted) return Promise.reject(this.#failed('cancelled'));
    const reply = this.#send(text, id);
    if (!signal) return reply;
    // The id stays taken until the server answers: a late reply must find its request and no other.
    const left = Promise.withResolvers<never>();
    const leave = () => left.reject(this.#failed('cancelled'));
    signal.addEventListener('abort', leave, { once: true });
    return Promise.race([reply, left.promise]).finally(() => signal.removeEventListener('abort', leave));
  }

  notify(text: string): void {
    if (this.#gone !== null) return;
    this.lastUsed = performance.now();
    if (!this.#input.write(text)) this.#complaints.add('it does not read its input; a notification was dropped');
    // MCP 2025-11-25 basic/utilities/cancellation: a cancelled request may stay without a reply for ever.
    if (!text.includes('notifications/cancelled')) return;
    const message = this.#needs.parseMessage(text);
    const cancelled = message.method === 'notifications/cancelled' ? message.params?.requestId : undefined;
    if (typeof cancelled === 'string' || typeof cancelled === 'number') this.#giveUpAfter(cancelled, 'cancelled', this.#limits.cancelledMs);
  }

  ask(method: string, paramsText?: string, limitMs: number = this.#limits.startMs): Promise<Message> {
    const id = `${this.#privatePrefix}${++this.#counter}`;
    const params = paramsText === undefined ? '' : `,"params":${paramsText}`;
    const reply = this.#send(`{"jsonrpc":"2.0","id":"${id}","method":${JSON.stringify(method)}${params}}`, id);
    this.#giveUpAfter(id, 'timeout', limitMs);
    return reply;
  }

  listen(onMessage: (message: Message) => void, onExit: (reason: string) => void): void {
    this.#unheard.hear(onMessage, onExit);
  }

  /** It is being ended on purpose: whatever waits fails now, and nothing it still says is heard. */
  retire(reason: string): void {
    this.#retired = true;
    this.#finish(reason);
  }

  #send(text: string, id: RequestId): Promise<Message> {
    if (this.#gone !== null) return Promise.reject(new ServerGone(this.server, this.#gone));
    const key = keyOf(id);
    if (this.#waiting.has(key)) return Promise.reject(this.#failed('duplicate-id'));
    if (!this.#input.write(text)) return Promise.reject(this.#failed('server-not-reading'));
    this.lastUsed = performance.now();
    return new Promise((resolve, reject) => this.#waiting.set(key, { resolve, reject, giveUp: null }));
  }

  #take(id: RequestId): Waiting | undefined {
    const waiting = this.#waiting.get(keyOf(id));
    if (!waiting) return undefined;
    this.#waiting.delete(keyOf(id));
    if (waiting.giveUp) clearTimeout(waiting.giveUp);
    this.lastUsed = performance.now();
    return waiting;
  }

  #giveUpAfter(id: RequestId, problem: RequestProblem, ms: number): void {
    const waiting = this.#waiting.get(keyOf(id));
    if (!waiting || waiting.giveUp) return;
    waiting.giveUp = setTimeout(() => this.#take(id)?.reject(this.#failed(problem)), ms);
  }

  #failed(problem: RequestProblem): RequestFailed {
    const messages: Record<RequestProblem, string> = {
      'duplicate-id': 'A request with this id is in flight already.',
      'server-not-reading': `The server ${this.server} does not read its input; too much waits for it already.`,
      'unreadable-reply': `The server ${this.server} sent a reply that cannot be read or is too long.`,
      cancelled: 'The request was cancelled.',
      timeout: `The server ${this.server} did not answer in time.`,
    };
    return new RequestFailed(this.server, problem, messages[problem]);
  }

  #watch(logs: Ring): Promise<void> {
    const { process, stdin, stdout, stderr } = this.#child;
    const edges = new LineEdges(this.#limits.lineBytes, (head, tail) => this.#tooLong(head, tail));
    const lines: Lines = new this.#needs.LineReader(
      this.#limits.lineBytes,
      (line) => this.#line(line),
      // Reported at its end, when the edges are known.
      () => {},
    );
    let chunks = 0;
    stdout.on('data', (chunk: Buffer) => {
      chunks += 1;
      if (this.#retired) return;
      edges.push(chunk);
      lines.push(chunk);
    });
    const printed = new StderrLines(this.#needs.mask, (text) => {
      const line = { at: new Date(this.#needs.clock.now()).toISOString(), text };
      logs.add(line);
      this.#lastPrinted.add(line);
    });
    stderr.on('data', (chunk: Buffer) => printed.push(chunk));
    // EPIPE and the like. The exit that mostly follows tells more, so it is given a moment.
    const deafened = (how: string) => setTimeout(() => this.#finish(how), lastWordsMs);
    stdin.on('error', () => deafened('closed its input'));
    stdout.on('error', () => deafened('closed its output'));
    stdout.on('end', () => deafened('closed its output'));
    stderr.on('error', () => {});
    process.on('error', () => {});
    return new Promise((resolve) => {
      process.once('exit', (code, signal) => {
        // Held back or not, what it said last must be read before its pipes are closed.
        this.#flow.stop();
        stdout.resume();
        const until = performance.now() + longestLastWordsMs;
        const settled = () => {
          clearInterval(timer);
          process.removeListener('close', settled);
          // A grandchild may hold the pipes open for ever.
          for (const stream of [stdin, stdout, stderr]) stream.destroy();
          printed.flush();
          this.#exited(code, signal);
        };
        let seen = -1;
        const timer = setInterval(() => {
          if (chunks === seen || performance.now() > until) settled();
          seen = chunks;
        }, lastWordsMs);
        process.once('close', settled);
        resolve();
      });
    });
  }

  #exited(code: number | null, signal: string | null): void {
    const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
    this.#finish(how);
    const { server, connection, pid } = this;
    this.#needs.onEvent({
      type: 'server.exited',
      server,
      connection,
      pid,
      code,
      signal,
      expected: this.#retired,
      reason: this.#gone ?? how,
    });
  }

  #finish(how: string): void {
    if (this.#gone !== null) return;
    const said = this.#lastPrinted.lines.map((line) => line.text).join(' | ');
    const reason = this.#retired || said === '' ? how : `${how}; it last printed: ${said.slice(-1_000)}`;
    this.#gone = reason;
    this.#flow.stop();
    if (this.#retired) this.#child.stdout.resume();
    for (const waiting of this.#waiting.values()) {
      if (waiting.giveUp) clearTimeout(waiting.giveUp);
      waiting.reject(new ServerGone(this.server, reason));
    }
    this.#waiting.clear();
    this.#unheard.end(reason);
    if (!this.#retired) this.#onGone(reason);
  }

  #line(line: Buffer): void {
    let message: Message;
    try {
      message = this.#needs.parseMessage(line, this.#limits.lineBytes);
    } catch (error) {
      this.#complaints.add(`a line on its output is no message: ${error instanceof Error ? error.message : 'unreadable'}`);
      for (const id of idsIn(line)) this.#take(id)?.reject(this.#failed('unreadable-reply'));
      return;
    }
    if (message.kind === 'response') {
      const waiting = message.id === undefined ? undefined : this.#take(message.id);
      if (waiting) waiting.resolve(message);
      else this.#complaints.add('a reply to no request in flight');
      return;
    }
    if (this.#flow.count())
      this.#complaints.add(`more than ${unaskedPerSecond} messages in a second that nobody asked for; it is slowed down`);
    const problem = this.#unheard.add(message);
    if (problem) this.#complaints.add(problem);
  }

  #tooLong(head: string, tail: string): void {
    this.#complaints.add(`a line longer than ${this.#limits.lineBytes} bytes`);
    const id = idAtEdges(head, tail);
    if (id !== undefined) this.#take(id)?.reject(this.#failed('unreadable-reply'));
  }
}
