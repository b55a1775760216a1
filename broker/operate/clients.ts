// Clients as the operator handles them: paired, shown, told what they may see.
import { GatehouseError } from '../../shared/errors.ts';
import type { Client } from '../../shared/vocabulary.ts';
import { by } from './acts.ts';
import type { Actor, ClientRow, Desk } from './desk.ts';

/** Seconds a call of an unknown client waits for the operator (interface.md, "What a client sees"). */
const usualWait = 45;
/** Measured with the clients themselves (docs/clients.md): below where they give up, and no longer than an approval stays open. */
const knownWaits: ReadonlyMap<string, number> = new Map([
  ['claude-code', 900],
  ['codex', 270],
]);

function rowOf(desk: Desk, name: string): ClientRow {
  const row = desk.rows.client.get(name);
  if (!row) throw new GatehouseError('not-found', `There is no client ${name}.`, '`gatehouse client list` names them.');
  return row;
}

export function showClient(desk: Desk, name: string): Client {
  const row = rowOf(desk, name);
  return {
    name,
    state: row.state,
    servers: row.servers,
    offers: offersOf(desk, row),
    waitSeconds: row.waitSeconds,
    connections: desk.clients.connections(name),
    saysItIs: desk.clients.saysItIs(name),
    createdAt: row.createdAt,
    lastSeenAt: desk.clients.lastSeen(name),
    evidence: desk.clients.evidence(name).map((each) => ({ ...each, finding: openFinding(desk, each.finding) })),
  };
}

const openFinding = (desk: Desk, id: string | null) => (id !== null && desk.rows.dismissal.has(id) ? null : id);

function knownServers(desk: Desk, names: readonly string[]): string[] {
  for (const name of names) {
    if (!desk.rows.server.has(name))
      throw new GatehouseError('not-found', `There is no server ${name}.`, '`gatehouse server list` names them.');
  }
  return [...new Set(names)];
}

interface ConnectionHelp {
  name: string;
  token: string;
  stdio: { command: string; args: string[]; env: Record<string, string> };
  http: { url: string; headers: Record<string, string> };
}

/** What waits for a look is not offered before it got one. */
const offersOf = (desk: Desk, { state, offers = [] }: ClientRow) =>
  state === 'revoked' ? [] : offers.filter((server) => desk.rows.server.get(server)?.acceptedAt != null);

/** Pairs a client: a new token, shown once. `all` means the servers that exist now; later ones are not included. */
export function addClient(desk: Desk, actor: Actor, input: { name: string; servers: 'all' | string[] }): ConnectionHelp {
  const before = desk.rows.client.get(input.name);
  if (before && before.state !== 'revoked') {
    throw new GatehouseError(
      'exists',
      `There is a client ${input.name} already.`,
      `Choose another name, or first: gatehouse client revoke ${input.name}`,
    );
  }
  const servers = input.servers === 'all' ? [...desk.rows.server.keys()] : knownServers(desk, input.servers);
  const { token, storedKey, serverKey } = desk.clients.mint();
  const row: ClientRow = {
    name: input.name,
    state: 'active',
    servers,
    waitSeconds: knownWaits.get(input.name) ?? usualWait,
    storedKey,
    serverKey,
    createdAt: new Date(desk.now()).toISOString(),
  };
  desk.change({ type: 'client.added', client: input.name, servers, decidedBy: by(actor) }, (tx) => tx.put('client', row));
  desk.clients.keepToken(input.name, token);
  return {
    name: input.name,
    token,
    stdio: desk.clients.stdio(input.name),
    http: { url: desk.clients.httpUrl(), headers: { Authorization: `Bearer ${token}` } },
  };
}

/** Which servers it may see, and how long its calls wait. */
export function setClient(
  desk: Desk,
  actor: Actor,
  input: { name: string; servers?: string[] | undefined; waitSeconds?: number | undefined },
): Client {
  const row = rowOf(desk, input.name);
  const servers = input.servers ? knownServers(desk, input.servers) : row.servers;
  const waitSeconds = input.waitSeconds ?? row.waitSeconds;
  desk.change({ type: 'client.changed', client: input.name, servers, waitSeconds, decidedBy: by(actor) }, (tx) =>
    tx.put('client', { ...row, servers, offers: row.offers?.filter((server) => !servers.includes(server)), waitSeconds }),
  );
  desk.settle();
  if (row.servers.some((server) => !servers.includes(server))) {
    desk.approvals.forget({ client: input.name });
    desk.clients.stopServers(input.name);
  }
  return showClient(desk, input.name);
}
