// What the operator's handlers need of the policies.
import type { CheckedPolicy, Entry, PolicyCase, PolicyChange, PolicyInfo } from '../../shared/vocabulary.ts';

export interface Compiled {
  readonly id: string;
  readonly text: string;
  readonly effect: 'permit' | 'forbid';
  readonly asks: boolean;
}
export type PolicyWord = PolicyChange['was'];
type PolicyProblem = CheckedPolicy['problems'][number];

export interface PolicyPart {
  /** The chosen set. */
  set(): string;
  isSet(name: string): boolean;
  /** `text` null: of a set. `compiled`: of a policy that is not in force yet. */
  describe(name: string, text: string | null, addedAt: string | null, compiled?: readonly Compiled[]): PolicyInfo;
  check(
    name: string,
    text: string,
  ): { policies: readonly Compiled[]; problems: readonly PolicyProblem[]; warnings: readonly PolicyProblem[] };
  /** What the policies in force say of a logged request, and what they would with `name` saying `compiled` (null: without it). */
  compare(
    entry: Entry,
    argumentsText: string,
    name: string,
    compiled: readonly Compiled[] | null,
  ): { was: PolicyWord; would: PolicyWord } | null;
  judge(wanted: PolicyCase, name: string, compiled: readonly Compiled[] | null): { verdict: PolicyWord; by: string[] };
  textOf(id: string): string | null;
  written(): void;
  /** Compares the files with what is in force now. */
  look(): void;
  removed(name: string): void;
}
