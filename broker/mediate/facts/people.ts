// Repositories, their owners, and whom something is sent to, as facts.
import type { RecipientFact, RepositoryFact } from '../../../shared/request-facts.ts';
import { hidesCharacters } from './hidden.ts';
import type { Unreadable } from './paths.ts';

/** What GitHub and GitLab allow in names; a lone stop or two would be a step in a path. */
const part = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}$/;

/** Repository hosts compare without regard to capitals. */
const folded = (name: string) => name.toLowerCase();

const readable = (names: readonly string[]) => names.length > 0 && names.every((name) => part.test(name));

/** `repo` beside `owner`, `owner/name`, `group/sub/name`, or an address of one. */
export function readRepository(argument: string, text: string, owner: string | null): RepositoryFact | Unreadable {
  const steps = (owner === null ? text : `${owner}/${text}`).replace(/%2F/gi, '/').split('/');
  if (steps.length < 2) return { why: 'it does not say whose repository it is' };
  if (steps.length > 12 || !readable(steps)) return { why: 'it is not the name of a repository' };
  return { argument, owner: folded(steps.slice(0, -1).join('/')), name: folded(steps.at(-1) as string) };
}

export function readOwner(argument: string, text: string): RepositoryFact | Unreadable {
  const steps = text.split('/');
  return steps.length <= 12 && readable(steps) ? { argument, owner: folded(text), name: null } : { why: 'it is not the name of an owner' };
}

/** Searches of repository hosts say where they look in the words themselves: `repo:acme/web is:open`. */
export function repositoriesInWords(argument: string, words: string, capability: readonly string[]): RepositoryFact[] | Unreadable {
  const subjects = ['code', 'issues', 'repositories', 'commits', 'pull', 'users', 'discussions'];
  if (!capability.includes('search') || !subjects.some((word) => capability.includes(word))) return [];
  const scopes = [...words.matchAll(/(?<![\w-])(-?)(repo|org|user|owner):("?)([^\s"]+)\3/gi)];
  // An exclusion narrows nothing, and `OR` makes what stands beside a scope reach outside it.
  if (scopes.length === 0 || scopes.some(([, not]) => not === '-') || /(^|\s)(OR|NOT)(\s|$)/.test(words)) {
    return { why: 'its words search more than one repository' };
  }
  const facts: RepositoryFact[] = [];
  for (const [, , kind = '', , name = ''] of scopes) {
    const fact = kind.toLowerCase() === 'repo' ? readRepository(argument, name, null) : readOwner(argument, name);
    if ('why' in fact) return fact;
    facts.push(fact);
  }
  return facts;
}

const address = /^[^\s@<>,;:"()[\]\\]{1,64}@[A-Za-z0-9.-]{1,253}$/;
/** Channels and people as services name them: `C0123`, `#general`, `@mia`, `+491234`. */
const handle = /^[#@+]?[\p{L}\p{N}][\p{L}\p{N}_.-]{0,99}$/u;

/** One recipient. A list inside one text (`a@x, b@y`) is not read: programs split it differently. */
export function readRecipient(argument: string, text: string): RecipientFact | Unreadable {
  if (hidesCharacters(text)) return { why: 'it holds characters that do not show' };
  if (address.test(text) || handle.test(text)) return { argument, recipient: text.normalize('NFC').toLowerCase() };
  return { why: 'it does not name one recipient' };
}
