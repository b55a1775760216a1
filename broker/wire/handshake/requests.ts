// Reads a client's request of the handshake era: which server it is for, which capability it would use, what goes out.
import { createHash } from 'node:crypto';
import type { Message } from '../../../shared/message.ts';
import type { ServerRequest } from '../../../shared/request.ts';
import { withServer } from '../addresses.ts';
import { canonicalText } from '../canonical.ts';
import { nameParam } from '../gate.ts';
import { memberText, withMember } from '../spans.ts';
import { meantBy, type Offer, visible, visibleByName } from './offers.ts';

/** Characters; RFC 9110 asks for at least 8,000. */
const longestUri = 8192;

/** The servers behind one connection, and what this client declared it can. */
export interface View {
  readonly offers: readonly Offer[];
  /** True where names carry the server. */
  readonly several: boolean;
  readonly declared: Readonly<Record<string, unknown>>;
  /** Which server gave out a task id. */
  taskServer(taskId: string): string | undefined;
}

export interface Unknown {
  readonly unknown: 'tool' | 'prompt' | 'resource' | 'method' | 'task';
  readonly name: string;
  /** Addresses to choose from: more than one server offers what was asked for. */
  readonly instead?: readonly string[];
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function build(
  message: Message,
  server: string,
  capability: string | null,
  argumentsText: string,
  mediated: boolean,
  outgoing: string,
): ServerRequest {
  return { message, server, outgoing, capability, mediated, argumentsText, ...digestsOf(capability, argumentsText) };
}

/** What the log keeps of a message that uses no capability: all of it. */
const paramsOf = (message: Message) => memberText(message.text, ['params']) ?? '{}';

/** What an approval is bound to; also used to check, right before dispatch, that the bytes are the approved ones. */
export function digestsOf(capability: string | null, argumentsText: string): { digest: string; canonicalDigest: string } {
  return { digest: sha256(argumentsText), canonicalDigest: sha256(`gatehouse-request-1\n${capability}\n${canonicalText(argumentsText)}`) };
}

/** The arguments inside the bytes that are about to leave, read back from them. */
export function argumentsOf(outgoing: string, method: string | undefined): string {
  if (method?.startsWith('resources/')) return memberText(outgoing, ['params', 'uri']) ?? '{}';
  return memberText(outgoing, ['params', 'arguments']) ?? '{}';
}

const kinds: Readonly<Record<string, string>> = { 'tools/call': 'tool', 'prompts/get': 'prompt', 'resources/read': 'resource' };

/** What the bytes that are about to leave would use, read back from them: nothing of what was understood before counts here. */
export function leavingOf({ outgoing, message, capability, ...known }: ServerRequest) {
  const kind = kinds[message.method ?? ''];
  const name = memberText(outgoing, ['params', kind === 'resource' ? 'uri' : 'name']);
  const argumentsText = argumentsOf(outgoing, message.method);
  return {
    // Other messages that are mediated name their capability in the server's terms; their bytes are compared whole.
    capability: kind === undefined ? capability : name === null ? null : `${kind}:${JSON.parse(name)}`,
    argumentsText,
    canonicalDigest: argumentsText === known.argumentsText ? known.canonicalDigest : digestsOf(capability, argumentsText).canonicalDigest,
  };
}

function named(
  message: Message,
  view: View,
  kind: 'tool' | 'prompt',
  path: readonly string[],
  name: string | undefined,
): { server: string; name: string; outgoing: string } | Unknown {
  if (name === undefined) return { unknown: kind, name: '' };
  const found = visibleByName(view.offers, kind, view.declared, view.several, name);
  if (!found) return { unknown: kind, name };
  const outgoing = view.several ? withMember(message.text, path, JSON.stringify(found.name)) : message.text;
  return { server: found.offer.server, name: found.name, outgoing };
}

/**
 * Does `uri` fit an RFC 6570 template? Only to find the server; the server itself decides what it serves. Linear in the uri: its literal
 * parts must follow each other. A template without a scheme of its own claims nothing, or it would draw other servers' addresses.
 */
function fits(template: string, uri: string): boolean {
  const parts = template.split(/\{[^}]*\}/);
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(first) || !uri.startsWith(first) || !uri.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = uri.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return parts.length === 1 ? uri === template : uri.length - last.length >= at;
}

