// Puts Gatehouse between a client and its servers: pairs the client, plans the change of its files, and writes exactly what was shown.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';
import type { InstallPreview, InstallWishes } from '../../shared/setup-contract.ts';
import type { BrokerLink } from './broker-link.ts';
import { digestOf, type FileChange } from './change.ts';
import { kindNamed, writeChange } from './client-file.ts';
import { discover, type FoundEntry } from './discover.ts';
import { hookCommand, hookServer } from './hooks.ts';
import { hooksStand, planInstall, type Reach, type Replaced } from './install-plan.ts';
import type { ClientKind } from './kind.ts';
import type { Machine } from './machine.ts';
import { differenceLines } from './preview.ts';
import { isServer, type KnownServer, specOf, type Wanted, wantedOf } from './spec.ts';
import { Malformed } from './tree.ts';

export interface InstallPlan {
  readonly kind: ClientKind;
  readonly changes: readonly FileChange[];
  readonly preview: InstallPreview;
}

/** True where this client can ask before it uses its own tools. */
const hasHooks = (kind: ClientKind, machine: Machine) => (kind.hooks?.(machine) ?? null) !== null;

/**
 * What would change. `dry`: nothing is paired either, and what a pairing would bring stands for itself.
 * @throws GatehouseError usage, not-found where there is no server to offer, refused for a file that cannot be changed
 */
export async function planBetween(link: BrokerLink, machine: Machine, wish: InstallWishes, dry: boolean): Promise<InstallPlan> {
  const { api } = link;
  const kind = kindNamed(wish.client);
  const found = discover(machine, [kind]);
  const { replaced, left } = await serversOf(
    api,
    found.entries.filter((entry) => entry.place.scope !== 'managed'),
    machine,
  );
  const own = [...new Set(replaced.map(({ server }) => server))];
  if (wish.hooks) await withHooks(api, kind, machine, dry);
  const { servers, paired } = await pair(api, kind, own, wish, dry);
  const changes = await planned(async () => {
    const reach = await reachOf(link, kind, paired);
    const { combined, passDialogs, over: way } = wish;
    // Hooks that are there already are told which entries lead here from now on.
    const hooks = wish.hooks || hooksStand(kind, machine, reach);
    return planInstall({ kind, machine, found, reach, way, replaced, servers, combined, passDialogs, hooks });
  }, kind);
  const preview: InstallPreview = {
    client: kind.name,
    title: kind.title,
    changes: changes.map(({ path, before, edits }) => ({ path, made: before === null, difference: differenceLines(kind, edits) })),
    left,
    refused: found.unreadable.map(({ path, why }) => ({ path, why })),
    can: { passDialogs: kind.dialogs !== undefined || kind.dialect.passing !== undefined, hooks: hasHooks(kind, machine) },
    digest: digest(changes, wish),
  };
  return { kind, changes, preview };
}

async function planned(make: () => Promise<FileChange[]>, kind: ClientKind): Promise<FileChange[]> {
  try {
    return await make();
  } catch (thrown) {
    if (thrown instanceof Malformed)
      throw new GatehouseError('refused', `A file of ${kind.title} was not changed: ${thrown.message}.`, 'Mend it by hand.');
    throw thrown;
  }
}

