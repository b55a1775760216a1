// One running server: its lines in and out, which reply belongs to which request, and how all of that ends.
import type { Era, Message, RequestId } from '../../shared/message.ts';
import { Awaited, requestFailed } from './awaited.ts';
import type { Child } from './child.ts';
import { Complaints } from './complaints.ts';
import type { Tree } from './ending.ts';
import { type RequestFailed, type RequestProblem, ServerGone } from './failures.ts';
import { Flow, unaskedPerSecond } from './flow.ts';
import { InputQueue } from './input-queue.ts';
import { idAtEdges, idsIn, LineEdges } from './line-edges.ts';
import type { Limits, Lines, Needs, ProcessLaunch } from './needs.ts';
import { everyCapability, withMeta } from './stateless.ts';
import { Ring, StderrLines } from './stderr.ts';
import { Unheard } from './unheard.ts';
import type { Live, RequestOptions } from './upstream.ts';

/** After the process ended: how long its pipes may be silent before we stop reading, and how long we read at all. */
const lastWordsMs = 200;
const longestLastWordsMs = 2_000;

const cancellation = (id: RequestId) => `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${JSON.stringify(id)}}}`;

export class ServerProcess implements Live {
  readonly server: string;
  readonly owner: string | null;
  readonly pid: number;
  readonly tree: Tree;
  readonly startedAt: number;
  readonly hint: string;
  /** Both set when the conversation was opened. */
  era: Era = 'handshake';
  openingText = '';
  /** What the broker's own requests to a stateless server say the client can do. */
  clientCapabilities: object = everyCapability;
  readonly left = Promise.resolve();
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
  readonly #awaited: Awaited;
  readonly #onGone: (reason: string) => void;
  #counter = 0;
  #gone: string | null = null;
  #retired = false;

  /** @param onGone called once, when the process ended by itself or cannot be talked to any more; not after `retire` */
  constructor(
    needs: Needs,
    limits: Limits,
    launch: ProcessLaunch,
    owner: string | null,
    child: Child,
    privatePrefix: string,
    logs: Ring,
    onGone: (reason: string) => void,
  ) {
    this.server = launch.server;
    this.owner = owner;
    this.hint = `See \`gatehouse server logs ${launch.server}\`.`;
    this.pid = child.pid;
    this.startedAt = needs.clock.now();
    this.#needs = needs;
    this.#limits = limits;
    this.#child = child;
    this.#privatePrefix = privatePrefix;
    this.#onGone = onGone;
    this.#awaited = new Awaited(launch.server);
    this.#input = new InputQueue(child.stdin, limits.queueBytes);
    this.#flow = new Flow(
      () => child.stdout.pause(),
      () => child.stdout.resume(),
    );
    this.#complaints = new Complaints(
      () => needs.clock.now(),
      (problem, unreported) => {
        needs.onEvent({
          type: 'server.protocol-error',
          server: this.server,
          connection: owner,
          problem: needs.mask()(problem),
          unreported,
        });
      },
    );
    this.tree = { pid: child.pid, marker: child.marker, endInput: () => this.#input.end(), ended: this.#watch(logs) };
  }

  get inFlight(): number {
    return this.#awaited.size;
  }

  get gone(): boolean {
    return this.#gone !== null;
  }

  request(text: string, id: RequestId, { signal }: RequestOptions = {}): Promise<Message> {
    if (this.isOwn(id)) return Promise.reject(this.#failed('duplicate-id'));
    if (signal?.aborted) return Promise.reject(this.#failed('cancelled'));
    const reply = this.#send(text, id);
    if (!signal) return reply;
    // The id stays taken until the server answers: a late reply must find its request and no other.
    const left = Promise.withResolvers<never>();
    const leave = () => {
      // A handshake client's own cancellation comes through `notify`.
      if (this.era === 'stateless') this.notify(cancellation(id));
      left.reject(this.#failed('cancelled'));
    };
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

  ask(method: string, paramsText?: string, limitMs: number | null = this.#limits.startMs): Promise<Message> {
    return this.#ask(method, this.era === 'stateless' ? this.#withMeta(paramsText) : paramsText, limitMs);
  }

  discover(limitMs: number): Promise<Message> {
    return this.#ask('server/discover', this.#withMeta(undefined), limitMs);
  }

  /** From now on it is spoken to in this era. */
  speak(era: Era, openingText: string): void {
    this.era = era;
    this.openingText = openingText;
  }

  /** Is this the id of a request of the broker's own? */
  isOwn(id: RequestId): boolean {
    return typeof id === 'string' && id.startsWith(this.#privatePrefix);
  }

  complain(problem: string): void {
    this.#complaints.add(problem);
  }

  listen(onMessage: (message: Message) => void, onExit: (reason: string) => void): void {
    this.#unheard.hear(onMessage, onExit);
  }

  /** It is being ended on purpose: whatever waits fails now, and nothing it still says is heard. */
  retire(reason: string): void {
    this.#retired = true;
    this.#finish(reason);
  }

  #withMeta(paramsText: string | undefined): string {
    return withMeta(paramsText, this.#needs.version, this.clientCapabilities);
  }

  #ask(method: string, paramsText: string | undefined, limitMs: number | null): Promise<Message> {
    const id = `${this.#privatePrefix}${++this.#counter}`;
    const params = paramsText === undefined ? '' : `,"params":${paramsText}`;
    const reply = this.#send(`{"jsonrpc":"2.0","id":"${id}","method":${JSON.stringify(method)}${params}}`, id, limitMs === null);
    if (limitMs !== null) this.#giveUpAfter(id, 'timeout', limitMs);
    return reply;
  }

  #send(text: string, id: RequestId, standing = false): Promise<Message> {
    if (this.#gone !== null) return Promise.reject(new ServerGone(this.server, this.#gone));
    if (this.#awaited.has(id)) return Promise.reject(this.#failed('duplicate-id'));
    if (!this.#input.write(text)) return Promise.reject(this.#failed('server-not-reading'));
    this.lastUsed = performance.now();
    return this.#awaited.put(id, standing);
  }

  #giveUpAfter(id: RequestId, problem: RequestProblem, ms: number): void {
    this.#awaited.giveUpAfter(id, problem, ms, () => {
      this.lastUsed = performance.now();
    });
  }

  #failed(problem: RequestProblem): RequestFailed {
    return requestFailed(this.server, problem);
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
    const { server, owner, pid } = this;
    this.#needs.onEvent({
      type: 'server.exited',
      server,
      connection: owner,
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
    this.#awaited.failAll(new ServerGone(this.server, reason));
    this.#unheard.end(reason);
    if (!this.#retired) this.#onGone(reason);
  }

  #line(line: Buffer): void {
    let message: Message;
    try {
      message = this.#needs.parseMessage(line, this.#limits.lineBytes);
    } catch (error) {
      this.#complaints.add(`a line on its output is no message: ${error instanceof Error ? error.message : 'unreadable'}`);
      for (const id of idsIn(line)) this.#awaited.fail(id, 'unreadable-reply');
      return;
    }
    if (message.kind === 'response') {
      this.lastUsed = performance.now();
      if (message.id === undefined || !this.#awaited.resolve(message.id, message)) this.#complaints.add('a reply to no request in flight');
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
    if (id !== undefined) this.#awaited.fail(id, 'unreadable-reply');
  }
}
