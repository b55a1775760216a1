// subscriptions/listen (MCP 2026-07-28, basic/patterns/subscriptions): what a client wants to hear, from the broker and from servers.
import type { Message, RequestId } from '../../../shared/message.ts';
import type { ServerRequest } from '../../../shared/request.ts';
import type { Ended } from '../engine.ts';
import { codes, idText, nameParam } from '../gate.ts';
import type { Offer } from '../handshake/offers.ts';
import { digestsOf } from '../handshake/requests.ts';
import { memberText, putMember, withMember } from '../spans.ts';
import { errorText } from '../texts.ts';
import { keys, statelessCodes } from './envelope.ts';
import type { Exchange } from './exchanges.ts';
import { tasksExtension } from './requests.ts';

/** What a client may ask for by name: field of the filter, the list, and what is sent when it changed. */
const lists = [
  ['toolsListChanged', 'tools'],
  ['promptsListChanged', 'prompts'],
  ['resourcesListChanged', 'resources'],
] as const;

const kindOf: ReadonlyMap<string, (typeof lists)[number][0]> = new Map(
  lists.map(([field, kind]) => [`notifications/${kind}/list_changed`, field]),
);

interface Filter {
  toolsListChanged?: boolean;
  promptsListChanged?: boolean;
  resourcesListChanged?: boolean;
  resourceSubscriptions?: string[];
  taskIds?: string[];
}

/** One server's share of a subscription. */
interface Share {
  readonly server: string;
  readonly outId: string;
  readonly uris: string[];
  readonly taskIds: string[];
}

interface Subscription {
  readonly exchange: Exchange;
  readonly honoured: Filter;
  readonly shares: readonly Share[];
}

export interface Needs {
  offers(): readonly Offer[];
  /** The discovery result's text: what this connection announces. */
  discovery(): string;
  /** The server that `uri` belongs to, and its own name for it; null where this client sees none. */
  resource(exchange: Exchange, uri: string): { readonly server: string; readonly uri: string } | null;
  task(taskId: string): { readonly server: string } | undefined;
  /** What the client calls a resource of this server. */
  publicUri(server: string, uri: string): string;
  freshId(): string;
  handle(lane: string, request: ServerRequest, gone: AbortSignal): Promise<Ended>;
  /** A note on a task may hold questions; false: it is not handed on. */
  mayTell(exchange: Exchange, server: string, note: Message): Promise<boolean>;
  closed(exchange: Exchange): void;
}

const most = { subscriptions: 64, names: 1_000 };
const isNames = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');

/** The filter a client sent; null when it is none. */
function filterOf(message: Message): Filter | null {
  const given = message.params?.notifications;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return null;
  const filter = given as Record<string, unknown>;
  for (const [field] of lists) if (filter[field] !== undefined && typeof filter[field] !== 'boolean') return null;
  for (const field of ['resourceSubscriptions', 'taskIds']) {
    const names = filter[field];
    if (names !== undefined && (!isNames(names) || names.length > most.names)) return null;
  }
  return given as Filter;
}

