// What a server offers now against what was accepted: shown as a difference, accepted or refused as a whole or by capability.
import { GatehouseError } from '../../shared/errors.ts';
import type { Finding, Server } from '../../shared/vocabulary.ts';
import { by } from './acts.ts';
import type { Actor, Change, DefinitionRow, Desk, Offered, ServerRow } from './desk.ts';
import { definitionRows, definitionsOf, noteFindings, rowOf, showServer } from './servers.ts';

export interface Difference {
  /** Empty: the server itself. */
  capability: string;
  change: 'new' | 'changed' | 'gone';
  was: string | null;
  is: string | null;
  words: { place: string; parts: { text: string; mark: 'same' | 'gone' | 'new' }[] }[];
  can: string[];
  findings: Finding[];
}

export interface Review {
  readonly differences: Difference[];
  readonly offered: Offered;
}

function difference(
  desk: Desk,
  server: string,
  capability: string,
  change: Difference['change'],
  was: string | null,
  is: string | null,
): Difference {
  const read = desk.readDifference(was, is);
  return {
    ...{ capability, change, was, is },
    words: change === 'changed' ? read.words.map(({ place, parts }) => ({ place, parts: [...parts] })) : [],
    can: change === 'changed' ? [...read.can] : [],
    findings: is === null ? [] : [...desk.findings.scan(server, capability, is)],
  };
}

/** What the server offers now, against what is kept. */
export async function reviewServer(desk: Desk, name: string): Promise<Review> {
  const row = rowOf(desk, name);
  return compare(desk, row, await desk.tryOut(row));
}

/** What `row`, started now, offered, against what is kept. */
export function compare(desk: Desk, row: ServerRow, offered: Offered): Review {
  const { name } = row;
  const kept = new Map(definitionsOf(desk, name).map((each) => [each.capability, each]));
  const differences: Difference[] = [];
  const was = desk.ownOf(row.openingText, row.package?.name ?? null);
  const is = desk.ownOf(offered.openingText, desk.packageSays(row));
  if (row.acceptedAt !== null && was !== null && is !== null && desk.fingerprint(name, '', was) !== desk.fingerprint(name, '', is))
    differences.push(difference(desk, name, '', 'changed', was, is));
  for (const { capability, text } of offered.definitions) {
    const before = kept.get(capability);
    kept.delete(capability);
    if (!before?.accepted) differences.push(difference(desk, name, capability, 'new', null, text));
    else if (before.fingerprint !== desk.fingerprint(name, capability, text))
      differences.push(difference(desk, name, capability, 'changed', before.text, text));
  }
  for (const gone of kept.values()) differences.push(difference(desk, name, gone.capability, 'gone', gone.text, null));
  return { differences, offered };
}

/** What was accepted must be what was shown: what `server add` kept, else the last review, else a look of its own. */
async function shownLast(desk: Desk, row: ServerRow, reviews: Reviews): Promise<Review> {
  const kept = definitionsOf(desk, row.name);
  if (row.acceptedAt === null && row.openingText !== null) {
    const differences = kept.map(({ capability, text }) => difference(desk, row.name, capability, 'new', null, text));
    return { differences, offered: { era: row.era, openingText: row.openingText, definitions: kept } };
  }
  return reviews.take(row.name) ?? (await reviewServer(desk, row.name));
}

/** Remembers what `server review` showed, so that accepting means exactly that. */
export class Reviews {
  readonly #shown = new Map<string, Review>();

  put(name: string, review: Review): void {
    this.#shown.set(name, review);
  }

  take(name: string): Review | undefined {
    const review = this.#shown.get(name);
    this.#shown.delete(name);
    return review;
  }
}

/** @throws GatehouseError usage for a capability that the review did not show */
function chosen(review: Review, capabilities: readonly string[] | undefined): Difference[] {
  if (capabilities === undefined) return review.differences;
  return capabilities.map((capability) => {
    const found = review.differences.find((each) => each.capability === capability);
    if (found) return found;
    throw new GatehouseError(
      'usage',
      `Nothing about ${JSON.stringify(capability)} has changed.`,
      'Name what `gatehouse server review` shows.',
    );
  });
}

/** Grants on what changed are taken back, because they were given for something else; so are patterns: nobody can say what they cover now. */
export function dropGrants(desk: Desk, tx: Change, server: string, changed: ReadonlySet<string>): void {
  for (const grant of desk.rows.grant.values()) {
    if (grant.server !== server) continue;
    if (changed.has(grant.capability) || (grant.pattern && changed.size > 0) || changed.has('')) tx.remove('grant', grant.id);
  }
}

