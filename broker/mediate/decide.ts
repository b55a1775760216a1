// The verdict for one request, in the order of product.md: the first thing that says no ends it.
import type { Caller, Denied, ServerRequest, Verdict } from '../../shared/request.ts';
import type { UnknownArgument } from './closed-schema.ts';
import type { GrantRow } from './grants.ts';
import type { PinState } from './pins.ts';
import type { PolicyVerdict } from './policy/policies.ts';

/** What a verdict depends on, read at the moment of deciding. */
export interface Facts {
  /** Why everything is stopped; null when it is not. */
  lockdown(): string | null;
  client(name: string): { readonly state: 'active' | 'paused' | 'revoked'; readonly servers: readonly string[] } | null;
  server(name: string): { readonly enabled: boolean; readonly acceptedAt: string | null } | null;
  /** How the definition compares with the accepted one. `unlisted`: the server never listed it (a resource found in a result, say). */
  pin(caller: Caller, request: ServerRequest): PinState;
  /** An argument that the accepted schema rules out; null: none, as far as anybody can be certain. */
  unknownArgument(caller: Caller, request: ServerRequest): UnknownArgument | null;
  grant(caller: Caller, request: ServerRequest): GrantRow | null;
  /** Why the request touches what is the broker's own; null when it does not. */
  protects(caller: Caller, request: ServerRequest): string | null;
  /** What critical thing it would change; null: none. */
  critical(caller: Caller, request: ServerRequest): string | null;
  /** What the policies say; null: nothing. */
  policy(caller: Caller, request: ServerRequest): PolicyVerdict | null;
  /** The grant given in answer to this (`policy:NAME`, `flow`) that covers the request. */
  answering(caller: Caller, request: ServerRequest, answer: string): { readonly id: string } | null;
  /** True: the request would complete a toxic flow, and no grant was given in answer to that. */
  flows(caller: Caller, request: ServerRequest): boolean;
  /** True where nobody ever answers (`serve --no-operator`). */
  nobodyAnswers(): boolean;
}

const no = (decidedBy: string, reason: string, advice: string): Denied => ({ kind: 'deny', decidedBy, reason, advice, result: 'denied' });

/** Why this client gets nothing at all, whatever it asks for; null when it may go on. */
export function clientStopped(client: { readonly state: 'active' | 'paused' | 'revoked' } | null | undefined): Denied | null {
  if (client?.state === 'active') return null;
  return no(
    'client',
    `The operator has ${client?.state ?? 'removed'} this client.`,
    'Stop and tell the user; only the operator can change that.',
  );
}

/** Why nothing may pass between this client and this server, in either direction; null when it may. No grant can lift it. */
export function parted(facts: Facts, clientName: string, serverName: string): Denied | null {
  // Anyone may lock and give a reason, so the reason is not quoted to a model.
  if (facts.lockdown() !== null) {
    return no(
      'lockdown',
      'Gatehouse is locked: everything is stopped.',
      'Nothing is allowed until the operator unlocks it. Stop and tell the user.',
    );
  }
  const client = facts.client(clientName);
  const stopped = clientStopped(client);
  if (stopped) return stopped;
  const server = facts.server(serverName);
  if (!server || !client?.servers.includes(serverName))
    return no('visibility', 'There is no such server for this client.', 'Use another way.');
  if (!server.enabled)
    return no('server', `The operator has switched off ${serverName}.`, 'Do other work, or ask the user to switch it on.');
  if (server.acceptedAt === null) return no('pin', `${serverName} has not been accepted yet.`, 'Ask the user to review it in Gatehouse.');
  return null;
}

const changedWords = (request: ServerRequest) =>
  `${request.server} has changed what ${request.capability ?? 'it'} says or does since it was accepted.`;

/** The definition must be the one that was accepted. No grant can lift it; only a change that nobody has looked at can be asked about. */
function unpinned(facts: Facts, request: ServerRequest, pin: PinState): Denied | null {
  switch (pin) {
    case 'waiting':
      return no('pin', `${request.capability} has not been accepted yet.`, 'Ask the user to review it in Gatehouse.');
    case 'twofold':
      return no(
        'pin',
        `${request.server} has changed what ${request.capability} says or does: it offers two of that name.`,
        'Tell the user to look at this server in Gatehouse; do other work.',
      );
    case 'rejected':
      return no('pin', `${changedWords(request)} The operator refused the change.`, 'Do not try it again; find another way.');
    case 'changed':
      return request.mediated && !facts.nobodyAnswers()
        ? null
        : no('pin', changedWords(request), 'Ask the user to review the change in Gatehouse; until then do other work.');
  }
  return null;
}

