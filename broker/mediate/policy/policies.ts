// The policies in force, and what they say of a request. Order: a forbid denies, an asking forbid asks, a permit allows, else nothing.

import { type About, type Context, contextOf, only } from './context.ts';
import { evaluate } from './engine.ts';
import { LRU } from './remembered.ts';
import { type Compiled, couldHold, factsRead, inScope } from './scopes.ts';

export type PolicyVerdict =
  | { readonly kind: 'allow'; readonly by: string }
  | { readonly kind: 'deny'; readonly by: string; readonly reason: string | null }
  /** Every policy that asks: a grant covers the request only when it was given in answer to each. */
  | { readonly kind: 'ask'; readonly by: readonly string[]; readonly reason: string | null };

export interface Asked {
  readonly client: string;
  readonly server: string;
  readonly capability: string;
  /** Only called when a policy's scope fits. */
  about(): About;
}

interface Scoped {
  readonly policies: readonly Compiled[];
  readonly reads: readonly string[] | null;
}

export class Policies {
  #all: readonly Compiled[] = [];
  readonly #scoped = new LRU<Scoped>(2_000);
  readonly #remembered = new LRU<PolicyVerdict | null>(2_000);

  get all(): readonly Compiled[] {
    return this.#all;
  }

  /** Takes the place of what was in force, all at once. */
  replace(policies: readonly Compiled[]): void {
    this.#all = policies;
    this.#scoped.clear();
    this.#remembered.clear();
  }

  /** Null: no policy has anything to say. Never throws: a policy that cannot be evaluated is a deny (security.md 3). */
  verdict(asked: Asked): PolicyVerdict | null {
    const { client, server, capability } = asked;
    const key = `${client}\n${server}\n${capability}`;
    let scoped = this.#scoped.get(key);
    if (scoped === undefined) {
      const policies = this.#all.filter((policy) => inScope(policy, client, server, capability));
      scoped = { policies, reads: factsRead(policies) };
      this.#scoped.put(key, scoped);
    }
    const { policies, reads } = scoped;
    if (policies.length === 0) return null;
    let context: Context;
    try {
      context = contextOf(asked.about());
    } catch (error) {
      return faulty(error);
    }
    const able = policies.filter((policy) => couldHold(policy, context));
    // What none of the policies looks at, the time of day often among it, changes no verdict.
    const memory = () => `${key}\n${JSON.stringify(reads === null ? context : only(context, reads))}`;
    const verdict = able.length === 0 ? null : this.#evaluated(able, asked, context, memory());
    return context.uninspectable === true && (verdict === null || verdict.kind === 'allow') ? (unseen(policies) ?? verdict) : verdict;
  }

  #evaluated(able: readonly Compiled[], { client, server, capability }: Asked, context: Context, memory: string): PolicyVerdict | null {
    const known = this.#remembered.get(memory);
    if (known !== undefined) return known;
    let verdict: PolicyVerdict | null;
    try {
      verdict = judged(able, evaluate(able, { client, server, capability, context }));
    } catch (error) {
      return faulty(error);
    }
    this.#remembered.put(memory, verdict);
    return verdict;
  }
}

const faulty = (error: unknown): PolicyVerdict => ({
  kind: 'deny',
  by: 'policy-fault',
  reason: `a policy could not be evaluated (${error instanceof Error ? error.message : 'unknown'})`,
});

/** Facts about what the arguments name: of a request that could not be read whole they may be wrong. */
const ofArguments = /\bcontext\s*(?:\.\s*|\[\s*")(?:insideAll|insideAny|hosts|domains|repositories|owners|recipients|sql|argumentKeys)\b/;

/** A `forbid` about what is named is not got round by naming it so that nobody can read it: then it asks. Null: none is about that. */
function unseen(scoped: readonly Compiled[]): PolicyVerdict | null {
  const by = scoped.filter(({ effect, text }) => effect === 'forbid' && ofArguments.test(text)).map(({ id }) => id);
  return by.length === 0
    ? null
    : { kind: 'ask', by, reason: 'this policy is about what a request names, and part of it could not be read' };
}

function judged(able: readonly Compiled[], { ids, effect }: ReturnType<typeof evaluate>): PolicyVerdict | null {
  if (effect === null) return null;
  const matched = ids.map((id) => able.find((policy) => policy.id === id));
  const [first] = matched;
  // What the engine names and we do not know is nothing we could answer for.
  if (!first || matched.includes(undefined)) throw new Error('the engine named a policy that is not there');
  if (effect === 'permit') return { kind: 'allow', by: first.id };
  const denies = matched.find((policy) => !policy?.asks);
  if (denies) return { kind: 'deny', by: denies.id, reason: denies.reason };
  return { kind: 'ask', by: ids, reason: first.reason };
}
