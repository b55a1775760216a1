// Servers as the operator handles them: added, tried out, accepted, switched off.
import { GatehouseError } from '../../shared/errors.ts';
import type { Server } from '../../shared/vocabulary.ts';
import { by } from './acts.ts';
import type { Actor, DefinitionRow, Desk, Offered, ServerRow } from './desk.ts';

const definitionsOf = (desk: Desk, server: string) => [...desk.rows.definition.values()].filter((row) => row.server === server);

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
    const what = changed.length === 1 ? `what ${changed[0]} says or does` : `what ${changed.length} capabilities say or do`;
    return `It changed ${what} since you accepted it. Calls of that are refused until you look: gatehouse server review ${name}`;
  }
  return trouble;
}

export function showServer(desk: Desk, row: ServerRow): Server {
  const trouble = desk.trouble(row.name);
  const processes = desk.processes(row.name);
  const waiting = row.acceptedAt === null;
  const changed = desk.changedOf(row.name);
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
    capabilities: definitionsOf(desk, row.name).map((definition) => ({
      capability: definition.capability,
      accepted: definition.accepted,
      labels: [],
      findings: [],
      ...claim(definition.text),
    })),
    createdAt: row.createdAt,
  };
}

function definitionRows(desk: Desk, server: string, offered: Offered, accepted: boolean): DefinitionRow[] {
  return offered.definitions.map(({ capability, text, needs }) => ({
    id: `${server} ${capability}`,
    server,
    capability,
    text,
    fingerprint: desk.fingerprint(server, capability, text),
    needs: [...needs],
    accepted,
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
  for (const secret of Object.values(spec.secretEnv)) {
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
      tx.put('server', { ...row, acceptedAt, era: offered.era, openingText: offered.openingText });
      for (const definition of definitionRows(desk, spec.name, offered, spec.accept)) tx.put('definition', definition);
    },
  );
  return showServer(desk, rowOf(desk, spec.name));
}

/** Takes a server out, with its grants, definitions and processes. */
export async function removeServer(desk: Desk, actor: Actor, name: string): Promise<void> {
  rowOf(desk, name);
  desk.change({ type: 'server.removed', server: name, decidedBy: by(actor) }, (tx) => {
    tx.remove('server', name);
    for (const definition of definitionsOf(desk, name)) tx.remove('definition', definition.id);
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

export interface Difference {
  capability: string;
  change: 'new' | 'changed' | 'gone';
  was: string | null;
  is: string | null;
}

/** What the server offers now, against what is kept. */
export async function reviewServer(desk: Desk, name: string): Promise<{ differences: Difference[]; offered: Offered }> {
  const offered = await desk.tryOut(rowOf(desk, name));
  const kept = new Map(definitionsOf(desk, name).map((row) => [row.capability, row]));
  const differences: Difference[] = [];
  for (const { capability, text } of offered.definitions) {
    const before = kept.get(capability);
    kept.delete(capability);
    if (!before?.accepted) differences.push({ capability, change: 'new', was: null, is: text });
    else if (before.fingerprint !== desk.fingerprint(name, capability, text))
      differences.push({ capability, change: 'changed', was: before.text, is: text });
  }
  for (const row of kept.values()) differences.push({ capability: row.capability, change: 'gone', was: row.text, is: null });
  return { differences, offered };
}

/** What was accepted must be what was shown: what `server add` kept, else the last review, else a look of its own. */
async function shownLast(desk: Desk, row: ServerRow, reviews: Reviews): Promise<{ differences: Difference[]; offered: Offered }> {
  const kept = definitionsOf(desk, row.name);
  if (row.acceptedAt === null && row.openingText !== null) {
    const differences = kept.map(({ capability, text }): Difference => ({ capability, change: 'new', was: null, is: text }));
    return { differences, offered: { era: row.era, openingText: row.openingText, definitions: kept } };
  }
  return reviews.take(row.name) ?? (await reviewServer(desk, row.name));
}

/** Remembers what `server review` showed, so that accepting means exactly that. */
export class Reviews {
  readonly #shown = new Map<string, { differences: Difference[]; offered: Offered }>();

  put(name: string, review: { differences: Difference[]; offered: Offered }): void {
    this.#shown.set(name, review);
  }

  take(name: string): { differences: Difference[]; offered: Offered } | undefined {
    const review = this.#shown.get(name);
    this.#shown.delete(name);
    return review;
  }
}

/** Accepts what was shown; grants on what changed are taken back, because they were given for something else. */
export async function acceptServer(desk: Desk, actor: Actor, name: string, reviews: Reviews): Promise<Server> {
  const { differences, offered } = await shownLast(desk, rowOf(desk, name), reviews);
  const changed = new Set(differences.filter((difference) => difference.change !== 'new').map((difference) => difference.capability));
  desk.change({ type: 'server.accepted', server: name, differences: differences.length, decidedBy: by(actor) }, (tx) => {
    tx.put('server', {
      ...rowOf(desk, name),
      acceptedAt: new Date(desk.now()).toISOString(),
      era: offered.era,
      openingText: offered.openingText,
    });
    for (const definition of definitionsOf(desk, name)) tx.remove('definition', definition.id);
    for (const definition of definitionRows(desk, name, offered, true)) tx.put('definition', definition);
    for (const grant of desk.rows.grant.values()) {
      if (grant.server !== name) continue;
      // A pattern was given for what the server was; with any of it changed, nobody can say what it covers now.
      if (changed.has(grant.capability) || (grant.pattern && changed.size > 0)) tx.remove('grant', grant.id);
    }
  });
  desk.approvals.forget({ server: name });
  desk.settle();
  await desk.stopServer(name);
  return showServer(desk, rowOf(desk, name));
}

/** Keeps what was accepted; a server that never was is switched off. */
export async function rejectServer(desk: Desk, actor: Actor, name: string, reviews: Reviews): Promise<Server> {
  const row = rowOf(desk, name);
  reviews.take(name);
  const enabled = row.enabled && row.acceptedAt !== null;
  desk.change({ type: 'server.rejected', server: name, decidedBy: by(actor) }, (tx) => tx.put('server', { ...row, enabled }));
  desk.settle();
  await desk.stopServer(name);
  return showServer(desk, rowOf(desk, name));
}
