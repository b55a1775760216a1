// A home as it is after two days of work: a real broker whose clock was set back, real clients, servers under the names of the packages they
// imitate (the filesystem server is the real one). For pictures: what they show is what Gatehouse says.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Approval } from '../../shared/vocabulary.ts';
import { type Attempt, attempt } from './attempt.ts';
import { checkout, serverEntry } from './house.ts';
import { type Den, type Orders, openDen } from './imps.ts';
import { type Connected, connectClient, type Help } from './sdk-client.ts';

export const minute = 60_000;
const hour = 60 * minute;

export interface SeededHome {
  readonly den: Den;
  /** `~/code/acme` of the person whose home it is. */
  readonly acme: string;
  /** Asks, and leaves the question open where there is one. */
  ask(client: string, server: string, tool: string, input: Record<string, unknown>): Promise<Attempt>;
  /** New orders for a server that imitates a package. */
  order(server: string, orders: Orders): void;
  /** The definitions of the real server that this one imitates. */
  definitions(name: string): NonNullable<Orders['tools']>;
  close(): Promise<void>;
}

/** A person's folder, which this process takes for its own from now on. Returns what removes it. */
export function person(): { home: string; remove(): void } {
  const short = '/home/ada';
  const top = existsSync(short) || process.getuid?.() !== 0 ? mkdtempSync(join(tmpdir(), 'p-')) : short;
  const home = top === short ? short : join(top, 'ada');
  mkdirSync(home);
  process.env.HOME = home;
  return { home, remove: () => rmSync(top, { recursive: true, force: true }) };
}

const recorded = (name: string) =>
  JSON.parse(readFileSync(join(checkout, 'test', 'fixtures', 'definitions', `${name}.json`), 'utf8')) as {
    package: string;
    tools: NonNullable<Orders['tools']>;
  };

