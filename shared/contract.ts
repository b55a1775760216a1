// Every operator operation, declared once: input, output, who may call it, what it makes stale.
// The loopback API, the message port, the typed client of console and command line, and cache keys all come from here.
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { approvals, gathered, grants } from './answer-contract.ts';
import { candidates, registry, withCandidate } from './candidate.ts';
import { change, done, open, read, topics } from './operation.ts';
import { setup } from './setup-contract.ts';
import { tally, tallyFilter } from './tally-contract.ts';
import * as v from './vocabulary.ts';

export { type Meta, type Topic, topics } from './operation.ts';

const byName = z.object({ name: z.string() });
const byId = z.object({ id: z.string() });

export const serverSpec = z.object({
  name: v.serverName,
  /** Program and arguments, as an argv array; no shell reads it. Empty for a server with a URL. */
  command: z.string().default(''),
  args: z.array(z.string()).default([]),
  cwd: z.string().optional(),
  env: z.record(z.string(), z.string()).default({}),
  secretEnv: z.record(z.string(), v.secretName).default({}),
  share: z.boolean().default(false),
  url: z.string().max(2048).optional(),
  transport: v.remote.shape.transport.default('auto'),
  headers: v.remote.shape.headers.default({}),
  secretHeaders: v.remote.shape.secretHeaders.default({}),
  clientCert: v.secretName.optional(),
  accept: z.boolean().default(false),
});

export const connectionHelp = z.object({
  name: z.string(),
  /** Shown once. */
  token: z.string(),
  stdio: z.object({ command: z.string(), args: z.array(z.string()), env: z.record(z.string(), z.string()) }),
  http: z.object({ url: z.string(), headers: z.record(z.string(), z.string()) }),
});

export const logFilter = z.object({
  client: z.string().optional(),
  server: z.string().optional(),
  capability: z.string().optional(),
  verdict: z.string().optional(),
  since: v.time.optional(),
  until: v.time.optional(),
  search: z.string().optional(),
  /** Entries with a smaller `seq`, for paging back. */
  before: z.number().int().optional(),
  limit: z.number().int().min(1).max(5000).default(200),
});

/** Some of what the last review showed, by capability (empty: the server itself); without, all of it. */
const reviewed = byName.extend({ capabilities: z.array(z.string()).min(1).optional() });

const policyText = z.object({ name: v.policyName, text: z.string().max(65_536) });

