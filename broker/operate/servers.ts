// Servers as the operator handles them: added, tried out, accepted, switched off.
import { GatehouseError } from '../../shared/errors.ts';
import type { Finding, Server } from '../../shared/vocabulary.ts';
import type { Origin } from './acquire-part.ts';
import { by } from './acts.ts';
import { offersOfNew } from './client-offers.ts';
import type { Actor, DefinitionRow, Desk, Offered, ServerRow } from './desk.ts';
import { launchOfSpec, type ServerSpec } from './server-spec.ts';

export const definitionsOf = (desk: Desk, server: string) => [...desk.rows.definition.values()].filter((row) => row.server === server);

function claim(text: string): { title?: string; description?: string } {
  const { title, description } = JSON.parse(text) as { title?: unknown; description?: unknown };
  return { ...(typeof title === 'string' ? { title } : {}), ...(typeof description === 'string' ? { description } : {}) };
}

export function rowOf(desk: Desk, name: string): ServerRow {
  const row = desk.rows.server.get(name);
  if (!row) throw new GatehouseError('not-found', `There is no server ${name}.`, '`gatehouse server list` names them.');
  return row;
}

function reasonOf(name: string, waiting: boolean, changed: readonly string[], trouble: string | null): string | null {
  if (waiting) return 'It waits for you to accept what it offers.';
  if (changed.length > 0) {
    const one = changed[0] === '' ? 'what it says of itself' : `what ${changed[0]} says or does`;
    const what = changed.length === 1 ? one : `what ${changed.length} capabilities say or do`;
    return `It changed ${what} since you accepted it. The next call of that asks you; or look now: gatehouse server review ${name}`;
  }
  return trouble;
}

export function showServer(desk: Desk, row: ServerRow): Server {
  const trouble = desk.trouble(row.name);
  const processes = desk.processes(row.name);
  const waiting = row.acceptedAt === null;
  const { changed, fresh } = desk.news(row.name);
  const state = waiting
    ? 'pending'
    : !row.enabled
      ? 'disabled'
      : changed.length > 0
        ? 'quarantined'
        : trouble !== null
          ? 'failed'
          : processes > 0
            ? 'running'
            : 'ready';
  return {
    name: row.name,
    state,
    reason: reasonOf(row.name, waiting, changed, trouble),
    command: row.command,
    args: row.args,
    cwd: row.cwd,
    env: row.env,
    secretEnv: row.secretEnv,
    share: row.share,
    ...(row.remote ? { remote: row.remote } : {}),
    ...(row.origin ? { origin: row.origin } : {}),
    ...(row.openingText === null ? {} : { era: row.era }),
    processes,
    capabilities: [
      ...definitionsOf(desk, row.name),
      ...[...fresh].map(([capability, { text }]) => ({ capability, text, accepted: false })),
    ].map((definition) => ({
      capability: definition.capability,
      accepted: definition.accepted,
      labels: desk.labelsOf(row.name, definition.capability),
      findings: desk.findings.of(row.name, definition.capability).map(forList),
      ...claim(definition.text),
    })),
    findings: desk.findings.of(row.name, null).map(forList),
    createdAt: row.createdAt,
  };
}

const forList = ({ id, title, detail, severity }: Finding) => ({ id, title, detail, severity });

/** What cannot be judged (too long, its schema elsewhere) stays withheld, whoever accepts. */
export function definitionRows(desk: Desk, server: string, offered: Offered, accepted: boolean): DefinitionRow[] {
  return offered.definitions.map(({ capability, text, needs }) => ({
    id: `${server} ${capability}`,
    server,
    capability,
    text,
    fingerprint: desk.fingerprint(server, capability, text),
    needs: [...needs],
    accepted: accepted && !desk.findings.withholds(server, capability, text),
  }));
}

