// What one way of a registry's entry would run or reach: an argv array with an exact version, or an address with its headers.
import { GatehouseError } from '../../shared/errors.ts';
import { referenceTo } from '../../shared/secret-reference.ts';
import { type Answers, answered, type Field } from './fields.ts';
import type { Input, Packaged, RemoteEntry } from './registry-entry.ts';
import { fill, type Given, refuseReferences } from './template.ts';

export interface RegistryLaunch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly secretEnv: Readonly<Record<string, string>>;
  readonly remote: {
    readonly url: string;
    readonly transport: 'http' | 'sse';
    readonly headers: Readonly<Record<string, string>>;
    readonly secretHeaders: Readonly<Record<string, string>>;
  } | null;
  readonly fields: readonly Field[];
  readonly missing: readonly string[];
  readonly warnings: readonly string[];
}

/** One exact version as each of them writes it: no range, no tag. */
const exact = {
  npm: /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/,
  pypi: /^\d+(?:\.\d+)*[0-9a-z.+!_-]*$/i,
  nuget: /^\d+(?:\.\d+){1,3}(?:[-+][0-9A-Za-z.+-]+)?$/,
  oci: /^[\w][\w.-]{0,127}$/,
} as const;
const names = {
  npm: /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i,
  pypi: /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i,
  nuget: /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/i,
  oci: /^[a-z0-9][a-z0-9._/:@-]*$/i,
} as const;
export type Runner = keyof typeof names;
export const isRunner = (type: string): type is Runner => Object.hasOwn(names, type);
const runners = { npm: 'npx', pypi: 'uvx', nuget: 'dnx', oci: 'docker' } as const;

/** Collects what is asked for, each under a key of its own. */
class Questions {
  readonly fields: Field[] = [];
  readonly #keys = new Map<Input, string>();
  readonly #taken = new Set<string>();

  add(list: readonly Input[] | undefined, kind: string): void {
    for (const [at, of] of (list ?? []).entries()) this.ask(of, of.name ?? of.valueHint ?? `${kind}-${at + 1}`);
  }

  /** What stands fixed is not asked; the variables in it are. */
  ask(of: Input, wanted: string): void {
    const key = this.#own(of, wanted.replace(/^-+/, '') || 'value');
    if (of.value === undefined) return this.#put(of, key, of.name ?? of.valueHint ?? key);
    refuseReferences(of.value, 'It');
    for (const [name, one] of Object.entries(of.variables ?? {})) this.#put(one, this.#own(one, `${key}.${name}`), name);
  }

  keyOf(of: Input): string {
    return this.#keys.get(of) ?? '';
  }

  #own(of: Input, wanted: string): string {
    let key = wanted;
    for (let count = 2; this.#taken.has(key); count++) key = `${wanted}-${count}`;
    this.#taken.add(key);
    this.#keys.set(of, key);
    return key;
  }

  #put(of: Input, key: string, title: string): void {
    const type = of.format === 'number' || of.format === 'boolean' ? of.format : of.format === 'filepath' ? 'file' : 'string';
    this.fields.push({
      ...{ key, title, type, description: of.description ?? '', required: of.isRequired === true, secret: of.isSecret === true },
      multiple: false,
      usual: of.default === undefined || of.isSecret === true ? [] : [of.default],
      choices: of.choices ?? [],
    });
  }
}

/** The answers, by the input they belong to. */
class Values {
  readonly #questions: Questions;
  readonly #values: ReadonlyMap<string, Given>;

  constructor(questions: Questions, values: ReadonlyMap<string, Given>) {
    this.#questions = questions;
    this.#values = values;
  }

  /** Null where it has none. */
  of(of: Input): Given | null {
    if (of.value === undefined) return this.#values.get(this.#questions.keyOf(of)) ?? null;
    const variables = of.variables ?? {};
    const known = (name: string): Given | null | undefined => {
      const one = Object.hasOwn(variables, name) ? variables[name] : undefined;
      return one === undefined ? undefined : (this.#values.get(this.#questions.keyOf(one)) ?? null);
    };
    const alone = /^\{([^}]+)\}$/.exec(of.value)?.[1];
    const whole = alone === undefined ? undefined : known(alone);
    if (whole !== undefined) return whole;
    const { text, nothing } = fill(of.value, 'registry', known);
    return nothing ? null : text;
  }

