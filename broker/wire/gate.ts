// The strict gate: bytes become a message, or are refused because two readers could understand them differently.
import type { Message, RequestId } from '../../shared/message.ts';
import { Ambiguous, refuseAmbiguous } from './scan.ts';
import { memberText } from './spans.ts';

/** JSON-RPC 2.0 section 5.1. */
export const codes = { parse: -32700, invalid: -32600, unknownMethod: -32601, badParams: -32602, internal: -32603 } as const;

/** A message that may not pass; it becomes a JSON-RPC error for whoever sent it. */
export class WireError extends Error {
  readonly code: number;
  /** Present where the id could still be read without doubt. */
  readonly id: RequestId | undefined;

  constructor(code: number, message: string, id?: RequestId) {
    super(message);
    this.name = 'WireError';
    this.code = code;
    this.id = id;
  }
}

/** Bytes: longest stdio line that passes. HTTP bodies have their own, smaller limit at the door. */
export const longestLine = 10 * 1024 * 1024;
const deepest = 64;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

type Parsed = Record<string, unknown>;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WireError(codes.parse, 'This is not JSON.');
  }
}

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new WireError(codes.parse, 'This is not UTF-8.');
  }
}

const isBlank = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** Only JSON's own white space: String.trim would also swallow marks that JSON forbids. A pattern would try every run of blanks inside. */
function withoutBlankEdges(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function readId(value: Parsed): RequestId | undefined {
  if (!Object.hasOwn(value, 'id')) return undefined;
  const { id } = value;
  if (typeof id === 'string' && id.isWellFormed() && id.length <= 4096) return id;
  if (typeof id === 'number' && Number.isSafeInteger(id)) return id;
  throw new WireError(codes.invalid, 'A message id is a string or an integer within 2^53.');
}

/**
 * Reads one JSON-RPC message strictly (JSON-RPC 2.0; MCP 2025-11-25 basic; security.md T17). What passes keeps its exact text.
 * @param maxBytes longest accepted message in bytes
 * @throws WireError
 */
export function parseMessage(bytes: Buffer | string, maxBytes: number = longestLine): Message {
  if (bytes.length > maxBytes)
    throw new WireError(codes.invalid, `A message may have at most ${maxBytes} bytes; this one has ${bytes.length}.`);
  const received = typeof bytes === 'string' ? bytes : decode(bytes);
  if (received.charCodeAt(0) === 0xfeff) throw new WireError(codes.parse, 'A message must not begin with a byte order mark.');
  const text = withoutBlankEdges(received);
  const parsed = parse(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new WireError(codes.invalid, Array.isArray(parsed) ? 'Batches are not accepted here.' : 'A message is a JSON object.');
  }
  const value = parsed as Parsed;
  try {
    refuseAmbiguous(text, deepest);
  } catch (error) {
    if (!(error instanceof Ambiguous)) throw error;
    // The id of an ambiguous message may itself be ambiguous, so the refusal carries none.
    throw new WireError(codes.invalid, `Refused, because readers could understand it differently: ${error.message}.`);
  }
  refuseLookAlikes(value);
  const id = readId(value);
  if (value.jsonrpc !== '2.0' || !Object.hasOwn(value, 'jsonrpc'))
    throw new WireError(codes.invalid, 'The member "jsonrpc" must be "2.0".', id);
  return Object.hasOwn(value, 'method') ? asking(text, value, id) : answering(text, value, id);
}

/** Names the protocol gives a meaning to, by where they stand. */
const topNames = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);
const paramNames = new Set([
  'name',
  'arguments',
  'uri',
  'ref',
  'taskId',
  'task',
  '_meta',
  'requestId',
  'progressToken',
  'cursor',
  'level',
  'argument',
  'context',
]);
const refNames = new Set(['type', 'name', 'uri']);

/** As readers that ignore capitals compare: Go's encoding/json also takes U+017F for s and U+212A for k (CVE-2026-27896). */
const folded = (key: string) => key.toLowerCase().replaceAll('\u017f', 's').replaceAll('\u212a', 'k');
const foldedNames = (names: ReadonlySet<string>) => new Map([...names].map((name) => [folded(name), name]));
const [foldedTop, foldedParams, foldedRef] = [foldedNames(topNames), foldedNames(paramNames), foldedNames(refNames)];

function refuseLookAlikesIn(object: unknown, meant: ReadonlyMap<string, string>): void {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return;
  for (const key of Object.keys(object)) {
    const name = meant.get(folded(key));
    if (name !== undefined && name !== key) {
      throw new WireError(
        codes.invalid,
        `Refused, because readers could understand it differently: ${JSON.stringify(key)} could be read as ${JSON.stringify(name)}.`,
      );
    }
  }
}

/** What we read as `method` must be what the other side reads, so nothing may stand beside it that it could take for it. */
function refuseLookAlikes(value: Parsed): void {
  refuseLookAlikesIn(value, foldedTop);
  refuseLookAlikesIn(value.params, foldedParams);
  const params = value.params as { ref?: unknown } | null | undefined;
  if (typeof params === 'object' && params !== null && Object.hasOwn(params, 'ref')) refuseLookAlikesIn(params.ref, foldedRef);
}

function asking(text: string, value: Parsed, id: RequestId | undefined): Message {
  const { method } = value;
  if (typeof method !== 'string' || method.length > 256 || !method.isWellFormed() || method.includes('\0')) {
    throw new WireError(codes.invalid, 'A method is a short string.', id);
  }
  if (Object.hasOwn(value, 'result') || Object.hasOwn(value, 'error')) throw new WireError(codes.invalid, 'A request has no result.', id);
  const params = Object.hasOwn(value, 'params') ? value.params : undefined;
  if (params !== undefined && (typeof params !== 'object' || params === null || Array.isArray(params))) {
    throw new WireError(codes.invalid, 'The member "params" must be an object.', id);
  }
  const shared = { text, method, value, ...(params === undefined ? {} : { params: params as Parsed }) };
  return id === undefined ? { ...shared, kind: 'notification' } : { ...shared, kind: 'request', id };
}

function answering(text: string, value: Parsed, id: RequestId | undefined): Message {
  const failed = Object.hasOwn(value, 'error');
  if (failed === Object.hasOwn(value, 'result')) throw new WireError(codes.invalid, 'A reply has either a result or an error.', id);
  return { text, value, kind: 'response', failed, ...(id === undefined ? {} : { id }) };
}

/** `params[name]` when it is a string free of NUL and lone surrogates; undefined otherwise. Own members only. */
export function nameParam(message: Message, name: string): string | undefined {
  const { params } = message;
  if (!params || !Object.hasOwn(params, name)) return undefined;
  const value = params[name];
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0') ? value : undefined;
}

/** The exact text of a message's id, as it must be echoed. */
export function idText(message: Message): string {
  return memberText(message.text, ['id']) ?? 'null';
}
