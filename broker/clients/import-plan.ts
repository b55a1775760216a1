// What an import would bring in: one server for all entries that mean the same, one secret for each key, names that nobody has yet.
import type { FoundEntry } from './discover.ts';
import type { Machine } from './machine.ts';
import { isServer, type KnownServer, type Left, type Spec, sameSpec, serverNameFor, specOf, type Wanted, wantedOf } from './spec.ts';

export interface NewServer {
  readonly name: string;
  readonly spec: Spec;
  readonly entries: readonly FoundEntry[];
  /** Names of the secrets it is given that were in plain text. */
  readonly secrets: readonly string[];
  /** Those of them that stand in its arguments. */
  readonly visible: readonly string[];
  /** Set when Gatehouse has it already. */
  readonly known: string | null;
}

export interface ImportPlan {
  readonly servers: readonly NewServer[];
  readonly left: readonly Left[];
  /** Value by name, for the vault. */
  readonly secrets: ReadonlyMap<string, string>;
}

export interface Around {
  readonly machine: Machine;
  readonly servers: readonly KnownServer[];
  readonly secretNames: readonly string[];
  /** For each value, the secret that has it already, or null. */
  match(values: string[]): Promise<readonly (string | null)[]>;
}

export async function planImport(entries: readonly FoundEntry[], around: Around): Promise<ImportPlan> {
  const { machine, servers } = around;
  const known = new Set(around.secretNames);
  const left: Left[] = [];
  const wanted: Wanted[] = [];
  for (const entry of entries) {
    if (entry.ours) continue;
    const made = entry.meaning.disabled
      ? { entry, why: 'it is switched off in its client' }
      : entry.place.scope === 'managed'
        ? { entry, why: "it is your organisation's" }
        : wantedOf(entry, machine, (name) => known.has(name));
    if ('why' in made) left.push(made);
    else wanted.push(made);
  }
  const { names, fresh } = await nameSecrets(wanted, around);
  const planned: (Omit<NewServer, 'entries'> & { entries: FoundEntry[] })[] = [];
  const taken = new Set(servers.map(({ name }) => name));
  for (const one of wanted) {
    const spec = specOf(one, (value) => names.get(value) ?? '');
    const same = planned.find((other) => sameSpec(other.spec, spec));
    if (same) {
      same.entries.push(one.entry);
      continue;
    }
    const there = servers.find((server) => isServer(spec, server))?.name ?? null;
    const name = there ?? serverNameFor(one.entry.name, taken);
    taken.add(name);
    const called = (secrets: Wanted['secrets']) => [...new Set(secrets.map(({ value }) => names.get(value) ?? ''))];
    const visible = called(one.secrets.filter((secret) => secret.in === 'args'));
    planned.push({ name, spec, entries: [one.entry], secrets: called(one.secrets), visible, known: there });
  }
  return { servers: planned, left, secrets: fresh };
}

/** One name for each value: the vault's own where it has it, else one that says what it is for. */
async function nameSecrets(wanted: readonly Wanted[], around: Around) {
  const found = wanted.flatMap(({ entry, secrets }) => secrets.map((secret) => ({ entry, secret })));
  const values = [...new Set(found.map(({ secret }) => secret.value))];
  const kept = values.length === 0 ? [] : await around.match(values);
  const names = new Map<string, string>();
  values.forEach((value, at) => {
    const name = kept[at];
    if (name) names.set(value, name);
  });
  const taken = new Set(around.secretNames);
  const fresh = new Map<string, string>();
  for (const { entry, secret } of found) {
    if (names.has(secret.value)) continue;
    const name = freeName([secret.called, `${serverNameFor(entry.name, new Set())}-${secret.called}`.slice(0, 60)], taken);
    taken.add(name);
    names.set(secret.value, name);
    fresh.set(name, secret.value);
  }
  return { names, fresh };
}

function freeName(wished: readonly string[], taken: ReadonlySet<string>): string {
  const free = wished.find((name) => !taken.has(name));
  if (free !== undefined) return free;
  for (let number = 2; ; number++) if (!taken.has(`${wished[0]}-${number}`)) return `${wished[0]}-${number}`;
}
