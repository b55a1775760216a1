// Which page each browser server shows: a click names no host, but it acts on the page that is open.
import type { Message } from '../../shared/message.ts';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { HostFact, RequestFacts } from '../../shared/request-facts.ts';
import { readAddress } from '../mediate/facts/hosts.ts';

const navigates = /(^|_)(navigate|goto|open_page|new_page|visit)(_|$)/;
/** As Playwright's and Chrome's servers end each of their replies. */
const said = /(?:^|\n)[-#* ]*(?:Page )?URL: (\S{1,2000})/i;
/** Connections remembered; the oldest are forgotten first. */
const most = 500;

export class OpenPages {
  readonly #pages = new Map<string, HostFact>();

  /** The facts with the host of the open page, where the request names nothing itself and there is one. */
  with(caller: Caller, request: ServerRequest, facts: RequestFacts): RequestFacts {
    const { paths, hosts, repositories, recipients, sql } = facts;
    const page = this.#pages.get(keyOf(caller, request));
    if (!page || paths.length + hosts.length + repositories.length + recipients.length + sql.length > 0) return facts;
    return { ...facts, hosts: [page] };
  }

  /** It goes out now: from here on its page is taken for open, whatever comes of it. */
  leaves(caller: Caller, request: ServerRequest, facts: RequestFacts): void {
    const [host] = facts.hosts;
    if (host && host.argument !== '' && navigates.test(request.capability ?? '')) this.#put(keyOf(caller, request), host);
  }

  /** The server's own word on where it stands now counts more than where it was sent: links and forms lead elsewhere. */
  answered(caller: Caller, request: ServerRequest, reply: Message): void {
    const key = keyOf(caller, request);
    if (!this.#pages.has(key)) return;
    const content = (reply.value.result as { content?: unknown } | undefined)?.content;
    for (const item of Array.isArray(content) ? content : []) {
      const address = typeof item?.text === 'string' ? said.exec(item.text)?.[1] : undefined;
      const host = address === undefined ? null : readAddress('', address);
      if (host && !('why' in host)) this.#put(key, host);
    }
  }

  #put(key: string, host: HostFact): void {
    this.#pages.delete(key);
    this.#pages.set(key, { ...host, argument: '' });
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > most && oldest !== undefined) this.#pages.delete(oldest);
  }
}

const keyOf = (caller: Caller, request: ServerRequest) => `${caller.connection}\n${request.server}`;
