// What an entry means: the program it starts or the address it reaches, by the client's own spelling; and an entry of ours in that spelling.
import type { Dialect } from './kind.ts';
import { isRecord } from './tree.ts';

export type Launch =
  | {
      readonly kind: 'command';
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string | null;
      readonly envFile: string | null;
    }
  | { readonly kind: 'url'; readonly url: string; readonly transport: 'http' | 'sse'; readonly headers: Readonly<Record<string, string>> }
  /** Something the client does itself. */
  | { readonly kind: 'own' }
  | { readonly kind: 'unclear'; readonly why: string };

export interface Meaning {
  readonly launch: Launch;
  readonly disabled: boolean;
  /** Keys beside the usual that decide how the server is reached, for example Codex's `bearer_token_env_var`. */
  readonly beside: readonly string[];
}

export function meaningOf(value: unknown, dialect: Dialect): Meaning {
  if (!isRecord(value)) return { launch: { kind: 'unclear', why: 'it is not a map of settings' }, disabled: false, beside: [] };
  const within = insideOf(value, dialect);
  if (within !== null) return { ...meaningOf(within, plain(dialect)), disabled: isOff(value) };
  const beside = (dialect.more ?? []).filter((key) => value[key] !== undefined);
  return { launch: launchOf(value, dialect), disabled: isOff(value), beside };
}

const isOff = (value: Record<string, unknown>) => value.disabled === true || value.enabled === false;

const plain = ({ inside: _, ...dialect }: Dialect): Dialect => dialect;

/** The map in the entry that holds how the server is reached, where this entry has one. */
function insideOf(value: unknown, { inside }: Dialect): Record<string, unknown> | null {
  const within = inside !== undefined && isRecord(value) ? value[inside] : undefined;
  return isRecord(within) ? within : null;
}

function launchOf(value: Record<string, unknown>, dialect: Dialect): Launch {
  const unclear = (why: string): Launch => ({ kind: 'unclear', why });
  const type = dialectType(value, dialect);
  if (typeof type === 'string' && dialect.ownTypes?.includes(type)) return { kind: 'own' };
  const address = dialect.urls.find(({ key, transport }) => typeof value[key] === 'string' && agrees(dialect, type, transport));
  // Older Zed: {"command": {"path", "args", "env"}}.
  const nested = value[dialect.command];
  const source = isRecord(nested) ? nested : value;
  const spelled = isRecord(nested) ? nested.path : nested;
  if (spelled === undefined && address === undefined) {
    const any = ['url', 'serverUrl', 'httpUrl', 'uri'].find((key) => typeof value[key] === 'string');
    if (any !== undefined && dialect.urls.length === 0) return unclear('it names an address, and this client only starts programs');
    return beside(value) ? { kind: 'own' } : unclear('it names neither a program nor an address');
  }
  if (spelled !== undefined) {
    const list = Array.isArray(spelled) ? spelled : [spelled];
    const args = dialect.args === null || isRecord(nested) ? (isRecord(nested) ? (nested.args ?? []) : []) : (source[dialect.args] ?? []);
    if (!strings(list) || list.length === 0 || list[0] === '') return unclear('its program is not text');
    if (!strings(args)) return unclear('its arguments are not a list of texts');
    const env = texts(source[dialect.env]);
    if (env === null) return unclear('its environment is not a map of texts');
    const [command = '', ...first] = list;
    const text = (key: string | null) => (key !== null && typeof value[key] === 'string' ? value[key] : null);
    return { kind: 'command', command, args: [...first, ...args], env, cwd: text(dialect.cwd), envFile: text(dialect.envFile) };
  }
  const headers = texts(value[dialect.headers]);
  if (headers === null) return unclear('its headers are not a map of texts');
  return { kind: 'url', url: String(value[address?.key ?? '']), transport: address?.transport ?? 'http', headers };
}

/** Keys and numbers from the top of a file, or of an entry, down to one value. */
export type Way = readonly (string | number)[];

