// Who is measured: each way from the same client to the same real server.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const root = join(import.meta.dirname, '..');
const everything = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json')),
  'dist',
  'index.js',
);
/** Program and arguments of the server behind every contestant. */
export const server: readonly [string, ...string[]] = [process.execPath, everything, 'stdio'];

export interface Contestant {
  readonly name: string;
  readonly way: string;
  readonly client: Client;
  /** What a client launches, where that is a program of ours. */
  readonly connector?: { readonly command: string; readonly args: readonly string[]; readonly env: Record<string, string> };
  stop(): Promise<void>;
}

/** What `serve` refuses to start with. */
const refused = /^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_TLS_REJECT_UNAUTHORIZED|LD_PRELOAD|LD_AUDIT|DYLD_.*)$/i;
const cleanEnvironment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !refused.test(name)));

const folder = (): string => mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));

async function connected(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<Client> {
  const client = new Client({ name: 'bench', version: '1' }, { capabilities: {} });
  const inherited = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
  await client.connect(new StdioClientTransport({ command, args: [...args], env: { ...inherited, ...env }, stderr: 'ignore' }));
  return client;
}

/** Resolves with the first line that `child` prints; rejects with what it said when it leaves before. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = '';
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk;
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk;
      const end = out.indexOf('\n');
      if (end !== -1) resolve(out.slice(0, end));
    });
    child.on('exit', (code) => reject(new Error(`${child.spawnargs.join(' ')} left with ${code}: ${errors || out}`)));
  });
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.on('exit', () => resolve());
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 6_000).unref();
  });

export async function direct(): Promise<Contestant> {
  const [command, ...args] = server;
  const client = await connected(command, args);
  return { name: 'direct', way: 'client -> server', client, stop: () => client.close() };
}

export async function relay(): Promise<Contestant> {
  const home = folder();
  const socket = join(home, 'hub');
  const program = join(import.meta.dirname, 'relay.ts');
  const hub = spawn(process.execPath, [program, 'hub', socket, ...server], { stdio: ['ignore', 'pipe', 'pipe'] });
  await firstLine(hub);
  const client = await connected(process.execPath, [program, 'connector', socket]);
  return {
    name: 'bare relay',
    way: 'client -> relay -> relay -> server',
    client,
    async stop() {
      await client.close();
      await ended(hub);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The CLI of this checkout, against the broker of `home`. */
function gatehouse(home: string, token: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'bin', 'gatehouse.mjs'), '--home', home, ...args], {
      env: { ...cleanEnvironment, GATEHOUSE_OPERATOR_TOKEN: token },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk;
    });
    child.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`gatehouse ${args.join(' ')}: ${errors}`))));
  });
}

async function operate(at: { operatorToken: string; mcp: string }, operation: string, input: object): Promise<void> {
  const response = await fetch(`${new URL(at.mcp).origin}/api/${operation}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${at.operatorToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ json: input }),
  });
  if (!response.ok) throw new Error(`${operation}: ${await response.text()}`);
}

/** How many secrets every message is searched for. */
export const secrets = 20;

/** Everything on, as a person would set it up: stored secrets, one accepted server, one client, one grant. */
export async function us(): Promise<Contestant> {
  const home = folder();
  const broker = spawn(
    process.execPath,
    [join(root, 'bin', 'gatehouse.mjs'), 'serve', '--home', home, '--vault', 'sealed-file', '--json'],
    {
      env: { ...cleanEnvironment, GATEHOUSE_VAULT_PASSPHRASE: 'bench' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const { operatorToken, mcp } = JSON.parse(await firstLine(broker)) as { operatorToken: string; mcp: string };
  for (let n = 0; n < secrets; n += 1) {
    const value = randomBytes(24).toString('base64url');
    await operate({ operatorToken, mcp }, 'secret/set', { name: `secret-${n}`, value });
  }
  const cli = (...args: string[]): Promise<string> => gatehouse(home, operatorToken, ...args);
  await cli('server', 'add', 'everything', '--accept', '--', ...server);
  const { stdio } = JSON.parse(await cli('client', 'add', 'bench', '--servers', 'all', '--json')) as {
    stdio: { command: string; args: string[]; env: Record<string, string> };
  };
  await cli('grant', 'add', '--client', 'bench', '--server', 'everything', '--capability', 'tool:echo');
  const connector = { command: stdio.command, args: [...stdio.args, '--server', 'everything'], env: stdio.env };
  const client = await connected(connector.command, connector.args, connector.env);
  return {
    name: 'Gatehouse',
    way: 'client -> connector -> broker -> server',
    client,
    connector,
    async stop() {
      await client.close();
      await ended(broker);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
