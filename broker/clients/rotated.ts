// Keys that come back with an old entry, and for each the secret that stands in its place at the server which the entry became.
import { referenceTo, withSecrets } from '../../shared/secret-reference.ts';
import type { Edit } from './change.ts';
import type { ClientKind } from './kind.ts';
import { type Launch, meaningOf, type Way, wayTo } from './launch.ts';
import { oursOf } from './ours.ts';
import { type PlainSecret, plainSecrets } from './secrets.ts';
import { hrefOf } from './spec.ts';

/** What of a server says where its secrets go. */
export interface Served {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly secretEnv: Readonly<Record<string, string>>;
  readonly remote?:
    | {
        readonly url: string;
        readonly headers: Readonly<Record<string, string>>;
        readonly secretHeaders: Readonly<Record<string, string>>;
      }
    | null
    | undefined;
}

export interface Returning extends Pick<PlainSecret, 'in' | 'key' | 'start' | 'end' | 'value'> {
  /** For example `github: GITHUB_TOKEN`. */
  readonly where: string;
  /** From the top of the file to the text it is part of; null where the client's spelling has no single place for it. */
  readonly way: Way | null;
  /** That whole text. */
  readonly text: string;
  /** What stands in its place now, or why nobody can say, in the middle of a sentence. */
  readonly now: { readonly secret: string } | { readonly why: string };
}

/** `edits`: as undone, the newest first. Of an entry that was changed several times the oldest text comes back, so only its keys do. */
export function returningKeys(kind: ClientKind, edits: readonly Edit[], servers: readonly Served[]): Returning[] {
  const groups = new Map<string, Edit[]>();
  for (const edit of edits) {
    const id = JSON.stringify([edit.at, edit.name]);
    groups.set(id, [...(groups.get(id) ?? []), edit]);
  }
  return [...groups.values()].flatMap((group) => {
    const last = group.at(-1);
    return last === undefined || last.before === null ? [] : ofEntry(kind, last, leadingTo(kind, group), servers);
  });
}

/** Names of the servers that our entries there led to. */
function leadingTo(kind: ClientKind, group: readonly Edit[]): string[] {
  return [...new Set(group.flatMap(({ after }) => oursOf(meaningOf(after, kind.dialect).launch)?.server ?? []))];
}

function ofEntry(kind: ClientKind, { at, name, before }: Edit, led: readonly string[], servers: readonly Served[]): Returning[] {
  const { launch } = meaningOf(before?.value, kind.dialect);
  const secrets = plainSecrets(launch);
  return secrets.map((secret) => {
    const { in: place, key } = secret;
    const below = wayTo(before?.value, kind.dialect, place, key);
    const spot = place === 'args' ? `argument ${Number(key) + 1}` : place === 'url' ? 'its address' : key;
    return {
      ...secret,
      where: `${name}: ${spot}`,
      way: below && [...at, name, ...below],
      text: textAt(launch, place, key) ?? '',
      now: standing(secret, secrets, launch, led, servers),
    };
  });
}

function textAt(launch: Launch, place: PlainSecret['in'], key: string): string | undefined {
  if (launch.kind === 'command') return place === 'env' ? launch.env[key] : launch.args[Number(key)];
  if (launch.kind === 'url') return place === 'url' ? launch.url : launch.headers[key];
  return undefined;
}

function servedAt(server: Served, place: PlainSecret['in'], key: string): string | undefined {
  const own = <T>(map: Readonly<Record<string, T>> | undefined): T | undefined => (map && Object.hasOwn(map, key) ? map[key] : undefined);
  const { remote } = server;
  if (place === 'args') return server.args[Number(key)];
  if (place === 'url') return remote?.url;
  const [whole, text] = place === 'env' ? [own(server.secretEnv), own(server.env)] : [own(remote?.secretHeaders), own(remote?.headers)];
  return whole === undefined ? text : referenceTo(whole);
}

function standing(
  secret: PlainSecret,
  all: readonly PlainSecret[],
  launch: Launch,
  [first, second]: readonly string[],
  servers: readonly Served[],
): Returning['now'] {
  const { in: place, key } = secret;
  if (first === undefined) return { why: 'no server of Gatehouse came of its entry' };
  if (second !== undefined) return { why: `its entry led to ${first} and to ${second}` };
  const server = servers.find(({ name }) => name === first);
  if (server === undefined) return { why: `the server ${first} is gone` };
  const there = servedAt(server, place, key) ?? '';
  const names: string[] = [];
  withSecrets(there, (name) => {
    names.push(name);
    return '';
  });
  const here = all.filter((one) => one.in === place && one.key === key).sort((a, b) => a.start - b.start);
  if (names.length === 0) return { why: `${first} has no secret in that place any more` };
  if (names.length !== here.length)
    return { why: `${first} has ${names.length} secrets in that place, where there ${here.length === 1 ? 'was' : 'were'} ${here.length}` };
  const again = here.reduceRight(
    (text, { start, end }, at) => text.slice(0, start) + referenceTo(names[at] ?? '') + text.slice(end),
    textAt(launch, place, key) ?? '',
  );
  // A variable or header with one secret in it is the same place however the rest is written; an argument's number alone says little.
  const named = (place === 'env' || place === 'headers') && names.length === 1;
  if (!named && (place === 'url' ? hrefOf(again) : again) !== there) return { why: `${first} has another text in that place now` };
  return { secret: names[here.indexOf(secret)] ?? '' };
}
