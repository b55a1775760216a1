// What is particular to one client: where its files are, how they are written, and how it spells an entry.
import type { HookItem } from './hooks.ts';
import type { Machine } from './machine.ts';

export const clientNames = [
  'claude-desktop',
  'claude-code',
  'cursor',
  'vscode',
  'windsurf',
  'zed',
  'codex',
  'gemini',
  'cline',
  'goose',
  'opencode',
  'junie',
] as const;
export type ClientKindName = (typeof clientNames)[number];

export type Scope = 'user' | 'local' | 'project' | 'managed';

/** A map of entries inside a file. */
export interface Place {
  readonly at: readonly string[];
  readonly scope: Scope;
  /** The project its entries belong to. */
  readonly project: string | null;
}

export interface ClientFile {
  readonly path: string;
  readonly format: 'json' | 'toml' | 'yaml';
  /** Maps of entries, given what the file holds. The first is where new entries go. */
  places(value: unknown): readonly Place[];
  /** True for a file that belongs to a folder others may get a copy of (a work tree). */
  readonly shared: boolean;
}

/** How a client spells what starts or reaches a server. */
export interface Dialect {
  readonly command: string;
  /** Null where `command` is a list that holds the arguments too. */
  readonly args: string | null;
  readonly env: string;
  readonly cwd: string | null;
  readonly envFile: string | null;
  /** Keys that hold an address, and what is spoken there. The first is how an HTTP entry is written; empty where the client speaks none. */
  readonly urls: readonly { readonly key: string; readonly transport: 'http' | 'sse' }[];
  readonly headers: string;
  /** A map inside the entry that may hold all of this, in newer versions of a client that still reads the older form. */
  readonly inside?: string;
  /** The key that tells entries apart, with its values; null where there is none. */
  readonly type: { readonly key: string; readonly stdio: string; readonly http: string; readonly sse: string } | null;
  /** Types that are the client's own doing and no MCP server. */
  readonly ownTypes?: readonly string[];
  /** More keys that say how a server is reached, and go when Gatehouse stands there. */
  readonly more?: readonly string[];
  /** A key of an entry that lets its calls pass without the client's own dialog; left out where entries have none. */
  readonly passing?: { readonly key: string; readonly value: unknown };
  /** How values name what the client fills in; see expand.ts. */
  readonly expands: 'none' | 'shell' | 'colon' | 'braces';
}

export interface ClientKind {
  readonly name: ClientKindName;
  readonly title: string;
  files(machine: Machine): readonly ClientFile[];
  readonly dialect: Dialect;
  /** Where the client is told which calls pass without its own dialog; left out where it cannot be told. */
  dialogs?(machine: Machine): Dialogs;
  /**
   * Where the client is told what to run before it uses its own tools; left out where it asks nobody,
   * null where it does not say how its command is run on this system.
   */
  hooks?(machine: Machine): Hooks | null;
  /** A key of that file which, where it is true, lets the client run no hook at all. */
  readonly hooksOff?: string;
}

/** A file with lists under `hooks`. */
export interface Hooks {
  readonly file: ClientFile;
  /** What the file must say of its own format; null where it says nothing. */
  readonly version: number | null;
  /** `own`: names of entries that lead to Gatehouse, and of none that leads elsewhere. */
  items(connect: { readonly command: string; readonly args: readonly string[] }, mcp: string, own: readonly string[]): HookItem[];
}

/** A list of rules in a file of the client. */
export interface Dialogs {
  readonly file: ClientFile;
  readonly at: readonly string[];
  readonly name: string;
  /** The rule that lets every call of this entry pass. */
  rule(entry: string): string;
}

/** The usual spelling: `command`, `args`, `env`, `url`, `headers`. */
export const usual: Dialect = {
  command: 'command',
  args: 'args',
  env: 'env',
  cwd: 'cwd',
  envFile: null,
  urls: [{ key: 'url', transport: 'http' }],
  headers: 'headers',
  type: null,
  expands: 'none',
};

/** A JSON file with one map of entries. */
export function jsonFile(path: string, key: string, scope: Scope = 'user', project: string | null = null): ClientFile {
  return { path, format: 'json', places: () => [{ at: [key], scope, project }], shared: project !== null };
}
