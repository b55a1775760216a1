// The rules in force as the rooms see them: one place where a change of rows reaches everything that was built from them.
import type { Caller, Denied, ServerRequest } from '../../shared/request.ts';
import type { EntryBody } from '../../shared/vocabulary.ts';
import { clientToolsCommand } from '../forward/client-tools.ts';
import type { Approvals } from '../mediate/approvals.ts';
import { criticalTarget, type Program } from '../mediate/critical.ts';
import { decide, type Facts, parted } from '../mediate/decide.ts';
import { type Conditions, GrantIndex, resting } from '../mediate/grants.ts';
import { type LivePins, type Shown, self, selfText } from '../mediate/pins.ts';
import { holdsOurs, type Own, touchesOurs } from '../mediate/protect.ts';
import { isAsked } from '../mediate/server-asks.ts';
import { pausedUntil } from '../operate/settings.ts';
import type { Tx } from '../store/draft.ts';
import type { DefinitionRow, GrantRow, ServerRow, Table } from '../store/rows.ts';
import type { State } from '../store/state.ts';
import type { Offer } from '../wire/handshake/offers.ts';
import { Findings } from './findings.ts';
import { DefinitionNews } from './news.ts';
import { PolicyBook } from './policies.ts';
import { ProgramEvidence } from './program-evidence.ts';
import type { FactsOfRequests } from './request-facts.ts';
import { Schemas } from './schemas.ts';
import { Touched } from './touched.ts';

export interface Needs {
  readonly state: State;
  readonly pins: LivePins;
  readonly operatorAnswers: boolean;
  readonly requestFacts: FactsOfRequests;
  readonly conditions: Conditions;
  readonly home: string;
  /** What of ours no argument may name. */
  own(): Own;
  readonly program: Program;
  report(error: unknown): void;
  fingerprint(server: string, capability: string, text: string): string;
  now(): number;
  /** What some client may see has changed. */
  listsChanged(): void;
  grantsChanged(): void;
  evidenceChanged(): void;
}

export class Rules {
  readonly facts: Facts;
  #grants: GrantIndex;
  readonly #needs: Needs;
  readonly #trouble = new Map<string, string>();
  readonly #owns = new WeakMap<ServerRow, Shown>();
  readonly news = new DefinitionNews();
  readonly findings: Findings;
  readonly evidence: ProgramEvidence;
  readonly touched: Touched;
  readonly requestFacts: FactsOfRequests;
  readonly policies: PolicyBook;
  readonly #schemas: Schemas;
  /** Grants by what they were given in answer to. */
  readonly #answering = new Map<string, GrantIndex>();
  readonly #offers = new Map<string, Offer>();
  /** Set once, when the approvals are there. */
  approvals: Approvals | null = null;
  /** Why everything is stopped; null when it is not. */
  locked: string | null = null;

  constructor(needs: Needs) {
    this.#needs = needs;
    const { rows } = needs.state;
    this.#grants = new GrantIndex(rows.grant.values(), needs.conditions);
    this.requestFacts = needs.requestFacts;
    this.touched = new Touched({
      rows,
      requestFacts: needs.requestFacts,
      change: (act, write) => void this.change(act, write),
      now: needs.now,
    });
    for (const row of rows.grant.values()) this.#answers(row);
    this.#schemas = new Schemas((server, capability) => rows.definition.get(`${server} ${capability}`));
    this.findings = new Findings({ rows, news: this.news });
    this.evidence = new ProgramEvidence({
      rows,
      sound: () => needs.state.problems.length === 0,
      change: (act, write) => void this.change(act, write),
      changed: needs.evidenceChanged,
      now: needs.now,
      report: needs.report,
    });
    this.policies = new PolicyBook({ ...needs, rows, findings: this.findings, touched: this.touched });
    this.facts = {
      lockdown: () => this.locked,
      client: (name) => this.#clientNow(name),
      server: (name) => rows.server.get(name) ?? null,
      pin: (caller, request) =>
        request.capability === null || isAsked(request.capability)
          ? 'accepted'
          : needs.pins.state(
              caller.connection,
              request.server,
              request.capability,
              rows.definition.get(`${request.server} ${request.capability}`),
              this.own(request.server)?.fingerprint ?? null,
            ),
      unknownArgument: (_caller, request) => this.#schemas.unknown(request),
      grant: (caller, request) => this.#grants.find(caller, request, needs.now()),
      protects: (caller, request) => this.#protects(caller, request),
      critical: (caller, request) => this.critical(caller, request),
      policy: (caller, request) => this.policies.verdict(caller, request),
      answering: (caller, request, answer) => this.answering(caller, request, answer),
      flows: (caller, request) => this.touched.path(caller, request) !== null && this.answering(caller, request, 'flow') === null,
      nobodyAnswers: () => !needs.operatorAnswers,
    };
  }

