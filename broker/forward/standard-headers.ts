// The headers that mirror a stateless request's body (MCP 2026-07-28, transports/streamable-http, Request Metadata).
import type { Message } from '../../shared/message.ts';
import { metaKey, statelessVersion } from './stateless.ts';

/** Header name behind `Mcp-Param-`, and the chain of property names that leads to its value. */
export type Mirrored = readonly { readonly header: string; readonly path: readonly string[] }[];

const nameSource: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/** @param mirrored of a tool, by its name */
export function standardHeaders(message: Message, mirrored: (tool: string) => Mirrored | undefined): Record<string, string> {
  const { method = '', params } = message;
  const meta = params?._meta as Record<string, unknown> | undefined;
  const version = meta?.[metaKey('protocolVersion')];
  const headers: Record<string, string> = {
    'MCP-Protocol-Version': typeof version === 'string' ? encoded(version) : statelessVersion,
    'Mcp-Method': encoded(method),
  };
  const source = Object.hasOwn(nameSource, method) ? nameSource[method] : undefined;
  const name = source === undefined ? undefined : params?.[source];
  if (typeof name === 'string') headers['Mcp-Name'] = encoded(name);
  if (method === 'tools/call' && typeof name === 'string') {
    for (const { header, path } of mirrored(name) ?? []) {
      const value = valueAt(params?.arguments, path);
      if (value !== null) headers[`Mcp-Param-${header}`] = encoded(value);
    }
  }
  return headers;
}

/** As a header may carry it: visible ASCII, blanks and tabs inside, else base64 between the marks. */
export function encoded(value: string): string {
  if (/^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/.test(value) && !/^=\?base64\?.*\?=$/.test(value)) return value;
  return `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}

function valueAt(value: unknown, path: readonly string[]): string | null {
  let at: unknown = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return null;
    at = (at as Record<string, unknown>)[step];
  }
  if (typeof at === 'string') return at;
  if (typeof at === 'boolean' || (typeof at === 'number' && Number.isSafeInteger(at))) return String(at);
  return null;
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const primitive = new Set(['string', 'integer', 'boolean']);
const deepest = 64;

/**
 * What a tool's own schema wants mirrored. A string says why its annotations are not valid; such a tool must not be offered
 * (server/tools, x-mcp-header).
 */
export function mirroredBy(inputSchema: unknown): Mirrored | string {
  const found: { header: string; path: readonly string[] }[] = [];
  const seen = new Set<string>();
  const problem = walk(inputSchema, [], true, 0);
  return problem ?? found;

  /** `reachable`: only `properties` lie between here and the root. */
  function walk(schema: unknown, path: readonly string[], reachable: boolean, depth: number): string | null {
    if (typeof schema !== 'object' || schema === null) return null;
    if (depth > deepest) return 'its schema is nested too deeply';
    if (Array.isArray(schema)) return first(schema, (one) => walk(one, path, false, depth + 1));
    const own = schema as Record<string, unknown>;
    if (Object.hasOwn(own, 'x-mcp-header')) {
      const header = own['x-mcp-header'];
      if (typeof header !== 'string' || !token.test(header)) return 'a header it asks for has no valid name';
      if (!reachable || path.length === 0) return `the header ${header} stands where no argument can be read`;
      if (!primitive.has(own.type as string)) return `the header ${header} stands for something else than text, an integer or a boolean`;
      if (seen.has(header.toLowerCase())) return `two arguments ask for the header ${header}`;
      seen.add(header.toLowerCase());
      found.push({ header, path });
    }
    return first(Object.entries(own), ([key, value]) => {
      // Values that are data, not schemas.
      if (key === 'enum' || key === 'const' || key === 'default' || key === 'examples') return null;
      if (key !== 'properties' || typeof value !== 'object' || value === null || Array.isArray(value))
        return walk(value, path, false, depth + 1);
      return first(Object.entries(value), ([name, one]) => walk(one, [...path, name], reachable, depth + 1));
    });
  }
}

function first<T>(items: readonly T[], problemOf: (item: T) => string | null): string | null {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== null) return problem;
  }
  return null;
}
