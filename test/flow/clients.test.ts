// A home with eight clients brought in, installed, used and undone: no key stays in a file, every server answers, every byte comes back.
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkout, closeHouse, type House, openHouse } from '../support/house.ts';
import { operate } from '../support/operate.ts';
import { scale } from '../support/scale.ts';

const server = join(checkout, 'test', 'support', 'servers', 'curious.ts');
const servers = scale(6, 20);
const keys = Array.from({ length: 9 }, (_, at) => `ghp_${createHash('sha256').update(String(at)).digest('hex').slice(0, 36)}`);
const user = mkdtempSync(join(tmpdir(), 'gatehouse-clients-'));
const env = { HOME: user, XDG_CONFIG_HOME: join(user, '.config') };
let house: House;

beforeAll(async () => {
  house = await openHouse();
}, 60_000);
afterAll(async () => {
  await closeHouse(house);
  rmSync(user, { recursive: true });
});

interface Plain {
  command: string;
  args: string[];
  env: Record<string, string>;
}

/** Server number `at`: its key in the environment, or in an argument for every third. */
function entry(at: number): Plain {
  const key = keys[at % keys.length] ?? '';
  const inArgs = at % 3 === 2;
  return {
    command: process.execPath,
    args: [server, `n${at}`, ...(inArgs ? ['--token', key] : [])],
    env: inArgs ? { N: '1' } : { GITHUB_TOKEN: key },
  };
}

const json = (value: unknown, step?: string | number) => JSON.stringify(value, null, step);
const named = (numbers: number[]) => Object.fromEntries(numbers.map((at) => [`Server ${at}`, entry(at)]));
const all = Array.from({ length: servers }, (_, at) => at);
const share = (from: number, to: number) => all.filter((at) => at >= from && at < to);

