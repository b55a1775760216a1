// The rows that decide, one schema per table: what a body on the disk must look like to count.
import { z } from 'zod';
import { origin } from '../../shared/origin.ts';
import * as v from '../../shared/vocabulary.ts';

const serverShape = z.object({
  name: v.serverName,
  command: z.string(),
  args: z.array(z.string()),
  cwd: z.string().nullable(),
  env: z.record(z.string(), z.string()),
  secretEnv: z.record(z.string(), v.secretName),
  share: z.boolean(),
  /** How it is reached, where it runs elsewhere; `command` is empty then. */
  remote: v.remote.nullable().default(null),
  enabled: z.boolean(),
  acceptedAt: v.time.nullable(),
  /** Which protocol it speaks: it waits for a handshake, or every request stands alone. */
  era: z.enum(['handshake', 'stateless']),
  /** The `result` of `initialize` or `server/discover` as the server sent it; null before it was ever tried out. */
  openingText: z.string().nullable(),
  /** The package its program came from when it was accepted, where known. */
  package: z
    .object({
      name: z.string(),
      version: z.string().nullable(),
      integrity: z.string().nullable().optional(),
      scripts: z.boolean().optional(),
    })
    .nullable()
    .optional(),
  /** Updates of that package that nobody had to look at, the newest last. */
  updates: z.array(z.object({ at: v.time, from: z.string(), to: z.string() })).optional(),
  origin: origin.optional(),
  createdAt: v.time,
});

/** A row of before the second era is read as what it was: a handshake server. Its next change writes it in the present shape. */
const serverRow = z.preprocess((row) => {
  if (typeof row !== 'object' || row === null || !('initializeResult' in row)) return row;
  const { initializeResult, ...rest } = row;
  return { era: 'handshake', openingText: initializeResult, ...rest };
}, serverShape);

const clientRow = z.object({
  name: v.clientName,
  state: z.enum(['active', 'paused', 'revoked']),
  servers: z.array(v.serverName),
  /** Servers that came later and that nobody has said yes or no to for this client. */
  offers: z.array(v.serverName).optional(),
  waitSeconds: z.number().int(),
  storedKey: z.string(),
  serverKey: z.string(),
  createdAt: v.time,
});

const grantRow = v.grant.omit({ lastUsedAt: true, uses: true, rests: true });

const definitionRow = z.object({
  /** `<server> <capability>`. */
  id: z.string(),
  server: v.serverName,
  capability: v.capability,
  /** The definition as the server sent it. */
  text: z.string(),
  fingerprint: z.string(),
  needs: z.array(z.string()),
  accepted: z.boolean(),
  /** Fingerprint of a definition the operator looked at and refused: it is not asked about again. */
  rejected: z.string().optional(),
});

const settingRow = z.object({ key: z.string().min(1), value: z.string() });

const secretRow = z.object({ name: v.secretName, createdAt: v.time });

/** A finding the operator has seen and put aside. */
const dismissalRow = z.object({ id: z.string().min(1), title: z.string(), at: v.time });

/** The operator's correction of what a capability touches. */
const labelRow = z.object({
  /** `<server> <capability>`. */
  id: z.string(),
  server: v.serverName,
  capability: v.capability,
  add: z.array(v.label),
  remove: z.array(v.label),
});

/** What the sessions of one client have touched, oldest first; labels only grow (security.md T06). */
const trailRow = z.object({
  client: v.clientName,
  steps: z.array(
    z.object({
      at: v.time,
      session: z.string(),
      server: v.serverName,
      capability: z.string(),
      what: z.string(),
      object: z.string().optional(),
      label: v.label,
    }),
  ),
});

