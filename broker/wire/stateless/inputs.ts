// What a server asks of a client by way of a result (input_required): each question is mediated and recorded before the client sees it.
import type { Message } from '../../../shared/message.ts';
import type { Denied } from '../../../shared/request.ts';
import { parseMessage } from '../gate.ts';
import { undeclared } from '../handshake/asks.ts';
import type { Ask, AskEnded } from '../handshake/relay.ts';
import { memberText, memberTexts } from '../spans.ts';

/** What a server may ask by way of a result (MCP 2026-07-28, basic/patterns/mrtr). */
const askable = new Set(['elicitation/create', 'sampling/createMessage', 'roots/list']);

/** Whether a question may be put to the client of this lane, and how that ended; the same as for a request of the other era. Never rejects. */
export type AskOfLane = (lane: string, ask: Ask) => Promise<AskEnded>;

export interface Asked {
  readonly lane: string;
  readonly server: string;
  readonly declared: Readonly<Record<string, unknown>>;
  /** The client does not wait for the questions any more. */
  readonly gone: AbortSignal;
  readonly waiting: () => void;
}

/** A question that may reach the client, until it has its answer. */
interface Passed {
  readonly key: string;
  /** Exact text of what the client answered; null: it will not. */
  answer(text: string | null): void;
}

/** Milliseconds after which a question nobody answered is written down as withdrawn. */
const patienceMs = 15 * 60_000;
const mostOpen = 1_000;

/** A server asks for what the client never declared. No question is put to anyone; the client is told what is missing. */
export class Undeclared extends Error {
  /** As the client would have to declare it. */
  readonly required: object;

  /** `capability`: a dotted path, `elicitation.url`. */
  constructor(server: string, capability: string) {
    super(`The server ${server} needs what this client has not declared: ${capability}.`);
    this.required = capability.split('.').reduceRight<object>((inner, step) => ({ [step]: inner }), {});
  }
}

/** The questions in the object at `path` of a text, as messages. @throws Error at what no server may ask */
function questionsIn(text: string, path: readonly string[], { server, declared }: Asked): { key: string; message: Message }[] {
  return memberTexts(text, path).map(([key, value]) => {
    const params = memberText(value, ['params']);
    const method = memberText(value, ['method']) ?? '""';
    const message = parseMessage(
      `{"jsonrpc":"2.0","id":${JSON.stringify(key)},"method":${method}${params === null ? '' : `,"params":${params}`}}`,
    );
    if (!askable.has(message.method ?? '')) throw new Error(`The server ${server} asked the client for what no server may ask.`);
    const missing = undeclared(message, declared);
    if (missing) throw new Undeclared(server, missing.capability);
    return { key, message };
  });
}

interface Open {
  readonly passed: readonly Passed[];
  readonly late: NodeJS.Timeout;
}

export class Inputs {
  readonly #ask: AskOfLane;
  /** Questions the client has and has not answered, by what its answer will be known by. */
  readonly #open = new Map<string, Open>();
  /** Questions of tasks that were decided already: a task shows the same ones at every look. */
  readonly #seen = new Map<string, Passed | Denied>();

  constructor(ask: AskOfLane) {
    this.#ask = ask;
  }

  /** Null when all of them may reach the client; the first no otherwise. `round`: what the client's answer will be known by. */
  async ofRound(round: string, text: string, asked: Asked): Promise<Denied | null> {
    const passed: Passed[] = [];
    for (const { key, message } of questionsIn(text, ['result', 'inputRequests'], asked)) {
      const decided = await this.#decide(key, message, asked);
      if ('answer' in decided) passed.push(decided);
      else {
        for (const other of passed) other.answer(null);
        return decided;
      }
    }
    if (passed.length === 0) return null;
    this.#close(round, new Map());
    const [oldest] = this.#open.keys();
    if (this.#open.size >= mostOpen && oldest !== undefined) this.#close(oldest, new Map());
    this.#open.set(round, { passed, late: setTimeout(() => this.#close(round, new Map()), patienceMs).unref() });
    return null;
  }

  /** The client has answered in a later round. */
  answered(round: string, answers: ReadonlyMap<string, string>): void {
    this.#close(round, answers);
  }

  /** The same for the questions of a task, which stand in `path` of the text until they are answered. */
  async ofTask(taskId: string, text: string, path: readonly string[], asked: Asked): Promise<Denied | null> {
    for (const { key, message } of questionsIn(text, path, asked)) {
      const name = `${asked.server}\n${taskId}\n${key}`;
      const known = this.#seen.get(name) ?? (await this.#decide(key, message, asked));
      if (!this.#seen.has(name)) {
        const [oldest] = this.#seen.keys();
        if (this.#seen.size >= mostOpen && oldest !== undefined) this.#forget(oldest, null);
        this.#seen.set(name, known);
      }
      if (!('answer' in known)) return known;
    }
    return null;
  }

  /** The client has answered these questions of a task. */
  taskAnswered(server: string, taskId: string, answers: ReadonlyMap<string, string>): void {
    for (const [key, answer] of answers) this.#forget(`${server}\n${taskId}\n${key}`, answer);
  }

  end(): void {
    for (const round of [...this.#open.keys()]) this.#close(round, new Map());
    for (const name of [...this.#seen.keys()]) this.#forget(name, null);
  }

  /** Asked of the operator where that is due. It is the client's when it is handed over; how it ends is recorded when the answer comes. */
  #decide(key: string, message: Message, { lane, server, gone, waiting }: Asked): Promise<Passed | Denied> {
    const left = new AbortController();
    const leave = () => left.abort();
    gone.addEventListener('abort', leave, { once: true });
    const reply = Promise.withResolvers<Message>();
    const decided = Promise.withResolvers<Passed | Denied>();
    const passed: Passed = {
      key,
      answer(text) {
        if (text === null) left.abort();
        else reply.resolve(parseMessage(`{"jsonrpc":"2.0","id":${JSON.stringify(key)},"result":${text}}`));
      },
    };
    const hand = () => {
      // From here on it outlives the request that brought it.
      gone.removeEventListener('abort', leave);
      decided.resolve(passed);
      return reply.promise;
    };
    void this.#ask(lane, { server, message, gone: left.signal, hand, waiting }).then((ended) => {
      if (ended.kind === 'refused') decided.resolve(ended.verdict);
      else if (ended.kind === 'broken') decided.reject(ended.error);
      else decided.reject(new Error('the client withdrew it'));
    });
    return decided.promise;
  }

  #forget(name: string, answer: string | null): void {
    const known = this.#seen.get(name);
    this.#seen.delete(name);
    if (known && 'answer' in known) known.answer(answer);
  }

  #close(round: string, answers: ReadonlyMap<string, string>): void {
    const open = this.#open.get(round);
    if (!open) return;
    this.#open.delete(round);
    clearTimeout(open.late);
    for (const { key, answer } of open.passed) answer(answers.get(key) ?? null);
  }
}
