// The widths a prompt offers for one request: how much more than these bytes a yes could cover, the likeliest first.
import type { Nature, RequestFacts } from '../../shared/request-facts.ts';
import type { Pinned, Place } from '../../shared/vocabulary.ts';
import { comparable } from './facts/paths.ts';
import { isTooWide, ladderOf, type Rung, type Surroundings } from './ladder.ts';
import { covers, isWithin } from './places.ts';

export interface Width {
  /** `suggested:N`, N from 1 (interface.md). */
  readonly id: string;
  readonly label: string;
  readonly places: readonly Place[];
  /** The capabilities it covers, where they are more than the one asked about. */
  readonly capabilities: readonly Pinned[] | null;
  readonly alsoClients: readonly string[];
}

export interface Asked {
  readonly facts: RequestFacts;
  readonly nature: Nature;
  readonly around: Surroundings;
  readonly lowRisk: boolean;
  /** The server's accepted capabilities that do no more than this one, this one among them, with their pins. */
  readonly alike: readonly Pinned[];
  /** The operator's other clients that may see this server. */
  readonly otherClients: readonly string[];
  /** Those of them that are at work now, with their working folder. */
  readonly atWork: readonly { readonly client: string; readonly folder: string }[];
  /** Facts of the last requests for the same capability by the same client, that were asked about. */
  readonly before: readonly RequestFacts[];
}

const most = 4;
/** What one yes may be remembered for several capabilities at once: looking, and changes on this machine. */
const together: ReadonlySet<Nature> = new Set(['read', 'change']);
const verb: Record<Nature, string> = { read: 'reading', change: 'changes', send: 'this', destroy: 'this', run: 'this' };

/** The rung that would have covered what was asked before; where nothing was, the one that such requests repeat in. */
function firstRung(ladder: readonly Rung[], { before, nature }: Asked): Rung | undefined {
  if (before.length > 0) {
    const fitting = ladder.find((rung) => before.every((facts) => covers(rung.places, facts)));
    if (fitting) return fitting;
  }
  const usual = nature === 'read' || nature === 'change' ? 'project' : 'item';
  return ladder.find((rung) => rung.step === usual) ?? ladder[0];
}

/**
 * Clients that work in this very place just now: they would ask the same next (ADR 0010). In a place of this machine only, because nothing
 * else says where a client works.
 */
function besideIn(rung: Rung, { atWork, around }: Asked): string[] {
  const here = (folder: string) =>
    !isTooWide(folder, around.home) &&
    rung.places.some(
      (place) =>
        (place.kind === 'folder' && (isWithin(place.path, folder) || isWithin(folder, place.path))) ||
        (place.kind === 'file' && isWithin(folder, place.path)),
    );
  return [...new Set(atWork.filter(({ folder }) => here(comparable(folder))).map(({ client }) => client))].sort();
}

/** What stands between the verb and its place: a file is read, not read in, and a message goes to somebody. */
function link(places: readonly Place[], what: string): string {
  const kinds = new Set(places.map(({ kind }) => (kind === 'domain' ? 'host' : kind)));
  const [kind = 'folder', ...others] = kinds;
  if (others.length > 0) return ' in ';
  switch (kind) {
    case 'file':
      return what === 'reading' ? ' ' : what === 'changes' ? ' to ' : ' on ';
    case 'host':
      return what === 'reading' ? ' from ' : ' at ';
    case 'recipient':
      return ' to ';
    case 'inside':
      return what === 'this' ? ', within ' : ' ';
    default:
      return ' in ';
  }
}

function labelOf(rung: Rung, nature: Nature, capabilities: number, clients: string): string {
  const what = capabilities > 1 ? verb[nature] : 'this';
  return `${what}${link(rung.places, what)}${rung.words}${clients}`;
}

/** At most four; none where only these exact arguments, or any, can be said. */
export function widthsFor(asked: Asked): Width[] {
  const { facts, nature, around, lowRisk, alike, otherClients } = asked;
  const ladder = ladderOf(facts, around);
  const first = firstRung(ladder, asked);
  if (!first || nature === 'run') return [];
  const set = together.has(nature) && alike.length > 1 ? alike : null;
  const clients = nature === 'read' && lowRisk ? otherClients : [];
  const make = (rung: Rung, capabilities: readonly Pinned[] | null, alsoClients: readonly string[]): Omit<Width, 'id'> => ({
    label: labelOf(rung, nature, capabilities?.length ?? 1, forWhom(alsoClients)),
    // Looking around includes what names no place: the list of tables, the page that is open.
    places: capabilities !== null && nature === 'read' ? withInside(rung.places) : rung.places,
    capabilities,
    alsoClients,
  });
  const forWhom = (also: readonly string[]) =>
    also.length === 0 ? '' : also.length < clients.length ? `, for ${also.join(', ')} too` : ', for your other clients too';
  const beside = besideIn(first, asked).filter((client) => clients.includes(client));
  const offers = [
    ...(beside.length > 0 ? [make(first, set, beside)] : []),
    make(first, set, []),
    ...(clients.length > beside.length ? [make(first, set, clients)] : []),
    ...(set === null ? [] : [make(first, null, [])]),
    ...ladder.filter((rung) => rung !== first).map((rung) => make(rung, null, [])),
  ];
  return offers.slice(0, most).map((offer, at) => ({ id: `suggested:${at + 1}`, ...offer }));
}

function withInside(places: readonly Place[]): readonly Place[] {
  return places.some(({ kind }) => kind === 'inside') ? places : [...places, { kind: 'inside' }];
}
