// What requests touch: labels of capabilities, what each session has gathered, and the flow that a request would complete.
import { homedir } from 'node:os';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { EntryBody, Label } from '../../shared/vocabulary.ts';
import { clientToolsCommand } from '../forward/client-tools.ts';
import { completes, labelsHeld, type Step, withCall } from '../mediate/flows.ts';
import { corrected, labelsOf } from '../mediate/labels/evidence.ts';
import type { Tx } from '../store/draft.ts';
import type { DefinitionRow, RowOf, Table } from '../store/rows.ts';
import type { FactsOfRequests } from './request-facts.ts';

export interface Needs {
  readonly rows: { readonly [T in Table]: ReadonlyMap<string, RowOf[T]> };
  readonly requestFacts: FactsOfRequests;
  change(act: EntryBody, write: (tx: Tx) => void): void;
  now(): number;
}

const shortest = (path: string) => (path.startsWith(`${homedir()}/`) ? `~${path.slice(homedir().length)}` : path).slice(0, 200);

export class Touched {
  readonly #needs: Needs;
  readonly #judged = new WeakMap<DefinitionRow, { identity: string | null; labels: Label[] }>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** What a capability touches, the operator's correction included. */
  of(server: string, capability: string): Label[] {
    const { rows } = this.#needs;
    return corrected(this.#judge(server, capability), rows.label.get(`${server} ${capability}`));
  }

  #judge(server: string, capability: string): Label[] {
    const { rows, requestFacts } = this.#needs;
    const row = rows.definition.get(`${server} ${capability}`);
    const of = rows.server.get(server);
    // A client's own tools have no package, and are known all the same: what their hook sends under a name is ours to say.
    const identity = of?.command === clientToolsCommand ? clientToolsCommand : (of?.package?.name ?? null);
    const known = row && this.#judged.get(row);
    if (known?.identity === identity) return known.labels;
    const labels = labelsOf({ capability, definition: row?.text ?? null, identity, nature: requestFacts.nature(server, capability) });
    if (row) this.#judged.set(row, { identity, labels });
    return labels;
  }

  /** Labels a session holds, its own and those it inherited. */
  held(client: string, session: string): Label[] {
    return labelsHeld(this.#steps(client), session, this.#needs.now());
  }

  /** The steps that led here, where this request would let private data out after a stranger's words came in; else null. */
  path(caller: Caller, request: ServerRequest): Step[] | null {
    if (request.capability === null || !request.mediated) return null;
    const steps = this.#steps(caller.client);
    if (steps.length === 0) return null;
    const found = completes(steps, caller.session, this.of(request.server, request.capability), this.#needs.now());
    return found === null || this.#staysHere(caller, request) ? null : found;
  }

  /** Every place it names is this machine's own loopback: whatever the capability could do, this goes nowhere. */
  #staysHere(caller: Caller, request: ServerRequest): boolean {
    const { hosts, recipients, repositories, unread, commands } = this.#needs.requestFacts.of(caller, request);
    return (
      hosts.length > 0 &&
      hosts.every(({ loopback }) => loopback) &&
      [recipients, repositories, unread, commands].every((each) => each.length === 0)
    );
  }

  /** The request goes out now: what it touches is the session's from here on. Written down before it happens; throws when that fails. */
  touch(caller: Caller, request: ServerRequest): void {
    const { capability, server } = request;
    if (capability === null || !request.mediated) return;
    const { requestFacts } = this.#needs;
    const labels = this.of(server, capability);
    const steps = this.#steps(caller.client);
    if (labels.length === 0 && steps.length === 0) return;
    const call = {
      session: caller.session,
      server,
      capability,
      what: words[requestFacts.nature(server, capability)],
      ...this.#object(caller, request),
    };
    this.#gather(caller, call, labels);
  }

  /** The answer that came gives the model orders, or hides something: from here on the session has read a stranger's words. */
  wasTold(caller: Caller, { server, capability }: Pick<ServerRequest, 'server' | 'capability'>): void {
    if (capability === null) return;
    const what = 'read words meant for the model in an answer of';
    this.#gather(caller, { session: caller.session, server, capability, what, object: server }, ['untrusted']);
  }

  /** Written down at once; throws when that fails. */
  #gather(caller: Caller, call: Omit<Step, 'label' | 'at'>, labels: readonly Label[]): void {
    const { now, change } = this.#needs;
    const { server, capability } = call;
    const next = withCall(this.#steps(caller.client), call, labels, now());
    if (next === null) return;
    const held = labelsHeld(next, caller.session, now());
    change({ type: 'session.labelled', client: caller.client, session: caller.session, server, capability, labels: held }, (tx) =>
      tx.put('trail', { client: caller.client, steps: next }),
    );
  }

  #steps(client: string): readonly Step[] {
    return this.#needs.rows.trail.get(client)?.steps ?? [];
  }

  #object(caller: Caller, request: ServerRequest): { object?: string } {
    const { paths, hosts, repositories, recipients } = this.#needs.requestFacts.of(caller, request);
    const [repository] = repositories;
    const object =
      (paths[0] && shortest(paths[0].path)) ??
      (repository && [repository.owner, repository.name].filter(Boolean).join('/')) ??
      hosts[0]?.host ??
      recipients[0]?.recipient;
    return object === undefined ? {} : { object: object.slice(0, 200) };
  }

  /** The last step of a path: what would happen now. */
  wouldBe(caller: Caller, request: ServerRequest): { what: string; object?: string } {
    const nature = this.#needs.requestFacts.nature(request.server, request.capability ?? '');
    return { what: would[nature], ...this.#object(caller, request) };
  }
}

const words = { read: 'read', change: 'changed', send: 'wrote to', destroy: 'removed', run: 'ran a command on' } as const;
const would = {
  read: 'would ask',
  change: 'would change',
  send: 'would write to',
  destroy: 'would remove',
  run: 'would run a command on',
} as const;
