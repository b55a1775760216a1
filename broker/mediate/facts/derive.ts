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
    argumentKeys: keys.slice(0, 50),
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
  const owner = leaves.find((leaf) => ['owner', 'org', 'organization', 'organisation', 'workspace'].includes(snake(leaf.name)));
  for (const leaf of leaves) {
    if (typeof leaf.value === 'string' && hidesCharacters(leaf.value)) found.hidden.push(leaf.at);
    else if (hidesCharacters(leaf.name)) found.hidden.push(leaf.at);
    const role = roleOf(leaf.value, { name: leaf.name, beside, capability, schema: leaf.schema });
    const why = read(found, role, leaf, { owner, capability, beside, subject });
    if (why !== null) found.unread.push({ argument: leaf.at, why });
  }
  if (found.paths.length > mostOfAKind || found.hosts.length > mostOfAKind) {
    found.unread.push({ argument: '', why: 'it names too many places to look through' });
  }
}

interface Around {
  readonly owner: Leaf | undefined;
  readonly capability: readonly string[];
  readonly beside: ReadonlySet<string>;
  readonly subject: Subject;
}

/** Reads one leaf by its role; says why where it could not. */
function read(found: Found, role: ReturnType<typeof roleOf>, leaf: Leaf, { owner, capability, beside, subject }: Around): string | null {
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
      return beside.has('repo') || beside.has('repository') || beside.has('repo_name')
        ? null
        : keep(found.repositories, readOwner(leaf.at, text));
    case 'repository':
      return keep(found.repositories, readRepository(leaf.at, text, owner === undefined ? null : String(owner.value)));
    case 'inside':
      // Servers put it into an address, where `..` leads into another repository, and `?` and `#` end the path.
      return /^(?!\/)[^%?#\\]*$/.test(text) && !text.split('/').includes('..') ? null : 'it could lead out of the repository';
    case 'recipient':
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
      found.contentBytes += Buffer.byteLength(text);
      const named = repositoriesInWords(leaf.at, text, capability);
      if (failed(named)) return named.why;
      found.repositories.push(...named);
      return null;
    }
    case 'identifier':
      return identifier.test(text) && !text.includes('..') ? null : 'it is called like an identifier and does not look like one';
    case 'neutral':
      return text.length <= 300 ? null : 'it is too long for what it is called';
    case 'unknown':
      return 'nothing here knows what it is for';
  }
}

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