  /** While everything is paused, so is each client: what a paused one may not do, none may. */
  #clientNow(name: string): ReturnType<Facts['client']> {
    const { rows } = this.#needs.state;
    const row = rows.client.get(name) ?? null;
    const paused = row?.state === 'active' && pausedUntil(rows.setting, this.#needs.now()) !== null;
    return paused ? { ...row, state: 'paused' } : row;
  }

  /** Changes rows, with their proof and their entry, then tells everybody whose view of them is old. */
  change<T>(act: EntryBody, write: (tx: Tx) => T): T {
    const touched = new Set<Table>();
    const grants: string[] = [];
    const result = this.#needs.state.change(act, (tx) =>
      write({
        get: (table, id) => tx.get(table, id),
        put: (table, row) => {
          touched.add(table);
          if (table === 'grant') grants.push((row as { id: string }).id);
          return tx.put(table, row);
        },
        remove: (table, id) => {
          touched.add(table);
          if (table === 'grant') grants.push(id);
          return tx.remove(table, id);
        },
      }),
    );
    for (const id of grants) {
      const row = this.#needs.state.rows.grant.get(id);
      if (row) this.#grants.put(row);
      else this.#grants.remove(id);
      for (const index of this.#answering.values()) index.remove(id);
      if (row) this.#answers(row);
    }
    if (touched.has('grant') || touched.has('server')) this.#needs.grantsChanged();
    if (touched.has('server') || touched.has('definition')) {
      this.#offers.clear();
      this.news.clear();
    }
    if (touched.has('policy') || touched.has('setting')) this.policies.reload();
    if (['server', 'definition', 'dismissal', 'client', 'evidence'].some((table) => touched.has(table as Table))) this.findings.stale();
    if (touched.has('server') || touched.has('definition') || touched.has('client')) this.#needs.listsChanged();
    return result;
  }

