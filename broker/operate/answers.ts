// The operator's answers: approve, deny, and the grants that come of them or are made beforehand.
import { GatehouseError } from '../../shared/errors.ts';
import type { Grant } from '../../shared/vocabulary.ts';
import { answerTo, by } from './acts.ts';
import type { Actor, Change, Desk, GrantRow } from './desk.ts';
import { grantFor, refusalFor, shorten, showGrant, untilOf, widthOf } from './grant-rows.ts';
import { acceptShown, refuseShown } from './review.ts';

interface Approve {
  id: string;
  nonce: string;
  for: string;
  match: string;
  calls: 'one' | 'all';
}

/** Lets through what was asked, now and, for anything but `once`, as a grant. */
export function approve(desk: Desk, actor: Actor, input: Approve): { grant: Grant | null; note: string | null } {
  const found = desk.approvals.find(input.id, input.nonce);
  const { approval, shown } = found;
  // Before anything is written: a width that was not offered is no answer.
  desk.presence.answering(actor, approval.presence);
  widthOf(shown, input.match);
  const { repin } = shown;
  const act = {
    type: 'approved',
    ...answerTo(approval, actor),
    for: input.for,
    match: input.match,
  };
  /** A definition that changed is accepted as it was shown, in the same breath; what was allowed of the old one is not. */
  const accepting = (tx: Change) => {
    if (repin) acceptShown(desk, tx, approval.server, approval.capability, repin);
  };
  if (input.for === 'once') {
    if (repin) {
      desk.change({ ...act, accepted: true }, accepting);
      desk.approvals.forget({ server: approval.server });
    } else desk.record(act);
    desk.approvals.allow(input.id, 'operator', input.calls);
    return { grant: null, note: null };
  }
  const { row, note } = grantFor(desk, { ...found, approval: approval.id, alwaysOffered: approval.alwaysOffered }, input);
  desk.change({ ...act, grant: row.id, ...(repin ? { accepted: true } : {}) }, (tx) => {
    accepting(tx);
    tx.put('grant', row);
  });
  desk.approvals.allow(input.id, 'operator', 'all', 'none');
  desk.settle();
  return { grant: showGrant(desk, row), note };
}

interface Deny {
  id: string;
  nonce: string;
  for: 'once' | 'session' | 'always';
  match: string;
  reason?: string | undefined;
  pauseClient: boolean;
}

/** Refuses what was asked; `session` and `always` refuse from then on whatever lies in the width that was chosen. */
export function deny(desk: Desk, actor: Actor, input: Deny): { grant: Grant | null } {
  const found = desk.approvals.find(input.id, input.nonce);
  const { approval, shown } = found;
  widthOf(shown, input.match);
  const { repin } = shown;
  const refusing = repin !== undefined && repin.definition !== null && input.for !== 'once';
  const act = {
    type: 'denied',
    ...answerTo(approval, actor),
    for: input.for,
    ...(input.for === 'once' ? {} : { match: input.match }),
    ...(input.reason === undefined ? {} : { reason: desk.mask(input.reason) }),
  };
  const row = input.for === 'once' || refusing ? null : refusalFor(desk, { ...found, approval: approval.id }, input);
  if (refusing) desk.change(act, (tx) => refuseShown(desk, tx, approval.server, approval.capability, repin));
  else if (row) desk.change({ ...act, grant: row.id }, (tx) => tx.put('grant', row));
  else desk.record(act);
  desk.approvals.deny(input.id, input.reason);
  if (input.pauseClient) setClientState(desk, actor, approval.client, 'paused');
  desk.settle();
  return { grant: row && showGrant(desk, row) };
}

