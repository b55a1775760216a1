// One request from top to bottom: receive, identify, mediate, forward, record. The rooms behind each step are handed in.
import type { Message } from '../shared/message.ts';
import type { Allowed, Asking, Caller, Denied, ServerRequest, Verdict } from '../shared/request.ts';
import type { Entry } from '../shared/vocabulary.ts';

/** What a door has received and a connection has understood. */
export interface Received {
  readonly connection: string;
  readonly request: ServerRequest;
  /** Aborted when the client cancels or leaves. */
  readonly gone: AbortSignal;
  /** Called while the operator is asked, so that the client can be told that it waits. */
  readonly waiting: () => void;
}

/** A server that can be reached for this caller, with what it offers right now. */
export interface Reached {
  request(text: string, message: Message, gone: AbortSignal): Promise<Message>;
}

export interface Rooms {
  /** Who sends this message, checked anew each time. @throws when revoked, paused or unknown. */
  identify(connection: string): Caller;
  readonly mediate: {
    decide(caller: Caller, request: ServerRequest): Verdict;
    /** Puts the question before the operator. No answer is a no. */
    ask(caller: Caller, request: ServerRequest, question: Asking, asked: Entry, received: Received): Promise<Allowed | Denied>;
    /**
     * The last look before dispatch: everything that may have changed since the verdict, and that the bytes are the approved ones.
     * Asks (again) where what the server shows, or what the session did meanwhile, is news that only the operator can judge.
     */
    confirm(caller: Caller, request: ServerRequest, verdict: Allowed): Verdict;
  };
  readonly forward: {
    /** Starts or finds the server process of this connection. */
    reach(caller: Caller, request: ServerRequest): Promise<Reached>;
  };
  readonly record: {
    asked(caller: Caller, request: ServerRequest, verdict: Verdict): Entry;
    outcome(asked: Entry, ended: Ended): void;
  };
}

/** How a request ended: refused with a verdict, answered by the server, or broken. No and broken are never the same. */
export type Ended =
  | { readonly kind: 'refused'; readonly verdict: Denied }
  | { readonly kind: 'answered'; readonly verdict: Allowed; readonly reply: Message }
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'broken'; readonly error: unknown };

/** The server has done it, but the log could not take the outcome: what nobody wrote down is not handed on. */
export class Unrecorded extends Error {}

/**
 * Carries one request through the house. Resolves with how it ended; every way out has been recorded.
 * @throws what `identify` and `asked` throw: without a name, or without a log, nothing goes further.
 */
export async function handle(received: Received, rooms: Rooms): Promise<Ended> {
  const { identify, mediate, record } = rooms;

  const caller = identify(received.connection);
  const verdict = mediate.decide(caller, received.request);
  const asked = record.asked(caller, received.request, verdict);

  const ended = await carryOut(received, caller, verdict, asked, rooms);

  try {
    record.outcome(asked, ended);
  } catch (cause) {
    return ended.kind === 'answered' ? { kind: 'broken', error: new Unrecorded('the outcome could not be written', { cause }) } : ended;
  }
  return ended;
}

/** Asks where asking is due, then forwards what is still allowed at that very moment. */
async function carryOut(received: Received, caller: Caller, verdict: Verdict, asked: Entry, rooms: Rooms): Promise<Ended> {
  const { connection, request, gone } = received;
  const { identify, mediate, forward } = rooms;
  try {
    let now = verdict;
    for (;;) {
      const answer = now.kind === 'ask' ? await mediate.ask(caller, request, now, asked, received) : now;
      if (answer.kind === 'deny') return { kind: 'refused', verdict: answer };

      const server = await forward.reach(caller, request);
      now = mediate.confirm(identify(connection), request, answer);
      if (now.kind === 'deny') return { kind: 'refused', verdict: now };
      if (now.kind === 'ask') continue;

      const reply = await server.request(request.outgoing, request.message, gone);
      return { kind: 'answered', verdict: now, reply };
    }
  } catch (error) {
    return gone.aborted ? { kind: 'withdrawn' } : { kind: 'broken', error };
  }
}