  #protects(caller: Caller, request: ServerRequest): string | null {
    const { requestFacts, own } = this.#needs;
    const facts = () => requestFacts.of(caller, request);
    const touches = touchesOurs(request.argumentsText, facts, own());
    if (touches !== null || request.capability === null) return touches;
    const nature = requestFacts.nature(request.server, request.capability);
    const moves = nature === 'destroy' || /move|rename/i.test(request.capability);
    return moves && holdsOurs(facts(), own()) ? "It would take Gatehouse's own home along." : null;
  }

  /** Does this grant let a capability be used that can click for the person? */
  controlsScreen({ server, capability, pattern, capabilities }: GrantRow): boolean {
    const kind = capability === '*' ? '' : capability.slice(0, capability.indexOf(':') + 1);
    const names = pattern
      ? [...this.#needs.state.rows.definition.values()]
          .filter((row) => row.server === server && row.capability.startsWith(kind))
          .map((row) => row.capability)
      : (capabilities?.map((each) => each.capability) ?? [capability]);
    return names.some((name) => this.touched.of(server, name).includes('controls-screen'));
  }

  /** What critical thing a request would change; null: none. */
  critical(caller: Caller, request: ServerRequest): string | null {
    const { requestFacts, program } = this.#needs;
    if (request.capability === null || !request.mediated) return null;
    return criticalTarget(requestFacts.of(caller, request), requestFacts.nature(request.server, request.capability), program);
  }

  #answers(row: GrantRow): void {
    for (const answer of row.answers ?? []) {
      const index = this.#answering.get(answer) ?? new GrantIndex([], this.#needs.conditions);
      this.#answering.set(answer, index);
      index.put(row);
    }
  }

  /** The grant that was given in answer to this (`flow`, `policy:NAME`) and covers the request. */
  answering(caller: Caller, request: ServerRequest, answer: string): { readonly id: string } | null {
    const grant = this.#answering.get(answer)?.find(caller, request, this.#needs.now());
    return grant?.effect === 'allow' ? grant : null;
  }

  /** Rows were removed outside a change (an operator's mend). */
  reload(): void {
    this.#grants = new GrantIndex(this.#needs.state.rows.grant.values(), this.#needs.conditions);
    this.policies.reload();
    this.#answering.clear();
    for (const row of this.#needs.state.rows.grant.values()) this.#answers(row);
    this.#offers.clear();
    this.#needs.listsChanged();
  }

  /** Answers open questions that a rule decides now. */
  settle(): void {
    this.approvals?.settle((caller, request) => {
      const verdict = decide(this.facts, caller, request);
      return verdict.kind === 'ask' ? null : verdict;
    });
  }

  /** Why a grant does not count just now, though it has not ended; null when it does. */
  rests(row: GrantRow): 'changed' | 'unused' | null {
    return resting(row, row.capability, this.#needs.now(), this.#needs.conditions);
  }

  /** Why nothing may pass between this client and this server now, in either direction; null when it may. */
  parted(client: string, server: string): Denied | null {
    return parted(this.facts, client, server);
  }

  /** Accepted servers this client may see, with their accepted definitions. */
  offers(client: string, only: string | null): Offer[] {
    const { rows } = this.#needs.state;
    const names = rows.client.get(client)?.servers ?? [];
    // A client's own tools are asked about by its hook, by name; as tools over MCP they would do nothing.
    const listed = (name: string) => rows.server.get(name)?.command !== clientToolsCommand;
    return names.filter((name) => (only === null ? listed(name) : name === only)).flatMap((name) => this.#offer(name) ?? []);
  }

  #offer(name: string): Offer | null {
    const known = this.#offers.get(name);
    if (known) return known;
    const row = this.#needs.state.rows.server.get(name);
    if (!row?.enabled || row.acceptedAt === null || row.openingText === null) return null;
    const definitions: DefinitionRow[] = [];
    for (const definition of this.#needs.state.rows.definition.values())
      if (definition.server === name && definition.accepted) definitions.push(definition);
    const offer = { server: name, era: row.era, openingText: row.openingText, definitions };
    this.#offers.set(name, offer);
    return offer;
  }

  /** What was accepted of the server itself: its name, instructions and package. */
  own(server: string): Shown | null {
    const row = this.#needs.state.rows.server.get(server);
    if (!row || row.openingText === null) return null;
    const known = this.#owns.get(row);
    if (known) return known;
    const text = selfText(row.openingText, row.package?.name ?? null);
    const own = { text, fingerprint: this.#needs.fingerprint(server, self, text) };
    this.#owns.set(row, own);
    return own;
  }

  /** A process showed this. True when what it shows and nobody accepted is news worth an entry. */
  shown(connection: string, server: string, shown: ReadonlyMap<string, Shown>): boolean {
    const changed: string[] = [];
    const fresh = new Map<string, Shown>();
    const own = this.own(server)?.fingerprint ?? null;
    for (const [capability, definition] of shown) {
      const accepted = this.#needs.state.rows.definition.get(`${server} ${capability}`);
      if (capability === self) {
        if (own !== null && definition.fingerprint !== own) changed.push(self);
      } else if (!accepted) {
        if (!capability.startsWith('resource:')) fresh.set(capability, definition);
      } else if (['changed', 'twofold'].includes(this.#needs.pins.state(connection, server, capability, accepted)))
        changed.push(capability);
    }
    this.findings.stale();
    return this.news.put(server, changed, fresh);
  }

  trouble(server: string): string | null {
    return this.#trouble.get(server) ?? null;
  }

  /** What is wrong with a server just now; null when a process of it runs well. */
  setTrouble(server: string, trouble: string | null): void {
    if (trouble === null) this.#trouble.delete(server);
    else this.#trouble.set(server, trouble);
  }
}