export class Subscriptions {
  readonly #needs: Needs;
  readonly #open = new Set<Subscription>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Answers `subscriptions/listen`; its reply comes when it ends. */
  listen(exchange: Exchange): void {
    const { message, envelope, back } = exchange;
    const id = message.id as RequestId;
    const refuse = (code: number, words: string, data?: unknown) => {
      this.#needs.closed(exchange);
      back.end(errorText(id, code, words, data));
    };
    if (this.#open.size >= most.subscriptions) return refuse(codes.internal, 'Subscription limit reached');
    const wanted = filterOf(message);
    if (!wanted) return refuse(codes.badParams, 'Invalid params: notifications must be a filter of the subscriptions this revision knows');
    const extensions = envelope.capabilities.extensions as Record<string, unknown> | undefined;
    if (wanted.taskIds && !(extensions && Object.hasOwn(extensions, tasksExtension)))
      return refuse(statelessCodes.missingCapability, 'Missing required client capability', {
        requiredCapabilities: { extensions: { [tasksExtension]: {} } },
      });
    const subscription = this.#honour(exchange, wanted);
    this.#open.add(subscription);
    back.send(
      `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"${keys.subscription}":${idText(message)}},` +
        `"notifications":${JSON.stringify(subscription.honoured)}}}`,
    );
    exchange.gone.signal.addEventListener('abort', () => this.#close(subscription, false), { once: true });
    for (const share of subscription.shares) void this.#hear(subscription, share);
  }

  /** What some list holds has changed, for a reason of the broker's own. */
  listsChanged(): void {
    for (const [, kind] of lists)
      this.#listChanged(`{"jsonrpc":"2.0","method":"notifications/${kind}/list_changed"}`, `notifications/${kind}/list_changed`);
  }

  /** A message of a server that belongs to a subscription, or tells that its lists changed. */
  fromServer(lane: string, server: string, message: Message): void {
    const method = message.method ?? '';
    if (kindOf.has(method)) return this.#listChanged(message.text, method);
    const own = (message.params?._meta as Record<string, unknown> | undefined)?.[keys.subscription];
    for (const subscription of this.#open) {
      if (subscription.exchange.lane !== lane) continue;
      const share = subscription.shares.find((one) => one.server === server && one.outId === own);
      if (!share) continue;
      if (method === 'notifications/resources/updated') this.#updated(subscription, share, message);
      else if (method === 'notifications/tasks') void this.#task(subscription, share, message);
      else if (method === 'notifications/cancelled') this.#close(subscription, true);
    }
  }

  end(): void {
    for (const subscription of [...this.#open]) this.#close(subscription, true);
  }

  #honour(exchange: Exchange, wanted: Filter): Subscription {
    const announced = this.#needs.discovery();
    const can = (path: string[]) => memberText(announced, ['capabilities', ...path]) !== null;
    const honoured: Filter = {};
    for (const [field, kind] of lists) if (wanted[field] && can([kind])) honoured[field] = true;
    const shares = new Map<string, Share>();
    const shareOf = (server: string) => {
      const share = shares.get(server) ?? { server, outId: this.#needs.freshId(), uris: [], taskIds: [] };
      shares.set(server, share);
      return share;
    };
    const watches = (server: string) =>
      this.#needs
        .offers()
        .some((offer) => offer.server === server && memberText(offer.openingText, ['capabilities', 'resources', 'subscribe']) === 'true');
    for (const uri of wanted.resourceSubscriptions ?? []) {
      const found = this.#needs.resource(exchange, uri);
      if (!found || !watches(found.server)) continue;
      honoured.resourceSubscriptions = [...(honoured.resourceSubscriptions ?? []), uri];
      shareOf(found.server).uris.push(found.uri);
    }
    for (const taskId of wanted.taskIds ?? []) {
      const task = this.#needs.task(taskId);
      if (!task) continue;
      honoured.taskIds = [...(honoured.taskIds ?? []), taskId];
      shareOf(task.server).taskIds.push(taskId);
    }
    return { exchange, honoured, shares: [...shares.values()] };
  }

  /** Listens at one server for as long as the client does. When the server ends it, the client is told, and may ask again. */
  async #hear(subscription: Subscription, share: Share): Promise<void> {
    const { exchange } = subscription;
    const { message } = exchange;
    const argumentsText = JSON.stringify({
      ...(share.uris.length > 0 ? { resourceSubscriptions: share.uris } : {}),
      ...(share.taskIds.length > 0 ? { taskIds: share.taskIds } : {}),
    });
    const outgoing = withMember(withMember(message.text, ['params', 'notifications'], argumentsText), ['id'], JSON.stringify(share.outId));
    const request: ServerRequest = {
      message,
      server: share.server,
      outgoing,
      outgoingId: share.outId,
      capability: null,
      mediated: false,
      argumentsText,
      ...digestsOf(null, argumentsText),
    };
    await this.#needs.handle(exchange.lane, request, exchange.gone.signal).catch(() => {});
    this.#close(subscription, true);
  }

  #listChanged(text: string, method: string): void {
    const field = kindOf.get(method);
    for (const subscription of this.#open) if (field && subscription.honoured[field]) this.#tell(subscription, text);
  }

  #updated(subscription: Subscription, share: Share, message: Message): void {
    const uri = nameParam(message, 'uri') ?? '';
    // A server may tell of what stands below a resource somebody watches.
    if (!share.uris.some((own) => uri === own || uri.startsWith(own))) return;
    const known = this.#needs.publicUri(share.server, uri);
    this.#tell(subscription, known === uri ? message.text : withMember(message.text, ['params', 'uri'], JSON.stringify(known)));
  }

  async #task(subscription: Subscription, share: Share, message: Message): Promise<void> {
    if (!share.taskIds.includes(nameParam(message, 'taskId') ?? '')) return;
    if (await this.#needs.mayTell(subscription.exchange, share.server, message).catch(() => false)) this.#tell(subscription, message.text);
  }

  /** Everything on the stream carries the id of the request that opened it. */
  #tell(subscription: Subscription, text: string): void {
    if (!this.#open.has(subscription)) return;
    const { message, back } = subscription.exchange;
    back.send(putMember(text, ['params', '_meta', keys.subscription], idText(message)));
  }

  #close(subscription: Subscription, tell: boolean): void {
    if (!this.#open.delete(subscription)) return;
    const { exchange } = subscription;
    this.#needs.closed(exchange);
    if (tell) {
      const id = idText(exchange.message);
      exchange.back.end(`{"jsonrpc":"2.0","id":${id},"result":{"resultType":"complete","_meta":{"${keys.subscription}":${id}}}}`);
    } else exchange.back.drop();
    // The other servers' shares end with it.
    exchange.gone.abort();
  }
}
