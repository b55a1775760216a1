// One server as a registry describes it (server.json 2025-12-11, registry API v0.1), read leniently: what we do not use is not looked at.
import { z } from 'zod';

const words = (most: number) => z.string().max(most);

/** Input, KeyValueInput and Argument of the schema in one: each has what the others have, or leaves it out. */
const input = z.object({
  name: words(256).optional(),
  type: z.enum(['positional', 'named']).optional(),
  valueHint: words(256).optional(),
  description: words(4000).optional(),
  isRequired: z.boolean().optional(),
  isSecret: z.boolean().optional(),
  isRepeated: z.boolean().optional(),
  format: words(32).optional(),
  value: words(8192).optional(),
  default: words(8192).optional(),
  choices: z.array(words(1024)).max(100).optional(),
  get variables() {
    return z.record(words(64), input).optional();
  },
});
export type Input = z.infer<typeof input>;

const inputs = z.array(input).max(100).optional();

const transport = z.object({ type: words(32), url: words(2048).optional(), headers: inputs });

const packaged = z.object({
  registryType: words(32),
  registryBaseUrl: words(2048).optional(),
  identifier: words(2048).min(1),
  version: words(128).optional(),
  fileSha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/)
    .optional(),
  runtimeHint: words(64).optional(),
  transport: transport.optional(),
  runtimeArguments: inputs,
  packageArguments: inputs,
  environmentVariables: inputs,
});
export type Packaged = z.infer<typeof packaged>;

const remote = transport.extend({ variables: z.record(words(64), input).optional() });
export type RemoteEntry = z.infer<typeof remote>;

const serverJson = z.object({
  name: words(200).min(1),
  title: words(200).optional(),
  description: words(4000).default(''),
  version: words(128).default(''),
  packages: z.array(packaged).max(32).optional(),
  remotes: z.array(remote).max(32).optional(),
});
export type ServerJson = z.infer<typeof serverJson>;

const official = 'io.modelcontextprotocol.registry/official';
const meta = z.object({ status: words(32).optional(), publishedAt: words(64).optional(), isLatest: z.boolean().optional() });

const entry = z.object({ server: serverJson, _meta: z.object({ [official]: meta.optional() }).optional() });

export interface Entry {
  readonly server: ServerJson;
  readonly status: string | null;
  readonly publishedAt: string | null;
}

const plain = (read: z.infer<typeof entry>): Entry => ({
  server: read.server,
  status: read._meta?.[official]?.status ?? null,
  publishedAt: read._meta?.[official]?.publishedAt ?? null,
});

/** Null for what is no entry. */
export function readEntry(value: unknown): Entry | null {
  const read = entry.safeParse(value);
  return read.success ? plain(read.data) : null;
}

const page = z.object({ servers: z.array(z.unknown()).max(500), metadata: z.object({ nextCursor: words(1024).nullish() }).nullish() });

/** Entries that do not fit are left out; null for what is no page at all. */
export function readPage(value: unknown): { entries: Entry[]; next: string | null } | null {
  const read = page.safeParse(value);
  if (!read.success) return null;
  const next = read.data.metadata?.nextCursor;
  return { entries: read.data.servers.flatMap((one) => readEntry(one) ?? []), next: next ? next : null };
}

export type Way = { readonly kind: 'package'; readonly of: Packaged } | { readonly kind: 'remote'; readonly of: RemoteEntry };

/** Everything an entry offers to be run by: its packages, then its addresses. */
export function waysOf({ packages = [], remotes = [] }: ServerJson): Way[] {
  return [...packages.map((of) => ({ kind: 'package' as const, of })), ...remotes.map((of) => ({ kind: 'remote' as const, of }))];
}
