// The words of Gatehouse as schemas: what crosses a process border. Public: fields may be added, never renamed.
import { z } from 'zod';
import { clientEvidence } from './client-evidence.ts';
import { origin } from './origin.ts';
import { alarms, factRow, finding, flowStep, marks, sentencePart } from './prompt-words.ts';

export { type ClientEvidence, clientEvidence } from './client-evidence.ts';
export { type Grant, grant, type Pinned, type Place } from './grant.ts';
export { type Finding, finding, type Review, review } from './prompt-words.ts';
export { type Status, status } from './status.ts';

/** Times on every border are ISO 8601 in UTC. */
export const time = z.iso.datetime();

export const serverName = z.string().regex(/^[a-z0-9-]{1,24}$/, 'a server name is 1 to 24 characters of a-z, 0-9 and -');

export const clientName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/, 'a client name is 1 to 48 characters of A-Z a-z 0-9 . _ -');

export const secretName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a secret name is 1 to 64 characters of A-Z a-z 0-9 . _ -');

export const capabilityKinds = ['tool', 'resource', 'template', 'prompt', 'sampling', 'elicitation', 'roots'] as const;
export type CapabilityKind = (typeof capabilityKinds)[number];

/** What a capability touches. `controls-screen`: it can click for the person (security.md T37). */
export const labels = ['private', 'untrusted', 'outward', 'destructive', 'controls-screen'] as const;
export const label = z.enum(labels);
export type Label = z.infer<typeof label>;

export const policyName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,47}$/, 'a policy name is 1 to 48 characters of a-z, 0-9 and -');

/** `kind:name`, for example `tool:create_issue`. */
export const capability = z
  .string()
  .regex(/^(tool|resource|template|prompt|sampling|elicitation|roots):[\s\S]{0,4096}$/, 'a capability is kind:name');

/** What a grant covers: one capability, one kind (`tool:*`), or everything (`*`). */
export const capabilityPattern = z.union([z.literal('*'), capability]);

/** `15m`, `8h`, `7d`; at most 30 days. */
export const duration = z
  .string()
  .regex(/^[1-9][0-9]{0,4}[mhd]$/, 'a duration is like 15m, 8h or 7d')
  .refine((text) => durationMs(text) <= 30 * 86_400_000, 'the longest duration is 30d');

/** In milliseconds; NaN when it is not one. */
export function durationMs(text: string): number {
  const unit = { m: 60_000, h: 3_600_000, d: 86_400_000 }[text.at(-1) ?? ''];
  return unit === undefined ? Number.NaN : Number(text.slice(0, -1)) * unit;
}

export const risk = z.enum(['low', 'medium', 'high', 'critical']);

export const allowFor = z.union([z.enum(['once', 'session', 'always']), duration]);
export const denyFor = z.enum(['once', 'session', 'always']);
/** How much of the arguments an answer covers: these bytes, a width the prompt suggested, or anything. */
export const matchChoice = z.union([z.enum(['exact', 'any']), z.string().regex(/^suggested:[0-9]{1,2}$/)]);

/** An `ask` put before the operator. `arguments` is the value as received. */
export const approval = z.object({
  id: z.string(),
  client: z.string(),
  server: z.string(),
  capability: z.string(),
  arguments: z.unknown(),
  /** The exact bytes asked about, as text; what a prompt draws, so that numbers beyond 2^53 show as written. */
  argumentsText: z.string(),
  risk,
  reasons: z.array(z.string()),
  widths: z.array(z.object({ id: z.string(), label: z.string() })),
  /** What the server says of itself; its claim, never ours. */
  claim: z.object({ title: z.string().optional(), description: z.string().optional() }),
  /** SHA-256 over the exact bytes of the arguments, in hex. */
  digest: z.string(),
  /** Changes whenever what is shown changes; an answer must carry the one it saw. */
  nonce: z.string(),
  /** How many equal calls wait behind this question now; 0 when the client stopped waiting. */
  waiting: z.number().int(),
  session: z.string(),
  /** Working folder of the client, where known. */
  folder: z.string().nullable(),
  /** False where the broker would store 30 days for `always`. */
  alwaysOffered: z.boolean(),
  createdAt: time,
  expiresAt: time,
  /** Ours, for catalogue servers; without it the prompt says: wants to use `name` of server. */
  sentence: z.array(sentencePart).optional(),
  alarm: z.enum(alarms).optional(),
  /** The flow that this request would complete, oldest first. */
  path: z.array(flowStep).optional(),
  /** The definition that was accepted and the one that is there now, as JSON text: a yes accepts the new one too. */
  review: z.object({ was: z.string(), is: z.string() }).optional(),
  facts: z.array(factRow).optional(),
  /** Who a yes must come from: `pin` asks for the PIN or the operating system. */
  presence: z.enum(['none', 'pin']).optional(),
  /** What the capability touches. */
  labels: z.array(z.string()).optional(),
  /** Arguments approved last time for the same capability, as text, so that the prompt can show what is different. */
  lastTime: z.object({ at: time, argumentsText: z.string() }).optional(),
});
export type Approval = z.infer<typeof approval>;

