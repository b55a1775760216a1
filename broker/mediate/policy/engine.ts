// Cedar itself, loaded when a policy could first matter: checking texts, and evaluating a prepared set. Whatever goes wrong is an error here.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Cedar from '@cedar-policy/cedar-wasm/nodejs';
import { capabilityKinds } from '../../../shared/vocabulary.ts';
import { type Context, fitsSchema, only } from './context.ts';
import { type Compiled, compiledFrom, factsRead, type PolicyJson } from './scopes.ts';

/** What a policy may speak of; published beside this file. */
export const schemaText = readFileSync(join(import.meta.dirname, 'gatehouse.cedarschema'), 'utf8');
const schemaName = 'gatehouse';

let loaded: typeof Cedar | null = null;
/** Its 5 MB are not read before they are needed. */
function cedar(): typeof Cedar {
  if (loaded) return loaded;
  const engine = createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs') as typeof Cedar;
  const parsed = engine.preparseSchema(schemaName, schemaText);
  if (parsed.type === 'failure') throw new Error(`the policy schema does not parse: ${parsed.errors[0]?.message}`);
  loaded = engine;
  return engine;
}

export interface Problem {
  readonly message: string;
  readonly hint: string | null;
  /** Characters of the text; null where the whole is meant. */
  readonly at: { readonly start: number; readonly end: number } | null;
}

export interface Checked {
  readonly policies: readonly Compiled[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

const problem = ({ message, help, sourceLocations }: Cedar.DetailedError): Problem => ({
  message,
  hint: help,
  at: sourceLocations?.[0] ? { start: sourceLocations[0].start, end: sourceLocations[0].end } : null,
});

/** The engine says the same of every action a policy could be about. */
function onceEach(problems: readonly Problem[]): Problem[] {
  const byPlace = new Map<string, Problem>();
  for (const each of problems) {
    const place = each.at === null ? each.message : `${each.at.start}-${each.at.end}`;
    if (!byPlace.has(place)) byPlace.set(place, each);
  }
  return [...byPlace.values()];
}

/** Longest policy text taken, in characters. */
const longest = 64 * 1024;

/** Reads a text as strictly as can be; with a problem there are no policies. `name`: of the file, for policies without an `@id`. */
export function check(name: string, text: string): Checked {
  const wrong = (message: string, hint: string | null = null): Checked => ({
    policies: [],
    problems: [{ message, hint, at: null }],
    warnings: [],
  });
  if (text.length > longest) return wrong(`It is longer than ${longest} characters.`);
  const engine = cedar();
  const parts = engine.policySetTextToParts(text);
  if (parts.type === 'failure') return { policies: [], problems: parts.errors.map(problem), warnings: [] };
  if (parts.policy_templates.length > 0)
    return wrong('It has a template.', 'Write the client or server in place of ?principal or ?resource.');
  const validated = engine.validate({ validationSettings: { mode: 'strict' }, schema: schemaText, policies: { staticPolicies: text } });
  if (validated.type === 'failure') return { policies: [], problems: validated.errors.map(problem), warnings: [] };
  const warnings = validated.validationWarnings.map(({ error }) => problem(error));
  if (validated.validationErrors.length > 0)
    return { policies: [], problems: onceEach(validated.validationErrors.map(({ error }) => problem(error))), warnings };
  const problems: Problem[] = [];
  const policies = parts.policies.map((each, at) => {
    const json = engine.policyToJson(each);
    if (json.type === 'failure') throw new Error(`a policy that was parsed has no JSON form: ${json.errors[0]?.message}`);
    const { annotations = {} } = json.json as PolicyJson;
    const { verdict, id } = annotations;
    if (verdict !== undefined && (verdict !== 'ask' || json.json.effect !== 'forbid'))
      problems.push({ message: 'Only @verdict("ask") on a forbid means anything.', hint: null, at: null });
    if (asksForFacts(json.json))
      problems.push({
        message: 'Every fact is always there.',
        hint: 'Leave `has` out: a name written wrong would make it true or false of everything.',
        at: null,
      });
    if (id != null && !/^[a-z0-9][a-z0-9-]{0,47}$/.test(id))
      problems.push({ message: `@id(${JSON.stringify(id)}) is no name.`, hint: 'Use a-z, 0-9 and -.', at: null });
    return compiledFrom(name, at, each, json.json as PolicyJson);
  });
  const ids = policies.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) problems.push({ message: `Two policies are named ${twice}.`, hint: 'Give each an @id of its own.', at: null });
  return problems.length > 0 ? { policies: [], problems, warnings } : { policies, problems: [], warnings };
}

/** `context has x`: with a name nobody has, the validator takes it for a plain false. */
function asksForFacts(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (Array.isArray(node)) return node.some(asksForFacts);
  const has = (node as { has?: { left?: { Var?: unknown } } }).has;
  return has?.left?.Var === 'context' || Object.values(node).some(asksForFacts);
}

export interface Matched {
  /** Policies that applied: the forbids where there is one, else the permits. */
  readonly ids: readonly string[];
  readonly effect: 'permit' | 'forbid' | null;
}

export interface Question {
  readonly client: string;
  readonly server: string;
  readonly capability: string;
  readonly context: Context;
}

const kinds: ReadonlySet<string> = new Set(capabilityKinds);

/** Prepared sets are never freed, so their names are used again. */
const slots = 16;
const prepared: (readonly Compiled[])[] = [];
let nextSlot = 0;

/** How many names were ever taken. */
export const slotsTaken = (): number => prepared.length;

function slotOf(policies: readonly Compiled[]): string {
  const known = prepared.findIndex((set) => set.length === policies.length && set.every((policy, at) => policy === policies[at]));
  if (known !== -1) return `set-${known}`;
  const slot = nextSlot % slots;
  const answer = cedar().preparsePolicySet(`set-${slot}`, {
    staticPolicies: Object.fromEntries(policies.map(({ id, text }) => [id, text])),
  });
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message ?? 'the policies do not parse');
  prepared[slot] = policies;
  nextSlot++;
  return `set-${slot}`;
}

