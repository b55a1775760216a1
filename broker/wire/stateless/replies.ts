// The replies of servers on their way to a client of the stateless era: questions in them are decided, tasks remembered, caches kept private.
import type { Message } from '../../../shared/message.ts';
import type { Denied, ServerRequest } from '../../../shared/request.ts';
import { shownBack } from '../addresses.ts';
import type { Ended } from '../engine.ts';
import { brokenText } from '../handshake/refusals.ts';
import { memberText, memberTexts, withMember } from '../spans.ts';
import { statelessCodes } from './envelope.ts';
import { type Exchange, homeward } from './exchanges.ts';
import { type Asked, type AskOfLane, Inputs, Undeclared } from './inputs.ts';
import { malformedText, refusalText } from './refusals.ts';
import { canNeedInput, roundOf, type Task } from './requests.ts';

export interface Needs {
  ask: AskOfLane;
  rememberTask(taskId: string, task: Task): void;
}

export class Replies {
  readonly #needs: Needs;
  readonly #inputs: Inputs;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#inputs = new Inputs(needs.ask);
  }

  /** A request leaves: what the client answers with it is answered. */
  leaving(exchange: Exchange, request: ServerRequest): void {
    const { message } = exchange;
    if (request.round === undefined && message.method !== 'tasks/update') return;
    const answers = new Map(memberTexts(message.text, ['params', 'inputResponses']));
    if (request.round !== undefined) this.#inputs.answered(roundKey(request, request.round), answers);
    else this.#inputs.taskAnswered(request.server, String(message.params?.taskId), answers);
  }

  /** What the client is told; null when it is told nothing. */
  async textOf(exchange: Exchange, request: ServerRequest, ended: Ended, waiting: () => void): Promise<string | null> {
    const { message } = exchange;
    if (ended.kind === 'withdrawn' || exchange.gone.signal.aborted) return null;
    if (ended.kind === 'broken') return brokenText(message, ended.error);
    if (ended.kind === 'refused') return ended.verdict.result === 'withdrawn' ? null : refusalText(message, ended.verdict);
    const { reply } = ended;
    const text = shownBack(message, request.argumentsText, homeward(reply, exchange));
    if (reply.failed) return text;
    const no = await this.#questions(exchange, request, reply, waiting).catch((error: unknown) => error as Error);
    if (no instanceof Undeclared) {
      const data = { requiredCapabilities: no.required };
      return malformedText(message, { code: statelessCodes.missingCapability, message: no.message, data });
    }
    if (no instanceof Error) return brokenText(message, no);
    if (no) return no.result === 'withdrawn' ? null : refusalText(message, no);
    this.#rememberTask(request, reply);
    // What a client may see is for that client alone; whatever the server thinks of it, no cache may hand it on.
    return memberText(text, ['result', 'cacheScope']) === null ? text : withMember(text, ['result', 'cacheScope'], '"private"');
  }

  /** May a server's note on a task be handed on? It may hold questions. */
  async mayTellTask(exchange: Exchange, server: string, note: Message): Promise<boolean> {
    const asked = askedOf(exchange, server, () => {});
    return (await this.#inputs.ofTask(String(note.params?.taskId), note.text, ['params', 'inputRequests'], asked)) === null;
  }

  end(): void {
    this.#inputs.end();
  }

  async #questions(exchange: Exchange, request: ServerRequest, reply: Message, waiting: () => void): Promise<Denied | null> {
    const { method } = exchange.message;
    const result = reply.value.result as { resultType?: unknown; requestState?: unknown } | null;
    const asked = askedOf(exchange, request.server, waiting);
    if (method === 'tasks/get')
      return this.#inputs.ofTask(String(exchange.message.params?.taskId), reply.text, ['result', 'inputRequests'], asked);
    if (result?.resultType !== 'input_required') return null;
    if (!canNeedInput(method)) throw new Error(`The server ${request.server} asked for input where none may be asked.`);
    return this.#inputs.ofRound(roundKey(request, roundOf(result.requestState)), reply.text, asked);
  }

  #rememberTask(request: ServerRequest, reply: Message): void {
    const result = reply.value.result as { resultType?: unknown; taskId?: unknown } | null;
    if (result?.resultType !== 'task' || typeof result.taskId !== 'string' || request.capability === null) return;
    this.#needs.rememberTask(result.taskId, { server: request.server, capability: request.capability });
  }
}

const askedOf = ({ lane, envelope, gone }: Exchange, server: string, waiting: () => void): Asked => ({
  lane,
  server,
  declared: envelope.capabilities,
  gone: gone.signal,
  waiting,
});

/** A later round is known by what was asked of whom, and by the state it brings back. */
const roundKey = (request: ServerRequest, round: string) => [request.server, request.canonicalDigest, round].join('\n');