/** Something asked while the operator was away: refused at once, kept to be looked at, with the widths that would have covered it. */
export const gathered = approval
  .pick({ client: true, server: true, capability: true, argumentsText: true, digest: true, risk: true, reasons: true, widths: true })
  .extend({ id: z.string(), facts: z.array(factRow).optional(), session: z.string(), folder: z.string().nullable() })
  /** How often it was asked, and when first and last. */
  .extend({ times: z.number().int(), firstAt: time, lastAt: time });
export type Gathered = z.infer<typeof gathered>;

const policyProblem = z.object({
  message: z.string(),
  hint: z.string().nullable(),
  at: z.object({ start: z.number().int(), end: z.number().int() }).nullable(),
});
const policyPart = z.object({ id: z.string(), effect: z.enum(['permit', 'forbid']), asks: z.boolean() });

/** A policy in force: a set that comes with Gatehouse, or a file the operator added. */
export const policyInfo = z.object({
  name: policyName,
  source: z.enum(['set', 'operator']),
  text: z.string(),
  policies: z.array(policyPart),
  addedAt: time.nullable(),
});
export type PolicyInfo = z.infer<typeof policyInfo>;

export const checkedPolicy = z.object({
  ok: z.boolean(),
  problems: z.array(policyProblem),
  warnings: z.array(policyProblem),
  policies: z.array(policyPart),
});
export type CheckedPolicy = z.infer<typeof checkedPolicy>;

export const policyVerdict = z.enum(['allow', 'deny', 'ask', 'none']);
/** An entry of the log that policies would judge otherwise. */
export const policyChange = z.object({
  seq: z.number().int(),
  client: z.string(),
  server: z.string(),
  capability: z.string(),
  was: policyVerdict,
  would: policyVerdict,
});
export type PolicyChange = z.infer<typeof policyChange>;

/** One line of a file for `policy test`: a request, and what the policies should say of it (`none`: nothing). */
export const policyCase = z.object({
  name: z.string().optional(),
  client: clientName,
  server: serverName,
  capability,
  arguments: z.unknown().optional(),
  /** In place of the labels the capability has. */
  labels: z.array(label).optional(),
  sessionLabels: z.array(label).optional(),
  folder: z.string().optional(),
  /** ISO 8601; now when absent. */
  at: z.string().optional(),
  expect: policyVerdict,
});
export type PolicyCase = z.infer<typeof policyCase>;

export const serverState = z.enum(['pending', 'ready', 'running', 'disabled', 'quarantined', 'failed']);

export const serverCapability = z.object({
  capability: z.string(),
  accepted: z.boolean(),
  labels: z.array(z.string()),
  findings: z.array(finding),
  title: z.string().optional(),
  description: z.string().optional(),
});

/** How a server elsewhere is reached. */
export const remote = z.object({
  url: z.string(),
  /** `auto`: Streamable HTTP, and HTTP+SSE where that is not understood. */
  transport: z.enum(['auto', 'http', 'sse']),
  headers: z.record(z.string(), z.string()),
  /** Header -> secret name. */
  secretHeaders: z.record(z.string(), secretName),
  /** Name of a secret: a client certificate with its key. */
  clientCert: secretName.nullable(),
  /** Where its address led when it was added. */
  reach: z.enum(['loopback', 'private', 'public']),
});
export type Remote = z.infer<typeof remote>;

