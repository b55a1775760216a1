// From a request to its facts: each argument goes to the extractor of its role, and what none can read is named.
import type {
  CommandFact,
  HostFact,
  PathFact,
  RecipientFact,
  RepositoryFact,
  RequestFacts,
  SqlFact,
} from '../../../shared/request-facts.ts';
import { hidesCharacters } from './hidden.ts';
import { readAddress, readHost } from './hosts.ts';
import { type Leaf, leavesOf, type Schema } from './leaves.ts';
import { wordsOf } from './nature.ts';
import { type Grounds, readPath, type Unreadable } from './paths.ts';
import { readOwner, readRecipient, readRepository, repositoriesInWords } from './people.ts';
import { roleOf, snake } from './roles.ts';
import { readSql } from './sql.ts';

export interface Subject {
  /** `kind:name` */
  readonly capability: string;
  readonly argumentsText: string;
  /** Raw text of the accepted definition; null where the server never listed it. */
  readonly definition: string | null;
  readonly grounds: Grounds;
  /** Names of the stored secrets that a text contains. */
  secretsIn(text: string): readonly string[];
}

/** Under construction. */
interface Found {
  paths: PathFact[];
  hosts: HostFact[];
  repositories: RepositoryFact[];
  recipients: RecipientFact[];
  sql: SqlFact[];
  commands: CommandFact[];
  contentBytes: number;
  hidden: string[];
  unread: { argument: string; why: string }[];
}