/** Of the bytes that are there and of the places that change: what goes there is ours, and may hold a token that is not made yet. */
function digest(changes: readonly FileChange[], wish: InstallWishes): string {
  const told = changes.map(({ path, before, edits }) => [
    path,
    before === null ? null : digestOf(before),
    edits.map(({ at, name, added }) => [at, name, added ?? null]),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([told, wish.client, wish.combined, wish.passDialogs, wish.hooks, wish.over, wish.also]))
    .digest('hex');
}

/** Writes file by file; each is whole, whatever becomes of the others. */
export async function writeBetween(
  { api, told }: BrokerLink,
  machine: Machine,
  { kind, changes }: InstallPlan,
): Promise<{ written: string[]; refused: { path: string; why: string }[] }> {
  const written: string[] = [];
  const refused: { path: string; why: string }[] = [];
  for (const change of changes) {
    const format = kind.files(machine).find(({ path }) => path === change.path)?.format ?? 'json';
    try {
      await writeChange(api, change, format);
      written.push(change.path);
    } catch (thrown) {
      const { message, hint } = told(thrown);
      refused.push({ path: change.path, why: `${message} ${hint}` });
    }
  }
  return { written, refused };
}

/** Which entries are servers of Gatehouse's already. */
async function serversOf(api: BrokerLink['api'], entries: readonly FoundEntry[], machine: Machine) {
  const [servers, secrets] = await Promise.all([api.server.list(), api.secret.list()]);
  const names = new Set(secrets.map(({ name }) => name));
  const replaced: Replaced[] = [];
  const left: { path: string; entry: string; why: string }[] = [];
  const wanted: Wanted[] = [];
  for (const entry of entries) {
    if (entry.ours) continue;
    const made = wantedOf(entry, machine, (name) => names.has(name));
    if ('why' in made) left.push({ path: entry.file.path, entry: entry.name, why: made.why });
    else wanted.push(made);
  }
  const values = [...new Set(wanted.flatMap(({ secrets: found }) => found.map(({ value }) => value)))];
  const known = values.length === 0 ? [] : (await api.secret.match({ values })).names;
  const called = new Map(values.map((value, at) => [value, known[at] ?? '']));
  for (const one of wanted) {
    const spec = specOf(one, (value) => called.get(value) ?? '');
    const server = servers.find((row) => isServer(spec, row as KnownServer));
    if (server) replaced.push({ entry: one.entry, server: server.name });
    else left.push({ path: one.entry.file.path, entry: one.entry.name, why: 'it is not a server of Gatehouse yet: gatehouse import' });
  }
  return { replaced, left };
}

/** The server that stands for the client's own tools is there from now on; what it offers is ours, so nothing waits for a look. */
async function withHooks(api: BrokerLink['api'], kind: ClientKind, machine: Machine, dry: boolean): Promise<void> {
  if (!hasHooks(kind, machine))
    throw new GatehouseError(
      'usage',
      `Gatehouse has no hooks for ${kind.title} on this system.`,
      'Install without --hooks. Claude Code has them everywhere, Cursor on Linux and macOS.',
    );
  const there = (await api.server.list()).find(({ name }) => name === hookServer);
  // Whatever ran under that name would get every command to see, and its answers would be taken for a yes.
  if (there !== undefined && there.command !== hookCommand)
    throw new GatehouseError(
      'refused',
      `There is a server named "${hookServer}", and it is not the one that stands for a client's own tools.`,
      `Remove it (gatehouse server remove ${hookServer}) or add it under another name, then run this again.`,
    );
  if (dry || there !== undefined) return;
  const none = { args: [], env: {}, secretEnv: {}, headers: {}, secretHeaders: {}, transport: 'auto' as const, share: false };
  await api.server.add({ ...none, name: hookServer, command: hookCommand, accept: true });
}

/** A client of that name that may see these servers; without any of its own it may see all. */
async function pair(
  api: BrokerLink['api'],
  kind: ClientKind,
  own: readonly string[],
  { hooks, also }: InstallWishes,
  dry: boolean,
): Promise<{ servers: string[]; paired: boolean }> {
  const there = await api.server.list();
  const known = (await api.client.list()).find(({ name, state }) => name === kind.name && state !== 'revoked');
  const before = known?.servers ?? [];
  const missing = also.find((name) => !there.some((server) => server.name === name));
  if (missing !== undefined) throw new GatehouseError('not-found', `There is no server ${missing}.`, '`gatehouse server list` names them.');
  const asked = [...new Set([...before.filter((name) => name !== hookServer), ...own, ...also])];
  const mcp = asked.length > 0 ? asked : there.flatMap(({ name }) => (name === hookServer ? [] : [name]));
  const servers = [...mcp, ...(hooks || before.includes(hookServer) ? [hookServer] : [])];
  if (servers.length === 0) throw nothingYet();
  if (dry) return { servers, paired: known !== undefined };
  if (known === undefined) await api.client.add({ name: kind.name, servers });
  else if (servers.some((name) => !before.includes(name))) await api.client.set({ name: kind.name, servers });
  return { servers, paired: true };
}

const nothingYet = () =>
  new GatehouseError(
    'not-found',
    'Gatehouse has no server yet that this client could use.',
    'Bring its own in with "gatehouse import", or add one with "gatehouse server add".',
  );

/** Before the pairing, in a dry run, the token is not there yet and stands for itself. */
export async function reachOf({ api, home }: BrokerLink, kind: ClientKind, paired: boolean): Promise<Reach> {
  if (!paired) {
    const { mcp } = await api.status();
    return {
      stdio: { command: 'gatehouse', args: ['connect', '--home', home, '--client', kind.name], env: {} },
      httpUrl: mcp,
      token: 'ght_made-when-it-is-installed',
    };
  }
  const { stdio, httpUrl } = await api.client.connection({ name: kind.name });
  return { stdio, httpUrl, token: tokenOf(home, kind.name) };
}

function tokenOf(home: string, client: string): string | null {
  try {
    return readFileSync(join(home, 'run', 'clients', client), 'utf8').trim() || null;
  } catch {
    return null;
  }
}
