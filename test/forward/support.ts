// A pool with everything around it stubbed, and the servers the tests of this room start.
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Limits, Needs, ProcessLaunch, ServerEvent } from '../../broker/forward/needs.ts';
import { createPool, type Pool } from '../../broker/forward/pool.ts';
import type { Upstream } from '../../broker/forward/upstream.ts';
import { parseMessage } from '../../broker/wire/gate.ts';
import { LineReader } from '../../broker/wire/lines.ts';
import { elementTexts, memberText, withMember } from '../../broker/wire/spans.ts';
import type { Message } from '../../shared/message.ts';

export const params = '{"protocolVersion":"2025-06-18","capabilities":{"roots":{}},"clientInfo":{"name":"tester","version":"9"}}';

export interface Bench {
  pool: Pool;
  events: ServerEvent[];
  secrets: Map<string, string>;
  faults: Set<string>;
  clock: { now(): number; ahead: number };
  ofType<T extends ServerEvent['type']>(type: T): Extract<ServerEvent, { type: T }>[];
}

export function bench(limits: Partial<Limits> = {}, changed: Partial<Needs> = {}): Bench {
  const events: ServerEvent[] = [];
  const secrets = new Map<string, string>();
  const faults = new Set<string>();
  const clock = { ahead: 0, now: () => Date.now() + clock.ahead };
  const needs: Needs = {
    parseMessage,
    memberText,
    elementTexts,
    withMember,
    LineReader,
    secret: async (name) => {
      const value = secrets.get(name);
      return value === undefined ? null : { reveal: () => value };
    },
    loginPath: async () => '/usr/local/bin:/usr/bin:/bin',
    mask: () => (text) => [...secrets.values()].reduce((masked, secret) => (secret ? masked.replaceAll(secret, '<secret>') : masked), text),
    faults: {
      check: (point) => {
        if (faults.has(point)) throw new Error(`fault: ${point}`);
      },
    },
    clock,
    onEvent: (event) => events.push(event),
    homeMarker: `test-${process.pid}`,
    version: '0.0.0',
    ...changed,
  };
  const ofType = <T extends ServerEvent['type']>(type: T) =>
    events.filter((event): event is Extract<ServerEvent, { type: T }> => event.type === type);
  return { pool: createPool(needs, limits), events, secrets, faults, clock, ofType };
}

/** Of a server that runs as a process here. */
export const pidOf = (upstream: Upstream) => upstream.pid as number;

export const owner = (connection: string, session = `s-${connection}`) => ({ connection, session });

export function rascal(mode = 'plain', changed: Partial<ProcessLaunch> = {}): ProcessLaunch {
  const script = fileURLToPath(new URL('../support/servers/rascal.ts', import.meta.url));
  return {
    server: 'rascal',
    era: 'handshake',
    command: process.execPath,
    args: [script, mode],
    cwd: tmpdir(),
    env: {},
    secretEnv: {},
    ...changed,
  };
}

export function installed(name: string, path: string, args: string[] = []): ProcessLaunch {
  const script = fileURLToPath(new URL(`../../node_modules/@modelcontextprotocol/${path}`, import.meta.url));
  return { server: name, era: null, command: process.execPath, args: [script, ...args], cwd: tmpdir(), env: {}, secretEnv: {} };
}

export const everything = installed('everything', 'server-everything/dist/index.js');

export function callText(id: string | number, name: string, input: unknown = {}): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: input } });
}

export function call(upstream: Upstream, id: string | number, name: string, input: unknown = {}): Promise<Message> {
  return upstream.request(callText(id, name, input), id);
}

export function resultOf(message: Message): Record<string, unknown> {
  return message.value.result as Record<string, unknown>;
}

/** Living, and not only waiting to be reaped. */
export async function alive(pid: number): Promise<boolean> {
  const { readFile } = await import('node:fs/promises');
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
  return stat !== null && !/\) [ZX] /.test(stat);
}

export async function until(condition: () => boolean | Promise<boolean>, ms = 5_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('waited too long');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
