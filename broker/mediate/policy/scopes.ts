// When a policy could match at all: read from its JSON form once, so that most requests never reach the engine.
import type { Context } from './context.ts';

interface Uid {
  readonly type: string;
  readonly id: string;
}
interface Scope {
  readonly op: 'All' | '==' | 'in' | 'is';
  readonly entity?: Uid | { readonly __entity: Uid };
  readonly entities?: readonly (Uid | { readonly __entity: Uid })[];
}
export interface PolicyJson {
  readonly effect: 'permit' | 'forbid';
  readonly principal: Scope;
  readonly action: Scope;
  readonly resource: Scope;
  readonly conditions: readonly { readonly kind: 'when' | 'unless'; readonly body: unknown }[];
  readonly annotations?: Readonly<Record<string, string | null>>;
}

/** Something the context must hold before anything else of the policy is looked at. */
export interface Need {
  readonly fact: string;
  readonly is: string | boolean;
  /** `has`: a set that must hold it. */
  readonly how: 'equals' | 'has' | 'lacks';
}

export interface Compiled {
  /** `careful/secrets-ask`. */
  readonly id: string;
  readonly text: string;
  readonly effect: 'permit' | 'forbid';
  readonly asks: boolean;
  readonly reason: string | null;
  /** null: any. */
  readonly clients: readonly string[] | null;
  readonly kinds: readonly string[] | null;
  /** Servers, or single capabilities as `<server> <capability>`; null: any. */
  readonly servers: readonly string[] | null;
  readonly capabilities: readonly string[] | null;
  readonly needs: readonly Need[];
  /** The facts it looks at: of equal ones it says the same. null: all, because it takes the context as a whole. */
  readonly reads: readonly string[] | null;
}

const plain = (uid: Uid | { readonly __entity: Uid }): Uid => ('__entity' in uid ? uid.__entity : uid);

function named(scope: Scope): readonly Uid[] | null {
  if (scope.op !== '==' && scope.op !== 'in') return null;
  const uids = scope.entities ?? (scope.entity ? [scope.entity] : []);
  return uids.map(plain);
}

const ids = (uids: readonly Uid[] | null, type: string): readonly string[] | null =>
  uids === null ? null : uids.filter((uid) => uid.type === type).map(({ id }) => id);

export function compiledFrom(file: string, at: number, text: string, json: PolicyJson): Compiled {
  const resources = named(json.resource);
  const { id, verdict, reason } = json.annotations ?? {};
  const [first] = json.conditions;
  return {
    id: `${file}/${id ?? at + 1}`,
    text,
    effect: json.effect,
    asks: verdict === 'ask',
    reason: reason ?? null,
    clients: ids(named(json.principal), 'Client'),
    kinds: ids(named(json.action), 'Action'),
    servers: ids(resources, 'Server'),
    capabilities: ids(resources, 'Capability'),
    // Conditions are evaluated in order, so only what stands first is surely looked at.
    needs: first?.kind === 'when' ? needsOf(first.body) : [],
    reads: readBy(json.conditions),
  };
}

/** Names of the facts in these conditions; null where the context stands for itself. */
function readBy(conditions: unknown): readonly string[] | null {
  const names = new Set<string>();
  const look = (node: unknown): boolean => {
    if (typeof node !== 'object' || node === null) return true;
    if ('Var' in node) return node.Var !== 'context';
    const fact = factOf(node);
    if (fact === null) return Object.values(node).every(look);
    names.add(fact);
    return true;
  };
  return look(conditions) ? [...names].sort() : null;
}

/** The facts that any of them looks at; null: all. */
export function factsRead(policies: readonly Compiled[]): readonly string[] | null {
  const names = new Set<string>();
  for (const { reads } of policies) {
    if (reads === null) return null;
    for (const name of reads) names.add(name);
  }
  return [...names];
}

type Node = Readonly<Record<string, { readonly [member: string]: unknown } | undefined>>;

/** The terms at the left end of a chain of `&&`: as long as they are simple, what comes after them is not evaluated when one is false. */
function needsOf(body: unknown): Need[] {
  const terms: unknown[] = [];
  const flatten = (node: unknown): void => {
    const and = (node as Node)['&&'];
    if (!and) {
      terms.push(node);
      return;
    }
    flatten(and.left);
    flatten(and.right);
  };
  flatten(body);
  const needs: Need[] = [];
  for (const term of terms) {
    const need = simple(term);
    if (!need) break;
    needs.push(need);
  }
  return needs;
}

function factOf(node: unknown): string | null {
  const dot = (node as Node | undefined)?.['.'] as { left?: { Var?: unknown }; attr?: unknown } | undefined;
  return dot?.left?.Var === 'context' && typeof dot.attr === 'string' ? dot.attr : null;
}

function simple(term: unknown): Need | null {
  const node = term as Node;
  const bare = factOf(term);
  if (bare !== null) return { fact: bare, is: true, how: 'equals' };
  const negated = node['!'] as { arg?: unknown } | undefined;
  if (negated) {
    const inner = simple(negated.arg);
    if (inner?.how === 'has') return { ...inner, how: 'lacks' };
    return inner?.how === 'equals' && inner.is === true ? { ...inner, is: false } : null;
  }
  for (const [operator, how] of [
    ['==', 'equals'],
    ['contains', 'has'],
  ] as const) {
    const found = node[operator];
    if (!found) continue;
    const fact = factOf(found.left);
    const value = (found.right as { Value?: unknown } | undefined)?.Value;
    if (fact !== null && (typeof value === 'string' || (typeof value === 'boolean' && how === 'equals'))) return { fact, is: value, how };
  }
  return null;
}

/** False only where the policy surely does not match; the cheap part, without the facts. */
export function inScope(policy: Compiled, client: string, server: string, capability: string): boolean {
  const kind = capability.slice(0, capability.indexOf(':'));
  if (policy.clients !== null && !policy.clients.includes(client)) return false;
  if (policy.kinds !== null && !policy.kinds.includes(kind)) return false;
  if (policy.servers === null && policy.capabilities === null) return true;
  return policy.servers?.includes(server) === true || policy.capabilities?.includes(`${server} ${capability}`) === true;
}

/** False only where one of the facts that stand first is otherwise. */
export function couldHold(policy: Compiled, context: Context): boolean {
  return policy.needs.every(({ fact, is, how }) => {
    const value = context[fact];
    if (value === undefined) return true;
    if (how === 'equals') return value === is;
    return Array.isArray(value) && value.includes(is) === (how === 'has');
  });
}