/** Where in an entry the text stands that `launchOf` gave as this variable, header, argument (its number) or address. */
export function wayTo(value: unknown, dialect: Dialect, place: 'env' | 'args' | 'url' | 'headers', name: string): Way | null {
  if (!isRecord(value)) return null;
  const within = insideOf(value, dialect);
  if (within !== null) {
    const way = wayTo(within, plain(dialect), place, name);
    return way === null ? null : [dialect.inside ?? '', ...way];
  }
  const spelled = value[dialect.command];
  if (place === 'headers') return [dialect.headers, name];
  if (place === 'env') return isRecord(spelled) ? [dialect.command, dialect.env, name] : [dialect.env, name];
  if (place === 'url') {
    const address = dialect.urls.find(
      ({ key, transport }) => typeof value[key] === 'string' && agrees(dialect, dialectType(value, dialect), transport),
    );
    return address === undefined ? null : [address.key];
  }
  const number = Number(name);
  if (isRecord(spelled)) return [dialect.command, 'args', number];
  const first = Array.isArray(spelled) ? spelled.length - 1 : 0;
  if (number < first) return [dialect.command, number + 1];
  return dialect.args === null ? null : [dialect.args, number - first];
}

const dialectType = (value: Record<string, unknown>, dialect: Dialect) => (dialect.type === null ? undefined : value[dialect.type.key]);

/** Several transports may share a key; then the type says which is meant, and HTTP is meant without one. */
function agrees(dialect: Dialect, type: unknown, transport: 'http' | 'sse'): boolean {
  const shared =
    dialect.urls.length > 1 && dialect.urls[0]?.key === dialect.urls[1]?.key && dialect.urls[0]?.transport !== dialect.urls[1]?.transport;
  return !shared || (type === dialect.type?.sse) === (transport === 'sse');
}

const beside = (value: Record<string, unknown>) => isRecord(value.settings) || value.source === 'extension';

const strings = (value: unknown): value is string[] => Array.isArray(value) && value.every((one) => typeof one === 'string');

/** Numbers and truth values count as the text clients make of them. */
function texts(value: unknown): Record<string, string> | null {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) return null;
  const pairs = Object.entries(value).filter(([, each]) => each !== null);
  if (pairs.some(([, each]) => !['string', 'number', 'boolean'].includes(typeof each))) return null;
  return Object.fromEntries(pairs.map(([key, each]) => [key, String(each)]));
}

/** What stands in a client's file in place of a server's own entry. */
export type DropIn =
  | { readonly kind: 'command'; readonly command: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }
  | { readonly kind: 'url'; readonly url: string; readonly headers: Readonly<Record<string, string>> };

/** An entry of ours; `pass`: its client's own dialog shall let it pass. Keys that are the client's business (timeouts, what is enabled) stay as they were. */
export function dropInFor(dialect: Dialect, drop: DropIn, before: unknown, pass = false): Record<string, unknown> {
  const reach = [dialect.command, dialect.args, dialect.env, dialect.cwd, dialect.envFile, dialect.headers, dialect.type?.key, 'source'];
  const gone = new Set([...reach, ...dialect.urls.map(({ key }) => key), ...(dialect.more ?? [])]);
  const kept = Object.entries(isRecord(before) ? before : {}).filter(([key]) => !gone.has(key));
  const passing = pass && dialect.passing ? { [dialect.passing.key]: dialect.passing.value } : {};
  const reached = written(dialect, drop);
  const { inside } = dialect;
  // In the form that stood there: a version of the client that wrote it so reads it so.
  const own = inside !== undefined && insideOf(before, dialect) !== null ? { [inside]: reached } : reached;
  return { ...own, ...Object.fromEntries(kept.filter(([key]) => key !== inside)), ...passing };
}

function written(dialect: Dialect, drop: DropIn): Record<string, unknown> {
  const type = dialect.type === null ? {} : { [dialect.type.key]: drop.kind === 'url' ? dialect.type.http : dialect.type.stdio };
  if (drop.kind === 'url') {
    const headers = Object.keys(drop.headers).length === 0 ? {} : { [dialect.headers]: drop.headers };
    return { ...type, [dialect.urls[0]?.key ?? 'url']: drop.url, ...headers };
  }
  const env = Object.keys(drop.env).length === 0 ? {} : { [dialect.env]: drop.env };
  if (dialect.args === null) return { ...type, [dialect.command]: [drop.command, ...drop.args], ...env };
  return { ...type, [dialect.command]: drop.command, [dialect.args]: [...drop.args], ...env };
}
