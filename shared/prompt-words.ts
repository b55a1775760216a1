// What a prompt, the log and a review say in words, as schemas: sentences, steps of a flow, facts, findings, differences.
import { z } from 'zod';

const time = z.iso.datetime();

/**
 * What is done, in our words, for a server whose package or origin is pinned and in our catalogue: "read" + "README.md",
 * then "in" + "~/code/acme". `verb` is ours; `object` comes from the arguments and is drawn as foreign text.
 */
export const sentencePart = z.object({
  /** Ours, as it stands after "wants github to": `post a comment on`, `in`. */
  verb: z.string(),
  object: z.string(),
  /** The same once it was done, for the log: `posted a comment on`. The first part has one where it differs. */
  past: z.string().optional(),
  /** What several of them are called when the log gathers them: `files`, so that it can say "Read 3 files in ~/code/acme". */
  several: z.string().optional(),
});

/** One step of a flow: what the session did that makes this question grave. The last one is what would happen now. */
export const flowStep = z.object({
  /** null: now, if it is allowed. */
  at: time.nullable(),
  /** Ours: `read`, `read an issue written by`, `would write to`. */
  what: z.string(),
  /** Theirs: `.env`, `github.com`; drawn in bold, as foreign text. */
  object: z.string().optional(),
  /** The label this step brought, or would bring: `private`, `untrusted`, `outward`. */
  label: z.string().nullable(),
});

/** Something the broker knows of the request, said as a row: `Where` `acme/web #482` `new`. */
export const factRow = z.object({
  name: z.string(),
  value: z.string(),
  mark: z.enum(['new', 'changed', 'outside', 'private']).optional(),
  /** Names of the arguments this row says in full; they stand under Details then, unless they are long or hide something. */
  covers: z.array(z.string()).optional(),
});

/** What a question is mostly about, for the bar over it; without one the bar says the risk in general words. */
export const alarms = ['leaves', 'destroys', 'runs', 'changed', 'private', 'hidden', 'unusual'] as const;

export const finding = z.object({
  id: z.string(),
  title: z.string(),
  detail: z.string(),
  severity: z.enum(['note', 'warning', 'serious']),
  /** Which kind of thing was found: `hidden`, `look-alike`, `secrecy`. */
  rule: z.string().optional(),
  /** null: none in particular. */
  server: z.string().nullable().optional(),
  /** null: the server as a whole. */
  capability: z.string().nullable().optional(),
  /** The operator has put it aside. */
  dismissed: z.boolean().optional(),
});
export type Finding = z.infer<typeof finding>;

/** Of an `outcome`: what was noticed in the answer, which went on as it came. */
export const marks = {
  findings: z.array(finding.pick({ rule: true, title: true, severity: true }).extend({ detail: z.string().optional() })).optional(),
  /** Characters of the answer that were looked at, and that there were, where that is not all. */
  partlyRead: z.object({ read: z.number().int(), of: z.number().int() }).optional(),
};

/** What a server offers now against what was accepted; an empty capability is the server itself. */
const difference = z.object({
  capability: z.string(),
  change: z.enum(['new', 'changed', 'gone']),
  was: z.string().nullable(),
  is: z.string().nullable(),
  /** Texts that differ, word by word. */
  words: z
    .array(z.object({ place: z.string(), parts: z.array(z.object({ text: z.string(), mark: z.enum(['same', 'gone', 'new']) })) }))
    .optional(),
  /** What it can now do that it could not, in sentences. */
  can: z.array(z.string()).optional(),
  findings: z.array(finding).optional(),
});

export const review = z.object({ name: z.string(), differences: z.array(difference) });
export type Review = z.infer<typeof review>;
