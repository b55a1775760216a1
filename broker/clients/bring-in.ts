// Bringing in: servers tried once each, keys in the vault. Client files stay as they are. What is done is what was shown, or nothing.
import { createHash } from 'node:crypto';
import { GatehouseError } from '../../shared/errors.ts';
import type { ImportRow } from '../../shared/setup-contract.ts';
import type { Server } from '../../shared/vocabulary.ts';
import type { BrokerLink } from './broker-link.ts';
import type { Discovery, FoundEntry } from './discover.ts';
import { type ImportPlan, type NewServer, planImport } from './import-plan.ts';
import type { Machine } from './machine.ts';
import { isServer, type KnownServer } from './spec.ts';

/** Servers tried at a time: each starts a few times, and most are waiting for a package runner. */
const atOnce = 3;

export interface ImportPreview {
  readonly plan: ImportPlan;
  readonly rows: readonly ImportRow[];
  readonly unreadable: readonly { readonly client: string; readonly path: string; readonly why: string }[];
  /** Of all that would be started and from which entries it comes. */
  readonly digest: string;
}

export async function previewImport({ api }: BrokerLink, machine: Machine, found: Discovery): Promise<ImportPreview> {
  const [servers, secrets] = await Promise.all([api.server.list(), api.secret.list()]);
  const plan = await planImport(found.entries, {
    machine,
    servers: servers as readonly KnownServer[],
    secretNames: secrets.map(({ name }) => name),
    match: async (values) => (await api.secret.match({ values })).names,
  });
  const planned = plan.servers.map((one): ImportRow => ({ ...rowOf(one), state: one.known === null ? 'new' : 'known' }));
  const left = plan.left.map(({ entry, why }): ImportRow => ({ ...nothing, entries: entriesAs([entry]), state: 'left', why }));
  const unreadable = found.unreadable.map(({ kind, path, why }) => ({ client: kind.name, path, why }));
  const told = plan.servers.map(({ name, spec, entries, known }) => [name, spec, entriesAs(entries), known]);
  const digest = createHash('sha256').update(JSON.stringify(told)).digest('hex');
  return { plan, rows: [...planned, ...left], unreadable, digest };
}

export const shownElse = () =>
  new GatehouseError('conflict', 'Something changed after this was shown, so nothing was done.', 'Look at it again.');

const nothing = { server: null, starts: '', tools: 0, waiting: 0, findings: [], secrets: [], visibleInPs: [], why: null };

const rowOf = (one: NewServer): Omit<ImportRow, 'state'> => ({
  ...nothing,
  server: one.name,
  starts: startsOf(one),
  entries: entriesAs(one.entries),
  secrets: [...one.secrets],
  visibleInPs: [...one.visible],
});

/** Exactly what will be started, before it is (security.md T27). */
function startsOf({ spec }: NewServer): string {
  return spec.kind === 'url' ? spec.url : [spec.command, ...spec.args].map((word) => JSON.stringify(word)).join(' ');
}

const entriesAs = (entries: readonly FoundEntry[]) => entries.map(({ kind, file, name }) => ({ client: kind.name, path: file.path, name }));

/** What a server that was looked at says for its row. */
function ofServer(server: Server): Pick<ImportRow, 'tools' | 'waiting' | 'findings'> {
  const found = [
    ...(server.findings ?? []).map((finding) => ({ ...finding, capability: null })),
    ...server.capabilities.flatMap(({ capability, findings }) => findings.map((finding) => ({ ...finding, capability }))),
  ].filter((finding) => finding.dismissed !== true);
  return {
    tools: server.capabilities.filter(({ capability }) => capability.startsWith('tool:')).length,
    waiting: server.capabilities.filter(({ accepted }) => !accepted).length,
    findings: found.map(({ capability, title, severity }) => ({ capability, title, severity })),
  };
}

