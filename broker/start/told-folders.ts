// What servers are told of a client's folders: those the operator granted them, told anew when that changes.
import { basename, isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Message } from '../../shared/message.ts';
import type { Caller } from '../../shared/request.ts';
import { isFolder } from '../mediate/facts/links.ts';
import { cutFolders } from '../mediate/roots.ts';
import { isAsked } from '../mediate/server-asks.ts';
import type { GrantRow, ServerRow } from '../store/rows.ts';
import { parseMessage } from '../wire/gate.ts';
import { withMember } from '../wire/spans.ts';
import { resolvedFolder } from './policies.ts';

export interface Needs {
  server(name: string): ServerRow | undefined;
  grants(): Iterable<GrantRow>;
  /** Sends a notification to a server that runs for this connection. */
  notify(connection: string, server: string, text: string): void;
  now(): number;
}

const listChanged = '{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}';

export class ToldFolders {
  readonly #needs: Needs;
  /** Servers that were told folders, by connection, with what they were granted then. */
  readonly #told = new Map<string, { readonly caller: Caller; readonly server: string; granted: string }>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** The client's answer to `roots/list`, with what this server was granted; `told` of `had` folders. Any other answer is as it was. */
  cut(caller: Caller, server: string, reply: Message): { readonly reply: Message; readonly told: number; readonly had: number } | null {
    const { result } = reply.value as { result?: { roots?: unknown } };
    if (!Array.isArray(result?.roots)) return null;
    const roots = result.roots as unknown[];
    const folders = roots.map((root) => {
      const uri = (root as { uri?: unknown } | null)?.uri;
      return { uri: typeof uri === 'string' ? uri : '', path: pathOf(uri) };
    });
    const granted = this.granted(caller, server);
    this.#told.set(`${caller.connection}\n${server}`, { caller, server, granted: JSON.stringify(granted) });
    const kept = cutFolders(folders, granted);
    const same = kept.length === roots.length && kept.every((each, at) => 'at' in each && each.at === at);
    if (same) return { reply, told: roots.length, had: roots.length };
    const list = kept.map((each) =>
      'at' in each ? roots[each.at] : { uri: pathToFileURL(each.folder).href, name: basename(each.folder) },
    );
    return { reply: parseMessage(withMember(reply.text, ['result', 'roots'], JSON.stringify(list))), told: list.length, had: roots.length };
  }

  /** Grants changed: who was told something else is asked to ask again. */
  changed(): void {
    for (const entry of this.#told.values()) {
      const granted = JSON.stringify(this.granted(entry.caller, entry.server));
      if (granted === entry.granted) continue;
      entry.granted = granted;
      this.#needs.notify(entry.caller.connection, entry.server, listChanged);
    }
  }

  /** A connection is gone. */
  forget(connection: string): void {
    for (const [key, { caller }] of this.#told) if (caller.connection === connection) this.#told.delete(key);
  }

  /**
   * Folders this server may work in for this client: those of its grants, those it was started with, and the one it runs in, which it
   * knows anyway. Null: all, where a grant says "any arguments". A server elsewhere runs in none.
   */
  granted(caller: Caller, server: string): string[] | null {
    const row = this.#needs.server(server);
    const folders = new Set<string>();
    if (row && !row.remote) {
      const own = row.cwd ?? caller.folder;
      for (const folder of [...(own === null ? [] : [own]), ...row.args.filter((word) => isAbsolute(word) && isFolder(word))])
        folders.add(resolvedFolder(folder));
    }
    for (const grant of this.#needs.grants()) {
      if (!this.#counts(grant, caller, server)) continue;
      if (grant.match.kind === 'any') return null;
      for (const place of grant.match.places ?? []) if (place.kind === 'folder') folders.add(place.path);
    }
    return [...folders].sort();
  }

  #counts(grant: GrantRow, { client, session }: Caller, server: string): boolean {
    return (
      grant.effect === 'allow' &&
      grant.server === server &&
      !isAsked(grant.capability) &&
      (grant.client === client || grant.alsoClients?.includes(client) === true) &&
      (grant.session === null || grant.session === session) &&
      (grant.until === null || Date.parse(grant.until) > this.#needs.now())
    );
  }
}

function pathOf(uri: unknown): string | null {
  if (typeof uri !== 'string' || !/^file:/i.test(uri)) return null;
  try {
    return resolvedFolder(fileURLToPath(uri));
  } catch {
    return null;
  }
}