/** Whose resource `uri` is, and what its server calls it. An address that several offer is nobody's: the client says which it means. */
export function resourceOwner(view: View, uri: string): { readonly server: string; readonly own: string } | Unknown {
  const { offers, address, named } = meantBy(view.offers, view.several, uri);
  const exact = visible(offers, 'resource', view.declared).filter((item) => item.name === address);
  const owners = exact.length > 0 ? exact : visible(offers, 'template', view.declared).filter((item) => fits(item.name, address));
  const servers = [...new Set(owners.map(({ offer }) => offer.server))];
  const [server] = servers;
  if (servers.length > 1) return { unknown: 'resource', name: uri, instead: servers.map((one) => withServer(one, address)) };
  if (server !== undefined) return { server, own: address };
  // A server names resources in its results that it never listed; with one server there is no doubt whose they are.
  const only = view.several && !named ? undefined : offers[0];
  return only && memberText(only.openingText, ['capabilities', 'resources']) !== null
    ? { server: only.server, own: address }
    : { unknown: 'resource', name: uri };
}

/** A text with the address at `path` as its server knows it. */
const ownAddress = (text: string, path: readonly string[], shown: string, own: string) =>
  own === shown ? text : withMember(text, path, JSON.stringify(own));

/** Which server and capability a request means; `unknown` where this client may not see it, or nobody offers it. */
export function understand(message: Message, view: View): ServerRequest | Unknown {
  const name = nameParam(message, 'name');
  const uri = nameParam(message, 'uri');
  switch (message.method) {
    case 'tools/call': {
      const found = named(message, view, 'tool', ['params', 'name'], name);
      if ('unknown' in found) return found;
      return build(message, found.server, `tool:${found.name}`, argumentsOf(message.text, message.method), true, found.outgoing);
    }
    case 'prompts/get': {
      const found = named(message, view, 'prompt', ['params', 'name'], name);
      if ('unknown' in found) return found;
      return build(message, found.server, `prompt:${found.name}`, argumentsOf(message.text, message.method), true, found.outgoing);
    }
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe': {
      if (uri === undefined || uri.length > longestUri) return { unknown: 'resource', name: uri ?? '' };
      const found = resourceOwner(view, uri);
      if ('unknown' in found) return found;
      const outgoing = ownAddress(message.text, ['params', 'uri'], uri, found.own);
      return build(
        message,
        found.server,
        `resource:${found.own}`,
        argumentsOf(outgoing, message.method),
        message.method === 'resources/read',
        outgoing,
      );
    }
    case 'completion/complete':
      return completion(message, view);
    case 'logging/setLevel': {
      const only = view.offers[0];
      if (!only) return { unknown: 'method', name: '' };
      return build(message, only.server, null, paramsOf(message), false, message.text);
    }
    case 'tasks/get':
    case 'tasks/result':
    case 'tasks/cancel': {
      const taskId = nameParam(message, 'taskId') ?? '';
      const server = view.taskServer(taskId);
      return server === undefined
        ? { unknown: 'task', name: taskId }
        : build(message, server, null, paramsOf(message), false, message.text);
    }
    case 'tasks/list': {
      const only = view.several ? undefined : view.offers[0];
      return only ? build(message, only.server, null, paramsOf(message), false, message.text) : { unknown: 'method', name: '' };
    }
  }
  return { unknown: 'method', name: '' };
}

function completion(message: Message, view: View): ServerRequest | Unknown {
  const ref = message.params && Object.hasOwn(message.params, 'ref') ? message.params.ref : undefined;
  if (typeof ref !== 'object' || ref === null) return { unknown: 'prompt', name: '' };
  const { type, name, uri } = ref as { type?: unknown; name?: unknown; uri?: unknown };
  if (type === 'ref/prompt' && typeof name === 'string') {
    const found = named(message, view, 'prompt', ['params', 'ref', 'name'], name);
    return 'unknown' in found ? found : build(message, found.server, `prompt:${found.name}`, paramsOf(message), false, found.outgoing);
  }
  if (type === 'ref/resource' && typeof uri === 'string') {
    const { offers, address } = meantBy(view.offers, view.several, uri);
    const named = (kind: string) => visible(offers, kind, view.declared).filter((item) => item.name === address);
    const owners = [...named('template'), ...named('resource')];
    const [owner] = owners;
    const servers = [...new Set(owners.map(({ offer }) => offer.server))];
    if (servers.length > 1) return { unknown: 'resource', name: uri, instead: servers.map((one) => withServer(one, address)) };
    return owner
      ? build(
          message,
          owner.offer.server,
          owner.definition.capability,
          paramsOf(message),
          false,
          ownAddress(message.text, ['params', 'ref', 'uri'], uri, address),
        )
      : { unknown: 'resource', name: uri };
  }
  return { unknown: 'prompt', name: '' };
}