export interface Bringing {
  readonly accept: 'clean' | 'none';
  /** Only these; without it, all. */
  readonly only?: readonly string[] | undefined;
  onRow?(row: ImportRow): void;
  /** Asked before each server. */
  stopped?(): boolean;
}

/** Secrets first, then the servers that use them. Ended in between, a second run goes on: values and servers are found again by what they are. */
export async function bringIn(link: BrokerLink, plan: ImportPlan, { accept, only, onRow, stopped }: Bringing): Promise<ImportRow[]> {
  const { api } = link;
  const chosen = plan.servers.filter(({ name }) => only === undefined || only.includes(name));
  const secrets = [...plan.secrets].filter(([name]) => chosen.some((one) => one.secrets.includes(name)));
  for (const [name, value] of secrets) await api.secret.set({ name, value });
  const rows = new Map<NewServer, ImportRow>();
  const waiting = [...chosen];
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined && stopped?.() !== true; one = waiting.shift()) {
      const row = await bringOne(link, one, accept);
      rows.set(one, row);
      onRow?.(row);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const used = new Set((await api.secret.list()).filter(({ usedBy }) => usedBy.length > 0).map(({ name }) => name));
  // A key whose server did not start stays in its file, so it need not be here too.
  for (const [name] of secrets) if (!used.has(name)) await api.secret.remove({ name });
  return chosen.flatMap((one) => rows.get(one) ?? []);
}

async function bringOne({ api, told }: BrokerLink, one: NewServer, accept: 'clean' | 'none'): Promise<ImportRow> {
  try {
    let server: Server = one.known === null ? await addOnce({ api, told }, one) : await api.server.show({ name: one.known });
    if (server.state === 'pending' && accept === 'clean') server = await acceptClean(api, server);
    return { ...rowOf(one), ...ofServer(server), state: one.known === null ? 'added' : 'known' };
  } catch (thrown) {
    const { message, hint } = told(thrown);
    return { ...rowOf(one), server: null, secrets: [], visibleInPs: [], state: 'failed', why: `${message} ${hint}` };
  }
}

/** A run that was killed may have left the broker at it: then the server is there by now. */
async function addOnce({ api, told }: Pick<BrokerLink, 'api' | 'told'>, one: NewServer): Promise<Server> {
  try {
    return await add(api, one);
  } catch (thrown) {
    if (told(thrown).code !== 'exists') throw thrown;
    const there = await api.server.show({ name: one.name });
    if (isServer(one.spec, there as KnownServer)) return there;
    throw thrown;
  }
}

async function add(api: BrokerLink['api'], { name, spec }: NewServer): Promise<Server> {
  const usual = { share: false, accept: false, headers: {}, secretHeaders: {}, transport: 'auto' as const };
  if (spec.kind === 'url') {
    const { url, headers, transport } = spec;
    // Entries say "http" of either; a server that is reached by HTTP+SSE is found out.
    return api.server.add({
      ...usual,
      name,
      command: '',
      args: [],
      env: {},
      secretEnv: {},
      url,
      headers: { ...headers },
      ...(transport === 'sse' ? { transport } : {}),
    });
  }
  const { command, args, cwd, env, secretEnv } = spec;
  return api.server.add({
    ...usual,
    name,
    command,
    args: [...args],
    env: { ...env },
    secretEnv: { ...secretEnv },
    ...(cwd === null ? {} : { cwd }),
  });
}

/** The operator's act of importing accepts what nothing was found about; the rest waits for a look. */
async function acceptClean(api: BrokerLink['api'], server: Server): Promise<Server> {
  if ((server.findings ?? []).some((finding) => finding.dismissed !== true)) return server;
  const clean = server.capabilities
    .filter(({ findings }) => findings.every((finding) => finding.dismissed === true))
    .map(({ capability }) => capability);
  if (clean.length === server.capabilities.length) return api.server.accept({ name: server.name });
  return clean.length === 0 ? server : api.server.accept({ name: server.name, capabilities: clean });
}
