// Which hooks in a client's list are Gatehouse's own: told by what they run, never by a matcher or a place, because those change from version to
// version. An older one makes way for the present one, so that no use is asked about twice.
import { isDeepStrictEqual } from 'node:util';
import { hookLines } from './hooks.ts';
import { oursOf } from './ours.ts';
import { isRecord } from './tree.ts';

/** What becomes of a list of hooks. */
export interface Placed {
  readonly list: readonly unknown[];
  readonly added: readonly unknown[];
  /** Whole items that made way, as they were. */
  readonly replaced: readonly unknown[];
}

interface Run {
  /** Words in front of `hook`: the program. */
  readonly program: readonly string[];
  readonly home: string | undefined;
  readonly client: string | undefined;
}

/** The list with exactly these hooks of ours in it, in the place of older ones; null where nothing changes. */
export function placed(list: readonly unknown[], items: readonly unknown[]): Placed | null {
  const runs = items.flatMap(runsOf);
  const isOurs = (command: string) => {
    const run = runOf(command);
    return run !== null && runs.some((one) => sameHook(run, one));
  };
  const kept: unknown[] = [];
  const replaced: unknown[] = [];
  let place: number | null = null;
  for (const one of list) {
    const present = items.some((item) => isDeepStrictEqual(item, one));
    // What stands there twice runs twice.
    const again = present && kept.some((each) => isDeepStrictEqual(each, one));
    const left = again ? null : present ? one : without(one, isOurs);
    if (left !== one) place ??= kept.length;
    if (left === null) replaced.push(one);
    else kept.push(left);
  }
  const added = items.filter((item) => !kept.some((one) => isDeepStrictEqual(one, item)));
  const next = [...kept];
  next.splice(place ?? kept.length, 0, ...added);
  return isDeepStrictEqual(next, list) ? null : { list: next, added, replaced };
}

/** True where a hook stands in the list that these would take the place of, or one of these themselves. */
export function holdsOurs(list: readonly unknown[], items: readonly unknown[]): boolean {
  const change = placed(list, items);
  return change === null || change.list.length < list.length + change.added.length;
}

/** An item without hooks of ours: itself where it has none, null where it has no others. */
function without(item: unknown, isOurs: (command: string) => boolean): unknown {
  if (!isRecord(item)) return item;
  if (typeof item.command === 'string') return isOurs(item.command) ? null : item;
  if (!Array.isArray(item.hooks)) return item;
  const others = item.hooks.filter((hook) => !(isRecord(hook) && typeof hook.command === 'string' && isOurs(hook.command)));
  if (others.length === item.hooks.length) return item;
  return others.length === 0 ? null : { ...item, hooks: others };
}

function runsOf(item: unknown): Run[] {
  if (!isRecord(item)) return [];
  const hooks = Array.isArray(item.hooks) ? item.hooks : [item];
  return hooks.flatMap((hook) => (isRecord(hook) && typeof hook.command === 'string' ? (runOf(hook.command) ?? []) : []));
}

/** Of a line that is one of ours to the letter; what somebody wrote around it is theirs. */
function runOf(line: string): Run | null {
  const words = [posixWords(line), powershellWords(line)].find((read) => hookLines(read).includes(line));
  const at = words?.lastIndexOf('hook') ?? -1;
  if (words === undefined || at < 1) return null;
  const after = (name: string) => {
    const found = words.indexOf(name, at);
    return found === -1 ? undefined : words[found + 1];
  };
  return { program: words.slice(0, at), home: after('--home'), client: after('--client') };
}

/** One home and one client: another home has a log and rules of its own, and may be meant. */
function sameHook(one: Run, wanted: Run): boolean {
  if (one.home !== wanted.home || one.client === undefined || one.client !== wanted.client) return false;
  if (isDeepStrictEqual(one.program, wanted.program)) return true;
  const [command = '', ...args] = [...one.program, 'connect', '--client', one.client];
  return oursOf({ kind: 'command', command, args, env: {}, cwd: null, envFile: null }) !== null;
}

/** The quoted words at the start of a line. */
const posixWords = (line: string) =>
  (/^(?:'(?:[^']|'\\'')*'(?: |$))+/.exec(line)?.[0].match(/'(?:[^']|'\\'')*'/g) ?? []).map((word) =>
    word.slice(1, -1).replaceAll("'\\''", "'"),
  );

/** The quoted words behind the first call. */
const powershellWords = (line: string) =>
  (
    /& ((?:'(?:[^'\u2018-\u201b]|(['\u2018-\u201b])\2)*'(?: |$|;))+)/
      .exec(line)?.[1]
      ?.match(/'(?:[^'\u2018-\u201b]|(['\u2018-\u201b])\1)*'/g) ?? []
  ).map((word) => word.slice(1, -1).replace(/(['\u2018-\u201b])\1/g, '$1'));
