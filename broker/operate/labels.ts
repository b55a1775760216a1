// The operator's word on what a capability touches: it stands above catalogue, names and what the server says of itself.
import { GatehouseError } from '../../shared/errors.ts';
import type { Label, Server } from '../../shared/vocabulary.ts';
import { by } from './acts.ts';
import type { Actor, Desk } from './desk.ts';
import { rowOf, showServer } from './servers.ts';

interface SetLabel {
  server: string;
  capability: string;
  label: Label;
  /** False takes it away. */
  on: boolean;
}

/** @throws GatehouseError not-found */
export function setLabel(desk: Desk, actor: Actor, { server, capability, label, on }: SetLabel): Server {
  const row = rowOf(desk, server);
  const id = `${server} ${capability}`;
  if (!desk.rows.definition.has(id) && !capability.startsWith('resource:'))
    throw new GatehouseError('not-found', `${server} has no ${capability}.`, `\`gatehouse server show ${server}\` names what it offers.`);
  const before = desk.rows.label.get(id) ?? { id, server, capability, add: [], remove: [] };
  const without = (list: readonly Label[]) => list.filter((each) => each !== label);
  const next = on
    ? { ...before, add: [...without(before.add), label], remove: without(before.remove) }
    : { ...before, add: without(before.add), remove: [...without(before.remove), label] };
  desk.change({ type: 'label.set', server, capability, label: `${on ? '' : '-'}${label}`, decidedBy: by(actor) }, (tx) =>
    tx.put('label', next),
  );
  desk.settle();
  return showServer(desk, row);
}