/** Pauses, resumes or revokes a client; what it has open ends at once when it may not go on. */
export function setClientState(desk: Desk, actor: Actor, name: string, state: 'active' | 'paused' | 'revoked'): void {
  const row = desk.rows.client.get(name);
  if (!row) throw new GatehouseError('not-found', `There is no client ${name}.`, '`gatehouse client list` names them.');
  if (row.state === 'revoked' && state !== 'revoked') {
    throw new GatehouseError(
      'conflict',
      `${name} is revoked, and its token is worth nothing any more.`,
      `Remove its entry and pair it anew: gatehouse client add ${name}`,
    );
  }
  const type = { active: 'client.resumed', paused: 'client.paused', revoked: 'client.revoked' }[state];
  desk.change({ type, client: name, decidedBy: by(actor) }, (tx) => {
    tx.put('client', { ...row, state });
    if (state === 'revoked') for (const grant of desk.rows.grant.values()) withoutClient(tx, grant, name);
  });
  desk.settle();
  if (state === 'active') return;
  desk.approvals.forget({ client: name });
  if (state === 'revoked') {
    desk.gathered.forget({ client: name });
    desk.clients.disconnect(name);
    desk.clients.keepToken(name, null);
  } else desk.clients.stopServers(name);
}

/** Its own grants go; from those it shares with others only its name. */
function withoutClient(tx: Change, grant: GrantRow, name: string): void {
  if (grant.client === name) tx.remove('grant', grant.id);
  else if (grant.alsoClients?.includes(name)) tx.put('grant', { ...grant, alsoClients: grant.alsoClients.filter((each) => each !== name) });
}

interface AddGrant {
  client: string;
  server: string;
  capability: string;
  match: 'any' | 'exact';
  argumentsText?: string | undefined;
  for: string;
  effect: 'allow' | 'deny';
}

/** A grant made beforehand, without a question. */
export function addGrant(desk: Desk, actor: Actor, input: AddGrant): { grant: Grant; note: string | null } {
  if (!desk.rows.client.has(input.client))
    throw new GatehouseError('not-found', `There is no client ${input.client}.`, '`gatehouse client list` names them.');
  const server = desk.rows.server.get(input.server);
  if (!server) throw new GatehouseError('not-found', `There is no server ${input.server}.`, '`gatehouse server list` names them.');
  if (input.match === 'exact' && (input.argumentsText === undefined || input.capability.endsWith('*'))) {
    throw new GatehouseError('usage', 'An exact grant needs one capability and its arguments.', 'Give --arguments JSON, or --match any.');
  }
  // Nothing is sandboxed yet, so `always` is never offered for an allow.
  const { until, note } = input.effect === 'deny' ? { until: null, note: null } : untilOf(desk, input.for, false);
  const row: GrantRow = {
    id: desk.newId('g'),
    client: input.client,
    server: input.server,
    capability: input.capability,
    pattern: input.capability === '*' || input.capability.endsWith(':*'),
    effect: input.effect,
    match:
      input.match === 'any'
        ? { kind: 'any', label: 'any arguments' }
        : {
            kind: 'exact',
            canonicalDigest: desk.canonicalDigest(input.capability, input.argumentsText as string),
            label: shorten(desk.mask(input.argumentsText as string)),
          },
    until: input.effect === 'deny' && input.for !== 'always' ? untilOf(desk, input.for, false).until : until,
    session: null,
    approval: null,
    createdAt: new Date(desk.now()).toISOString(),
  };
  desk.change(
    {
      type: 'grant.added',
      client: row.client,
      server: row.server,
      capability: row.capability,
      grant: row.id,
      effect: row.effect,
      decidedBy: by(actor),
    },
    (tx) => tx.put('grant', row),
  );
  desk.settle();
  return { grant: showGrant(desk, row), note };
}

/** Takes grants back; what they allowed asks again from this moment. */
export function revokeGrants(desk: Desk, actor: Actor, input: { id: string } | { client: string } | { server: string }): string[] {
  const rows = [...desk.rows.grant.values()].filter((row) =>
    'id' in input ? row.id === input.id : 'client' in input ? row.client === input.client : row.server === input.server,
  );
  if ('id' in input && rows.length === 0)
    throw new GatehouseError('not-found', `There is no grant ${input.id}.`, '`gatehouse grant list` names them.');
  for (const row of rows) {
    const act = {
      type: 'grant.revoked',
      client: row.client,
      server: row.server,
      capability: row.capability,
      grant: row.id,
      decidedBy: by(actor),
    };
    desk.change(act, (tx) => tx.remove('grant', row.id));
  }
  desk.settle();
  return rows.map((row) => row.id);
}
