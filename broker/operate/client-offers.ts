// A server that came later is offered to each client once: until somebody says yes or no to it for that client.
import { GatehouseError } from '../../shared/errors.ts';
import type { Client } from '../../shared/vocabulary.ts';
import { by } from './acts.ts';
import { setClient, showClient } from './clients.ts';
import type { Actor, ClientRow, Desk, ServerRow } from './desk.ts';

/** Rows of the clients a new server is offered to. What stands for a client's own tools is that client's alone. */
export function offersOfNew(desk: Desk, { name, command }: ServerRow): ClientRow[] {
  if (command.startsWith('gatehouse:')) return [];
  return [...desk.rows.client.values()]
    .filter(({ state, servers, offers }) => state !== 'revoked' && !servers.includes(name) && !offers?.includes(name))
    .map((row) => ({ ...row, offers: [...(row.offers ?? []), name] }));
}

export function answerOffer(desk: Desk, actor: Actor, { name, server, take }: { name: string; server: string; take: boolean }): Client {
  const { servers, offers } = showClient(desk, name);
  if (!offers.includes(server)) {
    throw new GatehouseError(
      'not-found',
      `${server} is not offered to ${name}, or not any more.`,
      `\`gatehouse client show ${name}\` says what is; \`gatehouse client set ${name} --servers a,b\` changes what it may see.`,
    );
  }
  if (take) return setClient(desk, actor, { name, servers: [...servers, server] });
  const row = desk.rows.client.get(name) as ClientRow;
  desk.change({ type: 'client.offer-dismissed', client: name, server, decidedBy: by(actor) }, (tx) =>
    tx.put('client', { ...row, offers: row.offers?.filter((each) => each !== server) }),
  );
  return showClient(desk, name);
}
