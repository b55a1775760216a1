// The envelope of a request in the stateless era: what `params._meta` must say, every time (MCP 2026-07-28, basic, "_meta").
import type { Message } from '../../../shared/message.ts';
import { codes } from '../gate.ts';
import { memberText } from '../spans.ts';

/** Versions of this era, newest last. */
export const versions = ['2026-07-28'] as const;

/** MCP 2026-07-28, basic, "Error Codes". */
export const statelessCodes = { headerMismatch: -32020, missingCapability: -32021, unsupportedVersion: -32022 } as const;

const prefix = 'io.modelcontextprotocol/';
export const keys = {
  version: `${prefix}protocolVersion`,
  client: `${prefix}clientInfo`,
  capabilities: `${prefix}clientCapabilities`,
  level: `${prefix}logLevel`,
  subscription: `${prefix}subscriptionId`,
  server: `${prefix}serverInfo`,
} as const;

/** Least serious first (RFC 5424 6.2.1). */
const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

export interface Envelope {
  readonly version: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Exact text of the capabilities. */
  readonly capabilitiesText: string;
  /** Exact text of what the client says it is; null when it does not say. */
  readonly clientText: string | null;
  /** Null: no log messages for this request. */
  readonly level: string | null;
  /** As written; null without one. */
  readonly progressToken: string | null;
}

/** Why a request's envelope is not taken. */
export interface Malformed {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

type Meta = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function metaOf(message: Message): Meta | null {
  const meta = message.params && Object.hasOwn(message.params, '_meta') ? message.params._meta : undefined;
  return isObject(meta) ? meta : null;
}

/** Does this message say that it is of this era? The body decides, never a header. */
export function claimsEnvelope(message: Message): boolean {
  const meta = metaOf(message);
  return meta !== null && Object.hasOwn(meta, keys.version);
}

export const unsupported = (requested: string): Malformed => ({
  code: statelessCodes.unsupportedVersion,
  message: 'Unsupported protocol version',
  data: { supported: versions, requested },
});

/** The envelope, or why it is none. Another version is told before anything else: whoever speaks it may mean other members. */
export function envelopeOf(message: Message): Envelope | Malformed {
  const meta = metaOf(message);
  const missing = (key: string): Malformed => ({ code: codes.badParams, message: `Invalid params: _meta["${key}"] is required` });
  const wrong = (key: string, what: string): Malformed => ({
    code: codes.badParams,
    message: `Invalid params: _meta["${key}"] must be ${what}`,
  });
  if (!meta || !Object.hasOwn(meta, keys.version)) return missing(keys.version);
  const version = meta[keys.version];
  if (typeof version !== 'string') return wrong(keys.version, 'a string');
  if (!(versions as readonly string[]).includes(version)) return unsupported(version);
  if (!Object.hasOwn(meta, keys.capabilities)) return missing(keys.capabilities);
  const capabilities = meta[keys.capabilities];
  if (!isObject(capabilities)) return wrong(keys.capabilities, 'an object');
  if (Object.hasOwn(meta, keys.client) && !isObject(meta[keys.client])) return wrong(keys.client, 'an object');
  const level = Object.hasOwn(meta, keys.level) ? meta[keys.level] : null;
  if (level !== null && !levels.includes(level as string)) return wrong(keys.level, `one of ${levels.join(', ')}`);
  const token = Object.hasOwn(meta, 'progressToken') ? meta.progressToken : undefined;
  if (token !== undefined && typeof token !== 'string' && !Number.isInteger(token)) return wrong('progressToken', 'a string or an integer');
  const text = (key: string) => memberText(message.text, ['params', '_meta', key]);
  return {
    version,
    capabilities,
    capabilitiesText: text(keys.capabilities) ?? '{}',
    clientText: text(keys.client),
    level: level as string | null,
    progressToken: text('progressToken'),
  };
}

export const isMalformed = (value: Envelope | Malformed): value is Malformed => 'code' in value;

/** May a log message of this level reach a request that asked for `asked`? */
export function levelPasses(asked: string | null, level: unknown): boolean {
  if (asked === null) return false;
  const at = levels.indexOf(level as string);
  return at === -1 || at >= levels.indexOf(asked);
}

/** The more talkative of two levels. */
export function lowerLevel(one: string, other: string | null): string {
  return other !== null && levels.indexOf(other) < levels.indexOf(one) ? other : one;
}
