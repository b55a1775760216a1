// The facts of a request in the shape of the published schema: strings, whole numbers, yes and no. Never an argument as it was sent:
// `{"__entity": ..}`, null and floats in a context are the engine's own language.
import type { Nature, RequestFacts } from '../../../shared/request-facts.ts';
import type { Label } from '../../../shared/vocabulary.ts';
import { upwards } from '../places.ts';

export type Context = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface About {
  readonly capability: string;
  readonly nature: Nature;
  readonly labels: readonly Label[];
  readonly sessionLabels: readonly Label[];
  readonly completesFlow: boolean;
  readonly facts: RequestFacts;
  /** The client's working folder, resolved; null where it is not known. */
  readonly folder: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** An empty set satisfies `containsAll`, so there is none. */
const none = '(none)';
const unread = '(unread)';
/** Paths, hosts or recipients; a request with more counts as not read, so that no width and no free reading covers it. */
const most = 64;
/** Members of one set. None is left out, or a `forbid` would miss what it is about: a request with more cannot be asked about at all. */
const mostMembers = 4096;

/** @throws Error for a request that names too much to be asked about */
export function contextOf({ capability, nature, labels, sessionLabels, completesFlow, facts, folder, at }: About): Context {
  const readings = facts.paths.flatMap((path) => path.readings);
  const all = readings.map(upwards);
  const inAll = (all[0] ?? []).filter((each) => all.every((folders) => folders.includes(each)));
  const tooMany = readings.length > most || facts.hosts.length > most || facts.recipients.length > most;
  const uninspectable = facts.unread.length > 0 || tooMany;
  const set = (values: readonly string[]): string[] => {
    const each = [...new Set(values)].sort();
    if (each.length > mostMembers) throw new Error('it names more places than a policy can be asked about');
    if (uninspectable) each.push(unread);
    return each.length === 0 ? [none] : each;
  };
  const when = new Date(at);
  const kindEnd = capability.indexOf(':');
  return {
    kind: capability.slice(0, kindEnd),
    name: capability.slice(kindEnd + 1),
    nature,
    labels: labels.length === 0 ? [none] : [...labels],
    sessionLabels: sessionLabels.length === 0 ? [none] : [...sessionLabels],
    completesFlow,
    insideAll: uninspectable || inAll.length === 0 ? [none] : inAll.slice(0, most),
    insideAny: set(all.flat()),
    inWorkingFolder: !uninspectable && (readings.length === 0 || (folder !== null && inAll.includes(folder))),
    hosts: set(facts.hosts.map(({ host }) => host)),
    domains: set(facts.hosts.map(({ domain }) => domain)),
    repositories: set(facts.repositories.map(({ owner, name }) => `${owner}/${name ?? '*'}`)),
    owners: set(facts.repositories.map(({ owner }) => owner)),
    recipients: set(facts.recipients.map(({ recipient }) => recipient)),
    sql: set(facts.sql.flatMap(({ verbs }) => (verbs.length === 0 ? ['UNCLEAR'] : verbs))),
    sqlOnlyReads: facts.sql.every(({ onlyReads }) => onlyReads),
    runsCommand: facts.commands.length > 0 || nature === 'run',
    argumentKeys: set(facts.argumentKeys),
    bytes: facts.bytes,
    contentBytes: facts.contentBytes,
    secrets: facts.secrets.length > 0,
    hidden: facts.hidden.length > 0,
    uninspectable,
    hour: when.getHours(),
    weekday: ((when.getDay() + 6) % 7) + 1,
  };
}

/** The published schema, member by member (gatehouse.cedarschema). */
const shape: Readonly<Record<string, 'text' | 'texts' | 'whole' | 'yes or no'>> = {
  ...{ kind: 'text', name: 'text', nature: 'text', labels: 'texts', sessionLabels: 'texts', completesFlow: 'yes or no' },
  ...{ insideAll: 'texts', insideAny: 'texts', inWorkingFolder: 'yes or no', hosts: 'texts', domains: 'texts', repositories: 'texts' },
  ...{ owners: 'texts', recipients: 'texts', sql: 'texts', sqlOnlyReads: 'yes or no', runsCommand: 'yes or no', argumentKeys: 'texts' },
  ...{ bytes: 'whole', contentBytes: 'whole', secrets: 'yes or no', hidden: 'yes or no', uninspectable: 'yes or no' },
  ...{ hour: 'whole', weekday: 'whole' },
};

const fits = (value: unknown, is: (typeof shape)[string] | undefined): boolean => {
  switch (is) {
    case 'text':
      return typeof value === 'string';
    case 'texts':
      return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string');
    case 'whole':
      return Number.isSafeInteger(value);
    case 'yes or no':
      return typeof value === 'boolean';
  }
  return false;
};

/** Is it what the schema says, nothing missing, nothing more? The engine checks the same, and takes three times as long as to decide. */
export const fitsSchema = (context: Context): boolean =>
  Object.keys(context).length === Object.keys(shape).length && Object.entries(context).every(([name, value]) => fits(value, shape[name]));

/** The facts of these names only. */
export const only = (context: Context, names: readonly string[]): Context =>
  Object.fromEntries(names.flatMap((name) => (context[name] === undefined ? [] : [[name, context[name]]])));
