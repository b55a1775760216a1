// Asks a registry of MCP servers (official API, v0.1), only when the operator does; what it said is kept for when it cannot be reached.
import { GatehouseError } from '../../shared/errors.ts';
import type { AnswerCache } from './answer-cache.ts';
import { download, type Network, plainAddress, Unreached } from './download.ts';
import { type Entry, readEntry, readPage } from './registry-entry.ts';

export interface Said {
  readonly address: string;
  readonly at: string;
  readonly offline: boolean;
  /** Why it is an old answer. */
  readonly why: string | null;
}

const pageBytes = 4 * 1024 * 1024;
const limitMs = 20_000;
const pageSize = 30;

export class Registry {
  readonly #network: Network;
  readonly #cache: AnswerCache;
  readonly #now: () => number;

  constructor(network: Network, cache: AnswerCache, now: () => number) {
    this.#network = network;
    this.#cache = cache;
    this.#now = now;
  }

  /** @throws GatehouseError unavailable when it cannot be reached and nothing is kept; refused for an address that may not be asked */
  async search(address: string, words: string, cursor: string | undefined): Promise<Said & { entries: Entry[]; next: string | null }> {
    const url = at(address, 'v0.1/servers');
    url.searchParams.set('search', words);
    url.searchParams.set('version', 'latest');
    url.searchParams.set('limit', String(pageSize));
    if (cursor !== undefined) url.searchParams.set('cursor', cursor);
    const { said, value } = await this.#ask(address, url);
    const page = readPage(value);
    if (page === null) throw notARegistry(address);
    return { ...said, ...page };
  }

  /** @throws as `search`; not-found for a name it does not know */
  async show(address: string, id: string, version: string | undefined): Promise<Said & { entry: Entry }> {
    const url = at(address, `v0.1/servers/${encodeURIComponent(id)}/versions/${encodeURIComponent(version ?? 'latest')}`);
    const { said, value } = await this.#ask(address, url);
    const entry = readEntry(value);
    if (entry === null) throw notARegistry(address);
    // An answer about another server than the one asked for would be shown under this name.
    if (entry.server.name !== id || (version !== undefined && entry.server.version !== version)) throw notARegistry(address);
    return { ...said, entry };
  }

  /** Every version it has, newest first as it lists them; empty where it does not say. */
  async versions(address: string, id: string): Promise<string[]> {
    const url = at(address, `v0.1/servers/${encodeURIComponent(id)}/versions`);
    const answer = await this.#ask(address, url).catch(() => null);
    const page = answer === null ? null : readPage(answer.value);
    return page === null ? [] : page.entries.filter(({ server }) => server.name === id).map(({ server }) => server.version);
  }

  async #ask(address: string, url: URL): Promise<{ said: Said; value: unknown }> {
    try {
      const wanted = { url, mostBytes: pageBytes, limitMs, accept: 'application/json', redirects: 'same' as const };
      const { bytes, type } = await download(this.#network, wanted);
      if (!/^application\/(?:[\w.+-]+\+)?json$/.test(type)) throw notARegistry(address);
      const body = bytes.toString('utf8');
      const value = parsed(body, address);
      const now = new Date(this.#now()).toISOString();
      await this.#cache.put(url.href, { at: now, body });
      return { said: { address, at: now, offline: false, why: null }, value };
    } catch (error) {
      if (!(error instanceof Unreached)) throw error;
      const kept = await this.#cache.get(url.href);
      if (kept === null) throw error;
      return { said: { address, at: kept.at, offline: true, why: error.message }, value: parsed(kept.body, address) };
    }
  }
}

function at(address: string, path: string): URL {
  const base = plainAddress(address);
  return new URL(path, base.href.endsWith('/') ? base.href : `${base.href}/`);
}

function parsed(body: string, address: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw notARegistry(address);
  }
}

const notARegistry = (address: string) =>
  new GatehouseError(
    'unavailable',
    `What ${address} answers is not what a registry of servers answers.`,
    'Look at the address: gatehouse settings get registry.address',
  );
