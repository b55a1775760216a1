// The places that would cover one request, narrowest first: this file, its folder, its project; this repository, its owner.
import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { PathFact, RequestFacts } from '../../shared/request-facts.ts';
import type { Place } from '../../shared/vocabulary.ts';
import { comparable } from './facts/paths.ts';
import { isInspectable, isWithin } from './places.ts';

export interface Rung {
  readonly places: readonly Place[];
  /** As it stands after "in" or "at": `~/code/acme`, `acme/web`. From the arguments, so drawn as foreign text. */
  readonly words: string;
  /** What kind of step it is, so that the usual one can be found. */
  readonly step: 'item' | 'folder' | 'project' | 'whole';
}

export interface Surroundings {
  /** The client's working folder. */
  readonly folder: string | null;
  readonly home: string;
}

/** Places named one by one in a label; more would not be read. */
const mostPlaces = 4;
const projectMarks = ['.git', '.hg', 'package.json', 'pyproject.toml', 'Cargo.toml', 'go.mod', 'pom.xml', '.obsidian'];

export function shortPath(path: string, home: string): string {
  return isWithin(home, path) ? `~${path.slice(home.length)}` : path;
}

/** Nobody means the whole of home, of the disk, or a folder of keys when they let one file be read. */
export function isTooWide(folder: string, home: string): boolean {
  const depth = folder.split(sep).filter(Boolean).length;
  return depth < 2 || isWithin(folder, home) || (isWithin(home, folder) && folder.slice(home.length + 1).startsWith('.'));
}

/** The working folder where the path lies in it, else the nearest folder above it that looks like a project. */
export function projectOf(path: string, { folder, home }: Surroundings): string | null {
  const own = folder === null ? null : comparable(folder);
  if (own !== null && isWithin(own, path) && !isTooWide(own, home)) return own;
  for (let at = dirname(path); at !== dirname(at) && !isTooWide(at, home); at = dirname(at)) {
    if (projectMarks.some((mark) => existsSync(join(at, mark)))) return at;
  }
  return null;
}

function rung(step: Rung['step'], places: readonly (Place | null)[], home: string): Rung | null {
  if (places.length === 0 || places.includes(null)) return null;
  const each = [...new Map((places as Place[]).map((place) => [JSON.stringify(place), place])).values()];
  // A place inside another of the same rung says nothing more.
  const kept = each.filter((place) => !each.some((other) => other !== place && contains(other, place)));
  if (kept.length > mostPlaces) return null;
  return { step, places: kept, words: kept.map((place) => wordsOf(place, home)).join(', ') };
}

function contains(outer: Place, inner: Place): boolean {
  return outer.kind === 'folder' && (inner.kind === 'folder' || inner.kind === 'file') && isWithin(outer.path, inner.path);
}

export function wordsOf(place: Place, home: string): string {
  switch (place.kind) {
    case 'file':
    case 'folder':
      return shortPath(place.path, home);
    case 'repository':
      return place.name;
    case 'owner':
      return `every repository of ${place.name}`;
    case 'host':
      return place.scheme === 'https' ? place.host : `${place.scheme}://${place.host}`;
    case 'domain':
      return `every host of ${place.scheme === 'https' ? place.domain : `${place.scheme}://${place.domain}`}`;
    case 'recipient':
      return place.name;
    case 'queries':
      return 'its database';
    case 'inside':
      return 'what it holds itself';
  }
}

const item = (path: string, isFolder: boolean): Place => (isFolder ? { kind: 'folder', path } : { kind: 'file', path });

function pathPlaces(facts: readonly PathFact[], step: Rung['step'], around: Surroundings): (Place | null)[] {
  return facts.flatMap(({ readings, isFolder }) =>
    readings.map((path): Place | null => {
      if (step === 'item') return isFolder && isTooWide(path, around.home) ? null : item(path, isFolder);
      const folder = step === 'folder' ? (isFolder ? path : dirname(path)) : projectOf(isFolder ? join(path, '.') : path, around);
      return folder === null || isTooWide(folder, around.home) ? null : { kind: 'folder', path: folder };
    }),
  );
}

/** Everything but paths has two steps: this one, and all that belong together. */
function otherPlaces(facts: RequestFacts, wide: boolean): Place[] {
  return [
    ...facts.hosts.map(
      ({ scheme, host, domain, loopback }): Place =>
        wide && !loopback && domain !== host ? { kind: 'domain', scheme, domain } : { kind: 'host', scheme, host },
    ),
    ...facts.repositories.map(
      ({ owner, name }): Place =>
        wide || name === null ? { kind: 'owner', name: owner } : { kind: 'repository', name: `${owner}/${name}` },
    ),
    ...facts.recipients.map(({ recipient }): Place => ({ kind: 'recipient', name: recipient })),
    ...(facts.sql.length > 0 ? [{ kind: 'queries' } as const] : []),
  ];
}

/** The rungs for these facts, narrowest first; none where something in the request could not be read. */
export function ladderOf(facts: RequestFacts, around: Surroundings): Rung[] {
  if (!isInspectable(facts) || facts.sql.some(({ onlyReads }) => !onlyReads)) return [];
  const { paths, hosts, repositories, recipients, sql } = facts;
  if (paths.length + hosts.length + repositories.length + recipients.length + sql.length === 0) {
    return [{ step: 'item', places: [{ kind: 'inside' }], words: wordsOf({ kind: 'inside' }, around.home) }];
  }
  const narrow = otherPlaces(facts, false);
  const steps = paths.length > 0 ? (['item', 'folder', 'project'] as const) : (['item', 'whole'] as const);
  const rungs = steps.flatMap((step) => {
    const places = step === 'whole' ? otherPlaces(facts, true) : [...pathPlaces(paths, step, around), ...narrow];
    return rung(step, places, around.home) ?? [];
  });
  // Where the folder is the project it counts as the project.
  return rungs.filter((each, at) => JSON.stringify(each.places) !== JSON.stringify(rungs[at + 1]?.places));
}
