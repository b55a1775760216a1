// What the broker derived from a request's arguments: the same typed facts for grants, policies, labels, the prompt and the log.

/** A file or folder that an argument names. */
export interface PathFact {
  /** Which argument: `path`, `edits.0.path`. */
  readonly argument: string;
  /** As the prompt shows it: absolute, links resolved. */
  readonly path: string;
  /**
   * Every absolute path a server could make of the text (links and `..` seen through, percent signs and Unicode forms read both
   * ways, relative to each folder it may start from). A width covers the argument only when it covers all of them. Never empty.
   */
  readonly readings: readonly string[];
  readonly isFolder: boolean;
  /** On the way to it stands a symbolic link, which could be pointed elsewhere between our look and the server's use. */
  readonly throughLink: boolean;
}

/** A place on a network that an argument names. */
export interface HostFact {
  readonly argument: string;
  readonly scheme: string;
  /** With the port where it is not the scheme's own. */
  readonly host: string;
  /** The registrable domain by the public suffix list; the host itself for addresses, loopback and single names. */
  readonly domain: string;
  readonly loopback: boolean;
}

/** A repository, or with `name: null` everything of one owner. */
export interface RepositoryFact {
  readonly argument: string;
  readonly owner: string;
  readonly name: string | null;
}

/** Somebody or some channel that would be written to or read from. */
export interface RecipientFact {
  readonly argument: string;
  readonly recipient: string;
}

export interface SqlFact {
  readonly argument: string;
  /** In capitals, each once, in order. */
  readonly verbs: readonly string[];
  /** True only when every statement reads and calls nothing that could do more. */
  readonly onlyReads: boolean;
}

export interface CommandFact {
  readonly argument: string;
  readonly command: string;
}

export interface RequestFacts {
  /** Paths of all leaves, each once: `path`, `edits.oldText`; list positions left out. */
  readonly argumentKeys: readonly string[];
  /** UTF-8 bytes of the arguments. */
  readonly bytes: number;
  readonly paths: readonly PathFact[];
  readonly hosts: readonly HostFact[];
  readonly repositories: readonly RepositoryFact[];
  readonly recipients: readonly RecipientFact[];
  readonly sql: readonly SqlFact[];
  readonly commands: readonly CommandFact[];
  /** UTF-8 bytes of what is only carried: texts, bodies, search words. */
  readonly contentBytes: number;
  /** Arguments that hold characters which cannot be seen. */
  readonly hidden: readonly string[];
  /** Names of stored secrets whose value the arguments contain, in whatever encoding, other than those the server is given anyway. */
  readonly secrets: readonly string[];
  /** Arguments nobody could read, with why. Not empty: uninspectable; risk rises, and no width but exact or any matches. */
  readonly unread: readonly { readonly argument: string; readonly why: string }[];
}

/**
 * What a capability does, judged by us from its name and schema; a server's own hints raise it, never lower it.
 * `read` looks; `change` changes what is on this machine or inside the server; `send` carries something to others;
 * `destroy` cannot be taken back; `run` executes what it is given.
 */
export type Nature = 'read' | 'change' | 'send' | 'destroy' | 'run';
