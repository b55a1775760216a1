// What a request does, in our words: a verb of ours from the catalogue, objects from the facts. Never an argument as it was.
import { basename, dirname } from 'node:path';
import type { PathFact, RequestFacts } from '../../shared/request-facts.ts';
import type { Approval } from '../../shared/vocabulary.ts';
import { sayingOf } from './labels/verbs.ts';
import { shortPath } from './ladder.ts';

export type Sentence = NonNullable<Approval['sentence']>;

/** Characters of one object: what a log row can hold; the rows of a prompt hold all of it. */
const longest = 200;

const cut = (text: string) => (text.length <= longest ? text : `${text.slice(0, longest)}…`);

/** `README.md` and `~/code/acme`. */
function split(path: string, home: string): { name: string; folder: string | null } {
  const parent = dirname(path);
  if (path === home || parent === path) return { name: shortPath(path, home), folder: null };
  return { name: basename(path), folder: shortPath(parent, home) };
}

/** The folder that holds all of them; null where there is none but the disk. */
function shared(paths: readonly PathFact[]): string | null {
  const [first = '', ...rest] = paths.map(({ path }) => dirname(path));
  let folder = first;
  while (rest.some((other) => other !== folder && !other.startsWith(`${folder}/`) && !other.startsWith(`${folder}\\`))) {
    if (dirname(folder) === folder) return null;
    folder = dirname(folder);
  }
  return dirname(folder) === folder ? null : folder;
}

function pathObjects(paths: readonly PathFact[], several: string, home: string): { object: string; folder: string | null } {
  const [only] = paths;
  if (paths.length === 1 && only) {
    const { name, folder } = split(only.path, home);
    return { object: name, folder };
  }
  const folder = shared(paths);
  return { object: `${paths.length} ${several}`, folder: folder === null ? null : shortPath(folder, home) };
}

/** Values that are all the same are one; several different ones are counted. */
function each(values: readonly string[], several: string): string | null {
  const all = [...new Set(values)];
  return all.length === 0 ? null : all.length === 1 ? (all[0] ?? null) : `${all.length} ${several}`;
}

/** Each kind of place that a request names, and whether a sentence about `about` speaks of it. */
function saysAll(facts: RequestFacts, about: string): boolean {
  const { paths, hosts, repositories, recipients, sql, commands, unread, secrets } = facts;
  if (unread.length > 0 || commands.length > 0 || secrets.length > 0) return false;
  return (
    (paths.length === 0 || ['file', 'folder', 'move'].includes(about)) &&
    (hosts.length === 0 || about === 'page') &&
    (repositories.length === 0 || about === 'repository') &&
    (recipients.length === 0 || about === 'recipient') &&
    (sql.length === 0 || about === 'sql')
  );
}

/**
 * The sentence for a capability of the pinned package or origin `identity`; null where we have no verb for it, or where the sentence
 * would not say everything the request names: then it is told by its name.
 */
export function sentenceOf(identity: string | null, capability: string, facts: RequestFacts, home: string): Sentence | null {
  const saying = sayingOf(identity, capability);
  if (saying === null || !saysAll(facts, saying.about)) return null;
  const { verb, past, about, several } = saying;
  const first = (object: string): Sentence[number] => ({
    verb,
    object: cut(object),
    ...(past === verb ? {} : { past }),
    ...(several === undefined ? {} : { several }),
  });
  switch (about) {
    case 'file':
    case 'folder': {
      if (facts.paths.length === 0) return null;
      const { object, folder } = pathObjects(facts.paths, several ?? 'places', home);
      return [first(object), ...(folder === null ? [] : [{ verb: 'in', object: cut(folder) }])];
    }
    case 'move': {
      const [from, to] = facts.paths;
      if (facts.paths.length !== 2 || from?.argument !== 'source' || to?.argument !== 'destination') return null;
      return [first(shortPath(from.path, home)), { verb: 'to', object: cut(shortPath(to.path, home)) }];
    }
    case 'page': {
      const where = each(
        facts.hosts.map(({ host }) => host),
        'hosts',
      );
      return where === null ? null : [first(where)];
    }
    case 'repository': {
      const names = facts.repositories.map(({ owner, name }) => (name === null ? owner : `${owner}/${name}`));
      const where = each(names, 'repositories');
      return where === null ? null : [first(where)];
    }
    case 'recipient': {
      const whom = each(
        facts.recipients.map(({ recipient }) => recipient),
        'recipients',
      );
      return whom === null ? null : [first(whom)];
    }
    case 'sql': {
      const verbs = [...new Set(facts.sql.flatMap((query) => query.verbs))];
      return verbs.length === 0 || verbs.includes('UNCLEAR') ? null : [first(verbs.join(', ')), { verb: 'on its database', object: '' }];
    }
    case 'nothing':
      return [first('')];
  }
}
