// `gatehouse install CLIENT`: puts Gatehouse between a client and its servers, after showing what changes in which file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';
import type { FileChange } from '../clients/change.ts';
import type { FoundEntry } from '../clients/discover.ts';
import { hookServer } from '../clients/hooks.ts';
import { planInstall, type Reach, type Replaced, type Way } from '../clients/install-plan.ts';
import type { ClientKind } from '../clients/kind.ts';
import type { Machine } from '../clients/machine.ts';
import { differenceLines } from '../clients/preview.ts';
import { isServer, type KnownServer, specOf, type Wanted, wantedOf } from '../clients/spec.ts';
import { Malformed } from '../clients/tree.ts';
import { agreed, kindNamed, lookAround, writeChange } from './client-files.ts';
import type { Errand, Register } from './errand.ts';
import { failureOf } from './failure.ts';
import type { Api } from './operator-link.ts';
import { visible } from './visible.ts';

interface Options {
  readonly dryRun?: boolean;
  readonly combined?: boolean;
  readonly over: Way;
  readonly passDialogs?: boolean;
  readonly hooks?: boolean;
}

export const register: Register = (root, errand) => {
  root
    .command('install <client>')
    .description('Replaces the entries of a client by ones that lead through Gatehouse, under the same names. "uninstall" undoes it.')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--combined', 'one entry for all servers; then their tools get the names server__tool')
    .option('--pass-dialogs', 'tell the client not to ask by itself about these entries, since Gatehouse does')
    .option('--hooks', 'also ask before the client uses its own tools: its shell and its files (Claude Code)')
    .option('--over <way>', 'stdio or http, in place of what fits each entry', way, 'fitting')
    .addHelpText('after', '\nExamples:\n  gatehouse install cursor --dry-run\n  gatehouse install claude-code')
    .action((client: string, options: Options) => install(errand, kindNamed(client), options));
};

function way(text: string): Way {
  if (text === 'stdio' || text === 'http' || text === 'fitting') return text;
  throw new GatehouseError('usage', `--over does not take "${text}".`, 'Write --over stdio or --over http.');
}

async function install(errand: Errand, kind: ClientKind, options: Options): Promise<void> {
  const { machine, found } = lookAround([kind]);
  const { api } = await errand.operator();
  const { replaced, left } = await serversOf(
    api,
    found.entries.filter((entry) => entry.place.scope !== 'managed'),
    machine,
  );
  const servers = [...new Set(replaced.map(({ server }) => server))];
  if (options.hooks === true) await withHooks(api, kind, machine, options.dryRun === true);
  const pairing = await pair(api, kind, servers, options.hooks === true, options.dryRun === true);
  let changes: FileChange[];
  try {
    const reach = await reachOf(api, errand.home, kind, pairing.paired);
    changes = planInstall({
      kind,
      machine,
      found,
      reach,
      way: options.over,
      replaced,
      servers: pairing.servers,
      combined: options.combined === true,
      passDialogs: options.passDialogs === true,
      hooks: options.hooks === true,
    });
  } catch (thrown) {
    if (thrown instanceof Malformed)
      throw new GatehouseError('refused', `A file of ${kind.title} was not changed: ${thrown.message}.`, 'Mend it by hand.');
    throw thrown;
  }
  const shown = changes.map(({ path, before, edits }) => ({ path, made: before === null, difference: differenceLines(kind, edits) }));
  if (!errand.json) errand.say(preview(kind, shown, left, found.unreadable, options));
  const refused = found.unreadable.map(({ path, why }) => ({ path, why }));
  const written: string[] = [];
  if (options.dryRun !== true && changes.length > 0) {
    if (!(await agreed(errand, 'Write this?'))) throw new GatehouseError('refused', 'Nothing was written.', 'Run the command again.');
    for (const change of changes) {
      const format = kind.files(machine).find(({ path }) => path === change.path)?.format ?? 'json';
      try {
        await writeChange(api, change, format);
        written.push(change.path);
      } catch (thrown) {
        // The other files are whole, whatever became of this one.
        const { message, hint } = failureOf(thrown);
        refused.push({ path: change.path, why: `${message} ${hint}` });
        if (!errand.json) process.stderr.write(`${visible(`${message} ${hint}`)}\n`);
      }
    }
  }
  if (refused.length > 0) errand.exitCode = 1;
  const result = { client: kind.name, dryRun: options.dryRun === true, changes: shown, written, left, refused };
  errand.print(result, () => ending(kind, options.dryRun === true, changes.length, written));
}

/** Which entries are servers of Gatehouse's already. */
async function serversOf(api: Api, entries: readonly FoundEntry[], machine: Machine) {
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
async function withHooks(api: Api, kind: ClientKind, machine: Machine, dry: boolean): Promise<void> {
  if (kind.name !== 'claude-code' || machine.platform === 'win32')
    throw new GatehouseError(
      'usage',
      `Gatehouse has no hooks for ${kind.title} on this system.`,
      'Install without --hooks. Claude Code has them on Linux and macOS.',
    );
  if (dry || (await api.server.list()).some(({ name }) => name === hookServer)) return;
  const none = { args: [], env: {}, secretEnv: {}, headers: {}, secretHeaders: {}, transport: 'auto' as const, share: false };
  await api.server.add({ ...none, name: hookServer, command: 'gatehouse:client-tools', accept: true });
}

/** A client of that name that may see these servers; without any of its own it may see all. */
async function pair(
  api: Api,
  kind: ClientKind,
  own: readonly string[],
  hooks: boolean,
  dry: boolean,
): Promise<{ servers: string[]; paired: boolean }> {
  const known = (await api.client.list()).find(({ name, state }) => name === kind.name && state !== 'revoked');
  const before = known?.servers ?? [];
  const asked = [...new Set([...before.filter((name) => name !== hookServer), ...own])];
  const mcp = asked.length > 0 ? asked : (await api.server.list()).flatMap(({ name }) => (name === hookServer ? [] : [name]));
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
async function reachOf(api: Api, home: string, kind: ClientKind, paired: boolean): Promise<Reach> {
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

function preview(
  kind: ClientKind,
  changes: readonly { path: string; made: boolean; difference: readonly string[] }[],
  left: readonly { path: string; entry: string; why: string }[],
  unreadable: readonly { path: string; why: string }[],
  { combined, passDialogs }: Options,
): string {
  return [
    ...changes.map(({ path, made, difference }) => `${visible(path)}${made ? ' (new)' : ''}\n${difference.map(visible).join('\n')}`),
    ...(combined === true
      ? ['One entry for all servers: their tools will be named server__tool, so prompts and rules that name tools no longer fit.']
      : []),
    ...((kind.dialogs !== undefined || kind.dialect.passing !== undefined) && passDialogs !== true && changes.length > 0
      ? [`${kind.title} will still ask by itself. With --pass-dialogs it lets these entries pass, since Gatehouse asks.`]
      : []),
    ...left.map(({ entry, why }) => `${visible(entry)} stays as it is: ${visible(why)}.`),
    ...unreadable.map(({ path, why }) => `${visible(path)} is not touched: ${visible(why)}.`),
    ...(changes.length === 0 ? [`Nothing to change for ${kind.title}.`] : []),
  ].join('\n\n');
}

function ending(kind: ClientKind, dry: boolean, planned: number, written: readonly string[]): string {
  if (dry) return planned === 0 ? '' : '\nNothing was written: this was a dry run.';
  if (written.length === 0) return '';
  return `\nWritten. Restart ${kind.title} to use it. "gatehouse uninstall ${kind.name}" puts everything back.`;
}
