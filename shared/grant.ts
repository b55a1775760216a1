// A remembered answer as a schema: who, which capabilities, which places, until when.
import { z } from 'zod';

const time = z.iso.datetime();

/** What a grant of the kind `within` covers: one thing that arguments can name. Paths are compared by component, links seen through. */
const place = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), path: z.string() }),
  /** The folder and everything in it. */
  z.object({ kind: z.literal('folder'), path: z.string() }),
  z.object({ kind: z.literal('repository'), name: z.string() }),
  /** Every repository of this owner. */
  z.object({ kind: z.literal('owner'), name: z.string() }),
  z.object({ kind: z.literal('host'), scheme: z.string(), host: z.string() }),
  /** Every host of a registrable domain. */
  z.object({ kind: z.literal('domain'), scheme: z.string(), domain: z.string() }),
  z.object({ kind: z.literal('recipient'), name: z.string() }),
  /** SQL that only reads. */
  z.object({ kind: z.literal('queries') }),
  /** Arguments that name no place at all: what the server itself holds. */
  z.object({ kind: z.literal('inside') }),
]);
export type Place = z.infer<typeof place>;

/** A capability with the fingerprint of the definition it had when it was granted. */
const pinned = z.object({ capability: z.string(), fingerprint: z.string() });
export type Pinned = z.infer<typeof pinned>;

/** A remembered answer. */
export const grant = z.object({
  id: z.string(),
  client: z.string(),
  server: z.string(),
  capability: z.string(),
  /** True where `capability` stands for several (`tool:*`, `*`). A capability that happens to be named `*` is one. */
  pattern: z.boolean().optional(),
  effect: z.enum(['allow', 'deny']),
  match: z.object({
    kind: z.enum(['any', 'exact', 'within']),
    /** For `within`: every place that the arguments name must lie in one of these, and every argument must have been read. */
    places: z.array(place).optional(),
    /** SHA-256 of the canonical form of name and arguments (RFC 8785, numbers by their text), for `exact`. */
    canonicalDigest: z.string().optional(),
    /** What the operator saw, shortened and masked, for lists. */
    label: z.string(),
  }),
  /** null: until revoked. */
  until: time.nullable(),
  /** Bound to one session of the client. */
  session: z.string().nullable(),
  approval: z.string().nullable(),
  /** What it was given in answer to, beside the request itself: `flow`, `policy:NAME`. Only such a grant answers that. */
  answers: z.array(z.string()).optional(),
  createdAt: time,
  lastUsedAt: time.nullable(),
  uses: z.number().int(),
  /** The definition it was given for; it rests while the accepted one is another. */
  pin: z.string().optional(),
  /** More capabilities of the server than `capability`: those listed when it was given, as they were. Later ones are not in it. */
  capabilities: z.array(pinned).optional(),
  /** The operator's other clients that were there when it was given, for whom it holds too. */
  alsoClients: z.array(z.string()).optional(),
  /** Holds only while the client works in this folder. */
  folder: z.string().optional(),
  /** Why it does not count just now: its definition changed, or nobody used it for too long. */
  rests: z.enum(['changed', 'unused']).optional(),
});
export type Grant = z.infer<typeof grant>;
