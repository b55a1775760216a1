// What a capability does: judged from its name, its schema and, upward only, from what its server says of it.
import type { Nature } from '../../../shared/request-facts.ts';
import { snake } from './roles.ts';

const set = (words: string) => new Set(words.trim().split(/\s+/));

const runs = set('exec execute run shell bash eval evaluate script spawn terminal invoke launch powershell cmd');
const destroys = set(`delete remove drop purge destroy kill terminate wipe truncate erase reset uninstall unlink rm rmdir prune clear
  revoke deactivate disable ban discard flush format overwrite`);
const sends = set(`send post publish reply share upload push email mail invite tweet broadcast notify forward submit dm sms call message
  comment review request respond transfer pay purchase order book subscribe`);
const reads = set(`read get list search find query describe show view fetch tree status log diff blame info stat count snapshot screenshot
  browse lookup check inspect explain preview retrieve navigate compare summarize help ping head tail cat ls glob grep directory resolve
  history whoami current convert wait hover echo console messages requests nodes`);
/** Never nouns: `find_and_replace` does not only look. */
const changes = set('write create update edit replace insert append save rename move modify set put add apply');
/** Verbs where a verb stands, else nouns: `git_commit`, but `get_commit`. */
const changesAsVerb = set('copy commit stage patch merge checkout fork');

/** Words of a capability's own name. */
export const wordsOf = (capability: string): string[] =>
  snake(capability.slice(capability.indexOf(':') + 1))
    .split('_')
    .filter(Boolean);

interface Hints {
  readonly destructiveHint?: unknown;
  readonly readOnlyHint?: unknown;
}

const rank: readonly Nature[] = ['read', 'change', 'send', 'destroy', 'run'];
const graver = (one: Nature, other: Nature): Nature => (rank.indexOf(one) >= rank.indexOf(other) ? one : other);

/** Schema members that only somebody elsewhere has: what is changed with them leaves the machine. */
const remote = set(
  'owner repo repository project_id channel channel_id to cc bcc recipient recipients chat_id url webhook webhook_url email',
);

/**
 * The nature of a capability; `definition` is the raw text its server gave, null where it gave none.
 * What is not known to look is taken to change.
 */
export function natureOf(capability: string, definition: string | null): Nature {
  const kind = capability.slice(0, capability.indexOf(':'));
  if (kind === 'prompt' || kind === 'resource' || kind === 'template') return 'read';
  const parsed = definition === null ? {} : (JSON.parse(definition) as { annotations?: Hints; inputSchema?: { properties?: object } });
  const properties = new Set(Object.keys(parsed.inputSchema?.properties ?? {}).map(snake));
  const named = byWords(wordsOf(capability));
  const outside = [...properties].some((name) => remote.has(name));
  const own = named === 'change' && outside ? 'send' : named;
  const { destructiveHint, readOnlyHint } = parsed.annotations ?? {};
  // What overwrites says that it destroys; that raises its risk (present.ts), and is no worse than the change it is named for.
  if (readOnlyHint === false) return graver(own, 'change');
  return destructiveHint === true && readOnlyHint !== true && own === 'read' ? 'destroy' : own;
}

function byWords(words: readonly string[]): Nature {
  const [first = '', second = ''] = words;
  if (words.some((word) => destroys.has(word) && (word !== 'format' || word === first))) return 'destroy';
  if (words.some((word) => runs.has(word)) && !words.some((word) => word === 'query' || word === 'sql')) return 'run';
  // The verb stands first (`get_issue`), behind a prefix (`slack_get_users`), or last (`issue_read`).
  const verb = [first, second, words.at(-1) ?? ''].find(
    (word) => reads.has(word) || sends.has(word) || changes.has(word) || changesAsVerb.has(word),
  );
  if (verb === undefined) return 'change';
  if (sends.has(verb)) return 'send';
  return reads.has(verb) && !words.some((word) => changes.has(word)) ? 'read' : 'change';
}
