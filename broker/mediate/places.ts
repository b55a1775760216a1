// Places a grant covers, and whether everything a request names lies in them.
import { dirname } from 'node:path';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { RequestFacts } from '../../shared/request-facts.ts';
import type { Place } from '../../shared/vocabulary.ts';

/** Nothing in it is left to guess: a width may speak for it. */
export function isInspectable(facts: RequestFacts): boolean {
  return facts.unread.length === 0 && facts.hidden.length === 0 && facts.secrets.length === 0 && facts.commands.length === 0;
}

/** Does it name anything outside the server? */
function namesNothing(facts: RequestFacts): boolean {
  const { paths, hosts, repositories, recipients, sql } = facts;
  return paths.length + hosts.length + repositories.length + recipients.length + sql.length === 0;
}

/** By whole components: `/a/bc` is not in `/a/b`. Both as the facts compare them. */
export function isWithin(folder: string, path: string): boolean {
  return (
    path === folder ||
    (path.startsWith(folder) && (folder.endsWith('/') || folder.endsWith('\\') || /[\\/]/.test(path[folder.length] ?? '')))
  );
}

const onPath = (place: Place, path: string) =>
  (place.kind === 'folder' && isWithin(place.path, path)) || (place.kind === 'file' && place.path === path);

/** True only when every argument was read, and everything that they name lies in one of the places. */
export function covers(places: readonly Place[], facts: RequestFacts): boolean {
  if (!isInspectable(facts)) return false;
  if (namesNothing(facts)) return places.some((place) => place.kind === 'inside');
  return (
    facts.paths.every(({ readings }) => readings.every((reading) => places.some((place) => onPath(place, reading)))) &&
    facts.hosts.every(({ scheme, host, domain }) =>
      places.some(
        (place) =>
          (place.kind === 'host' && place.scheme === scheme && place.host === host) ||
          (place.kind === 'domain' && place.scheme === scheme && place.domain === domain),
      ),
    ) &&
    facts.repositories.every(({ owner, name }) =>
      places.some(
        (place) =>
          (place.kind === 'repository' && name !== null && place.name === `${owner}/${name}`) ||
          (place.kind === 'owner' && place.name === owner),
      ),
    ) &&
    facts.recipients.every(({ recipient }) => places.some((place) => place.kind === 'recipient' && place.name === recipient)) &&
    (facts.sql.length === 0 || (facts.sql.every(({ onlyReads }) => onlyReads) && places.some((place) => place.kind === 'queries')))
  );
}

/** What a grant is found by: one text for each place. */
export function anchorOf(place: Place): string {
  switch (place.kind) {
    case 'file':
    case 'folder':
      return `${place.kind} ${place.path}`;
    case 'host':
      return `host ${place.scheme} ${place.host}`;
    case 'domain':
      return `domain ${place.scheme} ${place.domain}`;
    case 'repository':
    case 'owner':
    case 'recipient':
      return `${place.kind} ${place.name}`;
    case 'queries':
    case 'inside':
      return place.kind;
  }
}

/** The anchors of all places that could cover the first thing a request names: as many as its path is deep, however many grants there are. */
export function anchorsFor(facts: RequestFacts): string[] {
  const [path] = facts.paths;
  if (path) {
    const reading = path.readings[0] as string;
    return [`file ${reading}`, ...upwards(reading).map((folder) => `folder ${folder}`)];
  }
  const [host] = facts.hosts;
  if (host) return [`host ${host.scheme} ${host.host}`, `domain ${host.scheme} ${host.domain}`];
  const [repository] = facts.repositories;
  if (repository)
    return [...(repository.name === null ? [] : [`repository ${repository.owner}/${repository.name}`]), `owner ${repository.owner}`];
  const [recipient] = facts.recipients;
  if (recipient) return [`recipient ${recipient.recipient}`];
  return [facts.sql.length > 0 ? 'queries' : 'inside'];
}

/** A path and every folder above it, the nearest first. */
export function upwards(path: string): string[] {
  const folders: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    folders.push(at);
    if (at === dirname(at)) return folders;
  }
}

/** What a refusal is found by: its place, and for a place with wider ones around it what a request for such a wider one would name. */
export function refusalAnchorsOf(place: Place): string[] {
  if (place.kind === 'file' || place.kind === 'folder')
    return [anchorOf(place), ...upwards(dirname(place.path)).map((folder) => `around ${folder}`)];
  if (place.kind === 'repository') return [anchorOf(place), `around owner ${place.name.slice(0, place.name.indexOf('/'))}`];
  return [anchorOf(place)];
}

/** The anchors of every place that a request names, each of its readings: a refusal counts when it touches any of them. */
export function anchorsTouched(facts: RequestFacts): string[] {
  const anchors = new Set<string>();
  for (const { readings, isFolder } of facts.paths)
    for (const reading of readings) {
      anchors.add(`file ${reading}`);
      for (const folder of upwards(reading)) anchors.add(`folder ${folder}`);
      if (isFolder) anchors.add(`around ${reading}`);
    }
  for (const { scheme, host, domain } of facts.hosts) anchors.add(`host ${scheme} ${host}`).add(`domain ${scheme} ${domain}`);
  for (const { owner, name } of facts.repositories)
    anchors.add(`owner ${owner}`).add(name === null ? `around owner ${owner}` : `repository ${owner}/${name}`);
  for (const { recipient } of facts.recipients) anchors.add(`recipient ${recipient}`);
  if (facts.sql.length > 0) anchors.add('queries');
  if (namesNothing(facts)) anchors.add('inside');
  return [...anchors];
}

/** Derives facts when they are needed and not before: an exact grant needs none. */
export type FactsOf = (caller: Caller, request: ServerRequest) => RequestFacts;
