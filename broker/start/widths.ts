// Joins what a prompt needs to offer widths: facts, the server's other capabilities, the operator's other clients, and the last repeats.
import { homedir } from 'node:os';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { Nature, RequestFacts } from '../../shared/request-facts.ts';
import type { Pinned } from '../../shared/vocabulary.ts';
import { comparable } from '../mediate/facts/paths.ts';
import { isBound, isGrave, reasonsOf, rowsOf } from '../mediate/prompt-facts.ts';
import type { Presentation } from '../mediate/question.ts';
import { atLeast } from '../mediate/weigh.ts';
import { widthsFor } from '../mediate/widths.ts';
import type { ClientRow, DefinitionRow } from '../store/rows.ts';
import type { FactsOfRequests } from './request-facts.ts';

export interface Needs {
  readonly requestFacts: FactsOfRequests;
  clients(): Iterable<ClientRow>;
  /** Sessions that are connected now. */
  atWork(): Iterable<{ readonly client: string; readonly folder: string | null }>;
  definitions(): Iterable<DefinitionRow>;
}

/** Repeats remembered for one client and capability, and how many pairs of them. */
const mostRepeats = 4;
const mostPairs = 500;

const includes: Partial<Record<Nature, readonly Nature[]>> = { read: ['read'], change: ['read', 'change'] };

export class Widths {
  readonly #needs: Needs;
  readonly #before = new Map<string, RequestFacts[]>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** The question with what its facts add: reasons and risk, rows, widths, and where a yes is bound to. */
  shown(caller: Caller, request: ServerRequest, plain: Presentation): Presentation {
    const facts = this.#needs.requestFacts.of(caller, request);
    const capability = request.capability ?? '';
    const nature = this.#needs.requestFacts.nature(request.server, capability);
    const own = reasonsOf(facts, nature);
    const reasons = [...new Set([...plain.reasons, ...own])];
    const counted = own.length === 0 ? 'low' : reasons.length === 1 ? 'medium' : 'high';
    const risk = atLeast(plain.risk, isGrave(facts, nature) ? 'high' : counted);
    const bound = isBound(nature) || (plain.labels ?? []).some((label) => label === 'outward' || label === 'destructive');
    const key = `${caller.client}\n${request.server}\n${capability}`;
    const before = this.#before.get(key) ?? [];
    const others = new Set<string>();
    for (const { name, state, servers } of this.#needs.clients())
      if (name !== caller.client && state === 'active' && servers.includes(request.server)) others.add(name);
    const widths = widthsFor({
      facts,
      nature,
      around: { folder: caller.folder, home: homedir() },
      lowRisk: risk === 'low',
      alike: this.#alike(request.server, capability, nature),
      otherClients: [...others],
      atWork: [...this.#needs.atWork()].flatMap(({ client, folder }) =>
        folder !== null && others.has(client) ? [{ client, folder }] : [],
      ),
      before,
    });
    this.#remember(key, facts, before);
    return {
      ...plain,
      reasons,
      risk,
      widths,
      facts: [...rowsOf(facts, homedir()), ...(plain.facts ?? [])],
      alwaysOffered: plain.alwaysOffered && !bound,
      boundTo: bound && caller.folder !== null ? comparable(caller.folder) : null,
    };
  }

  #remember(key: string, facts: RequestFacts, before: readonly RequestFacts[]): void {
    const [oldest] = this.#before.keys();
    if (this.#before.size >= mostPairs && oldest !== undefined) this.#before.delete(oldest);
    this.#before.set(key, [...before, facts].slice(-mostRepeats));
  }

  /** Accepted capabilities of the server that do no more than this one, with the definitions they have now. */
  #alike(server: string, capability: string, nature: Nature): Pinned[] {
    const natures = includes[nature] ?? [];
    const alike: Pinned[] = [];
    for (const row of this.#needs.definitions()) {
      if (row.server !== server || !row.accepted) continue;
      if (row.capability === capability || natures.includes(this.#needs.requestFacts.nature(server, row.capability))) {
        alike.push({ capability: row.capability, fingerprint: row.fingerprint });
      }
    }
    return alike.some((each) => each.capability === capability) ? alike : [];
  }
}