/** Adds a server: resolves its program or address, starts it once, alone, and keeps what it offers; accepted at once only when asked. */
export async function addServer(desk: Desk, actor: Actor, spec: ServerSpec, origin: Origin | null = null): Promise<Server> {
  if (desk.rows.server.has(spec.name)) {
    throw new GatehouseError(
      'exists',
      `There is a server ${spec.name} already.`,
      `Choose another name, or first: gatehouse server remove ${spec.name}`,
    );
  }
  const launch = await launchOfSpec(desk, spec);
  const row: ServerRow = {
    name: spec.name,
    ...launch,
    ...(origin ? { origin } : {}),
    enabled: true,
    acceptedAt: null,
    era: 'handshake',
    openingText: null,
    createdAt: new Date(desk.now()).toISOString(),
  };
  const where = launch.remote
    ? { url: withoutQuery(launch.remote.url) }
    : { command: launch.command, args: launch.args.map((arg) => desk.mask(arg)) };
  desk.record({ type: 'server.trial', server: spec.name, ...where, decidedBy: by(actor) });
  const shown = await desk.tryOut(row);
  // The trial took its time: somebody may have added the same name meanwhile.
  if (desk.rows.server.has(spec.name))
    throw new GatehouseError('exists', `There is a server ${spec.name} already.`, 'Choose another name.');
  const acceptedAt = spec.accept ? new Date(desk.now()).toISOString() : null;
  desk.change(
    {
      ...{ type: 'server.added', server: spec.name, accepted: spec.accept, capabilities: shown.definitions.length, decidedBy: by(actor) },
      ...(origin ? originFacts(origin) : {}),
    },
    (tx) => {
      tx.put('server', { ...row, acceptedAt, era: shown.era, openingText: shown.openingText, package: desk.packageOf(row) });
      for (const definition of definitionRows(desk, spec.name, shown, spec.accept)) tx.put('definition', definition);
      for (const client of offersOfNew(desk, row)) tx.put('client', client);
    },
  );
  noteFindings(desk, spec.name);
  return showServer(desk, rowOf(desk, spec.name));
}

/** For the log: which bytes, from where. */
export const originFacts = ({ bundle, registry, npm }: Origin) => ({
  ...(bundle ? { bundle: bundle.sha256, release: bundle.version } : {}),
  ...(registry ? { registry: registry.address, registryId: registry.id, release: registry.version } : {}),
  ...(npm ? { package: `npm:${npm.name}@${npm.version}`, integrity: npm.integrity } : {}),
});

/** For the log: a query may hold a value. */
function withoutQuery(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return `${origin}${pathname}${search === '' ? '' : '?...'}`;
}

/** What a scan found is an entry, so that the log says since when it was known. */
export function noteFindings(desk: Desk, server: string): void {
  for (const { id, title, severity, capability } of desk.findings.all().filter((found) => found.server === server && !found.dismissed))
    desk.record({ type: 'finding', finding: id, server, severity, reason: title, ...(capability == null ? {} : { capability }) });
}

/** Takes a server out, with its grants, definitions and processes. */
export async function removeServer(desk: Desk, actor: Actor, name: string): Promise<void> {
  rowOf(desk, name);
  desk.change({ type: 'server.removed', server: name, decidedBy: by(actor) }, (tx) => {
    tx.remove('server', name);
    for (const definition of definitionsOf(desk, name)) tx.remove('definition', definition.id);
    for (const label of desk.rows.label.values()) if (label.server === name) tx.remove('label', label.id);
    for (const grant of desk.rows.grant.values()) if (grant.server === name) tx.remove('grant', grant.id);
    for (const client of desk.rows.client.values()) {
      const without = (names: readonly string[] = []) => names.filter((server) => server !== name);
      if ([...client.servers, ...(client.offers ?? [])].includes(name))
        tx.put('client', { ...client, servers: without(client.servers), offers: without(client.offers) });
    }
  });
  desk.settle();
  desk.approvals.forget({ server: name });
  desk.gathered.forget({ server: name });
  await desk.stopServer(name);
  await desk.acquire.settle(null);
}

/** Switches a server on or off; off ends its processes. */
export async function setEnabled(desk: Desk, actor: Actor, name: string, enabled: boolean): Promise<Server> {
  const row = rowOf(desk, name);
  if (row.enabled !== enabled) {
    desk.change({ type: enabled ? 'server.enabled' : 'server.disabled', server: name, decidedBy: by(actor) }, (tx) =>
      tx.put('server', { ...row, enabled }),
    );
    desk.settle();
  }
  if (!enabled) await desk.stopServer(name);
  return showServer(desk, rowOf(desk, name));
}

/** Ends its processes; the next call starts new ones. */
export async function restartServer(desk: Desk, actor: Actor, name: string): Promise<Server> {
  const row = rowOf(desk, name);
  desk.record({ type: 'server.restarted', server: name, decidedBy: by(actor) });
  await desk.stopServer(name);
  return showServer(desk, row);
}
