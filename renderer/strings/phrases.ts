// What the broker says in English in a few set phrases (shared/prompt-words.ts), and what a language makes of them. What a language
// does not know is shown as the broker said it: a phrase is never guessed.
import type { Approval } from '../../shared/vocabulary.ts';

/** A sentence in the order in which it is read; either of the two may be empty. */
export type Said = readonly { readonly verb: string; readonly object: string }[];

export interface Phrases {
  /** `read` `README.md`, `in` `~/code/acme`; `past`: it was done. Null: this language has no words for it. */
  sentence(parts: NonNullable<Approval['sentence']>, past: boolean): Said | null;
  /** A step of a flow after "it": what stands before its object and after it. */
  step(what: string, object: boolean): { readonly before: string; readonly after: string } | null;
  /** The name of a row of facts. */
  fact(name: string): string | null;
  /** `files` */
  things(several: string): string;
  /** What a width covers: `reading in ~/code/acme`. */
  width(label: string): string | null;
}
