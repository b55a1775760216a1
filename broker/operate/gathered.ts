// The morning after: what was refused while the operator was away becomes a grant, or is put away.
import { GatehouseError } from '../../shared/errors.ts';
import type { Grant } from '../../shared/vocabulary.ts';
import { by } from './acts.ts';
import type { Actor, Desk } from './desk.ts';
import { grantFor, showGrant } from './grant-rows.ts';

interface Allow {
  id: string;
  digest: string;
  for: string;
  match: string;
}

/** Makes the grant that would have covered it. Nothing is sent: the client has gone on, and asks again or does not. */
export function allowGathered(desk: Desk, actor: Actor, input: Allow): { grant: Grant; note: string | null } {
  const found = desk.gathered.find(input.id);
  const { caller, request, shown } = found;
  if (request.digest !== input.digest) {
    throw new GatehouseError('conflict', 'That is not what was asked.', 'Look at the list again: gatehouse gathered');
  }
  const accepted = desk.rows.definition.get(`${request.server} ${request.capability}`)?.fingerprint ?? null;
  if (!found.changed && accepted !== found.definition) {
    throw new GatehouseError(
      'conflict',
      `What ${request.capability} of ${request.server} says was changed and accepted after this was asked.`,
      'Let the client ask again, or grant it by hand: gatehouse grant add',
    );
  }
  if (found.changed) {
    throw new GatehouseError(
      'conflict',
      `${request.server} has changed what ${request.capability} says, and nobody has looked at it.`,
      `Look at it first: gatehouse server review ${request.server}`,
    );
  }
  const { row, note } = grantFor(desk, { ...found, approval: null, alwaysOffered: shown.alwaysOffered ?? false }, input);
  const act = { type: 'grant.added', client: caller.client, server: request.server, capability: row.capability, grant: row.id };
  desk.change(
    { ...act, session: caller.session, effect: 'allow', match: input.match, digest: request.digest, decidedBy: by(actor) },
    (tx) => tx.put('grant', row),
  );
  desk.gathered.forget(input.id);
  desk.settle();
  return { grant: showGrant(desk, row), note };
}
