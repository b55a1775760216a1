// Takes `kind:name` apart; the kind is ours, the name is the server's.
import type { CapabilityKind } from '../../shared/vocabulary.ts';

const kinds: readonly string[] = ['tool', 'resource', 'template', 'prompt', 'sampling', 'elicitation', 'roots'] satisfies CapabilityKind[];

/** `kind` is `other` for a pattern such as `*` or anything this console does not know. */
export function nameOf(capability: string): { kind: CapabilityKind | 'other'; name: string } {
  const colon = capability.indexOf(':');
  const kind = capability.slice(0, colon);
  if (colon < 0 || !kinds.includes(kind)) return { kind: 'other', name: capability };
  return { kind: kind as CapabilityKind, name: capability.slice(colon + 1) };
}
