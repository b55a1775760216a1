// Real peers on both sides of a real broker: both versions of the official SDK in every mode they have, the inspector, mcp-remote.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Client as Client2, StreamableHTTPClientTransport as Http2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkout } from '../support/house.ts';
import { type Den, openDen } from '../support/imps.ts';
import { cleanEnvironment, run } from '../support/run.ts';
import { scale } from '../support/scale.ts';
import { connectClient, type Help, textOf, type Via } from '../support/sdk-client.ts';

const serve = join(checkout, 'test', 'conformance', 'fixtures', 'serve.ts');
const require = createRequire(import.meta.url);
let den: Den;
let help: Help;

/** v1: the SDK's version 1; v2: version 2, in the era it has by itself, and in the older one. */
const servers = { v1: 'handshake', v2: 'stateless', 'v2-old': 'old' } as const;
type ServerName = keyof typeof servers;

/** What every client can be asked to do, whatever its SDK calls it. */
interface Peer {
  era(): string;
  tools(): Promise<string[]>;
  call(name: string, input?: Record<string, unknown>): Promise<string>;
  read(uri: string): Promise<string>;
  prompt(name: string, input: Record<string, string>): Promise<string>;
  close(): Promise<void>;
}

const capabilities = { sampling: {}, elicitation: {}, roots: {} };
const sampled = { model: 'm', role: 'assistant' as const, content: { type: 'text' as const, text: 'Vienna' } };
const filled = { action: 'accept' as const, content: { username: 'ann', email: 'ann@example.com' } };
const roots = { roots: [{ uri: 'file:///work', name: 'work' }] };

async function v1(server: ServerName, via: Via): Promise<Peer> {
  const { client, close } = await connectClient(help, via, server, { capabilities });
  client.setRequestHandler(CreateMessageRequestSchema, () => sampled);
  client.setRequestHandler(ElicitRequestSchema, () => filled);
  client.setRequestHandler(ListRootsRequestSchema, () => roots);
  return peer(client, () => 'legacy', close);
}

type Mode = 'legacy' | 'auto' | { readonly pin: string };

async function v2(mode: Mode, server: ServerName, via: Via): Promise<Peer> {
  const client = new Client2({ name: 'v2', version: '1' }, { capabilities, versionNegotiation: { mode } });
  client.setRequestHandler('sampling/createMessage', () => sampled);
  client.setRequestHandler('elicitation/create', () => filled);
  client.setRequestHandler('roots/list', () => roots);
  const transport =
    via === 'http'
      ? new Http2(new URL(`${help.http.url}/s/${server}`), { requestInit: { headers: help.http.headers } })
      : new Stdio2({
          command: help.stdio.command,
          args: [...help.stdio.args, '--server', server],
          env: { ...cleanEnvironment(), ...help.stdio.env },
          stderr: 'inherit',
        });
  await client.connect(transport);
  return peer(
    client as unknown as Client,
    () => client.getProtocolEra() ?? 'none',
    () => client.close(),
  );
}

function peer(client: Client, era: () => string, close: () => Promise<void>): Peer {
  return {
    era,
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, input = {}) => textOf(await client.callTool({ name, arguments: input })),
    read: async (uri) => (await client.readResource({ uri })).contents.map((each) => ('text' in each ? each.text : 'bytes')).join(),
    prompt: async (name, input) =>
      (await client.getPrompt({ name, arguments: input })).messages
        .map(({ content }) => (content.type === 'text' ? content.text : content.type))
        .join(),
    close,
  };
}

/** What a person does with a server, from the first list to a question in the middle of a call. */
async function use(peer: Peer): Promise<void> {
  expect(await peer.tools()).toEqual(expect.arrayContaining(['test_simple_text', 'test_elicitation', 'test_sampling']));
  expect(await peer.call('test_simple_text')).toBe('This is a simple text response for testing.');
  expect(await peer.call('test_error_handling')).toContain('intentionally');
  expect(await peer.read('test://static-text')).toContain('static text resource');
  expect(await peer.read('test://template/7/data')).toContain('"id":"7"');
  expect(await peer.prompt('test_prompt_with_arguments', { arg1: 'a', arg2: 'b' })).toBe("Prompt with arguments: arg1='a', arg2='b'");
  expect(await peer.call('test_elicitation', { message: 'who?' })).toContain('ann@example.com');
  expect(await peer.call('test_sampling', { prompt: 'capital?' })).toContain('Vienna');
  expect(await peer.call('test_input_required_result_list_roots')).toContain('file:///work');
  await expect(peer.call('no_such_tool')).rejects.toThrow(/Unknown tool/);
}

