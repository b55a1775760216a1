// What the operator's handlers need of bundles and registries.
import type { Candidate, FoundServer } from '../../shared/candidate.ts';

/** Where a server came from, when it was not typed by hand. */
export interface Origin {
  readonly bundle: { readonly sha256: string; readonly tree: string; readonly name: string; readonly version: string } | null;
  readonly registry: { readonly address: string; readonly id: string; readonly version: string } | null;
  readonly npm?: { readonly name: string; readonly version: string; readonly integrity: string } | null | undefined;
}

interface Answers {
  readonly config: Readonly<Record<string, string | string[]>>;
  readonly secretConfig: Readonly<Record<string, string>>;
}

interface Said {
  readonly address: string;
  readonly at: string;
  readonly offline: boolean;
  readonly why: string | null;
}

/** Servers from elsewhere: opened, looked up, and handed over exactly as they were shown. */
export interface AcquirePart {
  fromBundle(given: Answers & { path?: string | undefined; data?: string | undefined; sha256?: string | undefined }): Promise<Candidate>;
  fromRegistry(given: Answers & { id: string; version?: string | undefined; way?: number | undefined }): Promise<Candidate>;
  search(words: string, cursor: string | undefined): Promise<Said & { servers: FoundServer[]; next: string | null }>;
  show(id: string, version: string | undefined): Promise<Said & { server: FoundServer; versions: string[] }>;
  /** `place` unpacks what it has to; `settle` follows it always, and takes away what no server's row names. */
  take(digest: string): { readonly candidate: Candidate; place(): Promise<Origin> };
  settle(candidate: Candidate | null): Promise<void>;
}
