// An entry as a server of Gatehouse's: variables filled in, secrets taken out, and told apart from servers that are there already.
import { isDeepStrictEqual } from 'node:util';
import { referenceTo, withSecrets } from '../../shared/secret-reference.ts';
import type { FoundEntry } from './discover.ts';
import { expanded } from './expand.ts';
import type { Launch } from './launch.ts';
import type { Machine } from './machine.ts';
import { type PlainSecret, plainSecrets } from './secrets.ts';

export interface CommandSpec {
  readonly kind: 'command';
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly secretEnv: Readonly<Record<string, string>>;
}

export interface UrlSpec {
  readonly kind: 'url';
  readonly url: string;
  readonly transport: 'http' | 'sse';
  readonly headers: Readonly<Record<string, string>>;
}

export type Spec = CommandSpec | UrlSpec;

/** An entry that can be brought in: what it starts or reaches, and what of it is secret. */
export interface Wanted {
  readonly entry: FoundEntry;
  readonly launch: Extract<Launch, { kind: 'command' | 'url' }>;
  readonly secrets: readonly PlainSecret[];
}

/** Why an entry stays as it is, in the middle of a sentence. */
export interface Left {
  readonly entry: FoundEntry;
  readonly why: string;
}

export function wantedOf(entry: FoundEntry, machine: Machine, hasSecret: (name: string) => boolean): Wanted | Left {
  const { launch, beside } = entry.meaning;
  if (launch.kind === 'unclear') return { entry, why: launch.why };
  const reaching = beside.filter((key) => !['sandboxEnabled', 'sandbox', 'dev'].includes(key));
  if (launch.kind === 'url' && reaching.length > 0) return { entry, why: `its client signs in with ${reaching.join(' and ')}` };
  if (reaching.includes('env_keys') && Array.isArray((entry.value as { env_keys?: unknown }).env_keys)) {
    const keys = (entry.value as { env_keys: unknown[] }).env_keys;
    if (keys.length > 0) return { entry, why: `its client keeps ${keys.join(', ')} in a keychain of its own` };
  }
  const known = { machine, place: entry.place, expands: entry.kind.dialect.expands, hasSecret };
  const made = expanded(launch, known);
  if (made.kind !== 'command' && made.kind !== 'url') return { entry, why: made.kind === 'unclear' ? made.why : "it is its client's own" };
  // What a client starts for a project it starts in that project's folder.
  const placed =
    made.kind === 'command' && made.cwd === null && entry.place.project !== null ? { ...made, cwd: entry.place.project } : made;
  return { entry, launch: placed, secrets: plainSecrets(placed) };
}

/** The server an entry becomes, its secrets replaced by the names `called` gives them. */
export function specOf({ launch, secrets }: Wanted, called: (value: string) => string): Spec {
  const put = (place: PlainSecret['in'], key: string, text: string): string =>
    secrets
      .filter((secret) => secret.in === place && secret.key === key)
      .sort((a, b) => b.start - a.start)
      .reduce((made, { start, end, value }) => made.slice(0, start) + referenceTo(called(value)) + made.slice(end), text);
  const all = (place: 'env' | 'headers', map: Readonly<Record<string, string>>) =>
    Object.entries(map).map(([key, text]) => [key, put(place, key, text)] as const);
  if (launch.kind === 'url') {
    // What every HTTP client writes itself is not part of what makes this server.
    const own = all('headers', launch.headers).filter(([key]) => !/^(?:accept|content-type|user-agent)$/i.test(key));
    return { kind: 'url', url: put('url', '', launch.url), transport: launch.transport, headers: Object.fromEntries(own) };
  }
  const env = all('env', launch.env);
  const whole = env.flatMap(([key, text]) => (wholeReference(text) === null ? [] : [[key, wholeReference(text) ?? ''] as const]));
  return {
    kind: 'command',
    command: launch.command,
    args: launch.args.map((text, index) => put('args', String(index), text)),
    cwd: launch.cwd,
    env: Object.fromEntries(env.filter(([, text]) => wholeReference(text) === null)),
    secretEnv: Object.fromEntries(whole),
  };
}

/** The name in a text that is one reference and nothing else. */
function wholeReference(text: string): string | null {
  let name: string | null = null;
  const rest = withSecrets(text, (found) => {
    name = found;
    return '';
  });
  return rest === '' ? name : null;
}

/** What `server list` says of a server, as far as it tells servers apart. */
export interface KnownServer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly secretEnv: Readonly<Record<string, string>>;
  readonly remote?: { readonly url: string; readonly headers: Readonly<Record<string, string>> } | null | undefined;
}

export function sameSpec(one: Spec, other: Spec): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)));
}

/** As the broker writes an address. */
export const hrefOf = (url: string) => (URL.canParse(url) ? new URL(url).href : url);

/** True when the broker's server is what the entry means. The broker keeps the program's full path, entries mostly its name. */
export function isServer(spec: Spec, server: KnownServer): boolean {
  const { remote } = server;
  if (spec.kind === 'url')
    return remote != null && remote.url === hrefOf(spec.url) && isDeepStrictEqual({ ...remote.headers }, { ...spec.headers });
  if (remote) return false;
  const bare = (path: string) => path.replace(/^.*[\\/]/, '').replace(/\.(?:exe|cmd|bat|com)$/i, '');
  const program = /[\\/]/.test(spec.command) ? server.command === spec.command : bare(server.command) === bare(spec.command);
  const { args, cwd, env, secretEnv } = server;
  const rest = { args: [...args], cwd, env: { ...env }, secretEnv: { ...secretEnv } };
  return (
    program && isDeepStrictEqual(rest, { args: [...spec.args], cwd: spec.cwd, env: { ...spec.env }, secretEnv: { ...spec.secretEnv } })
  );
}

/** A server's name from an entry's, not among those taken: `My GitHub!` -> `my-github`, then `my-github-2`. */
export function serverNameFor(entry: string, taken: ReadonlySet<string>): string {
  const plain = entry
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 24)
    .replace(/-+$/, '');
  const base = plain === '' ? 'server' : plain;
  for (let number = 1; ; number++) {
    const end = number === 1 ? '' : `-${number}`;
    const name = base.slice(0, 24 - end.length) + end;
    if (!taken.has(name)) return name;
  }
}
