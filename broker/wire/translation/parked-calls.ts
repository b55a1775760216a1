// The calls of one stateless client at one handshake server: which of them a server's question belongs to, and how answers find back.
import type { Message } from '../../../shared/message.ts';
import { codes, idText, parseMessage } from '../gate.ts';
import { memberText, memberTexts, withMember } from '../spans.ts';
import { errorText } from '../texts.ts';
import { ParkedCall } from './parked-call.ts';
import type { StateSeal } from './state-seal.ts';
import { askedDigest, withoutEnvelope } from './texts.ts';
import { Turns } from './turns.ts';
import type { RequestOptions, Upstream } from './upstream.ts';
import { urlElicitation } from './url-elicitation.ts';

/** For whom calls wait. */
export interface Principal {
  readonly client: string;
  readonly seal: StateSeal;
  now(): number;
  /** Milliseconds a call waits for its client. */
  readonly patienceMs?: number;
}

interface Means {
  freshId(): string;
  /** A reply in the words of the stateless era. */
  finished(reply: string, method: string): string;
  tell(message: Message): void;
}

const usualPatienceMs = 10 * 60_000;
/** Questions that belong together come together; each more round costs the client a whole request. */
const gatherMs = 15;
const mostParked = 64;

/** What a server may ask, and the capability it needs for it. */
const askable = new Map([
  ['elicitation/create', 'elicitation'],
  ['sampling/createMessage', 'sampling'],
  ['roots/list', 'roots'],
]);

type Capabilities = Readonly<Record<string, unknown>>;

export class Calls {
  readonly #inner: Upstream;
  readonly #principal: Principal;
  readonly #means: Means;
  readonly #turns = new Turns();
  /** Running and parked, oldest first. */
  readonly #open = new Map<string, ParkedCall>();
  /** Asked while no call was there to carry it. */
  #early: Message[] = [];
  #declared: Capabilities = {};

