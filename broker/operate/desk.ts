// What the operator's handlers need from the rest of the house; broker/start.ts hands it in.
import type { Era } from '../../shared/message.ts';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { Nature } from '../../shared/request-facts.ts';
import type { Tally } from '../../shared/tally-contract.ts';
import type {
  Approval,
  Client,
  Entry,
  EntryBody,
  Finding,
  Gathered,
  Grant,
  Label,
  Pinned,
  Place,
  Remote,
  Session,
  Status,
  Verification,
} from '../../shared/vocabulary.ts';
import type { AcquirePart, Origin } from './acquire-part.ts';
import type { ExportWish, TallyFilter } from './log-part.ts';
import type { PolicyPart } from './policy-part.ts';
import type { KeptFilesPart, SetupPart } from './setup-part.ts';

export type RemoteRow = Remote;

interface PackageRow {
  readonly name: string;
  readonly version: string | null;
  readonly integrity?: string | null | undefined;
  readonly scripts?: boolean | undefined;
}

export interface ServerRow {
  readonly name: string;
  readonly command: string;
  readonly args: string[];
  readonly cwd: string | null;
  readonly env: Record<string, string>;
  readonly secretEnv: Record<string, string>;
  readonly share: boolean;
  readonly remote: RemoteRow | null;
  readonly enabled: boolean;
  readonly acceptedAt: string | null;
  readonly era: Era;
  readonly openingText: string | null;
  readonly package?: PackageRow | null | undefined;
  readonly updates?: { readonly at: string; readonly from: string; readonly to: string }[] | undefined;
  readonly origin?: Origin | undefined;
  readonly createdAt: string;
}

export interface ClientRow {
  readonly name: string;
  readonly state: Client['state'];
  readonly servers: string[];
  readonly offers?: string[] | undefined;
  readonly waitSeconds: number;
  readonly storedKey: string;
  readonly serverKey: string;
  readonly createdAt: string;
}

export type GrantRow = Omit<Grant, 'lastUsedAt' | 'uses' | 'rests'>;

export interface DefinitionRow {
  readonly id: string;
  readonly server: string;
  readonly capability: string;
  readonly text: string;
  readonly fingerprint: string;
  readonly needs: string[];
  readonly accepted: boolean;
  readonly rejected?: string | undefined;
}

export interface Rows {
  server: ServerRow;
  client: ClientRow;
  grant: GrantRow;
  definition: DefinitionRow;
  setting: { readonly key: string; readonly value: string };
  secret: { readonly name: string; readonly createdAt: string };
  dismissal: { readonly id: string; readonly title: string; readonly at: string };
  policy: { readonly name: string; readonly text: string; readonly compiled: string; readonly addedAt: string };
  label: { readonly id: string; readonly server: string; readonly capability: string; readonly add: Label[]; readonly remove: Label[] };
}

export interface Change {
  put<T extends keyof Rows>(table: T, row: Rows[T]): unknown;
  remove(table: keyof Rows, id: string): boolean;
}

/** What a trial start of a server showed. */
export interface Offered {
  readonly era: Era;
  readonly openingText: string;
  readonly definitions: readonly { readonly capability: string; readonly text: string; readonly needs: readonly string[] }[];
}

/** Who operates: which credential, for the log. */
export interface Actor {
  readonly kind: 'token' | 'console' | 'desktop' | 'tray';
  readonly id: string;
  /** A person typed the PIN for this very act. */
  readonly proved?: boolean;
}

export interface LogQuery {
  client?: string | undefined;
  server?: string | undefined;
  capability?: string | undefined;
  verdict?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  search?: string | undefined;
  before?: number | undefined;
  limit?: number | undefined;
}

/** A width that a question offered, with all it covers. */
export interface Width {
  readonly id: string;
  readonly label: string;
  readonly places: readonly Place[];
  readonly capabilities: readonly Pinned[] | null;
  readonly alsoClients: readonly string[];
}

/** A question with what an answer to it is remembered by. */
export interface Asked {
  readonly caller: Pick<Caller, 'client' | 'session' | 'folder'>;
  readonly request: Pick<ServerRequest, 'server' | 'capability' | 'argumentsText' | 'digest' | 'canonicalDigest'>;
  readonly shown: {
    readonly widths: readonly Width[];
    /** The folder that a remembered yes is bound to; null: none. */
    readonly boundTo?: string | null;
    readonly alwaysOffered?: boolean;
    /** What a yes accepts as well, where a definition or the server itself changed. */
    readonly repin?: { readonly definition: string | null; readonly openingText: string | null };
    /** What a yes answers beside the request: `flow`, `policy:NAME`. */
    readonly answers?: readonly string[];
  };
}

/** An open question, for the one who answers it. */
export interface Found extends Asked {
  readonly approval: Approval;
}

export interface Desk {
  now(): number;
  status(): Status;
  readonly rows: { readonly [T in keyof Rows]: ReadonlyMap<string, Rows[T]> };
  /** Rows, their proof and the act in the log; then every room that depends on rows is told. */
  change<T>(act: EntryBody, write: (change: Change) => T): T;
  grantUse(id: string): { readonly lastUsedAt: string | null; readonly uses: number };
  record(act: EntryBody): Entry;