export async function seededHome(home: string): Promise<SeededHome> {
  const acme = join(home, 'code', 'acme');
  for (const path of [
    'README.md',
    '.env',
    'package.json',
    'vite.config.ts',
    'src/app.ts',
    'src/cart.ts',
    'src/checkout.ts',
    'docs/setup.md',
  ]) {
    mkdirSync(dirname(join(acme, path)), { recursive: true });
    writeFileSync(join(acme, path), `${path}\n`);
  }
  mkdirSync(join(acme, '.git'));
  let behind = 2 * 24 * hour + 3 * hour;
  const den = await openDen(-behind);
  await den.proved();
  /** The broker's clock to so long before now, ms. */
  const at = (before: number) => {
    den.skip(behind - before);
    behind = before;
  };

  const orders = join(home, '.cache', 'stand-ins');
  mkdirSync(orders, { recursive: true });
  const order: SeededHome['order'] = (server, what) => writeFileSync(join(orders, `${server}.json`), JSON.stringify(what));
  /** A program that stands where npm would have installed the package, and lists what that lists. */
  const standIn = (name: string, [scoped, version]: readonly [string, string], what: Orders): string => {
    order(name, what);
    writeFileSync(join(orders, `${name}.log`), '');
    const folder = join(home, '.npm-global', 'lib', 'node_modules', scoped);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: scoped, version, type: 'module', bin: 'index.js' }));
    const imp = join(checkout, 'test', 'support', 'servers', 'imp.ts');
    writeFileSync(
      join(folder, 'index.js'),
      `process.argv.splice(2, Infinity, ${JSON.stringify(orders)}, ${JSON.stringify(name)});\nawait import(${JSON.stringify(imp)});\n`,
    );
    return join(folder, 'index.js');
  };
  const split = (text: string) => [text.slice(0, text.lastIndexOf('@')), text.slice(text.lastIndexOf('@') + 1)] as const;
  const imitate = (name: string) => {
    const { package: text, tools } = recorded(name);
    return standIn(name, split(text), { tools });
  };
  const note = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] };
  const add = (name: string, entry: string, more: object = {}) =>
    den.api.server.add({ name, command: process.execPath, args: [entry], cwd: acme, accept: true, ...more });
  for (const [name, value] of [
    ['github-token', 'ghp_notarealtoken000000000000000000000000'],
    ['slack-token', 'xoxb-not-a-real-token'],
    ['shop-database', 'postgresql://shop:notreal@localhost/shop'],
  ] as const)
    await den.api.secret.set({ name, value });
  await add('filesystem', serverEntry('filesystem'), { args: [serverEntry('filesystem'), acme] });
  await add('github', imitate('github'), { secretEnv: { GITHUB_PERSONAL_ACCESS_TOKEN: 'github-token' } });
  await add('postgres', imitate('postgres'), { secretEnv: { DATABASE_URL: 'shop-database' } });
  await add('slack', imitate('slack'), { secretEnv: { SLACK_BOT_TOKEN: 'slack-token' } });
  await add('memory', imitate('memory'));
  const notes = [{ name: 'send_note', description: 'Sends a note to yourself.', inputSchema: note }];
  await add('notes', standIn('notes', ['notes-mcp', '1.2.0'], { tools: notes }));

  const clients = new Map<string, Help>();
  for (const name of ['claude-code', 'cursor', 'claude-desktop'])
    clients.set(
      name,
      await den.pair(name, name === 'claude-desktop' ? ['memory', 'slack', 'notes'] : ['filesystem', 'github', 'postgres', 'memory'], 45),
    );
  const said: Record<string, { name: string; version: string }> = {
    'claude-code': { name: 'claude-code', version: '2.1.332' },
    cursor: { name: 'cursor', version: '2.9.0' },
    'claude-desktop': { name: 'claude-ai', version: '0.14.2' },
  };
  const open = new Map<string, Connected>();
  const connected = async (name: string) => {
    const there = open.get(name);
    if (there) return there;
    const made = await connectClient(clients.get(name) as Help, 'connector', null, { cwd: acme, capabilities: {}, info: said[name] });
    open.set(name, made);
    return made;
  };
  const ask: SeededHome['ask'] = async (client, server, tool, input) =>
    attempt((await connected(client)).client, `${server}__${tool}`, input);

  type Answer = (question: Approval) => Promise<unknown>;
  const yes =
    (time: 'once' | '8h' | '30d', place = 0): Answer =>
    ({ id, nonce, widths }) =>
      den.api.approval.approve({ id, nonce, for: time, match: (time === 'once' ? 'exact' : (widths[place]?.id ?? 'exact')) as 'exact' });
  const no: Answer = ({ id, nonce }) => den.api.approval.deny({ id, nonce });
  /** One call, and what the person says if they are asked. */
  const call = async (client: string, server: string, tool: string, input: Record<string, unknown>, answer: Answer = yes('8h')) => {
    const tried = await ask(client, server, tool, input);
    while (tried.result === 'open') {
      await Promise.race([tried.done, sleep(60)]);
      const [question] = tried.result === 'open' ? await den.api.approval.list() : [];
      if (question) await answer(question);
    }
  };
  const read = (path: string, answer?: Answer) => call('claude-code', 'filesystem', 'read_text_file', { path: join(acme, path) }, answer);
  const issue = { owner: 'acme', repo: 'web' };

  // Two days ago: the rules that the work of today goes by.
  await read('README.md', yes('30d'));
  await call('claude-code', 'filesystem', 'list_directory', { path: acme }, yes('30d'));
  await call('claude-code', 'github', 'get_issue', { ...issue, issue_number: 470 }, yes('30d'));
  await call('cursor', 'postgres', 'query', { sql: 'select count(*) from orders' }, yes('30d'));
  await call('claude-desktop', 'memory', 'search_nodes', { query: 'offsite' }, yes('30d'));
  for (const one of open.values()) await one.close();
  open.clear();

  // This morning, and since then.
  for (let before = 5.6 * hour; before > 4.4 * hour; before -= 6 * minute) {
    at(before);
    for (const table of ['orders', 'customers']) await call('cursor', 'postgres', 'query', { sql: `select id from ${table} limit 20` });
    if (before < 5 * hour) await call('claude-desktop', 'memory', 'search_nodes', { query: 'offsite' });
  }
  for (let before = 2.2 * hour; before > 12 * minute; before -= 7 * minute) {
    at(before);
    for (const path of ['src/app.ts', 'src/cart.ts', 'src/checkout.ts', 'package.json'].slice(0, 2 + (Math.round(before / minute) % 3)))
      await read(path);
    await call('claude-code', 'filesystem', 'list_directory', { path: join(acme, 'src') });
    await call('claude-code', 'github', 'get_issue', { ...issue, issue_number: 471 + (Math.round(before / minute) % 9) });
  }
  at(11 * minute);
  await call('claude-code', 'github', 'create_branch', { ...issue, branch: 'fix-icons' }, yes('8h'));
  at(9 * minute);
  await call('claude-code', 'github', 'merge_pull_request', { ...issue, pull_number: 480 }, no);
  at(7 * minute);
  await call('claude-desktop', 'slack', 'slack_get_channel_history', { channel_id: '#offsite' });
  at(5 * minute);
  for (const path of ['src/app.ts', 'src/cart.ts', 'src/checkout.ts', 'vite.config.ts']) await read(path);
  at(3 * minute);
  await read('.env', yes('once'));
  at(2 * minute);
  await call('claude-code', 'github', 'get_issue', { ...issue, issue_number: 482 });
  at(0);
  return {
    den,
    acme,
    ask,
    order,
    definitions: (name) => recorded(name).tools,
    async close() {
      for (const one of open.values()) await one.close().catch(() => {});
      await den.close();
    },
  };
}
