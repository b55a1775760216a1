// What every act of the operator says about itself in the log.
import type { Approval } from '../../shared/vocabulary.ts';
import type { Actor } from './desk.ts';

/** Who did it, by the kind of credential. */
export const by = (actor: Actor): string => `operator (${actor.kind})`;

/** An answer names the question it answers, and the bytes it was about. */
export const answerTo = (approval: Approval, actor: Actor) => ({
  approval: approval.id,
  client: approval.client,
  server: approval.server,
  capability: approval.capability,
  session: approval.session,
  decidedBy: by(actor),
  digest: approval.digest,
});
