// Servers as the operator handles them: added, tried out, accepted, switched off.
import { GatehouseError } from '../../shared/errors.ts';
import { secretsOf } from '../../shared/secret-reference.ts';
import type { Finding, Server } from '../../shared/vocabulary.ts';
import { by } from './acts.ts';
import type { Actor, DefinitionRow, Desk, Offered, ServerRow } from './desk.ts';

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

interface ServerSpec {
  name: string;
  command: string;
  args: string[];
  cwd?: string | undefined;
  env: Record<string, string>;
  secretEnv: Record<string, string>;
  share: boolean;
  accept: boolean;
}

/** Environment keys that change what a program does before its own code runs (security.md T27). */
const dangerousKeys =
  /^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_TLS_REJECT_UNAUTHORIZED|LD_PRELOAD|LD_LIBRARY_PATH|LD_AUDIT|DYLD_.*|PYTHONSTARTUP|PERL5OPT|RUBYOPT|BASH_ENV|ENV|GATEHOUSE_.*)$/i;

/** Adds a server: resolves its program, starts it once, alone, and keeps what it offers; accepted at once only when asked. */
export async function addServer(desk: Desk, actor: Actor, spec: ServerSpec): Promise<Server> {
  if (desk.rows.server.has(spec.name)) {
    throw new GatehouseError(
      'exists',
      `There is a server ${spec.name} already.`,
      `Choose another name, or first: gatehouse server remove ${spec.name}`,
    );
  }
  for (const key of [...Object.keys(spec.env), ...Object.keys(spec.secretEnv)]) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key))
      throw new GatehouseError('usage', `${JSON.stringify(key)} is not the name of an environment variable.`, 'Use letters, digits and _.');
    if (dangerousKeys.test(key))
      throw new GatehouseError(
        'refused',
        `${key} changes how programs start, so a server may not be given it.`,
        'Start the server through a program of its own that needs no such variable.',
      );
  }
  for (const secret of secretsOf(spec)) {
    if (!desk.rows.secret.has(secret))
      throw new GatehouseError('not-found', `There is no secret ${secret}.`, `Put it in the vault first: gatehouse secret set ${secret}`);
  }
  const command = await desk.resolveProgram(spec.command);
  if (command === null)
    throw new GatehouseError('not-found', `The program ${spec.command} was not found.`, 'Give its full path, or install it.');
  const row: ServerRow = {
    name: spec.name,
    command,
    args: spec.args,
    cwd: spec.cwd ?? null,
    env: spec.env,
    secretEnv: spec.secretEnv,
    share: spec.share,
    enabled: true,
    acceptedAt: null,
    era: 'handshake',
    openingText: null,
    createdAt: new Date(desk.now()).toISOString(),
  };
  desk.record({ type: 'server.trial', server: spec.name, command, args: spec.args.map((arg) => desk.mask(arg)), decidedBy: by(actor) });
  const offered = await desk.tryOut(row);
  // The trial took its time: somebody may have added the same name meanwhile.
  if (desk.rows.server.has(spec.name))
    throw new GatehouseError('exists', `There is a server ${spec.name} already.`, 'Choose another name.');
  const acceptedAt = spec.accept ? new Date(desk.now()).toISOString() : null;
  desk.change(
    { type: 'server.added', server: spec.name, accepted: spec.accept, capabilities: offered.definitions.length, decidedBy: by(actor) },
    (tx) => {
      tx.put('server', { ...row, acceptedAt, era: offered.era, openingText: offered.openingText, package: desk.packageOf(row) });
      for (const definition of definitionRows(desk, spec.name, offered, spec.accept)) tx.put('definition', definition);
    },
  );
  noteFindings(desk, spec.name);
  return showServer(desk, rowOf(desk, spec.name));
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
      if (client.servers.includes(name)) tx.put('client', { ...client, servers: client.servers.filter((server) => server !== name) });
    }
  });
  desk.settle();
  desk.approvals.forget({ server: name });
  await desk.stopServer(name);
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