export const contract = {
  status: open.output(v.status),
  /** Anyone may stop everything; only the operator starts it again. */
  lock: open
    .meta({ caller: 'anyone', changes: ['status'] })
    .input(z.object({ reason: z.string().max(200).optional() }))
    .output(done),
  unlock: change('status').output(done),

  /** What changed, as it changes; the first event is `hello`. Reload a topic when it is named. */
  changes: read.output(eventIterator(z.object({ topic: z.enum([...topics, 'hello']) }))),

  operator: {
    /** Trades the one-time secret of a console address for a console session. A second use ends both sessions. */
    redeem: open.input(z.object({ secret: z.string() })).output(z.object({ session: z.string() })),
    /** Trades the PIN for a console session or a token for one shell (8 h). Wrong PINs are slowed down, never locked out. */
    signIn: open
      .input(z.object({ pin: z.string(), use: z.enum(['console', 'token', 'once']) }))
      .output(z.object({ credential: z.string(), expiresAt: v.time.nullable() })),
    /** In a desktop window, in place of typing the PIN: the operating system asks who is there. Good for one answer, as `once` is. */
    proveBySystem: change().output(z.object({ credential: z.string(), expiresAt: v.time })),
    /** A one-time console address for an operator who has a credential already. */
    consoleAddress: change().output(z.object({ url: z.string(), expiresAt: v.time })),
    setPin: change('status')
      .input(z.object({ pin: z.string(), current: z.string().optional() }))
      .output(done),
    signOut: change().output(done),
  },

  approval: approvals,
  gathered,
  grant: grants,

  server: {
    list: read.output(z.array(v.server)),
    show: read.input(byName).output(v.server),
    /** Starts the server once, alone, and reports what it offers. */
    add: change('server', 'client', 'finding', 'log').input(serverSpec).output(v.server),
    remove: change('server', 'grant', 'client', 'log').input(byName).output(done),
    enable: change('server', 'log').input(byName).output(v.server),
    disable: change('server', 'log').input(byName).output(v.server),
    restart: change('server', 'log').input(byName).output(v.server),
    /** Starts it once, alone, and compares with what was accepted. Makes nothing stale: a page that shows it would ask again without end. */
    review: change().input(byName).output(v.review),
    accept: change('server', 'client', 'grant', 'finding', 'log').input(reviewed).output(v.server),
    reject: change('server', 'finding', 'log').input(reviewed).output(v.server),
    logs: read.input(byName).output(z.object({ lines: z.array(z.object({ at: v.time, text: z.string() })) })),
    /** Adds a candidate exactly as it was shown. */
    addCandidate: change('server', 'client', 'finding', 'log').input(withCandidate).output(v.server),
    /** Puts a candidate in the place of its program: what differs then from what was accepted waits for a review. */
    update: change('server', 'grant', 'finding', 'log')
      .input(withCandidate.omit({ accept: true }))
      .output(z.object({ server: v.server, review: v.review })),
  },

  candidate: candidates,
  registry,

  label: {
    /** What a capability touches, as the operator says; `on: false` takes a label away. */
    set: change('server', 'log')
      .input(z.object({ server: v.serverName, capability: v.capability, label: v.label, on: z.boolean().default(true) }))
      .output(v.server),
  },

  policy: {
    /** The chosen set, then the operator's own. */
    list: read.output(z.array(v.policyInfo)),
    show: read.input(byName).output(v.policyInfo),
    check: read.input(policyText).output(v.checkedPolicy),
    /** Says what it would have changed in the last 500 requests, and takes it over unless `dryRun`. */
    add: change('policy', 'finding', 'log')
      .input(policyText.extend({ dryRun: z.boolean().default(false) }))
      .output(z.object({ policy: v.policyInfo, changes: z.array(v.policyChange), tried: z.number().int() })),
    remove: change('policy', 'finding', 'log').input(byName).output(done),
    /** Cases against what is in force, or against that with one policy more. */
    test: read
      .input(z.object({ cases: z.array(v.policyCase).max(1000), name: v.policyName.optional(), text: z.string().optional() }))
      .output(
        z.object({
          ok: z.boolean(),
          results: z.array(
            z.object({ name: z.string(), expected: v.policyVerdict, got: v.policyVerdict, by: z.array(z.string()), ok: z.boolean() }),
          ),
        }),
      ),
    explain: read.input(z.object({ seq: z.number().int() })).output(
      z.object({
        seq: z.number().int(),
        verdict: z.string().nullable(),
        decidedBy: z.string().nullable(),
        reason: z.string().nullable(),
        rule: z.object({ kind: z.string(), text: z.string() }).nullable(),
        /** What the policies alone say of it now. */
        now: v.policyVerdict.nullable(),
      }),
    ),
  },

  finding: {
    list: read.input(z.object({ all: z.boolean().default(false) })).output(z.array(v.finding)),
    show: read.input(byId).output(v.finding),
    /** Put aside until what it is about changes. */
    dismiss: change('finding', 'server', 'client', 'log').input(byId).output(v.finding),
  },

  client: {
    list: read.output(z.array(v.client)),
    show: read.input(byName).output(v.client),
    add: change('client', 'log')
      .input(z.object({ name: v.clientName, servers: z.union([z.literal('all'), z.array(v.serverName)]) }))
      .output(connectionHelp),
    set: change('client', 'log')
      .input(
        z.object({
          name: z.string(),
          servers: z.array(v.serverName).optional(),
          waitSeconds: z.number().int().min(0).max(3600).optional(),
        }),
      )
      .output(v.client),
    /** A server that came later: seen from now on, or not offered to this client again. @throws not-found where it is not offered */
    offer: change('client', 'log')
      .input(z.object({ name: z.string(), server: z.string(), take: z.boolean() }))
      .output(v.client),
    /** How this client reaches the broker, without its token: that stands in the home's run/clients/NAME. */
    connection: read.input(byName).output(
      z.object({
        stdio: z.object({ command: z.string(), args: z.array(z.string()), env: z.record(z.string(), z.string()) }),
        httpUrl: z.string(),
      }),
    ),
    pause: change('client', 'approval', 'log').input(byName).output(v.client),
    resume: change('client', 'log').input(byName).output(v.client),
    revoke: change('client', 'grant', 'approval', 'log').input(byName).output(v.client),
  },

  secret: {
    list: read.output(z.array(v.secretInfo)),
    where: read.input(byName).output(v.secretInfo),
    set: change('secret', 'log')
      .input(z.object({ name: v.secretName, value: z.string().min(1).max(65_536) }))
      .output(v.secretInfo),
    remove: change('secret', 'log').input(byName).output(done),
    /** For each value, the secret that has it; null where none does. For an import, which must not keep one key under two names. */
    match: read
      .input(z.object({ values: z.array(z.string().max(65_536)).max(500) }))
      .output(z.object({ names: z.array(v.secretName.nullable()) })),
  },

  /** What `install` keeps so that `uninstall` can put it back. Files are read and written by the command, in its own environment. */
  clientFile: {
    list: read.output(z.array(v.keptFile)),
    seal: read
      .meta({ caller: 'operator', changes: ['client', 'log'], bodyBytes: 32 * 1024 * 1024 })
      .input(z.object({ client: z.string().max(48), path: z.string().max(4096), text: z.string() }))
      .output(v.keptFile),
    /** Gives back what was sealed, keys in plain text and all; each time is an entry. */
    open: change('log')
      .input(byId)
      .output(v.keptFile.extend({ text: z.string() })),
    /**
     * The present values of secrets that stand in the places of these kept copies of one file, so that it can be put back with them. The one
     * way a value leaves the vault other than to its server: needs the PIN where there is one, and each is an entry.
     */
    currentKeys: change('log')
      .input(z.object({ ids: z.array(z.string()).min(1).max(500), secrets: z.array(v.secretName).min(1).max(500) }))
      .output(z.object({ values: z.array(z.string()) })),
    forget: change('client', 'log').input(byId).output(done),
  },

  setup,

  session: {
    list: read.output(z.array(v.session)),
    end: change('session', 'log').input(byId).output(done),
  },

  log: {
    /** Newest first. */
    list: read.input(logFilter).output(z.array(v.entry)),
    /** The entry and, where it is kept, what was asked and answered, masked. */
    show: read
      .input(z.object({ seq: z.number().int() }))
      .output(z.object({ entry: v.entry, related: z.array(v.entry), request: z.string().nullable(), reply: z.string().nullable() })),
    /** Entries as they are written, after `after` where given. */
    follow: read
      .input(logFilter.omit({ before: true, limit: true }).extend({ after: z.number().int().optional() }))
      .output(eventIterator(v.entry)),
    verify: read.output(v.verification),
    tally: read.input(tallyFilter).output(tally),
    /** A file in parts, oldest entry first. That the log was taken away is an entry. */
    export: change('log')
      .input(z.object({ format: z.enum(['jsonl', 'csv', 'ocsf']), since: v.time.optional(), until: v.time.optional() }))
      .output(eventIterator(z.object({ text: z.string(), entries: z.number().int() }))),
  },

  setting: {
    list: read.output(z.record(z.string(), z.string())),
    set: change('setting', 'approval', 'status', 'log')
      .input(z.object({ key: z.string(), value: z.string().max(1000) }))
      .output(done),
  },
};

export type Contract = typeof contract;