export const server = z.object({
  name: z.string(),
  state: serverState,
  /** Why it failed or is quarantined, in words. */
  reason: z.string().nullable(),
  /** Empty for a server elsewhere. */
  command: z.string(),
  args: z.array(z.string()),
  cwd: z.string().nullable(),
  env: z.record(z.string(), z.string()),
  /** Environment key -> secret name. Values never leave the vault this way. */
  secretEnv: z.record(z.string(), z.string()),
  share: z.boolean(),
  /** Only of a server elsewhere. */
  remote: remote.optional(),
  origin: origin.optional(),
  /** The protocol it spoke when it was accepted. */
  era: z.enum(['handshake', 'stateless']).optional(),
  processes: z.number().int(),
  capabilities: z.array(serverCapability),
  /** What was found about the server as a whole. */
  findings: z.array(finding).optional(),
  createdAt: time,
});
export type Server = z.infer<typeof server>;

export const client = z.object({
  name: z.string(),
  state: z.enum(['active', 'paused', 'revoked']),
  servers: z.array(z.string()),
  /** Servers that came later, each offered once: it is gone from here when it is taken or dismissed. */
  offers: z.array(z.string()),
  /** How long a call waits for the operator, in seconds. */
  waitSeconds: z.number().int(),
  connections: z.number().int(),
  /** What the client says of itself in `initialize`; self-reported, proves nothing. */
  saysItIs: z.string().nullable(),
  createdAt: time,
  lastSeenAt: time.nullable(),
  /** The programs that used its credential, in the order they were first seen. */
  evidence: z.array(clientEvidence),
});
export type Client = z.infer<typeof client>;

export const session = z.object({
  id: z.string(),
  client: z.string(),
  /** Process that launched the connector, where known. */
  pid: z.number().int().nullable(),
  folder: z.string().nullable(),
  connections: z.number().int(),
  startedAt: time,
  lastActiveAt: time,
  /** What it has touched so far; labels only grow. */
  labels: z.array(z.string()).optional(),
});
export type Session = z.infer<typeof session>;

export const secretInfo = z.object({ name: z.string(), createdAt: time, usedBy: z.array(z.string()) });
export type SecretInfo = z.infer<typeof secretInfo>;

/** A client's configuration file as it was before Gatehouse changed it, kept sealed. */
export const keptFile = z.object({ id: z.string(), client: z.string(), path: z.string(), keptAt: time });
export type KeptFile = z.infer<typeof keptFile>;

export const outcomeResults = ['ok', 'error', 'denied', 'expired', 'withdrawn', 'interrupted', 'open'] as const;

/** One record of the audit log. Only `seq`, `at`, `type` and `hash` are on every entry. */
export const entry = z.looseObject({
  seq: z.number().int(),
  at: time,
  type: z.string(),
  client: z.string().optional(),
  server: z.string().optional(),
  capability: z.string().optional(),
  session: z.string().optional(),
  verdict: z.enum(['allow', 'deny', 'ask']).optional(),
  /** The rule that decided: `grant:<id>`, `operator`, `default`, `lockdown`, `pin`, ... */
  decidedBy: z.string().optional(),
  reason: z.string().optional(),
  approval: z.string().optional(),
  durationMs: z.number().optional(),
  /** `seq` of the `asked` entry an `outcome` belongs to. */
  asked: z.number().int().optional(),
  result: z.enum(outcomeResults).optional(),
  /** What was asked for in our words, secrets masked. */
  sentence: z.array(sentencePart).optional(),
  ...marks,
  hash: z.string(),
});
export type Entry = z.infer<typeof entry>;

/** An entry before the log gives it its place: everything but `seq`, `at` and `hash`. */
export type EntryBody = Omit<Entry, 'seq' | 'at' | 'hash'> & { type: string };

export const verification = z.object({
  ok: z.boolean(),
  entries: z.number().int(),
  head: z.string(),
  problems: z.array(z.object({ seq: z.number().int(), problem: z.string() })),
});
export type Verification = z.infer<typeof verification>;
