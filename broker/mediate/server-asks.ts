// The verdict for what a server asks of a client, in the order of product.md: sampling and elicitation ask, folders are told.
import type { Message } from '../../shared/message.ts';
import type { Allowed, Caller, Denied, ServerRequest, Verdict } from '../../shared/request.ts';
import { decide, type Facts, parted } from './decide.ts';
import { secretField } from './elicited-form.ts';
import { addressOf } from './elicited-url.ts';
import type { SamplingBudget } from './sampling-budget.ts';

/** The capability that a server's request uses; null for the protocol's own housekeeping (ping, tasks). One for each server and kind. */
export function askedCapability(message: Message): string | null {
  switch (message.method) {
    case 'sampling/createMessage':
      return 'sampling:createMessage';
    case 'elicitation/create':
      return message.params?.mode === 'url' ? 'elicitation:url' : 'elicitation:form';
    case 'roots/list':
      return 'roots:list';
  }
  return null;
}

/** Does this capability stand for what servers ask of clients? Such a one is never listed, so it has no pin. */
export const isAsked = (capability: string): boolean => /^(?:sampling|elicitation|roots):/.test(capability);

/** Tokens that a sampling request asks for at most; a server that names no limit asks for a usual answer. */
export function tokensOf(message: Message): number {
  const most = message.params?.maxTokens;
  return typeof most === 'number' && most > 0 && Number.isFinite(most) ? Math.ceil(most) : 1000;
}

const no = (decidedBy: string, reason: string, advice: string): Denied => ({ kind: 'deny', decidedBy, reason, advice, result: 'denied' });

/** What nobody is even asked about (T20, T25). */
function unfit(request: ServerRequest): Denied | null {
  const { params } = request.message;
  if (request.capability === 'elicitation:form') {
    const mode = params && Object.hasOwn(params, 'mode') ? params.mode : 'form';
    if (mode !== 'form') return no('hygiene', 'It asks in a way that Gatehouse does not know.', 'Use a form or an address.');
    const found = secretField(params);
    if (found === null) return null;
    const field = JSON.stringify(found.field.slice(0, 60));
    return no(
      'hygiene',
      `The field ${field} of the form of ${request.server} asks for a secret (${found.secret}).`,
      'A secret never belongs into a form: keep it in Gatehouse as a secret of the server, or use an address.',
    );
  }
  if (request.capability === 'elicitation:url') {
    const address = addressOf(params?.url);
    if (address.kind === 'refused')
      return no('hygiene', `${request.server} gave an address that nobody should open: ${address.why}.`, 'Use https.');
  }
  return null;
}

/** Allow, deny or ask. Everything that stops a client's own requests stops these too, and first. */
export function decideAsk(facts: Facts, budget: SamplingBudget, caller: Caller, request: ServerRequest): Verdict {
  const stop = parted(facts, caller.client, request.server) ?? unfit(request);
  if (stop) return stop;
  const { capability } = request;
  if (capability?.startsWith('roots:')) {
    const grant = facts.grant(caller, request);
    if (grant?.effect === 'deny')
      return no(`grant:${grant.id}`, `The operator does not tell ${request.server} the folders of this client.`, 'Go on without them.');
    return { kind: 'allow', decidedBy: 'protocol', reason: 'Folders are told without asking.' };
  }
  const verdict = decide(facts, caller, request);
  if (verdict.kind === 'deny' || !capability?.startsWith('sampling:')) return verdict;
  return budget.refusal(caller.session, request.server, tokensOf(request.message)) ?? verdict;
}

/** The last look before it is put to the client: a no counts at once, and so does a grant that is gone. */
export function confirmAsk(now: Verdict, before: Allowed): Allowed | Denied {
  if (now.kind === 'deny') return now;
  if (now.kind === 'ask' && before.decidedBy.startsWith('grant:'))
    return no(before.decidedBy, 'The permission for it was taken back or ran out meanwhile.', 'Ask again.');
  return before;
}