/** What is quoted of one request at most; the rest counts as unread. */
const mostOfAKind = 200;
const identifier = /^[\p{L}\p{N}_.:#@+=/,~ -]{1,300}$/u;
/** What a program could take for a path, an address or an option of its own (`--output=/x` as a branch), however the argument is called. */
const leadsAway = /^(?:[/~]|[a-z][a-z0-9+.-]*:\/|-(?!\d+$))|:\/\/|\.\./i;
/** Documentation servers number their libraries so: `/vercel/next.js`. */
const libraryId = /^\/[\w.-]+(?:\/[\w.-]+){1,3}$/;
/** Where a way out of the folder stands in a pattern: at its start, or at that of an alternative. */
const patternLeadsAway = /(^|[{,(|!])(?:[/~\\]|[A-Za-z]:[\\/])|(^|[\\/{,(|!])\.\.([\\/},)|]|$)|^-/;
const patternNames = new Set(['pattern', 'patterns', 'glob', 'include', 'include_pattern']);
/** Their patterns are held against texts, not against names of files. */
const textSearch = new Set('grep rg ripgrep regex content contents text texts code lines line logs log messages memory notes'.split(' '));
const ownerNames = new Set(['owner', 'org', 'organization', 'organisation', 'workspace']);
const repositoryNames = new Set(['repo', 'repository', 'repo_name']);
const mostOwners = 8;

const failed = (result: object): result is Unreadable => 'why' in result;

/** The facts about one request. Reads the file system for paths, so they hold for this moment. Never throws on anything a client can send. */
export function deriveFacts(subject: Subject): RequestFacts {
  const { argumentsText } = subject;
  const value: unknown = JSON.parse(argumentsText);
  const found: Found = {
    paths: [],
    hosts: [],
    repositories: [],
    recipients: [],
    sql: [],
    commands: [],
    contentBytes: 0,
    hidden: [],
    unread: [],
  };
  let keys: string[] = [];
  if (typeof value === 'string') {
    // A resource: the address is the whole of it.
    readUri(found, 'uri', value, subject.grounds);
    if (hidesCharacters(value)) found.hidden.push('uri');
  } else {
    const leaves = leavesOf(value, schemaOf(subject.definition));
    if (leaves === null) found.unread.push({ argument: '', why: 'there are too many arguments to look through' });
    keys = [...new Set((leaves ?? []).map((leaf) => leaf.key))];
    readLeaves(found, leaves ?? [], subject);
  }
  return {
    argumentKeys: keys,
    bytes: Buffer.byteLength(argumentsText),
    ...found,
    secrets: subject.secretsIn(argumentsText),
  };
}

function schemaOf(definition: string | null): Schema {
  if (definition === null) return {};
  const { inputSchema } = JSON.parse(definition) as { inputSchema?: unknown };
  return typeof inputSchema === 'object' && inputSchema !== null ? inputSchema : {};
}

function readLeaves(found: Found, leaves: readonly Leaf[], subject: Subject): void {
  const capability = wordsOf(subject.capability);
  const beside = new Set(leaves.map((leaf) => snake(leaf.name)));
  const named = (names: ReadonlySet<string>) => leaves.filter(({ name, value }) => names.has(snake(name)) && typeof value === 'string');
  const owners = [...new Set(named(ownerNames).map(({ value }) => String(value)))];
  const hasRepository = named(repositoryNames).length > 0;
  for (const leaf of leaves) {
    if (typeof leaf.value === 'string' && hidesCharacters(leaf.value)) found.hidden.push(leaf.at);
    else if (hidesCharacters(leaf.name)) found.hidden.push(leaf.at);
    const role = roleOf(leaf.value, { name: leaf.name, beside, capability, schema: leaf.schema });
    const why = leaf.isName ? 'its name could be a place' : read(found, role, leaf, { owners, hasRepository, capability, subject });
    if (why !== null) found.unread.push({ argument: leaf.at, why });
  }
  if (found.paths.length > mostOfAKind || found.hosts.length > mostOfAKind) {
    found.unread.push({ argument: '', why: 'it names too many places to look through' });
  }
}

interface Around {
  /** Every owner that the request names, wherever it stands. */
  readonly owners: readonly string[];
  readonly hasRepository: boolean;
  readonly capability: readonly string[];
  readonly subject: Subject;
}

/** Reads one leaf by its role; says why where it could not. */
function read(
  found: Found,
  role: ReturnType<typeof roleOf>,
  leaf: Leaf,
  { owners, hasRepository, capability, subject }: Around,
): string | null {
  const text = String(leaf.value);
  const keep = <T extends object>(into: T[], fact: T | Unreadable): string | null => {
    if (failed(fact)) return fact.why;
    into.push(fact);
    return null;
  };
  switch (role) {
    case 'path':
      return keep(found.paths, readPath(leaf.at, text, subject.grounds));
    case 'address':
      return readUri(found, leaf.at, text, subject.grounds, false);
    case 'host':
      return keep(found.hosts, readHost(leaf.at, text));
    case 'owner':
      // With a repository beside it the two are one fact.
      return hasRepository ? null : keep(found.repositories, readOwner(leaf.at, text));
    case 'repository':
      // Which owner a server takes for which repository is its choice where there are several: so each counts with each.
      if (owners.length > mostOwners) return 'it names too many owners';
      return (owners.length === 0 ? [null] : owners).reduce<string | null>(
        (why, owner) => why ?? keep(found.repositories, readRepository(leaf.at, text, owner)),
        null,
      );
    case 'inside':
      // Servers put it into an address, where `..` leads into another repository, and `?` and `#` end the path.
      return /^(?![/-])[^%?#\\]*$/.test(text) && !text.split('/').includes('..') ? null : 'it could lead out of the repository';
    case 'recipient':
      // Beyond 2^53 two numbers become one for us, and stay two for the server, which gets their text.
      if (typeof leaf.value === 'number' && !Number.isSafeInteger(leaf.value)) return 'it is no number that names one recipient';
      return keep(found.recipients, readRecipient(leaf.at, text));
    case 'sql':
      found.sql.push({ argument: leaf.at, ...readSql(text) });
      return null;
    case 'command':
      found.commands.push({ argument: leaf.at, command: text.slice(0, 2000) });
      return null;
    case 'content':
      found.contentBytes += Buffer.byteLength(text);
      return null;
    case 'words': {
      if (patternNames.has(snake(leaf.name)) && leads(text, capability)) return 'it is a pattern that can lead out of the folder';
      found.contentBytes += Buffer.byteLength(text);
      const named = repositoriesInWords(leaf.at, text, capability);
      if (failed(named)) return named.why;
      found.repositories.push(...named);
      return null;
    }
    case 'identifier':
      return identifier.test(text) && (!leadsAway.test(text) || (/library_id$/.test(snake(leaf.name)) && libraryId.test(text)))
        ? null
        : 'it is called like an identifier and does not look like one';
    case 'neutral':
      if (text.length > 300) return 'it is too long for what it is called';
      return typeof leaf.value !== 'string' || saysLittle(leaf, text) ? null : 'it says more than what it is called';
    case 'unknown':
      return 'nothing here knows what it is for';
  }
}

/** `timezone: ../../etc/passwd`, `order_by: 1; DROP TABLE t`: what stands for a small choice is a word or two. */
function saysLittle({ name, schema }: Leaf, text: string): boolean {
  if (Array.isArray(schema.enum) && schema.enum.includes(text)) return true;
  // Cursors are any text in base64.
  if (/cursor|token/i.test(name)) return /^[A-Za-z0-9+/=_.:~-]*$/.test(text) && !text.includes('..');
  return !leadsAway.test(text) && !/[`$\\|'"\p{Cc}]|--|\/\*|;(?!\s*[\w-]+=)/u.test(text);
}

const leads = (pattern: string, capability: readonly string[]) =>
  capability.some((word) => textSearch.has(word)) ? pattern.startsWith('-') : patternLeadsAway.test(pattern);

/** An address of any kind: a file of this machine, a host, or something only its server understands. */
function readUri(found: Found, at: string, text: string, grounds: Grounds, own = true): string | null {
  if (text === 'about:blank') return null;
  if (/^file:/i.test(text)) {
    const fact = readPath(at, text, grounds);
    if (failed(fact)) return unreadable(found, at, fact.why, own);
    found.paths.push(fact);
    return null;
  }
  const fact = readAddress(at, text);
  if (failed(fact)) return unreadable(found, at, fact.why, own);
  found.hosts.push(fact);
  return null;
}

function unreadable(found: Found, at: string, why: string, own: boolean): string {
  if (own) found.unread.push({ argument: at, why });
  return why;
}