beforeAll(async () => {
  den = await openDen();
  for (const [name, era] of Object.entries(servers))
    await den.api.server.add({ name, command: process.execPath, args: [serve, era, 'stdio'], secretEnv: {}, accept: true });
  help = await den.pair('peers', Object.keys(servers), 20);
  for (const name of Object.keys(servers)) await den.allow('peers', name, '*');
}, 60_000);
afterAll(() => den?.close());

const clients: readonly [string, (server: ServerName, via: Via) => Promise<Peer>, string][] = [
  ['SDK v1', v1, 'legacy'],
  ['SDK v2, legacy', (server, via) => v2('legacy', server, via), 'legacy'],
  ['SDK v2, auto', (server, via) => v2('auto', server, via), 'modern'],
  ['SDK v2, pinned to 2026-07-28', (server, via) => v2({ pin: '2026-07-28' }, server, via), 'modern'],
];
const names = Object.keys(servers) as ServerName[];
/** Every client over both doors, with each server in turn; all of them in the long run. */
const pairings = clients.flatMap(([name, connect, era], at) =>
  (['connector', 'http'] as const).flatMap((via, door) =>
    names
      .filter((_, which) => scale(which === (at + door) % names.length ? 1 : 0, 1) === 1)
      .map((server) => [`${name} over ${via} with ${server}`, connect, era, server, via] as const),
  ),
);

test.each(pairings)('%s', async (_name, connect, era, server, via) => {
  const peer = await connect(server, via);
  try {
    expect(peer.era()).toBe(era);
    await use(peer);
  } finally {
    await peer.close();
  }
});

/** The program that a package's `bin` names. */
function program(name: string, bin: string): string {
  const manifest = require.resolve(`${name}/package.json`);
  const { bin: bins } = require(manifest) as { bin: Record<string, string> };
  return join(dirname(manifest), bins[bin] as string);
}

describe('the inspector on the command line', () => {
  const inspector = (...args: string[]) =>
    run([process.execPath, program('@modelcontextprotocol/inspector', 'mcp-inspector'), '--cli', ...args], { env: { HOME: den.folder } });

  test.each<Via>(['connector', 'http'])('lists and calls over %s', async (via) => {
    const header = Object.entries(help.http.headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
    const target =
      via === 'http'
        ? [`${help.http.url}/s/v1`, '--transport', 'http', ...header]
        : [help.stdio.command, ...help.stdio.args, '--server', 'v1'];
    const call = ['--method', 'tools/call', '--tool-name', 'test_simple_text'];
    const ran = via === 'http' ? await inspector(...target, ...call) : await inspector(...call, '--', ...target);
    expect(ran.stdout, ran.stderr).toContain('This is a simple text response for testing.');
    expect(ran.code).toBe(0);
  });
});

test('mcp-remote bridges a client on standard input to the broker over HTTP', async () => {
  const client = new Client({ name: 'bridged', version: '1' }, { capabilities: {} });
  const [[header = '', value = ''] = []] = Object.entries(help.http.headers);
  const args = [
    program('mcp-remote', 'mcp-remote'),
    `${help.http.url}/s/v1`,
    '--allow-http',
    '--transport',
    'http-only',
    '--header',
    `${header}:${value}`,
  ];
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args, env: { ...cleanEnvironment(), HOME: den.folder }, stderr: 'ignore' }),
  );
  const { tools } = await client.listTools();
  expect(tools.length).toBeGreaterThan(10);
  expect(textOf(await client.callTool({ name: 'test_simple_text', arguments: {} }))).toBe('This is a simple text response for testing.');
  await client.close();
});

test('after all this the log verifies', async () => {
  expect(await den.api.log.verify()).toMatchObject({ ok: true, problems: [] });
});