  args(list: readonly Input[] | undefined): string[] {
    return (list ?? []).flatMap((of) => {
      const value = this.of(of);
      if (of.type !== 'named') return value === null ? [] : [textOf(value)];
      const name = of.name ?? '';
      refuseReferences(name, 'It');
      if (value === null) return of.isRequired === true && of.value !== undefined ? [name] : [];
      return textOf(value) === '' ? [name] : [name, textOf(value)];
    });
  }

  pairs(list: readonly Input[] | undefined): { plain: Record<string, string>; secret: Record<string, string> } {
    const plain: Record<string, string> = {};
    const secret: Record<string, string> = {};
    for (const of of list ?? []) {
      const value = of.name === undefined ? null : this.of(of);
      if (of.name === undefined || value === null) continue;
      if (typeof value === 'object' && 'secret' in value) secret[of.name] = value.secret;
      else plain[of.name] = textOf(value);
    }
    return { plain, secret };
  }
}

const textOf = (value: Given): string =>
  typeof value === 'string' ? value : 'secret' in value ? referenceTo(value.secret) : value.join(',');

/** Words for the program that runs a package which only make it quieter; every other could make it run something else. */
const harmless = new Set(['-y', '--yes', '-q', '--quiet', '--silent']);

/** An entry that sets npm's configuration could make npx fetch, keep or run something else. */
const npmSetting = /^npm_config_/i;

/**
 * @param npxFolder where npx looks first, for a copy and for a project's configuration of npm: an empty folder of ours
 * @throws GatehouseError refused for a package whose version is open or whose name is none; usage for answers that do not fit
 */
export function launchOfPackage(of: Packaged, answers: Answers, npxFolder: string): RegistryLaunch {
  const type = of.registryType;
  if (!isRunner(type))
    throw new GatehouseError(
      'refused',
      `It comes as ${JSON.stringify(type)}, which cannot be run here.`,
      'Choose another way of it, or another server.',
    );
  if (of.transport && of.transport.type !== 'stdio')
    throw new GatehouseError('refused', 'It listens on a port of this computer instead of standard input.', 'Choose another way of it.');
  const words = packageWords(type, of);
  const questions = new Questions();
  questions.add(of.runtimeArguments, 'runtime');
  questions.add(of.packageArguments, 'argument');
  questions.add(of.environmentVariables, 'variable');
  const { values: given, missing } = answered(questions.fields, answers);
  const values = new Values(questions, given);
  const env = values.pairs(of.environmentVariables);
  const setting = type === 'npm' ? [...Object.keys(env.plain), ...Object.keys(env.secret)].find((key) => npmSetting.test(key)) : undefined;
  if (setting !== undefined)
    throw new GatehouseError(
      'refused',
      `The registry's entry sets ${setting}, which can make npx run something else.`,
      'Choose another way of it, or add it by hand if you know what it does.',
    );
  const asked = values.args(of.runtimeArguments);
  const strange = type === 'oci' ? undefined : asked.find((word) => !harmless.has(word));
  if (strange !== undefined)
    throw new GatehouseError(
      'refused',
      `The registry's entry gives ${runners[type]} the words ${JSON.stringify(asked.join(' ').slice(0, 200))}, which can make it run something else.`,
      'Choose another way of it, or add it by hand if you know what they do.',
    );
  const runtime = type === 'oci' ? asked : [];
  const own = values.args(of.packageArguments);
  const before = type === 'npm' ? ['-y', `--prefix=${npxFolder}`] : type === 'oci' ? ['run', '-i', '--rm', ...envFlags(env)] : [];
  const behind = type === 'nuget' ? ['--yes', ...(own.length > 0 ? ['--'] : [])] : [];
  const args = [...before, ...runtime, words, ...behind, ...own];
  const warnings = [
    ...(runtime.length > 0 ? ['The registry gives docker words of its own: they decide what the container may touch. Read them.'] : []),
    ...(type === 'oci' && !words.includes('@sha256:')
      ? ['Its image has a tag and no digest: whoever owns the tag can change what runs.']
      : []),
    ...(args.some((arg) => arg.includes('${secret:'))
      ? ['A secret is part of its command line, where other programs of yours can read it while it runs.']
      : []),
    ...(of.runtimeHint !== undefined && of.runtimeHint !== runners[type]
      ? [`It asks to be run by ${of.runtimeHint}; ${runners[type]} is used.`]
      : []),
    ...(of.registryBaseUrl !== undefined && !usualBases.has(of.registryBaseUrl.replace(/\/$/, ''))
      ? [`It is said to come from ${of.registryBaseUrl}, but ${runners[type]} fetches from where it always does.`]
      : []),
  ];
  const { fields } = questions;
  return { command: runners[type], args, env: env.plain, secretEnv: env.secret, remote: null, fields, missing, warnings };
}

