// Questions before the operator: joined when equal, answered once, bound to the bytes they showed, expiring to a no.
import { randomBytes } from 'node:crypto';
import { GatehouseError } from '../../shared/errors.ts';
import type { Allowed, Caller, Denied, ServerRequest } from '../../shared/request.ts';
import type { Approval } from '../../shared/vocabulary.ts';
import { bindingOf } from './binding.ts';
import type { Gathered } from './gathered.ts';
import { Insistence } from './insistence.ts';
import { LateAnswers } from './late-answers.ts';
import { keyOf, type Presentation, pinOf, present, type Question, type Waiter } from './question.ts';
import { shortId } from './short-id.ts';

export interface Needs {
  now(): number;
  /** How long a question stays open, in milliseconds of awake time. */
  expiryMs(): number;
  /** The list or one of its items changed. */
  changed(): void;
  /** The operator is away: every question is a no at once, and gathered. */
  away(): boolean;
  readonly gathered: Gathered;
  /** The operator said yes to this. */
  allowed(caller: Caller, request: ServerRequest): void;
  /** A client asks more than any person could answer: it must be stopped. */
  flooded(client: string): void;
  /** A question ended without the operator: expiry or withdrawal. */
  ended(approval: string, caller: Caller, request: ServerRequest, how: 'expired' | 'withdrawn'): void;
}

/** Open questions of one client, and characters of their arguments: nobody answers more, and memory ends. */
const mostOpen = 50;
const mostCharacters = 16 * 1024 * 1024;

const denied = (decidedBy: string, result: Denied['result'], reason: string, advice: string, approval: string): Denied => ({
  kind: 'deny',
  decidedBy,
  result,
  reason,
  advice,
  approval,
});

