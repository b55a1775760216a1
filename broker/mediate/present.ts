// How a question looks to the operator: risk with its reasons, and what the server claims, kept apart from our words.
import type { Presentation } from './question.ts';

export interface Subject {
  readonly capability: string;
  readonly argumentsText: string;
  /** Raw definition text, where the server listed one. */
  readonly definition: string | null;
  readonly usesSecrets: boolean;
  readonly sandboxed: boolean;
}

/** Invisible, bidirectional and tag characters: what a person cannot see in an argument (security.md T23). */
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|\\u00[0189]/u;
/** Looks at what the text means, not at how it is written: an escaped U+202E hides as well as a plain one. */
const hidesSomething = (json: string) => invisible.test(JSON.stringify(JSON.parse(json)));
/** Some servers read names without regard to capitals, and then the last one counts. */
function namesCollide(json: string): boolean {
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value).map((key) => key.toLowerCase());
  return new Set(keys).size < keys.length;
}
const large = 16 * 1024;

function claimOf(definition: string | null): Presentation['claim'] {
  if (definition === null) return {};
  const { title, description, annotations } = JSON.parse(definition) as {
    title?: unknown;
    description?: unknown;
    annotations?: { title?: unknown };
  };
  const name = title ?? annotations?.title;
  return {
    ...(typeof name === 'string' ? { title: name.slice(0, 200) } : {}),
    ...(typeof description === 'string' ? { description: description.slice(0, 2000) } : {}),
  };
}

/** A server's own hints may raise the risk, never lower it. */
function claimsDestruction(definition: string | null): boolean {
  if (definition === null) return false;
  const { annotations } = JSON.parse(definition) as { annotations?: { destructiveHint?: unknown; readOnlyHint?: unknown } };
  return annotations?.destructiveHint === true && annotations.readOnlyHint !== true;
}

/** Risk and reasons in words a person understands; computed by us, never by the server. */
export function present(subject: Subject): Presentation {
  const reasons: string[] = [];
  if (claimsDestruction(subject.definition)) reasons.push('It can change or delete things');
  if (subject.usesSecrets) reasons.push('It uses a secret of yours');
  if (hidesSomething(subject.argumentsText)) reasons.push('Its arguments hold characters that cannot be seen');
  if (namesCollide(subject.argumentsText)) reasons.push('Two of its argument names differ in capitals only');
  if (subject.argumentsText.length > large) reasons.push('It sends a lot of content');
  if (subject.definition === null && !subject.capability.startsWith('resource:')) reasons.push('The server never listed this');
  const risk = reasons.length === 0 ? 'low' : reasons.length === 1 ? 'medium' : 'high';
  return { risk, reasons, widths: [], claim: claimOf(subject.definition), alwaysOffered: !subject.usesSecrets && subject.sandboxed };
}