  readonly approvals: {
    list(): Approval[];
    find(id: string, nonce?: string): Found;
    allow(id: string, decidedBy: string, calls: 'one' | 'all', late?: 'credit' | 'none'): void;
    forget(of: { client: string } | { server: string }): void;
    deny(id: string, reason: string | undefined, counts?: boolean): void;
  };
  readonly gathered: {
    list(): Gathered[];
    find(id: string): Asked & { readonly changed: boolean; readonly definition: string | null };
    forget(which: string | null | { client: string } | { server: string }): void;
  };
  readonly cover: {
    nature(server: string, capability: string): Nature;
    folder(path: string): string;
    of(
      client: string,
      folder: string | null,
      server: string,
      calls: readonly { readonly capability: string; readonly argumentsText: string }[],
    ): { places: Place[]; words: string } | null;
  };
  /** Why a grant does not count just now, though it has not ended; null when it does. */
  rests(row: GrantRow): 'changed' | 'unused' | null;
  /** Answers open questions that a rule decides now. */
  settle(): void;
  /** Canonical digest of arguments written by hand, as a request would have it. @throws GatehouseError usage for text that is not JSON */
  canonicalDigest(capability: string, argumentsText: string): string;
  mask(text: string): string;
  newId(prefix: string): string;

  /** Absolute path of a program as the servers' PATH finds it. */
  resolveProgram(command: string): Promise<string | null>;
  /** Where an address leads now. @throws GatehouseError when its name is not known */
  reachOf(url: URL): Promise<RemoteRow['reach']>;
  /** Starts a server once, alone, and reads everything it offers. */
  tryOut(server: ServerRow): Promise<Offered>;
  fingerprint(server: string, capability: string, definitionText: string): string;
  stopServer(name: string): Promise<void>;
  processes(name: string): number;
  /** Null when it is well; else why not. */
  trouble(name: string): string | null;
  /** What a process of it shows and nobody accepted: changed capabilities (empty text: the server itself), and new ones. */
  news(name: string): { readonly changed: readonly string[]; readonly fresh: ReadonlyMap<string, { readonly text: string }> };
  /** The package a program comes from, where that can be known. */
  packageOf(row: ServerRow): PackageRow | null;
  /** What the pin of this server would say of its package now. */
  packageSays(row: ServerRow): string | null;
  readonly presence: {
    /** The client that may click for the person just now; null when none may. */
    controlledBy(): string | null;
    /** @throws GatehouseError needs-pin where this answer needs a person who proved it */
    answering(actor: Actor, presence: 'none' | 'pin' | undefined): void;
    /** @throws GatehouseError needs-pin where a value leaves the vault and nobody proved just now to be the operator */
    revealing(actor: Actor): void;
  };
  readonly policies: PolicyPart;
  readonly acquire: AcquirePart;
  /** What a capability touches. */
  labelsOf(server: string, capability: string): string[];
  readonly findings: {
    /** Dismissed ones included, and marked so. */
    all(): readonly Finding[];
    of(server: string, capability: string | null): readonly Finding[];
    scan(server: string, capability: string, text: string): readonly Finding[];
    /** True for a definition that cannot be judged, and so is never accepted. */
    withholds(server: string, capability: string, text: string): boolean;
  };
  /** What a server says of itself, as it is pinned. */
  ownOf(openingText: string | null, packageName: string | null): string | null;
  readDifference(
    was: string | null,
    is: string | null,
  ): {
    readonly words: readonly {
      readonly place: string;
      readonly parts: readonly { readonly text: string; readonly mark: 'same' | 'gone' | 'new' }[];
    }[];
    readonly can: readonly string[];
  };
  logs(name: string): readonly { readonly at: string; readonly text: string }[];

  readonly clients: {
    mint(): { token: string; storedKey: string; serverKey: string };
    /** Writes run/clients/NAME, so that no token stands in a client's configuration; removes it for null. */
    keepToken(name: string, token: string | null): void;
    connections(name: string): number;
    lastSeen(name: string): string | null;
    evidence(name: string): Client['evidence'];
    saysItIs(name: string): string | null;
    /** Closes everything of this client at once. */
    disconnect(name: string): void;
    /** Ends every server process of this client's connections, and the calls in flight there. */
    stopServers(name: string): void;
    stdio(name: string): { command: string; args: string[]; env: Record<string, string> };
    httpUrl(): string;
  };

  readonly secrets: {
    set(name: string, value: string): Promise<void>;
    /** After a secret's row is there or gone: hide what is stored now. */
    reread(): Promise<void>;
    remove(name: string): Promise<void>;
    /** For each value, the name of the secret that has it, or null. */
    match(values: readonly string[]): Promise<(string | null)[]>;
  };
  readonly keptFiles: KeptFilesPart;
  readonly setup: SetupPart;
  readonly sessions: { list(): Session[]; end(id: string): boolean };
  readonly log: {
    list(query: LogQuery): Entry[];
    show(seq: number): { entry: Entry; related: Entry[]; request: string | null; reply: string | null } | null;
    follow(query: LogQuery, after: number | undefined, signal: AbortSignal | undefined): AsyncGenerator<Entry, void, void>;
    verify(): Promise<Verification>;
    tally(filter: TallyFilter): Tally;
    /** Parts of a file, until `signal` aborts. */
    export(wish: ExportWish, signal: AbortSignal | undefined): AsyncGenerator<{ text: string; entries: number }, void, void>;
  };
  readonly operator: {
    redeem(secret: string): string;
    signIn(pin: string, use: 'console' | 'token' | 'once', signal?: AbortSignal): Promise<{ credential: string; expiresAt: number | null }>;
    /** Asks the person through the operating system. @throws GatehouseError refused where it did not say yes */
    proveBySystem(signal?: AbortSignal): Promise<{ credential: string; expiresAt: number }>;
    /** One window of the desktop app signed in, and with it all of them. */
    windowSignedIn(credential: string): void;
    consoleAddress(ttlMs: number): string;
    setPin(pin: string, current: string | undefined): Promise<void>;
    signOut(id: string): void;
  };
  lock(reason: string, by: string): Promise<void>;
  unlock(by: string): void;
  /** `changes` stream: topics as they go stale. */
  changes(signal: AbortSignal | undefined): AsyncGenerator<{ topic: string }, void, void>;
}