/** Accepts what was shown, or of that only some capabilities. */
export async function acceptServer(desk: Desk, actor: Actor, name: string, reviews: Reviews, only?: readonly string[]): Promise<Server> {
  const row = rowOf(desk, name);
  const review = await shownLast(desk, row, reviews);
  const differences = chosen(review, only);
  const taken = new Set(differences.map(({ capability }) => capability));
  const changed = new Set(differences.filter(({ change }) => change !== 'new').map(({ capability }) => capability));
  const self = only === undefined || taken.has('') || row.acceptedAt === null;
  const act = {
    ...{ type: 'server.accepted', server: name, differences: differences.length, decidedBy: by(actor) },
    ...(only === undefined ? {} : { capabilities: [...taken] }),
  };
  desk.change(act, (tx) => {
    const opening = self ? { era: review.offered.era, openingText: review.offered.openingText, package: desk.packageOf(row) } : {};
    tx.put('server', { ...rowOf(desk, name), acceptedAt: new Date(desk.now()).toISOString(), ...opening });
    for (const definition of definitionsOf(desk, name))
      if (only === undefined || taken.has(definition.capability)) tx.remove('definition', definition.id);
    for (const definition of definitionRows(desk, name, review.offered, true))
      if (only === undefined || taken.has(definition.capability)) tx.put('definition', definition);
    dropGrants(desk, tx, name, changed);
  });
  noteFindings(desk, name);
  desk.approvals.forget({ server: name });
  desk.settle();
  await desk.stopServer(name);
  return showServer(desk, rowOf(desk, name));
}

/** Keeps what was accepted, and refuses what was shown without asking again; a server that never was accepted is switched off. */
export async function rejectServer(desk: Desk, actor: Actor, name: string, reviews: Reviews, only?: readonly string[]): Promise<Server> {
  const row = rowOf(desk, name);
  const review = row.acceptedAt === null ? undefined : reviews.take(name);
  const refused = review ? chosen(review, only) : [];
  if (only !== undefined && !review) {
    throw new GatehouseError('conflict', 'Nobody has looked at this server yet.', `First: gatehouse server review ${name}`);
  }
  const enabled = row.enabled && row.acceptedAt !== null;
  desk.change({ type: 'server.rejected', server: name, decidedBy: by(actor) }, (tx) => {
    tx.put('server', { ...row, enabled });
    for (const { capability, change, is } of refused) {
      const kept = desk.rows.definition.get(`${name} ${capability}`);
      if (is === null) continue;
      if (kept) tx.put('definition', { ...kept, rejected: desk.fingerprint(name, capability, is) });
      else if (change === 'new')
        for (const fresh of definitionRows(desk, name, review?.offered as Offered, false))
          if (fresh.capability === capability) tx.put('definition', fresh);
    }
  });
  desk.settle();
  await desk.stopServer(name);
  return showServer(desk, rowOf(desk, name));
}

interface Repin {
  readonly definition: string | null;
  readonly openingText: string | null;
}

/** A yes to a call whose definition changed accepts exactly the definition that was shown. Part of the change that stores the answer. */
export function acceptShown(desk: Desk, tx: Change, server: string, capability: string, repin: Repin): void {
  const row = rowOf(desk, server);
  const kept = desk.rows.definition.get(`${server} ${capability}`);
  if (repin.definition !== null && kept) {
    const next: DefinitionRow = {
      ...kept,
      text: repin.definition,
      fingerprint: desk.fingerprint(server, capability, repin.definition),
      accepted: true,
    };
    delete (next as { rejected?: string }).rejected;
    tx.put('definition', next);
  }
  if (repin.openingText !== null) tx.put('server', { ...row, openingText: repin.openingText, package: desk.packageOf(row) });
  dropGrants(desk, tx, server, new Set([...(repin.definition === null ? [] : [capability]), ...(repin.openingText === null ? [] : [''])]));
}

/** A no for good to such a call refuses the new definition, not the capability: what was accepted may come back. */
export function refuseShown(desk: Desk, tx: Change, server: string, capability: string, repin: Repin): void {
  const kept = desk.rows.definition.get(`${server} ${capability}`);
  if (repin.definition !== null && kept)
    tx.put('definition', { ...kept, rejected: desk.fingerprint(server, capability, repin.definition) });
}
