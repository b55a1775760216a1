// `gatehouse import`: what clients start today becomes Gatehouse's: servers tried once each, keys in the vault. Client files stay as they are.
import { resolve } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';
import type { Server } from '../../shared/vocabulary.ts';
import { type Discovery, discover, entriesOf, readClientFile } from '../clients/discover.ts';
import { foreignFile } from '../clients/foreign-file.ts';
import { type ImportPlan, type NewServer, planImport } from '../clients/import-plan.ts';
import { clientNames } from '../clients/kind.ts';
import { type Machine, thisMachine } from '../clients/machine.ts';
import { isServer, type KnownServer } from '../clients/spec.ts';
import { Malformed } from '../clients/tree.ts';
import { agreed, kindNamed } from './client-files.ts';
import type { Errand, Register } from './errand.ts';
import { failureOf } from './failure.ts';
import { entriesAs, inWords, ofServer, type Row } from './import-report.ts';
import type { Api } from './operator-link.ts';
import { visible } from './visible.ts';

interface Options {
  readonly from?: string;
  readonly accept: 'clean' | 'none';
  readonly dryRun?: boolean;
}

/** Servers tried at a time: each starts a few times, and most are waiting for a package runner. */
const atOnce = 3;

export const register: Register = (root, errand) => {
  root
    .command('import')
    .description('Brings in the servers that clients start today: their keys go to the vault, each is started once to see that it works.')
    .option('--from <client or file>', 'one client, or one configuration file; without it, every client')
    .option('--accept <which>', 'clean: accept what nothing was found about; none: everything waits for you', which, 'clean')
    .option('--dry-run', 'show what would be brought in, and change nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  gatehouse import --dry-run\n  gatehouse import --from cursor\n  gatehouse import --from ./.mcp.json --accept none',
    )
    .action((options: Options) => bringIn(errand, options));
};

function which(text: string): 'clean' | 'none' {
  if (text === 'clean' || text === 'none') return text;
  throw new GatehouseError('usage', `--accept does not take "${text}".`, 'Write --accept clean or --accept none.');
}

async function bringIn(errand: Errand, options: Options): Promise<void> {
  const machine = thisMachine();
  const found = lookFor(machine, options.from);
  const { api } = await errand.operator();
  const [servers, secrets] = await Promise.all([api.server.list(), api.secret.list()]);
  const plan = await planImport(found.entries, {
    machine,
    servers: servers as readonly KnownServer[],
    secretNames: secrets.map(({ name }) => name),
    match: async (values) => (await api.secret.match({ values })).names,
  });
  const left = plan.left.map(({ entry, why }): Row => ({ ...nothing, entries: entriesAs([entry]), state: 'left', why }));
  const unreadable = found.unreadable.map(({ kind, path, why }) => ({ client: kind.name, path, why }));
  const dry = options.dryRun === true;
  let rows: Row[];
  if (dry) rows = plan.servers.map((one) => ({ ...rowOf(one), state: one.known === null ? 'new' : 'known' }));
  else {
    if (!errand.json && plan.servers.length > 0) errand.say(commands(plan));
    if (plan.servers.length > 0 && !(await agreed(errand, 'Start each of these once, and bring them in?')))
      throw new GatehouseError('refused', 'Nothing was brought in.', 'Run the command again.');
    rows = await carryOut(api, plan, options.accept);
  }
  if (rows.some(({ state }) => state === 'failed') || unreadable.length > 0) errand.exitCode = 1;
  const all = [...rows, ...left];
  errand.print({ dryRun: dry, rows: all, unreadable }, () =>
    [inWords(all, dry), ...unreadable.map(({ path, why }) => `${visible(path)} was not read: ${visible(why)}.`)].join('\n'),
  );
}

const nothing = { server: null, tools: 0, waiting: 0, findings: [], secrets: [], visibleInPs: [], why: null } as const;