/**
 * Which of these policies apply. The engine is given the facts they look at and no more: reading the others costs it most of its time.
 * @throws Error for facts that are not what the schema says, and for anything the engine complains of: a forbid that errs is skipped by it, and would allow
 */
export function evaluate(policies: readonly Compiled[], { client, server, capability, context }: Question): Matched {
  const kind = capability.slice(0, capability.indexOf(':'));
  if (!kinds.has(kind)) throw new Error(`${kind} is no kind of capability`);
  if (!fitsSchema(context)) throw new Error('the facts are not what the schema says');
  const uid = (type: string, id: string) => ({ type, id });
  const resource = uid('Capability', `${server} ${capability}`);
  const read = factsRead(policies);
  const answer = cedar().statefulIsAuthorized({
    principal: uid('Client', client),
    action: uid('Action', kind),
    resource,
    context: (read === null ? context : only(context, read)) as Cedar.Context,
    preparsedPolicySetId: slotOf(policies),
    // All of them, or even a validated policy errs.
    entities: [
      { uid: uid('Client', client), attrs: {}, parents: [] },
      { uid: uid('Server', server), attrs: {}, parents: [] },
      { uid: resource, attrs: {}, parents: [uid('Server', server)] },
    ],
  });
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message ?? 'the engine failed');
  const { decision, diagnostics } = answer.response;
  if (diagnostics.errors.length > 0) throw new Error(`${diagnostics.errors[0]?.policyId}: ${diagnostics.errors[0]?.error.message}`);
  if (diagnostics.reason.length === 0) return { ids: [], effect: null };
  return { ids: [...diagnostics.reason].sort(), effect: decision === 'allow' ? 'permit' : 'forbid' };
}
