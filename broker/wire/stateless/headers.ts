// Headers of a request over HTTP that say again what its body says: each must be there and say the same (MCP 2026-07-28, basic/transports/streamable-http).
import type { Message } from '../../../shared/message.ts';
import { keys, type Malformed, statelessCodes } from './envelope.ts';
import { headerFields, valueAt } from './param-headers.ts';

/** A header by its name in small letters; undefined when it is not there. */
export type Headers = (name: string) => string | undefined;

/** Where `Mcp-Name` comes from. */
const named: Readonly<Record<string, 'name' | 'uri' | 'taskId'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

const mismatch = (message: string): Malformed => ({ code: statelessCodes.headerMismatch, message: `Header mismatch: ${message}` });

const base64 = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A header's value, decoded where it is in the Base64 form; null when it is no value ("Value Encoding"). */
export function decodeHeader(value: string): string | null {
  const trimmed = value.replace(/^[ \t]+|[ \t]+$/g, '');
  if (!(trimmed.startsWith('=?base64?') && trimmed.endsWith('?='))) return /^[\x20-\x7e\t]*$/.test(trimmed) ? trimmed : null;
  const [, inner] = base64.exec(trimmed) ?? [];
  if (inner === undefined || inner.length % 4 !== 0) return null;
  try {
    return utf8.decode(Buffer.from(inner, 'base64'));
  } catch {
    return null;
  }
}

/** Does the header name another version than the body does? A body that names none is for the envelope's own rules. */
export function versionHeader(message: Message, headers: Headers): Malformed | null {
  const claimed = (message.params?._meta as Record<string, unknown> | undefined)?.[keys.version];
  const version = headers('mcp-protocol-version');
  if (claimed === undefined || version === undefined || version === claimed) return null;
  return mismatch('MCP-Protocol-Version does not match the version in the body');
}

/** What is wrong with the headers that every request has, or null. Its version has been looked at by then. */
export function standardHeaders(message: Message, headers: Headers): Malformed | null {
  const { params } = message;
  const method = message.method ?? '';
  if (headers('mcp-protocol-version') === undefined) return mismatch('MCP-Protocol-Version is required');
  const saysMethod = headers('mcp-method');
  if (saysMethod === undefined) return mismatch('Mcp-Method is required');
  if (saysMethod !== method) return mismatch('Mcp-Method does not match the method in the body');
  const field = Object.hasOwn(named, method) ? named[method] : undefined;
  const name = field && params && Object.hasOwn(params, field) ? params[field] : undefined;
  if (typeof name !== 'string') return null;
  const given = headers('mcp-name');
  if (given === undefined) return mismatch('Mcp-Name is required');
  const decoded = decodeHeader(given);
  if (decoded === null) return mismatch('Mcp-Name holds invalid characters');
  return decoded === name ? null : mismatch(`Mcp-Name does not match params.${field} in the body`);
}

/** What is wrong with the `Mcp-Param-*` headers of a tool call, or null. `definition`: the tool's exact text. */
export function paramHeaders(message: Message, definition: string, headers: Headers): Malformed | null {
  for (const { name, path, type } of headerFields(definition)) {
    const given = headers(`mcp-param-${name.toLowerCase()}`);
    const value = valueAt(message, path);
    if (value === undefined || value === null) {
      if (given !== undefined) return mismatch(`Mcp-Param-${name} is there, and the body has no such value`);
      continue;
    }
    if (given === undefined) return mismatch(`Mcp-Param-${name} is required`);
    const decoded = decodeHeader(given);
    if (decoded === null) return mismatch(`Mcp-Param-${name} holds invalid characters`);
    const same =
      type === 'integer' && typeof value === 'number' ? decoded.trim() !== '' && Number(decoded) === value : decoded === String(value);
    if (!same) return mismatch(`Mcp-Param-${name} does not match the value in the body`);
  }
  return null;
}
