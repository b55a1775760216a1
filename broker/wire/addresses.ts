// Addresses of resources on a connection that shows several servers: one that two servers offer carries the server, reversibly.
import type { Message } from '../../shared/message.ts';
import { elementTexts, memberText, withMember } from './spans.ts';

/** Apps are found by their scheme (MCP Apps, `ui://`), so there the server stands behind it. */
const app = /^ui:\/\/gatehouse\.([a-z0-9-]{1,24})\/(.*)$/s;
const other = /^gatehouse\.([a-z0-9-]{1,24})\+(.*)$/s;

/** `address` (a uri or a template) of `server`, told apart from the same address of any other. */
export function withServer(server: string, address: string): string {
  return address.startsWith('ui://') ? `ui://gatehouse.${server}/${address.slice('ui://'.length)}` : `gatehouse.${server}+${address}`;
}

/** The server in an address, and the address as that server knows it; null where it carries none. */
export function takenApart(address: string): { readonly server: string; readonly address: string } | null {
  const [, appServer, rest] = app.exec(address) ?? [];
  if (appServer !== undefined) return { server: appServer, address: `ui://${rest}` };
  const [, server, own] = other.exec(address) ?? [];
  return server === undefined ? null : { server, address: own ?? '' };
}

/** The reply to a read, with the address the client asked by where the server says its own. */
export function shownBack(message: Message, argumentsText: string, reply: string): string {
  const asked = memberText(message.text, ['params', 'uri']);
  if (message.method !== 'resources/read' || asked === null || asked === argumentsText) return reply;
  const own: unknown = JSON.parse(argumentsText);
  const contents = memberText(reply, ['result', 'contents']);
  if (contents === null) return reply;
  const items = elementTexts(reply, ['result', 'contents']).map((item) => {
    const uri = memberText(item, ['uri']);
    return uri !== null && JSON.parse(uri) === own ? withMember(item, ['uri'], asked) : item;
  });
  return withMember(reply, ['result', 'contents'], `[${items.join(',')}]`);
}
