// What servers ask of clients, carried through the same steps as what clients ask of servers: identified, mediated, handed on, recorded.
import type { Message } from '../../shared/message.ts';
import type { Allowed, Caller, Denied, ServerRequest } from '../../shared/request.ts';
import type { Entry, EntryBody } from '../../shared/vocabulary.ts';
import { type Ended, handle } from '../broker.ts';
import type { Approvals } from '../mediate/approvals.ts';
import type { Facts } from '../mediate/decide.ts';
import { presentAsk } from '../mediate/present-ask.ts';
import type { SamplingBudget } from '../mediate/sampling-budget.ts';
import { askedCapability, confirmAsk, decideAsk, tokensOf } from '../mediate/server-asks.ts';
import { digestsOf } from '../wire/handshake/requests.ts';
import { memberText } from '../wire/spans.ts';
import { factsOf, outcomeOf, verdictOf } from './entry-facts.ts';
import type { ToldFolders } from './told-folders.ts';

/**
 * One request of a server, in whichever era it was written: a message of its own, or an entry of `inputRequests` inside an
 * input_required result, which a wire room writes as such a message (method and params as received; any id).
 */
export interface ServerAsk {
  readonly server: string;
  readonly message: Message;
  /** Aborted when the server withdraws it, ends, or the client leaves. */
  readonly gone: AbortSignal;
  /**
   * Puts it to the client and resolves with the client's reply. Called at most once, at the moment it may be put there. A wire
   * room that has to wait for a later message of the client (a retry with `inputResponses`) resolves when that one has come.
   */
  hand(): Promise<Message>;
  /** Called while the operator is asked. */
  waiting?(): void;
}

/**
 * Mediates what a server asks of the client on this connection. Never rejects. How it ends says what the server is told:
 * `answered`: the client's reply; `refused`: a no in the words of its era; `withdrawn`: nothing; `broken`: an error.
 */
export type AskClient = (connection: string, ask: ServerAsk) => Promise<Ended>;

export interface Needs {
  callerOf(connection: string): Caller;
  readonly approvals: Approvals;
  readonly facts: Facts;
  readonly budget: SamplingBudget;
  /** Milliseconds a question stays open. */
  expiryMs(): number;
  grantUsed(id: string): void;
  /** Cuts what a client says of its folders to what the operator granted this server. */
  readonly folders: Pick<ToldFolders, 'cut'>;
  readonly log: {
    append(body: EntryBody): Entry;
    asked(body: EntryBody, requestText: string): Entry;
    outcome(asked: Entry, body: Omit<EntryBody, 'type'>, replyText: string | null): Entry;
  };
  now(): number;
}

/** Questions of one server on one connection at a time: a server must not bury the operator, nor use up what its client may ask. */
const mostWaiting = 16;
/** A server waits as long as the question stands, and a little more, so that the question ends first. */
const moreMs = 5_000;

function requestOf({ server, message }: ServerAsk): ServerRequest {
  const capability = askedCapability(message);
  const argumentsText = memberText(message.text, ['params']) ?? '{}';
  return {
    message,
    server,
    outgoing: message.text,
    capability,
    mediated: capability !== null && !capability.startsWith('roots:'),
    argumentsText,
    ...digestsOf(capability, argumentsText),
  };
}

export function createServerAsks({ callerOf, approvals, facts, budget, expiryMs, grantUsed, folders, log, now }: Needs): AskClient {
  const open = new Map<string, number>();
  const mediate = {
    decide: (caller: Caller, request: ServerRequest) => decideAsk(facts, budget, caller, request),

    async ask(caller: Caller, request: ServerRequest, gone: AbortSignal): Promise<Allowed | Denied> {
      const key = `${caller.connection} ${request.server}`;
      const waiting = open.get(key) ?? 0;
      if (waiting >= mostWaiting) return tooMany(request.server);
      open.set(key, waiting + 1);
      try {
        return await approvals.ask(caller, request, presentAsk(request), expiryMs() + moreMs, gone).verdict;
      } finally {
        const left = (open.get(key) ?? 1) - 1;
        if (left > 0) open.set(key, left);
        else open.delete(key);
      }
    },

    confirm(caller: Caller, request: ServerRequest, verdict: Allowed): Allowed | Denied {
      const still = confirmAsk(decideAsk(facts, budget, caller, request), verdict);
      if (still.kind === 'deny') return still;
      if (request.capability?.startsWith('sampling:')) budget.spend(caller.session, request.server, tokensOf(request.message));
      if (verdict.decidedBy.startsWith('grant:')) grantUsed(verdict.decidedBy.slice('grant:'.length));
      return verdict;
    },
  };

  return async (connection, ask) => {
    const request = requestOf(ask);
    const waiting = () => ask.waiting?.();
    let cut: ReturnType<ToldFolders['cut']> = null;
    const answered = async (caller: Caller, gone: AbortSignal): Promise<Message> => {
      const reply = await handedOn(ask, gone);
      cut = request.capability?.startsWith('roots:') ? folders.cut(caller, request.server, reply) : null;
      return cut?.reply ?? reply;
    };
    try {
      return await handle(
        { connection, request, gone: ask.gone, waiting },
        {
          identify: callerOf,
          mediate: {
            ...mediate,
            ask(caller, request, _question, _asked, { gone }) {
              const verdict = mediate.ask(caller, request, gone);
              waiting();
              return verdict;
            },
          },
          forward: { reach: async (caller) => ({ request: (_text, _message, gone) => answered(caller, gone) }) },
          record: {
            asked(caller, request, verdict) {
              const body: EntryBody = {
                type: 'asked',
                ...factsOf(caller, request),
                ...verdictOf(verdict),
                direction: 'server-to-client',
              };
              return verdict.decidedBy === 'lockdown' ? log.append(body) : log.asked(body, request.argumentsText);
            },
            outcome(asked, ended) {
              const durationMs = Math.max(0, now() - Date.parse(asked.at));
              const told = cut === null ? {} : { folders: { told: cut.told, had: cut.had } };
              log.outcome(asked, { ...outcomeOf(ended), ...told, durationMs }, ended.kind === 'answered' ? ended.reply.text : null);
            },
          },
        },
      );
    } catch (error) {
      // Without a name or a log nothing was handed on.
      return { kind: 'broken', error };
    }
  };
}

const tooMany = (server: string): Denied => ({
  kind: 'deny',
  decidedBy: 'budget',
  result: 'denied',
  reason: `${server} has ${mostWaiting} questions open already.`,
  advice: 'Ask again when the operator has answered.',
});

/** The client's reply, unless the server takes its request back first. */
function handedOn(ask: ServerAsk, gone: AbortSignal): Promise<Message> {
  if (gone.aborted) return Promise.reject(new Error('the server withdrew the request'));
  const left = Promise.withResolvers<never>();
  const leave = () => left.reject(new Error('the server withdrew the request'));
  gone.addEventListener('abort', leave, { once: true });
  return Promise.race([ask.hand(), left.promise]).finally(() => gone.removeEventListener('abort', leave));
}
