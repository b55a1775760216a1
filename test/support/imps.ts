// A real broker in this process with servers that follow orders, and the operator at its socket.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Api, operatorLink } from '../../broker/cli/operator-link.ts';
import { type Broker, start } from '../../broker/start.ts';
import type { Approval, Entry } from '../../shared/vocabulary.ts';
import { until } from './attempt.ts';
import { checkout, newHome } from './house.ts';
import { operate } from './operate.ts';
import type { Help } from './sdk-client.ts';

/** What servers/imp.ts does. Its tools do what their names say there; any other tool answers with its arguments. */
export interface Orders {
  /** Milliseconds before `initialize` is answered. */
  readonly startMs?: number;
  readonly tools?: readonly { readonly name: string; readonly description?: string; readonly inputSchema?: object }[];
  /** The tools from its second list on; the first is sent 400 ms after `list_changed` and holds `tools`. */
  readonly afterwards?: readonly { readonly name: string; readonly description?: string }[];
  readonly resources?: readonly string[];
  readonly templates?: readonly string[];
  readonly prompts?: readonly string[];
  /** Every list of tools is answered with this error. */
  readonly listError?: string;
  /** Printed at start, which ends there. */
  readonly dyingWords?: string;
}

export const named = (...names: string[]) => names.map((name) => ({ name }));

export interface Den {
  readonly home: string;
  readonly folder: string;
  readonly api: Api;
  readonly broker: Broker;
  /** Ends the broker and starts it again over the same home; `api` and `broker` are the new ones. */
  restart(): Promise<void>;
  /** The broker's clock goes this much ahead. */
  skip(ms: number): void;
  /** New orders; what runs follows them with its next message. */
  order(server: string, orders: Orders): void;
  add(server: string, orders: Orders, more?: { command?: string; secretEnv?: Record<string, string>; accept?: boolean }): Promise<void>;
  /** Pairs a client that waits this long for answers. */
  pair(name: string, servers: string[] | 'all', waitSeconds: number): Promise<Help>;
  /** Lets a client use a capability, or a pattern of them, for an hour. */
  allow(client: string, server: string, ...capabilities: string[]): Promise<void>;
  /** The operator who typed the PIN for this one act; the home gets a PIN with the first. */
  proved(): Promise<Api>;
  /** Messages that reached a server, oldest first. */
  reached(server: string): { id?: string | number; method?: string; params?: Record<string, unknown>; result?: unknown }[];
  /** Arguments of the calls of one tool that reached a server. */
  calls(server: string, tool: string): unknown[];
  questions(count: number): Promise<Approval[]>;
  /** Entries since a moment, newest first. */
  log(since?: number): Promise<Entry[]>;
  /** Number of the newest entry. */
  newest(): Promise<number>;
  close(): Promise<void>;
}

const pin = 'a good long pin';

/** `ahead`: how far the broker's clock goes before this computer's, ms. */
export async function openDen(ahead = 0): Promise<Den> {
  const [home, folder] = [newHome(), mkdtempSync(join(tmpdir(), 'gatehouse-imps-'))];
  const clock = () => Date.now() + ahead;
  const begin = () =>
    start({
      home,
      vault: 'sealed-file',
      passphrase: 'correct horse',
      operator: true,
      prove: async () => null,
      clock,
      report: () => {},
    });
  let broker = await begin();
  let api = operatorLink(home, broker.ready.operatorToken, clock);
  const order: Den['order'] = (server, orders) => writeFileSync(join(folder, `${server}.json`), JSON.stringify(orders));
  const reached: Den['reached'] = (server) =>
    readFileSync(join(folder, `${server}.log`), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const log: Den['log'] = async (since = 0) => (await api.log.list({ limit: 5000 })).filter((entry) => entry.seq > since);
  return {
    home,
    folder,
    get api() {
      return api;
    },
    get broker() {
      return broker;
    },
    async restart() {
      await broker.stop();
      broker = await begin();
      api = operatorLink(home, broker.ready.operatorToken, clock);
    },
    order,
    reached,
    log,
    skip(ms) {
      ahead += ms;
    },
    async add(name, orders, { command = process.execPath, secretEnv = {}, accept = true } = {}) {
      order(name, orders);
      writeFileSync(join(folder, `${name}.log`), '');
      const args = [join(checkout, 'test', 'support', 'servers', 'imp.ts'), folder, name];
      await api.server.add({ name, command, args, secretEnv, accept });
      // What the trial start sent is no concern of the tests.
      writeFileSync(join(folder, `${name}.log`), '');
    },
    async pair(name, servers, waitSeconds) {
      const help = await api.client.add({ name, servers });
      await api.client.set({ name, waitSeconds });
      return help;
    },
    async allow(client, server, ...capabilities) {
      for (const capability of capabilities) await api.grant.add({ client, server, capability, for: '1h' });
    },
    async proved() {
      if (!(await api.status()).protected) await api.operator.setPin({ pin });
      // Over loopback, where a person's console is: this very process launches connectors, and below a client no PIN is taken.
      const { credential } = await operate<{ credential: string }>(broker.ready, 'operator/signIn', { pin, use: 'once' });
      return operatorLink(home, credential, clock);
    },
    calls: (server, tool) =>
      reached(server)
        .filter(({ method, params }) => method === 'tools/call' && params?.name === tool)
        .map(({ params }) => params?.arguments),
    async questions(count) {
      await until(`${count} questions`, async () => (await api.approval.list()).length === count);
      return api.approval.list();
    },
    newest: async () => (await log()).at(0)?.seq ?? 0,
    async close() {
      await broker.stop();
      for (const path of [folder, home]) rmSync(path, { recursive: true, force: true });
    },
  };
}
