// What this room needs from elsewhere, what a launch is, and what it tells the log. broker/start.ts hands the needs in.
import type { Era, Message } from '../../shared/message.ts';
import type { Reach } from './addresses.ts';

/** How a server is started or reached. */
export type Launch = ProcessLaunch | RemoteLaunch;

export const isRemote = (launch: Launch): launch is RemoteLaunch => 'url' in launch;

/** A server somewhere else, over HTTP. */
export interface RemoteLaunch {
  readonly server: string;
  /** What it spoke when it was last seen; null when nobody knows. */
  readonly era: Era | null;
  readonly url: string;
  /** `auto`: Streamable HTTP, and HTTP+SSE where that is not understood. */
  readonly transport: 'auto' | 'http' | 'sse';
  readonly headers: Readonly<Record<string, string>>;
  /** Header -> secret name. */
  readonly secretHeaders: Readonly<Record<string, string>>;
  /** Name of a secret: PEM text of a client certificate and its key. */
  readonly clientCert: string | null;
  /** Where it was when the operator added it; it may not come nearer. */
  readonly reach: Reach;
}

/** Nothing here is read by a shell. */
export interface ProcessLaunch {
  readonly server: string;
  /** What it spoke when it was last seen; null when nobody knows. */
  readonly era: Era | null;
  /** Absolute path of the program. */
  readonly command: string;
  readonly args: readonly string[];
  /** Absolute path of an existing folder. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Environment key -> secret name. */
  readonly secretEnv: Readonly<Record<string, string>>;
  /** The unpacked bundle it runs from. */
  readonly bundle?: { readonly sha256: string; readonly tree: string };
  /** The package of npm it runs, with the contents that were shown when it was added. */
  readonly package?: { readonly name: string; readonly version: string; readonly integrity: string };
}

export interface Lines {
  push(chunk: Buffer): void;
}

/** What happened to a running server. `connection` is null for a trial start (`probe`), and a session's id where its connections share it. Reasons are masked. */
export type ServerEvent =
  | { readonly type: 'server.started'; readonly server: string; readonly connection: string | null; readonly pid: number | null }
  | {
      readonly type: 'server.exited';
      readonly server: string;
      readonly connection: string | null;
      /** Null for a server reached over HTTP. */
      readonly pid: number | null;
      readonly code: number | null;
      readonly signal: string | null;
      /** False when the process ended by itself. */
      readonly expected: boolean;
      readonly reason: string;
    }
  | { readonly type: 'server.failed'; readonly server: string; readonly connection: string | null; readonly reason: string }
  | {
      readonly type: 'server.protocol-error';
      readonly server: string;
      readonly connection: string | null;
      readonly problem: string;
      /** Complaints about this process that were kept back since the last event. */
      readonly unreported: number;
    };

/** The machine we run on; injected so that what is Windows' can be tested on Linux. */
export interface Host {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Needs {
  /** Throws on what two readers could understand differently. */
  parseMessage(bytes: Buffer | string, maxBytes?: number): Message;
  /** The exact text of the value at `path`; null when there is none. */
  memberText(text: string, path: readonly string[]): string | null;
  /** The exact text of each element of the array at `path`. */
  elementTexts(text: string, path: readonly string[]): string[];
  /** `text` with the value at `path` replaced by JSON text; unchanged when there is none. */
  withMember(text: string, path: readonly string[], replacement: string): string;
  readonly LineReader: new (maxBytes: number, onLine: (line: Buffer) => void, onTooLong: () => void) => Lines;
  /** The value behind a secret's name; null when there is none. */
  secret(name: string): Promise<{ reveal(): string } | null>;
  /** Null when the files of a bundle are as they were unpacked; else what is wrong. */
  bundleTrouble?(sha256: string, tree: string): Promise<string | null>;
  /** PATH as the operator's login shell has it. */
  loginPath(): Promise<string>;
  /** Hides every stored secret in a text. */
  mask(): (text: string) => string;
  readonly faults: { check(point: string): void };
  readonly clock: { now(): number };
  /** Must not throw. */
  onEvent(event: ServerEvent): void;
  /** Names this home in the environment of every server, so that a later broker of the same home finds what is left. [A-Za-z0-9_-]+ */
  readonly homeMarker: string;
  /** What a trial start says our version is. */
  readonly version: string;
  readonly host?: Host;
}

/** Times in ms, sizes in bytes. */
export interface Limits {
  readonly startMs: number;
  /** How long a server of unknown era may be silent before the handshake is tried. */
  readonly probeMs: number;
  readonly idleMs: number;
  /** Longest line of a server. */
  readonly lineBytes: number;
  /** What may wait for a server that does not read. */
  readonly queueBytes: number;
  /** Between the end of input and SIGTERM. */
  readonly inputEndMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** A cancelled request without a reply is given up after this. */
  readonly cancelledMs: number;
}

export const usualLimits: Limits = {
  startMs: 60_000,
  probeMs: 4_000,
  idleMs: 600_000,
  lineBytes: 10 * 1024 * 1024,
  queueBytes: 32 * 1024 * 1024,
  inputEndMs: 500,
  graceMs: 2_000,
  cancelledMs: 5_000,
};
