// Who calls the operator's door: the credential or the signature of a call, and what ends it when it was inherited (security.md T36).
import type { EntryBody } from '../../shared/vocabulary.ts';
import type { Operator } from '../operate/operator.ts';
import type { Claim } from '../operate/request-proof.ts';
import type { Evidence } from './peers.ts';
import type { Presence } from './presence.ts';

const inherited: EntryBody = { type: 'operator.token-revoked', reason: 'it was used below the process of a paired client' };

export function doorProofs(operator: Operator, presence: Presence, record: (body: EntryBody) => void) {
  type Actor = NonNullable<ReturnType<Operator['check']>>;
  return {
    check: (token: string) => operator.peek(token),
    used: (actor: Actor) => operator.used(actor.id),
    // An agent that inherited the operator's token must not answer its own questions.
    mayOperate: (_actor: Actor, peer: Evidence | null) => !peer?.inheritedToken,
    revoke(token: string) {
      operator.revoke(token);
      record(inherited);
    },
    knows: (claim: Claim) => operator.knows(claim),
    prove(claim: Claim, path: string, body: Buffer) {
      const proven = operator.prove(claim, path, body);
      if (!proven) return null;
      const revoke = () => {
        operator.signOut(proven.identity.id);
        record(inherited);
      };
      return { actor: proven.identity, answer: proven.answer, revoke };
    },
    mayChange: (actor: Actor | null, operation: string) => presence.changing(actor, operation),
    stillHolds: (actor: Actor) => operator.holds(actor.id),
  };
}
