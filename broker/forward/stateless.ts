// What every request of the stateless era carries (MCP 2026-07-28, basic/index#meta), and how its servers are recognised.
import type { Message } from '../../shared/message.ts';

export const statelessVersion = '2026-07-28';
export const metaKey = (name: string) => `io.modelcontextprotocol/${name}`;
export const subscriptionKey = metaKey('subscriptionId');

/** Errors only servers of this era send: header mismatch, missing client capability, unsupported version. */
const modernErrors = new Set([-32020, -32021, -32022]);

/** Everything a client can have, so that a server hides nothing from the broker's own look at its lists. */
export const everyCapability = {
  roots: {},
  sampling: { context: {}, tools: {} },
  elicitation: { form: {}, url: {} },
  extensions: {
    'io.modelcontextprotocol/tasks': {},
    'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] },
  },
};

/** Parameters of a request of the broker's own. What is in `paramsText` already stays. */
export function withMeta(paramsText: string | undefined, version: string, clientCapabilities: object): string {
  const params = JSON.parse(paramsText ?? '{}') as Record<string, unknown>;
  const meta = {
    [metaKey('protocolVersion')]: statelessVersion,
    [metaKey('clientInfo')]: { name: 'gatehouse', title: 'Gatehouse', version },
    [metaKey('clientCapabilities')]: clientCapabilities,
  };
  return JSON.stringify({ ...params, _meta: { ...meta, ...(params._meta as object | undefined) } });
}

export type Discovery =
  | { readonly kind: 'stateless'; readonly capabilities: Readonly<Record<string, unknown>> }
  /** It is of this era and speaks none of our versions. */
  | { readonly kind: 'unsupported'; readonly versions: readonly string[] }
  | { readonly kind: 'other' };

/** What an answer to `server/discover` says of the server (transports/stdio, Backward Compatibility). */
export function discoveryOf(reply: Message): Discovery {
  if (reply.failed) {
    const error = reply.value.error as { code?: unknown; data?: { supported?: unknown } } | null;
    if (!modernErrors.has(error?.code as number)) return { kind: 'other' };
    return byVersions(error?.data?.supported, {});
  }
  const result = reply.value.result as { supportedVersions?: unknown; capabilities?: unknown } | null;
  if (!Array.isArray(result?.supportedVersions)) return { kind: 'other' };
  const { capabilities } = result;
  return byVersions(
    result.supportedVersions,
    typeof capabilities === 'object' && capabilities !== null ? (capabilities as Record<string, unknown>) : {},
  );
}

function byVersions(supported: unknown, capabilities: Readonly<Record<string, unknown>>): Discovery {
  const versions = Array.isArray(supported) ? supported.filter((one): one is string => typeof one === 'string') : [];
  if (versions.includes(statelessVersion)) return { kind: 'stateless', capabilities };
  // Dates compare as text: a server that names only older versions wants a handshake.
  if (versions.length > 0 && versions.every((one) => one < statelessVersion)) return { kind: 'other' };
  return { kind: 'unsupported', versions };
}

/** The filter for every list this server says it announces changes of; null when there is none. */
export function listChangeFilter(capabilities: Readonly<Record<string, unknown>>): Record<string, true> | null {
  const announced = (name: string) => (capabilities[name] as { listChanged?: unknown } | undefined)?.listChanged === true;
  const filter = {
    ...(announced('tools') ? { toolsListChanged: true as const } : {}),
    ...(announced('prompts') ? { promptsListChanged: true as const } : {}),
    ...(announced('resources') ? { resourcesListChanged: true as const } : {}),
  };
  return Object.keys(filter).length > 0 ? filter : null;
}
