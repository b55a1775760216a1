// Who may call what, read from the contract's own meta: an operation that states no rule is closed to everyone.
import { isContractProcedure } from '@orpc/contract';
import { type Meta, type Topic, topics } from '../../shared/contract.ts';

export interface Rule {
  readonly caller: 'anyone' | 'operator' | 'nobody';
  readonly changes: readonly Topic[];
  /** Longest body of a call, in bytes, where it is more than usual. */
  readonly bodyBytes?: number;
}

const closed: Rule = { caller: 'nobody', changes: [] };

/** The rule an operation's meta states. */
export function ruleOf(meta: Partial<Meta> | undefined): Rule {
  if (meta?.caller !== 'anyone' && meta?.caller !== 'operator') return closed;
  const changes = (meta.changes ?? []).filter((topic) => topics.includes(topic));
  return { caller: meta.caller, changes, ...(meta.bodyBytes === undefined ? {} : { bodyBytes: meta.bodyBytes }) };
}

export function mayCall(rule: Rule, actor: unknown): boolean {
  if (rule.caller === 'anyone') return true;
  return rule.caller === 'operator' && actor !== null && actor !== undefined;
}

/** URL path below the prefix (`/server/list`) -> rule, for every operation of a contract or router. */
export function rulesByPath(router: object): ReadonlyMap<string, Rule> {
  const found = new Map<string, Rule>();
  const walk = (node: unknown, path: string): void => {
    if (node === null || typeof node !== 'object') return;
    if (isContractProcedure(node)) {
      found.set(path, ruleOf(node['~orpc'].meta as Partial<Meta>));
      return;
    }
    for (const [name, child] of Object.entries(node)) walk(child, `${path}/${encodeURIComponent(name)}`);
  };
  walk(router, '');
  return found;
}
