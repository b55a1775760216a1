// What a server said of itself when it opened, told in the words of the other era: InitializeResult and DiscoverResult.
import type { Era } from '../../../shared/message.ts';
import { memberText, memberTexts, putMember } from '../spans.ts';
import { keys, versions } from '../stateless/envelope.ts';

interface Opened {
  readonly era: Era;
  readonly openingText: string;
}

/** The newest version of the handshake era: what a server of the other era can be taken for. */
const newestHandshake = '2025-11-25';

/** Members of `text` that are there, under their new names, as the members of one object. */
function object(parts: readonly (readonly [key: string, value: string | null])[]): string {
  return `{${parts.flatMap(([key, value]) => (value === null ? [] : [`${JSON.stringify(key)}:${value}`])).join(',')}}`;
}

/** Tasks are another protocol in each era and are not translated (mcp.md 3.4), so the far side does not hear of them. */
function capabilitiesFor(era: Era, text: string): string {
  const capabilities = memberText(text, ['capabilities']) ?? '{}';
  const parts = memberTexts(capabilities, []).flatMap(([key, value]): [string, string][] => {
    if (era === 'stateless' && key === 'tasks') return [];
    if (era === 'handshake' && key === 'extensions') {
      const left = memberTexts(value, []).filter(([name]) => name !== 'io.modelcontextprotocol/tasks');
      return left.length > 0 ? [[key, object(left)]] : [];
    }
    return [[key, value]];
  });
  return object(parts);
}

const serverInfo = (text: string) => memberText(text, ['_meta', keys.server]) ?? '{"name":"unnamed","version":"0"}';

/** The server's InitializeResult, or what it would say in that era. */
export function initializeResultOf({ era, openingText }: Opened): string {
  if (era === 'handshake') return openingText;
  return object([
    ['protocolVersion', JSON.stringify(newestHandshake)],
    ['capabilities', capabilitiesFor('handshake', openingText)],
    ['serverInfo', serverInfo(openingText)],
    ['instructions', memberText(openingText, ['instructions'])],
  ]);
}

/** The server's DiscoverResult as one client may keep it: for itself alone, and not for long (MCP 2026-07-28, server/utilities/caching). */
export function discoverResultOf({ era, openingText }: Opened): string {
  if (era === 'stateless') return privately(putMember(openingText, ['supportedVersions'], JSON.stringify(versions)));
  return object([
    ['resultType', '"complete"'],
    ['supportedVersions', JSON.stringify(versions)],
    ['capabilities', capabilitiesFor('stateless', openingText)],
    ['instructions', memberText(openingText, ['instructions'])],
    ['ttlMs', '0'],
    ['cacheScope', '"private"'],
    ['_meta', object([[keys.server, memberText(openingText, ['serverInfo'])]])],
  ]);
}

/** A result that depends on who asks: no cache may hand it to anybody else. `ttlMs` where it must stand and does not. */
export function privately(result: string): string {
  const scoped = putMember(result, ['cacheScope'], '"private"');
  return memberText(scoped, ['ttlMs']) === null ? putMember(scoped, ['ttlMs'], '0') : scoped;
}
