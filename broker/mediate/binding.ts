// A yes is bound to what it was given for: client, server, capability, definition and bytes. What leaves must be that, or nothing leaves (T24).
import type { Allowed, Caller, Denied, ServerRequest } from '../../shared/request.ts';

/** What an approval was about, kept with its yes. */
export const bindingOf = (caller: Caller, request: ServerRequest): string =>
  [caller.client, request.server, request.capability, request.canonicalDigest].join('\n');

/** The bytes about to leave, read back from them. */
export interface Leaving {
  /** The capability they name; null where the message names none. */
  readonly capability: string | null;
  readonly argumentsText: string;
  readonly canonicalDigest: string;
}

const fault = (reason: string): Denied => ({
  kind: 'deny',
  decidedBy: 'digest',
  result: 'denied',
  reason,
  advice: 'Tell the user; this should never happen.',
});

/** Why this must not leave under this yes; null when it may. Anything found here is a fault of ours. */
export function unbound(verdict: Allowed, caller: Caller, request: ServerRequest, leaving: Leaving): Denied | null {
  if (verdict.binding !== undefined && verdict.binding !== bindingOf(caller, request)) {
    return fault('What was allowed is not what was about to be sent.');
  }
  if (!request.mediated) return null;
  const sameBytes = leaving.argumentsText === request.argumentsText || leaving.canonicalDigest === request.canonicalDigest;
  return sameBytes && leaving.capability === request.capability ? null : fault('What was about to be sent is not what was approved.');
}