  constructor(inner: Upstream, principal: Principal, means: Means) {
    [this.#inner, this.#principal, this.#means] = [inner, principal, means];
  }

  async call(message: Message, options: RequestOptions): Promise<Message> {
    const { params } = message;
    this.#declared = capabilitiesOf(message);
    if (params && (Object.hasOwn(params, 'requestState') || Object.hasOwn(params, 'inputResponses'))) return this.#goOn(message, options);
    const free = await this.#turns.take(this.#mustWait(), options.signal);
    const call = this.#begin(message, options);
    return this.#step(call, message, options, free);
  }

  /** A request of the server. `of`: the call on whose own stream it came, where the transport tells. */
  asked(message: Message, of: ParkedCall | null): void {
    const method = message.method ?? '';
    if (method === 'ping') return this.#inner.notify(withMember('{"jsonrpc":"2.0","id":0,"result":{}}', ['id'], idText(message)));
    const capability = askable.get(method);
    if (capability === undefined) return this.#answerError(idText(message), codes.unknownMethod, 'Method not found');
    if (!Object.hasOwn(this.#declared, capability) && this.#open.size > 0)
      return this.#answerError(idText(message), codes.unknownMethod, `The client has not declared ${capability}.`);
    const running = [...this.#open.values()].find(({ parked }) => !parked);
    const call = of ?? running ?? this.#open.values().next().value;
    if (call) call.ask(message);
    // Servers read the roots when they start; the first call brings them. Anything else needs a request that it belongs to.
    else if (method === 'roots/list' && this.#early.length === 0) this.#early = [message];
    else this.#answerError(idText(message), codes.internal, 'This client can be asked only while it waits for something.');
  }

  unasked(message: Message): void {
    for (const call of this.#open.values()) call.unask(memberText(message.text, ['params', 'requestId']));
  }

  progress(message: Message, of: ParkedCall | null): void {
    const token = memberText(message.text, ['params', 'progressToken']);
    const call = of ?? [...this.#open.values()].find((one) => one.token !== null && one.token === token);
    if (!call || call.parked || call.currentToken === null || call.token !== token) return;
    const text = call.currentToken === token ? message.text : withMember(message.text, ['params', 'progressToken'], call.currentToken);
    this.#tell(call, text === message.text ? message : parseMessage(text));
  }

  end(): void {
    for (const call of this.#open.values()) clearTimeout(call.expiry);
    this.#open.clear();
  }

  /** Where nothing says which call a question belongs to, only one call runs at a time. A parked one does not count. */
  #mustWait(): boolean {
    return this.#inner.pid !== null && (Object.hasOwn(this.#declared, 'elicitation') || Object.hasOwn(this.#declared, 'sampling'));
  }

  #begin(message: Message, options: RequestOptions): ParkedCall {
    const ownId = this.#means.freshId();
    const token = memberText(message.text, ['params', '_meta', 'progressToken']);
    const call = new ParkedCall(ownId, ownId, message.method ?? '', askedDigest(message), token);
    call.options = options;
    this.#open.set(call.name, call);
    const outgoing = withMember(withoutEnvelope(message.text), ['id'], JSON.stringify(ownId));
    this.#inner.request(outgoing, ownId, { onMessage: (said) => this.#onStream(call, said) }).then(
      (reply) => call.finish(reply),
      (error: Error) => call.finish(error),
    );
    for (const early of this.#early.splice(0)) this.asked(early, call);
    return call;
  }

  #onStream(call: ParkedCall, said: Message): void {
    if (said.kind === 'request') this.asked(said, call);
    else if (said.method === 'notifications/progress') this.progress(said, call);
    else if (said.method === 'notifications/cancelled') this.unasked(said);
    else this.#tell(call, said);
  }

  #tell(call: ParkedCall, message: Message): void {
    if (call.options.onMessage) call.options.onMessage(message);
    else this.#means.tell(message);
  }

  /** Until the reply comes, or a question that the client must answer first. */
  async #step(call: ParkedCall, message: Message, { signal }: RequestOptions, free: () => void): Promise<Message> {
    try {
      let reply = await call.next(signal);
      if (reply === null && !signal?.aborted) {
        await new Promise((resolve) => setTimeout(resolve, gatherMs));
        // What the server took back meanwhile is not asked.
        if (!call.asking) reply = await call.next(signal);
      }
      if (signal?.aborted) throw this.#abandon(call, 'the client withdrew it');
      if (reply === null) return this.#park(call, message);
      this.#close(call);
      const again = urlElicitation(reply, message, this.#declared, (requests) => this.#parkAgain(message, requests));
      return again ?? parseMessage(withMember(this.#means.finished(reply.text, call.method), ['id'], idText(message)));
    } catch (error) {
      this.#close(call);
      throw error;
    } finally {
      free();
    }
  }

  #park(call: ParkedCall, message: Message): Message {
    const parked = [...this.#open.values()].filter((one) => one.parked);
    if (parked.length >= mostParked && parked[0]) this.#expire(parked[0]);
    call.parked = true;
    call.round += 1;
    const patienceMs = this.#principal.patienceMs ?? usualPatienceMs;
    call.expiry = setTimeout(() => this.#expire(call), patienceMs).unref();
    return this.#needsInput(message, call.inputRequests, call.name, call.round, patienceMs);
  }

  /** Nothing waits at the server: the client is to do something, and then to make the call anew. */
  #parkAgain(message: Message, inputRequests: string): Message {
    return this.#needsInput(message, inputRequests, '', 0, this.#principal.patienceMs ?? usualPatienceMs);
  }

  #needsInput(message: Message, inputRequests: string, call: string, round: number, patienceMs: number): Message {
    const { client, seal, now } = this.#principal;
    const state = seal.seal({ call, round, client, digest: askedDigest(message), until: now() + patienceMs });
    return parseMessage(
      `{"jsonrpc":"2.0","id":${idText(message)},"result":{"resultType":"input_required","inputRequests":${inputRequests},"requestState":"${state}"}}`,
    );
  }

  /** A later round: answers go to what the server asked, and the wait for it goes on. */
  async #goOn(message: Message, options: RequestOptions): Promise<Message> {
    const { client, seal, now } = this.#principal;
    const given = message.params?.requestState;
    const state = typeof given === 'string' ? seal.open(given) : null;
    const refuse = (words: string) => parseMessage(errorText(message.id ?? null, codes.badParams, words));
    if (!state || state.client !== client || state.digest !== askedDigest(message))
      return refuse(
        'Invalid requestState: it was not given out for this request, or Gatehouse was started anew since. Make the call again.',
      );
    if (state.until <= now()) return refuse('Invalid requestState: the answer came too late. Make the call again.');
    const answers = new Map(memberTexts(message.text, ['params', 'inputResponses']));
    if (state.call === '') return this.#anew(message, options, [...answers.values()]);
    const call = this.#open.get(state.call);
    if (!call?.parked || call.round !== state.round)
      return refuse('Invalid requestState: the call it belongs to does not wait any more. Make the call again.');
    clearTimeout(call.expiry);
    // Nobody else answers this round; but until its turn comes the call does not run, and what the server asks is another's.
    call.round += 1;
    const free = await this.#turns.take(this.#mustWait(), options.signal).catch((error: Error) => {
      throw this.#abandon(call, error.message);
    });
    call.parked = false;
    call.options = options;
    call.currentToken = memberText(message.text, ['params', '_meta', 'progressToken']);
    for (const [key, answer] of answers) {
      const id = call.take(key);
      if (id !== null) this.#inner.notify(`{"jsonrpc":"2.0","id":${id},"result":${answer}}`);
    }
    return this.#step(call, message, options, free);
  }

  /** The client has seen the page a server sent it to, or would not. */
  async #anew(message: Message, options: RequestOptions, answers: readonly string[]): Promise<Message> {
    if (answers.some((answer) => memberText(answer, ['action']) !== '"accept"'))
      return parseMessage(
        errorText(message.id ?? null, codes.internal, 'The user did not go where the server asked, so the call was not made.'),
      );
    const free = await this.#turns.take(this.#mustWait(), options.signal);
    return this.#step(this.#begin(message, options), message, options, free);
  }

  #close(call: ParkedCall): void {
    clearTimeout(call.expiry);
    this.#open.delete(call.name);
  }

  /** The client never came back: the server is told as if it had said no, and the call is cancelled. */
  #expire(call: ParkedCall): void {
    this.#abandon(call, 'the client did not answer');
  }

  #abandon(call: ParkedCall, reason: string): Error {
    this.#close(call);
    for (const { id, method } of call.takeAll()) {
      if (method === 'elicitation/create') this.#inner.notify(`{"jsonrpc":"2.0","id":${id},"result":{"action":"cancel"}}`);
      else this.#answerError(id, codes.internal, 'The client did not answer.');
    }
    const params = JSON.stringify({ requestId: call.ownId, reason });
    this.#inner.notify(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":${params}}`);
    return new Error(reason);
  }

  #answerError(id: string, code: number, words: string): void {
    this.#inner.notify(withMember(errorText('', code, words), ['id'], id));
  }
}

function capabilitiesOf(message: Message): Capabilities {
  const meta = message.params?._meta as Record<string, unknown> | undefined;
  const declared = meta?.['io.modelcontextprotocol/clientCapabilities'];
  return typeof declared === 'object' && declared !== null ? (declared as Capabilities) : {};
}
