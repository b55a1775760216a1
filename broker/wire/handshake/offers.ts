// What a client may see of the servers behind one connection: initialize results and lists, made of accepted definitions.
import type { Era } from '../../../shared/message.ts';
import { takenApart, withServer } from '../addresses.ts';
import { memberText, putMember, withMember } from '../spans.ts';
import { initializeResultOf } from '../translation/openings.ts';
import { publicName } from './names.ts';

/** An accepted definition: the raw JSON text the server sent for it. */
export interface Definition {
  /** `kind:name`. */
  readonly capability: string;
  readonly text: string;
  /** Client capabilities (dotted paths, `elicitation.url`) without which the server does not offer it. */
  readonly needs: readonly string[];
}

/** One server as this client may see it. */
export interface Offer {
  readonly server: string;
  readonly era: Era;
  /** Raw `result` of the server's `initialize` or `server/discover` when it was accepted. */
  readonly openingText: string;
  readonly definitions: readonly Definition[];
}

/** Versions of the handshake era, oldest first (MCP versioning). */
export const versions = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'] as const;

/** The version to speak: what the client asked for where the server can have it too, else the newest both can. */
export function negotiate(asked: unknown, serverVersion: string | null): string {
  const newest = versions.at(-1) as string;
  const wanted = typeof asked === 'string' && (versions as readonly string[]).includes(asked) ? asked : newest;
  return serverVersion !== null && serverVersion < wanted ? serverVersion : wanted;
}

/** InitializeResult for a connection that shows exactly one server: the server's own, with the negotiated version. */
export function oneServer(offer: Offer, asked: unknown): string {
  const result = initializeResultOf(offer);
  const own = memberText(result, ['protocolVersion']);
  const version = negotiate(asked, own === null ? null : (JSON.parse(own) as string));
  return withListChanges(withMember(result, ['protocolVersion'], JSON.stringify(version)));
}

export const listKinds = ['tools', 'prompts', 'resources'] as const;

/** The operator changes what a client may see, and that is told, even where the server itself never changes its lists. */
export function withListChanges(opening: string): string {
  return listKinds.reduce(
    (text, kind) =>
      memberText(text, ['capabilities', kind]) === null ? text : putMember(text, ['capabilities', kind, 'listChanged'], 'true'),
    opening,
  );
}

/** InitializeResult for a connection that shows several servers: everything any of them can. */
export function severalServers(offers: readonly Offer[], asked: unknown, version: string): string {
  const has = (path: string[]) => offers.some((offer) => memberText(offer.openingText, ['capabilities', ...path]) !== null);
  const can = (name: string) => has([name]);
  const instructions = offers.flatMap((offer) => {
    const text = memberText(offer.openingText, ['instructions']);
    return text === null ? [] : [`## ${offer.server}\n${JSON.parse(text)}`];
  });
  return JSON.stringify({
    protocolVersion: negotiate(asked, null),
    capabilities: {
      tools: { listChanged: true },
      ...(can('resources') ? { resources: { listChanged: true, ...(has(['resources', 'subscribe']) ? { subscribe: true } : {}) } } : {}),
      ...(can('prompts') ? { prompts: { listChanged: true } } : {}),
      ...(can('completions') ? { completions: {} } : {}),
      ...(can('logging') ? { logging: {} } : {}),
    },
    serverInfo: { name: 'gatehouse', title: 'Gatehouse', version },
    ...(instructions.length > 0 ? { instructions: instructions.join('\n\n') } : {}),
  });
}

const lists = {
  'tools/list': { kind: 'tool', member: 'tools' },
  'prompts/list': { kind: 'prompt', member: 'prompts' },
  'resources/list': { kind: 'resource', member: 'resources' },
  'resources/templates/list': { kind: 'template', member: 'resourceTemplates' },
} as const;

export type ListMethod = keyof typeof lists;
type ListKind = (typeof lists)[ListMethod]['kind'];

export const isList = (method: string): method is ListMethod => Object.hasOwn(lists, method);

/** Has the client declared `path` (dotted, `elicitation.url`)? */
function declares(declared: Readonly<Record<string, unknown>>, path: string): boolean {
  let at: unknown = declared;
  for (const step of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return false;
    at = (at as Record<string, unknown>)[step];
  }
  return true;
}

interface Visible {
  readonly offer: Offer;
  readonly definition: Definition;
  /** As its server names it. */
  readonly name: string;
}