const usualBases = new Set([
  ...['https://registry.npmjs.org', 'https://pypi.org', 'https://docker.io', 'https://ghcr.io', 'https://api.nuget.org'],
  'https://api.nuget.org/v3/index.json',
]);

/** A container gets its variables by name alone; the values stay in docker's own environment. */
const envFlags = ({ plain, secret }: { plain: object; secret: object }) =>
  [...Object.keys(plain), ...Object.keys(secret)].flatMap((key) => ['-e', key]);

function packageWords(type: Runner, { identifier, version }: Packaged): string {
  const refuse = (why: string) =>
    new GatehouseError(
      'refused',
      `The registry's entry ${why}, so nobody can say what would run.`,
      'Choose another version, or add it by hand.',
    );
  if (!names[type].test(identifier) || identifier.startsWith('-'))
    throw refuse(`names the package ${JSON.stringify(identifier.slice(0, 120))}`);
  if (type === 'oci') {
    if (/@sha256:[0-9a-f]{64}$/.test(identifier) || /:[\w.-]+$/.test(identifier.split('/').at(-1) ?? '')) {
      if (/:latest$/.test(identifier)) throw refuse('leaves the version open (latest)');
      return identifier;
    }
    if (version === undefined || version === 'latest' || !exact.oci.test(version)) throw refuse('leaves the version open');
    return `${identifier}:${version}`;
  }
  if (version === undefined || !exact[type].test(version)) throw refuse(`leaves the version open (${JSON.stringify(version ?? '')})`);
  return `${identifier}@${version}`;
}

/** @throws GatehouseError refused for other transports; usage for answers that do not fit */
export function launchOfRemote(of: RemoteEntry, answers: Answers): RegistryLaunch {
  const transport = of.type === 'streamable-http' ? 'http' : of.type === 'sse' ? 'sse' : null;
  if (transport === null || of.url === undefined)
    throw new GatehouseError(
      'refused',
      `It is reached by ${JSON.stringify(of.type)}, which is not known here.`,
      'Choose another way of it.',
    );
  const questions = new Questions();
  const variables = of.variables ?? {};
  for (const [name, one] of Object.entries(variables)) questions.ask(one, name);
  questions.add(of.headers, 'header');
  const { fields } = questions;
  const { values: given, missing } = answered(fields, answers);
  const values = new Values(questions, given);
  const { text } = fill(of.url, 'registry', (name) => {
    const one = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (one === undefined) return undefined;
    const value = values.of(one);
    // Part of an address, it must not become another address.
    return typeof value === 'string' ? encodeURIComponent(value) : value;
  });
  const headers = values.pairs(of.headers);
  const remote = { url: text, transport, headers: headers.plain, secretHeaders: headers.secret } as const;
  return { command: '', args: [], env: {}, secretEnv: {}, remote, fields, missing, warnings: [] };
}