/** What was asked and refused while the operator was away; its arguments are sealed. */
const gatheredRow = v.gathered
  .pick({ id: true, client: true, server: true, capability: true, session: true, folder: true, digest: true })
  .extend({ canonicalDigest: z.string(), sealed: z.string(), times: z.number().int(), firstAt: v.time, lastAt: v.time })
  .extend({
    shown: z.object({
      ...{ risk: v.risk, reasons: z.array(z.string()), facts: v.gathered.shape.facts, boundTo: z.string().nullable().optional() },
      ...{ alwaysOffered: z.boolean(), answers: z.array(z.string()).optional() },
      widths: z.array(
        z.object({
          ...{ id: z.string(), label: z.string(), places: v.grant.shape.match.shape.places.unwrap() },
          ...{ capabilities: v.grant.shape.capabilities.unwrap().nullable(), alsoClients: z.array(z.string()) },
        }),
      ),
    }),
    /** The server showed another definition than the accepted one. */
    changed: z.boolean(),
    /** Fingerprint of the accepted definition; null: none. */
    definition: z.string().nullable(),
  });

/** A policy as the broker took it over; the file of the same name is only how it came. */
const policyRow = z.object({
  name: v.policyName,
  text: z.string(),
  /** Scopes and conditions as the engine read them, as JSON, so that a start need not load it. */
  compiled: z.string(),
  addedAt: v.time,
});

/** The programs that used a client's credential, the first known one first. */
const evidenceRow = z.object({
  client: v.clientName,
  /** `createdAt` of the client: what an earlier client of this name did says nothing about this one. */
  pairedAt: v.time,
  ways: z
    .array(
      v.clientEvidence.pick({ via: true, program: true, proven: true, pid: true, since: true }).extend({
        /** With the pid it names one process for ever. */
        startedAt: z.string().nullable(),
        firstAt: v.time,
        lastAt: v.time,
      }),
    )
    .max(16),
});

export type ServerRow = z.infer<typeof serverRow>;
export type ClientRow = z.infer<typeof clientRow>;
export type GrantRow = z.infer<typeof grantRow>;
export type DefinitionRow = z.infer<typeof definitionRow>;
export type SettingRow = z.infer<typeof settingRow>;
export type SecretRow = z.infer<typeof secretRow>;

export interface RowOf {
  server: ServerRow;
  client: ClientRow;
  grant: GrantRow;
  definition: DefinitionRow;
  setting: SettingRow;
  secret: SecretRow;
  dismissal: z.infer<typeof dismissalRow>;
  label: z.infer<typeof labelRow>;
  trail: z.infer<typeof trailRow>;
  policy: z.infer<typeof policyRow>;
  gathered: z.infer<typeof gatheredRow>;
  evidence: z.infer<typeof evidenceRow>;
}
export type Table = keyof RowOf;

const first = ['server', 'client', 'grant', 'definition', 'setting', 'secret'] as const;
const later = ['dismissal', 'label', 'trail', 'policy', 'gathered', 'evidence'] as const;
export const tables: readonly Table[] = [...first, ...later];
/** Tables that came with a migration: empty, they add nothing to the digest, so that an older home still proves itself. */
export const laterTables: readonly Table[] = later;

/** What a row must look like, and what it is found by. */
export const shapes: { readonly [T in Table]: { schema: z.ZodType<RowOf[T]>; idOf: (row: RowOf[T]) => string } } = {
  server: { schema: serverRow, idOf: (row) => row.name },
  client: { schema: clientRow, idOf: (row) => row.name },
  grant: { schema: grantRow, idOf: (row) => row.id },
  definition: { schema: definitionRow, idOf: (row) => row.id },
  setting: { schema: settingRow, idOf: (row) => row.key },
  secret: { schema: secretRow, idOf: (row) => row.name },
  dismissal: { schema: dismissalRow, idOf: (row) => row.id },
  label: { schema: labelRow, idOf: (row) => row.id },
  trail: { schema: trailRow, idOf: (row) => row.client },
  policy: { schema: policyRow, idOf: (row) => row.name },
  gathered: { schema: gatheredRow, idOf: (row) => row.id },
  evidence: { schema: evidenceRow, idOf: (row) => row.client },
};