const rowOf = (one: NewServer): Omit<Row, 'state'> => ({
  ...nothing,
  server: one.name,
  entries: entriesAs(one.entries),
  secrets: one.secrets,
  visibleInPs: one.visible,
});

function lookFor(machine: Machine, from: string | undefined): Discovery {
  if (from === undefined) return discover(machine);
  if ((clientNames as readonly string[]).includes(from)) return discover(machine, [kindNamed(from)]);
  const path = resolve(machine.cwd, from);
  const foreign = foreignFile(machine, path);
  if (foreign === null)
    throw new GatehouseError(
      'usage',
      `"${from}" is neither a client nor a configuration file that is known here.`,
      `Name a file, or one of: ${clientNames.join(', ')}.`,
    );
  try {
    const file = readClientFile(machine, foreign.kind, foreign.file);
    return file === null ? { files: [], entries: [], unreadable: [] } : { files: [file], entries: entriesOf(file), unreadable: [] };
  } catch (thrown) {
    if (thrown instanceof Malformed)
      throw new GatehouseError('failed', `${path} was not read: ${thrown.message}.`, 'Mend the file first.', { cause: thrown });
    throw thrown;
  }
}

/** Exactly what will be started, before it is (security.md T27). */
function commands({ servers }: ImportPlan): string {
  const lines = servers.map(({ name, spec, known }) => {
    const what = spec.kind === 'url' ? spec.url : [spec.command, ...spec.args].map((word) => JSON.stringify(word)).join(' ');
    return `${known === null ? 'start ' : 'known '} ${visible(name)}: ${visible(what)}`;
  });
  return `${lines.join('\n')}\n`;
}

/** Secrets first, then the servers that use them. Ended in between, a second run goes on: values and servers are found again by what they are. */
async function carryOut(api: Api, plan: ImportPlan, accept: 'clean' | 'none'): Promise<Row[]> {
  for (const [name, value] of plan.secrets) await api.secret.set({ name, value });
  const rows = new Map<NewServer, Row>();
  const waiting = [...plan.servers];
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) rows.set(one, await bringOne(api, one, accept));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const used = new Set((await api.secret.list()).filter(({ usedBy }) => usedBy.length > 0).map(({ name }) => name));
  // A key whose server did not start stays in its file, so it need not be here too.
  for (const name of plan.secrets.keys()) if (!used.has(name)) await api.secret.remove({ name });
  return plan.servers.flatMap((one) => rows.get(one) ?? []);
}

async function bringOne(api: Api, one: NewServer, accept: 'clean' | 'none'): Promise<Row> {
  try {
    let server: Server = one.known === null ? await addOnce(api, one) : await api.server.show({ name: one.known });
    if (server.state === 'pending' && accept === 'clean') server = await acceptClean(api, server);
    return { ...rowOf(one), ...ofServer(server), state: one.known === null ? 'added' : 'known' };
  } catch (thrown) {
    const { message, hint } = failureOf(thrown);
    return { ...rowOf(one), server: null, secrets: [], visibleInPs: [], state: 'failed', why: `${message} ${hint}` };
  }
}

/** A run that was killed may have left the broker at it: then the server is there by now. */
async function addOnce(api: Api, one: NewServer): Promise<Server> {
  try {
    return await add(api, one);
  } catch (thrown) {
    if (failureOf(thrown).code !== 'exists') throw thrown;
    const there = await api.server.show({ name: one.name });
    if (isServer(one.spec, there as KnownServer)) return there;
    throw thrown;
  }
}

async function add(api: Api, { name, spec }: NewServer): Promise<Server> {
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
async function acceptClean(api: Api, server: Server): Promise<Server> {
  if ((server.findings ?? []).some((finding) => finding.dismissed !== true)) return server;
  const clean = server.capabilities
    .filter(({ findings }) => findings.every((finding) => finding.dismissed === true))
    .map(({ capability }) => capability);
  if (clean.length === server.capabilities.length) return api.server.accept({ name: server.name });
  return clean.length === 0 ? server : api.server.accept({ name: server.name, capabilities: clean });
}
