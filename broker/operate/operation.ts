// What every handler of the contract starts from: the contract, what is known of a call, and who called.
import { implement } from '@orpc/server';
import { contract } from '../../shared/contract.ts';
import { GatehouseError } from '../../shared/errors.ts';
import type { Actor } from './desk.ts';

/** What the door knows of a call. `actor` is null only on operations anyone may call. */
export interface CallContext {
  readonly actor: Actor | null;
  readonly way?: 'loopback' | 'socket' | 'window';
  /** Evidence of the calling process; null where there is none. */
  readonly peer: () => Promise<{ readonly belowClient: boolean } | null>;
}

export const os = implement(contract).$context<CallContext>();

/** The door has refused before this when there is none; a second look costs nothing. */
export function actorOf(context: CallContext): Actor {
  if (!context.actor) throw new GatehouseError('refused', 'This needs the operator.', 'Sign in first: gatehouse operator signin');
  return context.actor;
}
