// A connector door with a small MCP server behind it, and connectors as processes or in this one.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkSocketFolder, socketPath } from '../../broker/host/home.ts';
import { greet } from '../../broker/identify/challenge.ts';
import { mintToken, type Verifier, verifierOf } from '../../broker/identify/credential.ts';
import type { Arrival, Downstream } from '../../broker/receive/arrival.ts';
import { type ConnectorDoor, openConnectorDoor } from '../../broker/receive/connector-door.ts';
import type { ConnectorNeeds, Limits } from '../../broker/receive/connector-socket.ts';
import { parseMessage } from '../../broker/wire/gate.ts';
import { LineReader } from '../../broker/wire/lines.ts';
import { errorText, resultText } from '../../broker/wire/texts.ts';
import type { Message } from '../../shared/message.ts';

export interface Seen {
  readonly arrival: Arrival;
  readonly down: Downstream;
  readonly messages: Message[];
  ended: string | null;
}

export interface Home {
  readonly folder: string;
  readonly token: string;
  readonly verifiers: Map<string, Verifier>;
  remove(): void;
}

export function makeHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-door-'));
  mkdirSync(join(folder, 'run', 'clients'), { recursive: true, mode: 0o700 });
  const token = mintToken();
  writeFileSync(join(folder, 'run', 'clients', 'claude'), `${token}\n`, { mode: 0o600 });
  return {
    folder,
    token,
    verifiers: new Map([['claude', verifierOf(token)]]),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Answers `initialize`, `tools/call` with what it was called with; `hang` never. */
export function reply(message: Message): string | null {
  if (message.kind !== 'request' || message.id === undefined) return null;
  if (message.method === 'initialize') {
    const protocolVersion = (message.params?.protocolVersion as string | undefined) ?? '2025-11-25';
    return resultText(
      message.id,
      JSON.stringify({ protocolVersion, capabilities: { tools: {}, logging: {} }, serverInfo: { name: 'fake', version: '1' } }),
    );
  }
  if (message.method === 'hang') return null;
  return resultText(message.id, JSON.stringify({ content: [{ type: 'text', text: JSON.stringify(message.params ?? null) }] }));
}

export async function openDoor(
  home: Home,
  change: Partial<ConnectorNeeds> = {},
  own: Partial<Limits> = {},
): Promise<{ door: ConnectorDoor; seen: Seen[] }> {
  const seen: Seen[] = [];
  const path = socketPath(home.folder, 'connect');
  checkSocketFolder(path, true);
  const door = await openConnectorDoor(
    path,
    {
      greet: (line) => greet(line, (name) => home.verifiers.get(name) ?? null),
      accept(arrival, down) {
        const one: Seen = { arrival, down, messages: [], ended: null };
        seen.push(one);
        return {
          id: String(seen.length),
          receive(message) {
            one.messages.push(message);
            const text = reply(message);
            if (text !== null && message.id !== undefined) down.send({ text, answers: message.id });
          },
          end(reason) {
            one.ended = reason;
          },
        };
      },
      parseMessage,
      errorText,
      lineReader: (max, onLine, onTooLong) => new LineReader(max, onLine, onTooLong),
      revokeOperatorToken() {},
      ...change,
    },
    own,
  );
  return { door, seen };
}

export interface Reply {
  readonly result?: { readonly content: { readonly text: string }[]; readonly protocolVersion?: string };
  readonly error?: { readonly code: number; readonly message: string };
}

export interface Connector {
  readonly child: ChildProcessWithoutNullStreams;
  readonly lines: string[];
  complaints: string;
  send(...values: unknown[]): void;
  /** The reply to a request, as it came. */
  reply(id: number | string, ms?: number): Promise<Reply>;
  readonly exit: Promise<number | null>;
}

const main = fileURLToPath(new URL('connect-main.ts', import.meta.url));

export function startConnector(home: string, words: string[] = [], env: Record<string, string> = {}): Connector {
  const child = spawn(process.execPath, [main, '--client', 'claude', '--home', home, ...words], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
  });
  const lines: string[] = [];
  let held = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (held + text).split('\n');
    held = parts.pop() ?? '';
    lines.push(...parts);
  });
  child.stdin.on('error', () => {});
  const connector: Connector = {
    child,
    lines,
    complaints: '',
    send: (...values) =>
      void child.stdin.write(values.map((value) => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`).join('')),
    async reply(id, ms = 8000) {
      const found = await until(
        () => lines.map(parsed).find((value) => value?.id === id && value.method === undefined),
        ms,
        () => `no reply ${id}; have ${lines.join('|').slice(0, 2000)} / ${connector.complaints}`,
      );
      return found as unknown as Reply;
    },
    exit: new Promise((resolve) => child.once('exit', (code) => resolve(code))),
  };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    connector.complaints += text;
  });
  return connector;
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

export async function until<T>(
  look: () => T | undefined | null | false | 0,
  ms = 5000,
  words: () => string = () => 'it did not happen',
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = look();
    if (found) return found;
    if (Date.now() > end) throw new Error(words());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const request = (id: number | string, method: string, params: object = {}) => ({ jsonrpc: '2.0', id, method, params });
export const initialize = (id: number | string = 0) =>
  request(id, 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } });
export const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
