// The facts about each request, derived once and shared by grants, the prompt and the log.
import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { Nature, RequestFacts } from '../../shared/request-facts.ts';
import { deriveFacts } from '../mediate/facts/derive.ts';
import { isFolder } from '../mediate/facts/links.ts';
import { natureOf } from '../mediate/facts/nature.ts';
import { type Sentence, sentenceOf } from '../mediate/sentence.ts';
import type { DefinitionRow, ServerRow } from '../store/rows.ts';
import { OpenPages } from './open-pages.ts';

export interface Needs {
  server(name: string): ServerRow | undefined;
  definition(server: string, capability: string): DefinitionRow | undefined;
  /** Every stored secret hidden behind `{{secret:NAME}}`. */
  mask(text: string): string;
}

const hiddenSecret = /\{\{secret:([A-Za-z0-9._-]{1,64})\}\}/g;

export class FactsOfRequests {
  readonly #needs: Needs;
  readonly pages = new OpenPages();
  readonly #known = new WeakMap<ServerRequest, RequestFacts>();
  readonly #folders = new WeakMap<ServerRow, readonly string[]>();
  readonly #natures = new WeakMap<DefinitionRow, Nature>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** The facts as they were when they were first asked for. */
  of(caller: Caller, request: ServerRequest): RequestFacts {
    const known = this.#known.get(request);
    if (known) return known;
    const facts = this.pages.with(caller, request, this.#derive(caller, request));
    this.#known.set(request, facts);
    return facts;
  }

  #derive(caller: Caller, request: ServerRequest): RequestFacts {
    const { server, definition, mask } = this.#needs;
    const row = server(request.server);
    return deriveFacts({
      capability: request.capability ?? '',
      argumentsText: request.argumentsText,
      definition: definition(request.server, request.capability ?? '')?.text ?? null,
      grounds: { bases: row ? this.#basesOf(row, caller.folder) : [], home: homedir(), platform: process.platform },
      secretsIn(text) {
        const masked = mask(text);
        if (masked === text) return [];
        // What a server was given by the operator is no news to it.
        const own = new Set(Object.values(row?.secretEnv ?? {}));
        return [...new Set(Array.from(masked.matchAll(hiddenSecret), ([, name = '']) => name))].filter((name) => !own.has(name));
      },
    });
  }

  /** Links may have moved while the operator thought or the server started: the next look reads the file system again. */
  forget(request: ServerRequest): void {
    this.#known.delete(request);
  }

  /** The request in our words, where its server is in our catalogue and pinned; null where we have none. */
  sentence(caller: Caller, request: ServerRequest): Sentence | null {
    const identity = this.#needs.server(request.server)?.package?.name ?? null;
    return identity === null ? null : sentenceOf(identity, request.capability ?? '', this.of(caller, request), homedir());
  }

  nature(server: string, capability: string): Nature {
    const row = this.#needs.definition(server, capability);
    if (!row) return natureOf(capability, null);
    const nature = this.#natures.get(row) ?? natureOf(capability, row.text);
    this.#natures.set(row, nature);
    return nature;
  }

  /** Where a relative path may start: the process's folder, the client's, and the folders the server was started with. */
  #basesOf(row: ServerRow, folder: string | null): string[] {
    const own = this.#folders.get(row) ?? row.args.filter((word) => isAbsolute(word) && isFolder(word));
    this.#folders.set(row, own);
    return [...new Set([row.cwd ?? folder ?? homedir(), ...(folder === null ? [] : [folder]), ...own])];
  }
}
