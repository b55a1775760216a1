// Operations that bring in what clients start today and put Gatehouse between, for a page: the files are those of the broker's own user,
// found by the broker's own environment. Commands do the same in theirs.
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { change, read } from './operation.ts';
import { serverName } from './vocabulary.ts';

/** Every client's entries, and what leaks; `doctor --scan` says the same. */
export const clientScan = z.object({
  files: z.array(
    z.object({
      client: z.string(),
      title: z.string(),
      path: z.string(),
      entries: z.array(
        z.object({
          name: z.string(),
          scope: z.string(),
          project: z.string().nullable(),
          managed: z.boolean(),
          disabled: z.boolean(),
        }),
      ),
    }),
  ),
  leaks: z.array(
    z.object({
      code: z.enum(['plaintext-key', 'wide-file', 'unpinned-package', 'plain-http', 'shell', 'unmanaged']),
      severity: z.enum(['note', 'warning', 'serious']),
      client: z.string(),
      path: z.string(),
      /** Null for what concerns the whole file. */
      entry: z.string().nullable(),
      /** Holds no value of any secret. */
      says: z.string(),
    }),
  ),
  unreadable: z.array(z.object({ client: z.string(), path: z.string(), why: z.string() })),
});
export type ClientScan = z.infer<typeof clientScan>;

export const importRow = z.object({
  /** Name at Gatehouse; null for what is not brought in. */
  server: z.string().nullable(),
  entries: z.array(z.object({ client: z.string(), path: z.string(), name: z.string() })),
  state: z.enum(['new', 'added', 'known', 'failed', 'left']),
  /** Why it failed or stays as it is. */
  why: z.string().nullable(),
  /** Exactly what is started, or the address that is reached; names in place of keys. Empty for what stays as it is. */
  starts: z.string(),
  tools: z.number().int(),
  /** Capabilities that wait for a look. */
  waiting: z.number().int(),
  findings: z.array(z.object({ capability: z.string().nullable(), title: z.string(), severity: z.string() })),
  /** Names of secrets that go to the vault, and of those whose use stays visible in the list of processes. */
  secrets: z.array(z.string()),
  visibleInPs: z.array(z.string()),
});
export type ImportRow = z.infer<typeof importRow>;

const refused = z.array(z.object({ path: z.string(), why: z.string() }));

/** What was shown; nothing is done where it is something else by now. */
const shown = z.object({ digest: z.string() });

export const installWish = z.object({
  client: z.string(),
  /** One entry for all servers; their tools are named server__tool then. */
  combined: z.boolean().default(false),
  /** The client shall not ask by itself about our entries. */
  passDialogs: z.boolean().default(false),
  /** The client asks before it uses its own tools. */
  hooks: z.boolean().default(false),
  over: z.enum(['fitting', 'stdio', 'http']).default('fitting'),
  /** Servers it shall see from now on, beside those it sees: each gets an entry. */
  also: z.array(serverName).default([]),
});
export type InstallWishes = z.infer<typeof installWish>;

export const installPreview = shown.extend({
  client: z.string(),
  title: z.string(),
  /** `difference`: lines with - and +, keys covered. */
  changes: z.array(z.object({ path: z.string(), made: z.boolean(), difference: z.array(z.string()) })),
  /** Entries that stay as they are. */
  left: z.array(z.object({ path: z.string(), entry: z.string(), why: z.string() })),
  refused,
  can: z.object({ passDialogs: z.boolean(), hooks: z.boolean() }),
});
export type InstallPreview = z.infer<typeof installPreview>;

export const undoPreview = shown.extend({
  files: z.array(
    z.object({
      client: z.string(),
      path: z.string(),
      /** True: byte for byte as it was. False: its old entries, among what others changed since; `difference` says which. */
      exact: z.boolean(),
      /** True: there was no such file, so it goes. */
      removed: z.boolean(),
      difference: z.array(z.string()),
      /** What is not put back, as sentences. */
      left: z.array(z.string()),
      /**
       * Keys that are in plain text again. `rotated`: the old value, and the vault has another by now. `current`: the secret whose value may be
       * written in its place; null where there is none, and then `why` says why, in the middle of a sentence. No value of any secret.
       */
      keys: z.array(z.object({ where: z.string(), rotated: z.boolean(), current: z.string().nullable(), why: z.string().nullable() })),
    }),
  ),
  refused,
});
export type UndoPreview = z.infer<typeof undoPreview>;

/** What became of an entry that Gatehouse wrote, or a new one that goes past it. Put aside as the finding it is. */
export const deviation = z.object({
  finding: z.string(),
  kind: z.enum(['gone', 'changed', 'moved', 'new', 'hook']),
  client: z.string(),
  title: z.string(),
  path: z.string(),
  entry: z.string(),
  says: z.string(),
  /** What mending writes, lines with - and +, keys covered. Empty for a new entry, which is brought in first. */
  difference: z.array(z.string()),
  /** What a new entry starts or reaches, keys covered: mending starts it once. Else empty. */
  starts: z.string(),
  dismissed: z.boolean(),
});
export type DeviationShown = z.infer<typeof deviation>;

/** Null: every client. */
const ofClient = z.object({ client: z.string().nullable() });

export const setup = {
  /** Reads files only; asks nobody and no network. */
  look: read.output(clientScan),
  previewImport: read.output(
    shown.extend({ rows: z.array(importRow), unreadable: z.array(z.object({ path: z.string(), why: z.string() })) }),
  ),
  /** Starts each server once and brings it in, a row as each is done. `servers`: only those of the preview. Ended early, it can be run again. */
  import: change('setup', 'server', 'client', 'secret', 'finding', 'log')
    .input(shown.extend({ accept: z.enum(['clean', 'none']).default('clean'), servers: z.array(z.string()).optional() }))
    .output(eventIterator(importRow)),
  previewInstall: read.input(installWish).output(installPreview),
  install: change('setup', 'client', 'server', 'log')
    .input(installWish.extend({ digest: z.string() }))
    .output(z.object({ written: z.array(z.string()), refused })),
  /** Of the files that were changed, wherever they are. Makes nothing stale and writes nothing. */
  deviations: read.output(z.array(deviation)),
  /** Puts one of them right. @throws conflict when it is something else by now */
  mend: change('setup', 'finding', 'client', 'server', 'secret', 'log')
    .input(z.object({ finding: z.string() }))
    .output(z.object({ written: z.string(), server: z.string().nullable() })),
  previewUndo: read.input(ofClient).output(undoPreview),
  undo: change('setup', 'client', 'log')
    /** `current`: files that get the present values of rotated keys in place of the old ones, and else stay byte for byte. */
    .input(ofClient.extend({ digest: z.string(), current: z.array(z.string()).default([]) }))
    .output(z.object({ restored: z.array(z.string()), refused })),
};