const everyFile: Record<string, { text: string; mode: number }> = {
  '.config/Claude/claude_desktop_config.json': { text: `${json({ mcpServers: named(share(0, 4)), scale: 1 }, 2)}\n`, mode: 0o644 },
  '.claude.json': { text: json({ numStartups: 3, mcpServers: named(share(2, 6)), projects: { '/x': { lastCost: 0.5 } } }, 2), mode: 0o600 },
  '.cursor/mcp.json': { text: `// mine\r\n${json({ mcpServers: named(share(4, 8)) }, '\t').replace(/\n/g, '\r\n')}\r\n`, mode: 0o644 },
  '.config/Code/User/mcp.json': { text: json({ servers: named(share(6, 10)), inputs: [] }, '\t'), mode: 0o600 },
  '.codeium/windsurf/mcp_config.json': { text: `\uFEFF${json({ mcpServers: named(share(8, 12)) })}`, mode: 0o600 },
  '.codex/config.toml': {
    text: `model = "m" # usual\n${share(10, 15)
      .concat([0])
      .map(
        (at) =>
          `\n[mcp_servers."Server ${at}"]\ncommand = ${json(entry(at).command)}\nargs = ${json(entry(at).args)}\nenv = { ${Object.entries(entry(at).env).map(([key, value]) => `${key} = ${json(value)}`)} }\n`,
      )
      .join('')}`,
    mode: 0o644,
  },
  '.gemini/settings.json': { text: json({ theme: 'x', mcpServers: named(share(14, 18)) }, 4), mode: 0o644 },
  '.config/goose/config.yaml': {
    text: `GOOSE_MODEL: m\nextensions:\n  developer: {type: builtin, enabled: true}\n${share(17, 20)
      .concat([1])
      .map(
        (at) =>
          `  # number ${at}\n  s${at}:\n    type: stdio\n    enabled: true\n    cmd: ${entry(at).command}\n    args: ${json(entry(at).args)}\n    envs: ${json(entry(at).env)}\n`,
      )
      .join('')}`,
    mode: 0o644,
  },
};

/** In a short run one of each kind of file. */
const clients = ['claude-desktop', 'claude-code', 'cursor', 'codex', 'goose', 'vscode', 'windsurf', 'gemini'].slice(0, scale(5, 8));

const paths: Record<string, string> = {
  'claude-desktop': '.config/Claude/claude_desktop_config.json',
  'claude-code': '.claude.json',
  cursor: '.cursor/mcp.json',
  vscode: '.config/Code/User/mcp.json',
  windsurf: '.codeium/windsurf/mcp_config.json',
  codex: '.codex/config.toml',
  gemini: '.gemini/settings.json',
  goose: '.config/goose/config.yaml',
};
const files = Object.fromEntries(Object.entries(everyFile).filter(([name]) => clients.some((client) => paths[client] === name)));

function layOut(): void {
  for (const [name, { text, mode }] of Object.entries(files)) {
    mkdirSync(dirname(join(user, name)), { recursive: true });
    writeFileSync(join(user, name), text);
    chmodSync(join(user, name), mode);
  }
}

const expectAsBefore = () => {
  for (const [name, { text, mode }] of Object.entries(files)) {
    expect(readFileSync(join(user, name), 'utf8'), name).toBe(text);
    expect([name, statSync(join(user, name)).mode & 0o777]).toEqual([name, mode]);
  }
};

async function ask<T>(...words: string[]): Promise<T> {
  const ran = await house.cli([...words, '--json'], { env, limitMs: 200_000 });
  if (ran.code !== 0) throw new Error(`${words.join(' ')} ended with ${ran.code}: ${ran.stderr}${ran.stdout}`);
  return JSON.parse(ran.stdout) as T;
}

interface Imported {
  rows: { server: string | null; state: string; tools: number; entries: unknown[]; visibleInPs: string[]; why: string | null }[];
}

test('a dry run changes nothing and says everything', async () => {
  layOut();
  const dry = await ask<Imported>('import', '--dry-run');
  expect(dry.rows.filter(({ state }) => state === 'new')).toHaveLength(servers);
  expect(await ask('server', 'list')).toEqual([]);
  expect(await ask('secret', 'list')).toEqual([]);
  expectAsBefore();
}, 60_000);

test('import: each server once, each key once, the files untouched', async () => {
  const { rows } = await ask<Imported>('import');
  expect(rows.map(({ state, why }) => [state, why])).toEqual(all.map(() => ['added', null]));
  expect(rows.every(({ tools }) => tools === 4)).toBe(true);
  expect(rows.reduce((sum, row) => sum + row.entries.length, 0)).toBeGreaterThan(servers);
  expect(rows.filter(({ visibleInPs }) => visibleInPs.length > 0)).toHaveLength(Math.floor(servers / 3));
  const secrets = await ask<{ name: string; usedBy: string[] }[]>('secret', 'list');
  expect(secrets).toHaveLength(Math.min(keys.length, servers));
  expect(secrets.flatMap(({ usedBy }) => usedBy)).toHaveLength(servers);
  expectAsBefore();
  // A second time finds everything where it is.
  const again = await ask<Imported>('import');
  expect(again.rows.map(({ state }) => state)).toEqual(all.map(() => 'known'));
  expect(await ask<unknown[]>('server', 'list')).toHaveLength(servers);
}, 240_000);

interface Installed {
  changes: { path: string; difference: string[] }[];
  written: string[];
  left: unknown[];
}

test('install: no key is left in any file, nor in what is shown', async () => {
  for (const client of clients) {
    const shown = client === 'cursor' ? await ask<Installed>('install', client, '--dry-run') : null;
    expect(shown?.written ?? []).toEqual([]);
    const done = await ask<Installed>('install', client);
    expect([client, done.written.length, done.left]).toEqual([client, 1, []]);
    for (const key of keys) expect(json([shown, done])).not.toContain(key);
  }
  for (const name of Object.keys(files)) {
    const text = readFileSync(join(user, name), 'utf8');
    for (const key of keys) expect(text, name).not.toContain(key);
    // A token stands only where nobody else can read.
    if (files[name]?.mode !== 0o600) expect(text, name).not.toContain('ght_');
    expect(statSync(join(user, name)).mode & 0o777, name).toBe(files[name]?.mode);
    expect(readdirSync(dirname(join(user, name))).filter((each) => each.includes('gatehouse-'))).toEqual([]);
  }
  // Every byte of both homes: files of clients, databases with their WAL, the vault, the copies that are sealed, what runs leave.
  const everything = [user, house.home].flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name)),
  );
  for (const name of ['state.db', 'state.db-wal', 'audit.db', 'vault.sealed']) expect(everything).toContain(join(house.home, name));
  expect(everything.filter((file) => file.includes(`${house.home}/kept/`))).toHaveLength(clients.length);
  for (const file of everything) {
    const bytes = readFileSync(file);
    for (const key of keys)
      for (const form of [key, Buffer.from(key).toString('base64').slice(0, 40), Buffer.from(key).toString('hex')])
        expect([file, bytes.includes(form)]).toEqual([file, false]);
  }
  const { scan } = await ask<{ scan: { leaks: unknown[]; files: { entries: { managed: boolean }[] }[] } }>('doctor', '--scan');
  expect(scan.leaks).toEqual([]);
  expect(scan.files.flatMap(({ entries }) => entries).every(({ managed }) => managed)).toBe(true);
  // A second install has nothing to do.
  expect((await ask<Installed>('install', 'cursor')).changes).toEqual([]);
}, 240_000);

test('every server answers through the broker, with its key where it was', async () => {
  const text = JSON.parse(readFileSync(join(user, '.config/Claude/claude_desktop_config.json'), 'utf8')) as {
    mcpServers: Record<string, Plain>;
  };
  expect(Object.keys(text.mcpServers)).toEqual(share(0, 4).map((at) => `Server ${at}`));
  await house.ask('grant', 'add', '--client', 'claude-desktop', '--server', 'server-0', '--capability', 'tool:env');
  const client = new Client({ name: 'as-claude-desktop', version: '1' });
  const drop = text.mcpServers['Server 0'];
  await client.connect(new StdioClientTransport({ command: drop?.command ?? '', args: drop?.args ?? [], env: { HOME: user } }));
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['env', 'say', 'look', 'signal']);
  const said = await client.callTool({ name: 'env', arguments: { key: 'GITHUB_TOKEN' } });
  const key = keys[0] ?? '';
  expect(JSON.stringify(said.content)).toContain(`${key.length} ${createHash('sha256').update(key).digest('hex')}`);
  await client.close();
}, 120_000);

test("HTTP, where a file is its owner's alone, needs no process between", async () => {
  await ask('uninstall', 'claude-code');
  await ask('install', 'claude-code', '--over', 'http');
  const text = JSON.parse(readFileSync(join(user, '.claude.json'), 'utf8')) as {
    mcpServers: Record<string, { type: string; url: string; headers: Record<string, string> }>;
  };
  const drop = text.mcpServers['Server 3'];
  expect(drop?.type).toBe('http');
  const client = new Client({ name: 'as-claude-code', version: '1' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(drop?.url ?? ''), { requestInit: { headers: drop?.headers ?? {} } }) as never,
  );
  expect((await client.listTools()).tools).toHaveLength(4);
  await client.close();
}, 120_000);

/** In a short run one client: each answer takes a start of a server. */
const asking = scale(1, clients.length);

test(`every server answers every client that sees it, by the credential it has (${asking} of the clients)`, async () => {
  const answered = new Set<string>();
  for (const name of clients.slice(0, asking)) {
    const token = readFileSync(join(house.home, 'run', 'clients', name), 'utf8').trim();
    const { servers: seen } = await operate<{ servers: string[] }>(house.ready, 'client/show', { name });
    for (const one of seen) {
      const grant = { client: name, server: one, capability: 'tool:env', match: 'any', for: '15m', effect: 'allow' };
      await operate(house.ready, 'grant/add', grant);
      const each = new Client({ name: `as-${name}`, version: '1' });
      const headers = { Authorization: `Bearer ${token}` };
      const transport = new StreamableHTTPClientTransport(new URL(`${house.ready.mcp}/s/${one}`), { requestInit: { headers } });
      await each.connect(transport as never);
      const answer = await each.callTool({ name: 'env', arguments: { key: 'GITHUB_TOKEN' } });
      const own = keys[Number(/[0-9]+$/.exec(one)?.[0]) % keys.length] ?? '';
      const inArgs = Number(/[0-9]+$/.exec(one)?.[0]) % 3 === 2;
      expect([name, one, JSON.stringify(answer.content)]).toEqual([
        name,
        one,
        expect.stringContaining(inArgs ? 'absent' : `${own.length} ${createHash('sha256').update(own).digest('hex')}`),
      ]);
      answered.add(one);
      await transport.terminateSession();
      await each.close();
    }
  }
  if (asking === clients.length) expect(answered.size).toBe(servers);
  else expect(answered.size).toBeGreaterThan(0);
}, 240_000);

test('undo: byte for byte, and among the edits of others', async () => {
  // Claude Code writes its file anew all the time, with its own layout.
  const path = join(user, '.claude.json');
  const now = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown> & { mcpServers: Record<string, unknown> };
  now.numStartups = 4;
  now.mcpServers.added = { type: 'stdio', command: 'x', args: [] };
  writeFileSync(path, json(now, 2));
  const before = JSON.parse(files['.claude.json']?.text ?? '') as typeof now;
  const shown = await house.cli(['uninstall', 'claude-code', '--dry-run'], { env });
  expect(shown.stdout).toContain('among what others changed since');
  expect(shown.stdout).toContain('In plain text again: Server 3: GITHUB_TOKEN');
  for (const key of keys) expect(shown.stdout).not.toContain(key);
  const undone = await ask<{ restored: string[]; files: { path: string; exact: boolean; left: string[] }[] }>('uninstall', '--all');
  expect(undone.restored).toHaveLength(clients.length);
  expect(undone.files.find((file) => file.path === path)).toMatchObject({ exact: false, left: [] });
  expect(readFileSync(path, 'utf8')).toBe(
    json({ ...before, numStartups: 4, mcpServers: { ...before.mcpServers, added: now.mcpServers.added } }, 2),
  );
  writeFileSync(path, files['.claude.json']?.text ?? '');
  expectAsBefore();
  expect(readdirSync(join(house.home, 'kept'))).toEqual([]);
  expect(await ask('uninstall', '--all')).toMatchObject({ restored: [], refused: [] });
  expect(await house.ask('log', 'verify')).toMatchObject({ ok: true });
}, 120_000);
