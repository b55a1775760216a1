// Findings as the operator handles them: listed, looked at, put aside. A dismissed one stays silent until what it is about changes.
import { GatehouseError } from '../../shared/errors.ts';
import type { Finding } from '../../shared/vocabulary.ts';
import { by } from './acts.ts';
import type { Actor, Desk } from './desk.ts';

/** Open ones; `all`: those put aside too. */
export function listFindings(desk: Desk, all: boolean): Finding[] {
  desk.policies.look();
  return desk.findings.all().filter((found) => all || !found.dismissed);
}

/** @throws GatehouseError not-found */
export function findingOf(desk: Desk, id: string): Finding {
  const found = desk.findings.all().find((each) => each.id === id);
  if (found) return found;
  throw new GatehouseError('not-found', `There is no finding ${id}.`, '`gatehouse finding list` names them; what was mended is gone.');
}

export function dismissFinding(desk: Desk, actor: Actor, id: string): Finding {
  const { title, server, capability } = findingOf(desk, id);
  const about = { ...(server == null ? {} : { server }), ...(capability == null ? {} : { capability }) };
  desk.change({ type: 'finding.dismissed', finding: id, reason: title, ...about, decidedBy: by(actor) }, (tx) =>
    tx.put('dismissal', { id, title, at: new Date(desk.now()).toISOString() }),
  );
  return findingOf(desk, id);
}