/** What an offer holds of one kind: in order, and by name. Made once; an offer never changes, a changed server has a new one. */
interface Shelf {
  readonly items: readonly Visible[];
  /** By the server's own name, and by the public one. More than one where a server defines a name twice. */
  readonly own: ReadonlyMap<string, readonly Visible[]>;
  readonly public: ReadonlyMap<string, readonly Visible[]>;
}

const shelves = new WeakMap<Offer, Map<string, Shelf>>();

function shelfOf(offer: Offer, kind: string): Shelf {
  const byKind = shelves.get(offer) ?? new Map<string, Shelf>();
  shelves.set(offer, byKind);
  const known = byKind.get(kind);
  if (known) return known;
  const items = offer.definitions
    .filter((definition) => definition.capability.startsWith(`${kind}:`))
    .map((definition) => ({ offer, definition, name: definition.capability.slice(kind.length + 1) }));
  const shelf = {
    items,
    own: Map.groupBy(items, ({ name }) => name),
    public: Map.groupBy(items, ({ name }) => publicName(offer.server, name)),
  };
  byKind.set(kind, shelf);
  return shelf;
}

const mayBeSeen = ({ definition }: Visible, declared: Readonly<Record<string, unknown>>) =>
  definition.needs.every((need) => declares(declared, need));

/** Definitions of one kind that this client may see, given the capabilities it declared. */
export function visible(offers: readonly Offer[], kind: string, declared: Readonly<Record<string, unknown>>): Visible[] {
  return offers.flatMap((offer) => shelfOf(offer, kind).items.filter((item) => mayBeSeen(item, declared)));
}

/** The first of these that the client calls `name`; `several`: by its public name. */
export function visibleByName(
  offers: readonly Offer[],
  kind: string,
  declared: Readonly<Record<string, unknown>>,
  several: boolean,
  name: string,
): Visible | undefined {
  for (const offer of offers) {
    const found = shelfOf(offer, kind)
      [several ? 'public' : 'own'].get(name)
      ?.find((item) => mayBeSeen(item, declared));
    if (found) return found;
  }
  return undefined;
}

/** Does another server of the connection offer the same address, or could this one be read as another's? */
function collides(offers: readonly Offer[], kind: string, server: string, address: string): boolean {
  return takenApart(address) !== null || offers.some((offer) => offer.server !== server && shelfOf(offer, kind).own.has(address));
}

/** What the client calls a resource (or template) of this server. */
export function publicAddress(
  offers: readonly Offer[],
  several: boolean,
  kind: 'resource' | 'template',
  server: string,
  address: string,
): string {
  return several && collides(offers, kind, server, address) ? withServer(server, address) : address;
}

/** The offers that may be meant by an address, and what they know it by. */
export function meantBy(
  offers: readonly Offer[],
  several: boolean,
  address: string,
): { offers: readonly Offer[]; address: string; named: boolean } {
  const apart = several ? takenApart(address) : null;
  return apart
    ? { offers: offers.filter(({ server }) => server === apart.server), address: apart.address, named: true }
    : { offers, address, named: false };
}

const appPaths = [
  ['_meta', 'ui', 'resourceUri'],
  ['_meta', 'ui/resourceUri'],
];

/** A definition as the client sees it on a connection that shows several servers. */
function shownAmongSeveral(offers: readonly Offer[], kind: ListKind, { offer, definition, name }: Visible): string {
  const { server } = offer;
  if (kind === 'resource' || kind === 'template') {
    const shown = publicAddress(offers, true, kind, server, name);
    return shown === name
      ? definition.text
      : withMember(definition.text, [kind === 'resource' ? 'uri' : 'uriTemplate'], JSON.stringify(shown));
  }
  const text = withMember(definition.text, ['name'], JSON.stringify(publicName(server, name)));
  if (kind !== 'tool' || !text.includes('ui://')) return text;
  // A tool names the app that shows its results by address.
  return appPaths.reduce((changed, path) => {
    const uri = memberText(changed, path);
    const own: unknown = uri === null ? null : JSON.parse(uri);
    return typeof own === 'string'
      ? withMember(changed, path, JSON.stringify(publicAddress(offers, true, 'resource', server, own)))
      : changed;
  }, text);
}

/**
 * The result of a list, each item with the bytes its server gave it. Where several servers are shown, names carry the server, and so do
 * addresses that more than one of them offers.
 */
export function listResult(
  method: ListMethod,
  offers: readonly Offer[],
  declared: Readonly<Record<string, unknown>>,
  several: boolean,
): string {
  const { kind, member } = lists[method];
  const items = visible(offers, kind, declared).map((item) => (several ? shownAmongSeveral(offers, kind, item) : item.definition.text));
  return `{"${member}":[${items.join(',')}]}`;
}