export class Approvals {
  readonly #needs: Needs;
  readonly #open = new Map<string, Question>();
  readonly #late: LateAnswers;
  readonly #insistence: Insistence;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#late = new LateAnswers(needs.now);
    this.#insistence = new Insistence(needs.now);
  }

  /**
   * Waits for the operator's answer to this request; equal requests share one question.
   * Resolves, never hangs: with the answer, with `open` after `waitMs`, or as withdrawn when `gone` aborts.
   */
  ask(
    caller: Caller,
    request: ServerRequest,
    shown: Presentation,
    waitMs: number,
    gone: AbortSignal,
  ): { approval: string; verdict: Promise<Allowed | Denied> } {
    const key = keyOf(caller, request, shown.pin);
    const late = this.#late.spend(key);
    if (late !== null) {
      const reason = 'The operator allowed it while the client was not waiting.';
      return {
        approval: late,
        verdict: Promise.resolve({
          ...{ kind: 'allow', decidedBy: 'operator', reason, approval: late, ...pinOf(shown) },
          binding: bindingOf(caller, request),
        }),
      };
    }
    const joined = this.#open.get(key);
    const refused = joined ? null : this.#refusedAtOnce(caller, request, shown);
    if (refused) return { approval: '', verdict: Promise.resolve(refused) };
    const question = joined ?? this.#put(key, caller, request, shown);
    const approval = question.id;
    const verdict = new Promise<Allowed | Denied>((resolve) => {
      const waiter: Waiter = {
        connection: caller.connection,
        settle: (answer) => {
          clearTimeout(patience);
          gone.removeEventListener('abort', left);
          resolve(answer);
        },
      };
      const patience = setTimeout(() => this.#stopWaiting(question, waiter), waitMs);
      const left = () => this.#leave(key, question, waiter);
      question.waiters.push(waiter);
      gone.addEventListener('abort', left, { once: true });
      if (gone.aborted) left();
      this.#needs.changed();
    });
    return { approval, verdict };
  }

  /** How many questions are open. */
  get size(): number {
    return this.#open.size;
  }

  list(): Approval[] {
    const now = this.#needs.now();
    return Array.from(this.#open.values(), (question) => present(question, now));
  }

  /** @throws GatehouseError not-found when it was answered, withdrawn or expired; conflict when what was shown has changed. */
  find(id: string, nonce?: string): { approval: Approval; caller: Caller; request: ServerRequest; shown: Presentation } {
    const question = this.#questionOf(id);
    if (nonce !== undefined && nonce !== question.nonce) {
      throw new GatehouseError('conflict', 'The question has changed since it was shown.', 'Look at it again, then answer.');
    }
    return { approval: present(question, this.#needs.now()), caller: question.caller, request: question.request, shown: question.shown };
  }

  /**
   * Lets exactly one waiting call through (or all that wait now). Without one waiting, `credit` lets the next equal call within
   * 10 minutes through; `none` where a grant was stored, which alone decides from then on.
   */
  allow(id: string, decidedBy: string, calls: 'one' | 'all', late: 'credit' | 'none' = 'credit'): void {
    const question = this.#questionOf(id);
    const { key } = question;
    this.#insistence.allow(question.caller, question.request);
    this.#needs.allowed(question.caller, question.request);
    const passing = question.waiters.splice(0, calls === 'all' ? question.waiters.length : 1);
    if (passing.length === 0 && late === 'credit') {
      this.#late.put(key, { approval: question.id, client: question.caller.client, server: question.request.server });
    }
    if (question.waiters.length > 0) this.#renew(question);
    else this.#close(key, question);
    const binding = bindingOf(question.caller, question.request);
    for (const waiter of passing)
      waiter.settle({ kind: 'allow', decidedBy, reason: 'The operator allowed it.', approval: id, ...pinOf(question.shown), binding });
    this.#needs.changed();
  }

  /** Refuses every call that waits behind this question. `counts`: the operator said no to this, and the third time is a no for a while. */
  deny(id: string, reason: string | undefined, counts = true): void {
    const question = this.#questionOf(id);
    if (counts) this.#insistence.deny(question.caller, question.request);
    const why = reason ? `The operator refused it and says: ${JSON.stringify(reason)}.` : 'The operator refused it.';
    this.#end(question, denied('operator', 'denied', why, 'Do not try it again unless the user asks for it; find another way.', id));
  }

  /** Settles open questions that a rule now decides, and closes what `verdictOf` has an answer for. */
  settle(verdictOf: (caller: Caller, request: ServerRequest) => Allowed | Denied | null): void {
    for (const question of [...this.#open.values()]) {
      const verdict = verdictOf(question.caller, question.request);
      if (verdict) this.#end(question, { ...verdict, approval: question.id });
    }
  }

  /** Takes back late answers not used yet: of a client that may not go on, of a server that is not what it was. */
  forget(of: { client: string } | { server: string }): void {
    this.#late.forget(of);
  }

  /** Every open question and every unused late yes becomes a no: lockdown, or the broker stops. */
  close(decidedBy: string, reason: string, advice: string): void {
    this.settle(() => denied(decidedBy, 'denied', reason, advice, ''));
    this.#late.clear();
  }

  #questionOf(id: string): Question {
    for (const question of this.#open.values()) if (question.id === id) return question;
    throw new GatehouseError(
      'not-found',
      `There is no open question ${id}.`,
      'It was answered, withdrawn or has expired; `gatehouse pending` lists what is open.',
    );
  }

  /** A no before anybody is asked: refused again and again, nobody there, or too many at a time. */
  #refusedAtOnce(caller: Caller, request: ServerRequest, shown: Presentation): Denied | null {
    const no = (decidedBy: string, reason: string, advice: string) => denied(decidedBy, 'denied', reason, advice, '');
    if (this.#insistence.isQuiet(caller, request)) {
      const reason = 'The operator has refused this several times, so they are not asked again for a while.';
      return no('quiet', reason, 'Do not try it again; find another way, or tell the user.');
    }
    if (this.#insistence.floods(caller.client)) {
      this.#needs.flooded(caller.client);
      return no('surge', 'This client asked more than anybody can answer, so Gatehouse stopped it.', 'Stop, and tell the user.');
    }
    if (this.#needs.away()) {
      this.#needs.gathered.put(caller, request, shown);
      this.#needs.changed();
      const advice = 'Do other work; what was refused is kept for the operator to look at later.';
      return no('away', 'The operator is away.', advice);
    }
    return this.#tooMany(caller.client, request)
      ? no('budget', 'Too many questions of this client are open already.', 'Stop asking, and tell the user to answer in Gatehouse.')
      : null;
  }

  #tooMany(client: string, request: ServerRequest): boolean {
    const own = [...this.#open.values()].filter((question) => question.caller.client === client);
    const characters = own.reduce((sum, question) => sum + question.request.argumentsText.length, request.argumentsText.length);
    return own.length >= mostOpen || (own.length > 0 && characters > mostCharacters);
  }

  #put(key: string, caller: Caller, request: ServerRequest, shown: Presentation): Question {
    const now = this.#needs.now();
    const expiryMs = this.#needs.expiryMs();
    const question: Question = {
      key,
      id: shortId('a'),
      nonce: randomBytes(9).toString('base64url'),
      caller,
      request,
      shown,
      createdAt: now,
      expiresAwake: performance.now() + expiryMs,
      // A timer counts awake time only, which is what a person has to answer in.
      expiry: setTimeout(() => this.#expire(question), expiryMs),
      waiters: [],
      repeats: 0,
    };
    question.expiry.unref();
    this.#open.set(key, question);
    return question;
  }

  /** The calls left over after one was let through are a new question: an answer is given once. */
  #renew(question: Question): void {
    clearTimeout(question.expiry);
    question.id = shortId('a');
    question.nonce = randomBytes(9).toString('base64url');
    question.createdAt = this.#needs.now();
    question.expiresAwake = performance.now() + this.#needs.expiryMs();
    question.expiry = setTimeout(() => this.#expire(question), this.#needs.expiryMs());
    question.expiry.unref();
  }

  #close(key: string, question: Question): void {
    clearTimeout(question.expiry);
    if (this.#open.get(key) === question) this.#open.delete(key);
  }

  #end(question: Question, verdict: Allowed | Denied): void {
    this.#close(question.key, question);
    for (const waiter of question.waiters.splice(0)) waiter.settle(verdict);
    this.#needs.changed();
  }

  #expire(question: Question): void {
    this.#needs.ended(question.id, question.caller, question.request, 'expired');
    this.#end(
      question,
      denied(
        'expiry',
        'expired',
        'Nobody answered in time, so it was refused.',
        'Tell the user that it needs an answer in Gatehouse.',
        question.id,
      ),
    );
  }

  #stopWaiting(question: Question, waiter: Waiter): void {
    question.waiters = question.waiters.filter((other) => other !== waiter);
    question.repeats++;
    const advice =
      question.repeats >= 3
        ? 'Stop here, and tell the user that it waits for an answer in Gatehouse. Do not repeat the call.'
        : 'Once it is given, the same call, repeated with the same content, goes through. Do other work meanwhile, or tell the user.';
    waiter.settle(
      denied('waiting', 'open', `Approval ${question.id} is still open: the operator has not answered yet.`, advice, question.id),
    );
    this.#needs.changed();
  }

  #leave(key: string, question: Question, waiter: Waiter): void {
    const waited = question.waiters.includes(waiter);
    question.waiters = question.waiters.filter((other) => other !== waiter);
    waiter.settle(denied('client', 'withdrawn', 'The client withdrew the request.', '', question.id));
    if (waited && question.waiters.length === 0 && question.repeats === 0) {
      this.#close(key, question);
      this.#needs.ended(question.id, question.caller, question.request, 'withdrawn');
    }
    this.#needs.changed();
  }
}