/** A policy's no, by its name. Its reason is the operator's own text, or ours. */
function forbidden(by: string, reason: string | null): Denied {
  const named = by === 'policy-fault' ? by : `policy:${by}`;
  const why =
    by === 'policy-fault'
      ? 'A policy of the operator could not be evaluated.'
      : `The policy ${by} forbids it${reason === null ? '' : `: ${reason}`}.`;
  return no(named, why, 'Do not try it again; find another way or tell the user.');
}

const mostNames = 20;
const quoted = (text: string) => JSON.stringify(text.length <= 80 ? text : `${text.slice(0, 80)}...`);

/** T09: what a tool does not know it has no need of. */
function ruledOut({ server, capability }: ServerRequest, { at, inside, known }: UnknownArgument): Denied {
  const where = inside === '' ? 'its arguments' : `${quoted(inside)} of its arguments`;
  const names = known.slice(0, mostNames).map(quoted).join(', ');
  const advice =
    known.length === 0 ? 'Send it without any.' : `Leave it out; known there: ${names}${known.length > mostNames ? ', ...' : ''}.`;
  return no('schema', `${capability} of ${server} knows no argument ${quoted(at)}: its accepted schema closes ${where}.`, advice);
}

/** Allow, deny or ask, with the rule that decided. Default deny: what nobody answered is asked, and no answer is a no. */
export function decide(facts: Facts, caller: Caller, request: ServerRequest): Verdict {
  const apart = parted(facts, caller.client, request.server);
  if (apart) return apart;
  const ours = facts.protects(caller, request);
  if (ours) return no('protected', ours, 'Nobody can allow this. Do not try it again.');
  const pin = facts.pin(caller, request);
  const held = unpinned(facts, request, pin);
  if (held) return held;
  if (!request.mediated) return { kind: 'allow', decidedBy: 'protocol', reason: 'It uses no capability.' };
  // A changed definition may know what the accepted one did not: the review says what counts.
  const unknown = pin === 'changed' ? null : facts.unknownArgument(caller, request);
  if (unknown) return ruledOut(request, unknown);
  const grant = facts.grant(caller, request);
  if (grant?.effect === 'deny') {
    return no(
      `grant:${grant.id}`,
      'The operator has refused this before, with a rule that still stands.',
      'Do not try it again; find another way or tell the user.',
    );
  }
  const policy = facts.policy(caller, request);
  if (policy?.kind === 'deny') return forbidden(policy.by, policy.reason);
  const flows = facts.flows(caller, request);
  // Grants were given for what it was: they rest until the operator has looked, and this call is the question.
  if (pin === 'changed') return { kind: 'ask', decidedBy: 'pin', reason: changedWords(request) };
  // No grant and no permit speaks for what becomes code: each time a person does.
  const critical = facts.critical(caller, request);
  if (critical !== null) {
    return facts.nobodyAnswers()
      ? no('no-operator', `It would change ${critical}, and on this machine nobody answers.`, 'Do other work.')
      : { kind: 'ask', decidedBy: 'critical', reason: `It would change ${critical}.` };
  }
  const asking = policy?.kind === 'ask' ? policy : null;
  const unanswered = asking?.by.find((id) => !facts.answering(caller, request, `policy:${id}`));
  const allowing = asking?.by[0] === undefined ? grant : facts.answering(caller, request, `policy:${asking.by[0]}`);
  if (allowing && unanswered === undefined && !flows) {
    return { kind: 'allow', decidedBy: `grant:${allowing.id}`, reason: 'The operator allowed this before.' };
  }
  if (policy?.kind === 'allow' && !flows)
    return { kind: 'allow', decidedBy: `policy:${policy.by}`, reason: 'A policy of the operator allows it.' };
  if (facts.nobodyAnswers()) {
    return no(
      'no-operator',
      'It needs an approval, and on this machine nobody answers.',
      'Do other work; only a grant made beforehand can allow this.',
    );
  }
  if (unanswered !== undefined) {
    return { kind: 'ask', decidedBy: `policy:${unanswered}`, reason: `A policy wants to be asked: ${asking?.reason ?? unanswered}.` };
  }
  if (flows) return { kind: 'ask', decidedBy: 'flow', reason: 'It would let private data out after words of strangers came in.' };
  return { kind: 'ask', decidedBy: 'default', reason: 'Nobody has answered this yet.' };
}
