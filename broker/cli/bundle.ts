// `gatehouse doctor --bundle FILE`: what a maintainer needs to help. Without arguments, results, names of yours, paths or anything secret;
// shown whole before it is saved, and never sent anywhere.
import { readFileSync, writeFileSync } from 'node:fs';
import { homedir, hostname, release, userInfo } from 'node:os';
import { join } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';
import type { Entry } from '../../shared/vocabulary.ts';
import { agreed } from './client-files.ts';
import type { Errand } from './errand.ts';
import type { Api } from './operator-link.ts';
import { safeJson } from './visible.ts';

const entries = 300;

/** Gives each name another one, the same for the same: what belongs together still shows. */
class Names {
  readonly #given = new Map<string, string>();
  of(kind: string, name: string): string {
    const key = `${kind} ${name}`;
    const known = this.#given.get(key) ?? `${kind}-${[...this.#given.keys()].filter((one) => one.startsWith(`${kind} `)).length + 1}`;
    this.#given.set(key, known);
    return known;
  }
  /** Every name that was given another one, the longest first. */
  get all(): [string, string][] {
    return [...this.#given]
      .map(([key, as]): [string, string] => [key.slice(key.indexOf(' ') + 1), as])
      .sort((a, b) => b[0].length - a[0].length);
  }
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A sentence of ours without what it says of this person: paths, names, addresses, anything long and random. */
function redact(text: string, names: Names): string {
  let clean = text;
  for (const [word, as] of [[homedir(), '~'], [userInfo().username, 'user'], [hostname(), 'host'], ...names.all] as [string, string][]) {
    if (word.length > 1) clean = clean.replace(new RegExp(`(?<![\\w-])${escaped(word)}(?![\\w-])`, 'g'), as);
  }
  return clean
    .replace(/\{\{secret:[^}]*\}\}/g, '(secret)')
    .replace(/\b[\w.+-]+@[\w-]+\.[\w.-]+/g, '(address)')
    .replace(/\b(https?|wss?):\/\/(?!127\.0\.0\.1[:/])[^\s"')]+/g, '$1://(elsewhere)')
    .replace(/(?<![\w.~])(?:~|[A-Za-z]:)?[\\/](?:[\w.@ -]+[\\/])+[\w.@-]+/g, '(path)')
    .replace(/[A-Za-z0-9+/_=-]{24,}/g, (found) => `(${found.length} characters)`);
}

/** An entry by its shape: what happened, never with what. */
function shapeOf(entry: Entry, names: Names): object {
  const { seq, at, type, verdict, result, durationMs, asked, capability } = entry;
  const kind = capability?.slice(0, capability.indexOf(':'));
  return {
    seq,
    at,
    type,
    ...(entry.client === undefined ? {} : { client: names.of('client', entry.client) }),
    ...(entry.server === undefined ? {} : { server: names.of('server', entry.server) }),
    ...(capability === undefined ? {} : { capability: `${kind}:${names.of('capability', capability)}` }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(entry.decidedBy === undefined ? {} : { decidedBy: entry.decidedBy.replace(/:.*/s, '') }),
    ...(result === undefined ? {} : { result }),
    ...(durationMs === undefined ? {} : { durationMs: Math.round(durationMs) }),
    ...(asked === undefined ? {} : { asked }),
    ...(entry.reason === undefined ? {} : { reason: redact(entry.reason, names) }),
  };
}

/** What only the operator may read; null without one. */
async function fromBroker(api: Api, names: Names): Promise<object> {
  const [servers, clients, settings, log] = await Promise.all([
    api.server.list(),
    api.client.list(),
    api.setting.list(),
    api.log.list({ limit: entries }),
  ]);
  // Named first, so that no sentence below can tell them.
  for (const { name } of servers) names.of('server', name);
  for (const { name } of clients) names.of('client', name);
  return {
    settings,
    servers: servers.map(({ name, state, reason, args, env, secretEnv, processes, capabilities }) => ({
      name: names.of('server', name),
      state,
      reason: reason === null ? null : redact(reason, names),
      args: args.length,
      variables: Object.keys(env).length,
      secrets: Object.keys(secretEnv).length,
      processes,
      capabilities: capabilities.length,
      accepted: capabilities.filter(({ accepted }) => accepted).length,
    })),
    clients: clients.map(({ name, state, waitSeconds, connections, servers: visible }) => ({
      name: names.of('client', name),
      state,
      waitSeconds,
      connections,
      servers: visible.map((server) => names.of('server', server)),
    })),
    entries: log.map((entry) => shapeOf(entry, names)),
  };
}

/** Version and commit of an installed app; null in a checkout. */
function origin(): unknown {
  try {
    return JSON.parse(readFileSync(join(process.execPath, '..', '..', 'papers', 'origin.json'), 'utf8'));
  } catch {
    return null;
  }
}

/** Shows the bundle, asks, and saves it. @throws GatehouseError where it may not be saved */
export async function bundle(
  errand: Errand,
  file: string,
  checks: readonly { name: string; state: string; says: string }[],
): Promise<void> {
  const names = new Names();
  const operator = await errand.operator().catch(() => null);
  const broker = operator && (await fromBroker(operator.api, names).catch(() => null));
  const { platform, arch, versions } = process;
  const value = {
    about: 'Gatehouse, for a maintainer. Names, paths, arguments, results and secrets are left out.',
    system: { platform, arch, release: release(), node: versions.node, sqlite: versions.sqlite ?? null },
    origin: origin(),
    checks: checks.map(({ name, state, says }) => ({ name, state, says: redact(says, names) })),
    broker: broker ?? 'not read: no broker runs here, or nobody proved to be its operator',
  };
  const text = safeJson(JSON.stringify(value));
  if (!errand.json) errand.say(`\nThe bundle, whole:\n\n${JSON.stringify(JSON.parse(text), null, 2)}\n`);
  if (!(await agreed(errand, `Save this as ${file}?`))) throw new GatehouseError('refused', 'Nothing was saved.', 'Run the command again.');
  try {
    writeFileSync(file, `${JSON.stringify(JSON.parse(text), null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'EEXIST' ? 'it is there already' : String((cause as Error).message);
    throw new GatehouseError('failed', `${file} could not be written: ${why}.`, 'Give another name.', { cause });
  }
  errand.print({ saved: file, bundle: value }, () => `Saved as ${file}. Nothing was sent; read it before you give it to somebody.`);
}
