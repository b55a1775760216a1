// Every string of a definition with the place it stands at: names of members too, for a model reads those as well (security.md T02).

export interface Said {
  /** `description`, `inputSchema.properties.path.description`. */
  readonly place: string;
  readonly text: string;
}

/** A definition past these is not scanned further, and is withheld. */
export const deepest = 24;
export const mostStrings = 5_000;

export interface Walked {
  readonly said: readonly Said[];
  readonly tooDeep: boolean;
  readonly tooMany: boolean;
}

/** Walks the whole value, not only the members a protocol names. */
export function walk(value: unknown): Walked {
  const said: Said[] = [];
  let tooDeep = false;
  let tooMany = false;
  const visit = (at: unknown, place: string, depth: number): void => {
    if (depth > deepest) {
      tooDeep = true;
      return;
    }
    if (said.length >= mostStrings) {
      tooMany = true;
      return;
    }
    if (typeof at === 'string') said.push({ place, text: at });
    else if (Array.isArray(at)) at.forEach((item, index) => void visit(item, `${place}[${index}]`, depth + 1));
    else if (typeof at === 'object' && at !== null) {
      for (const [key, member] of Object.entries(at)) {
        const inside = place === '' ? key : `${place}.${key}`;
        if (!known.has(key)) said.push({ place: `${inside} (its name)`, text: key });
        visit(member, inside, depth + 1);
      }
    }
  };
  visit(value, '', 0);
  return { said, tooDeep, tooMany };
}

/** Members of the protocol and of JSON Schema: their names say nothing of the server's own. */
const known = new Set(
  ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations', 'icons', 'uri', 'uriTemplate', 'mimeType', 'arguments']
    .concat(['type', 'properties', 'required', 'items', 'enum', 'default', 'const', 'anyOf', 'oneOf', 'allOf', 'not', 'format', 'pattern'])
    .concat(['additionalProperties', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'examples', '$schema', '$ref'])
    .concat(['$defs', 'definitions', 'readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint', 'instructions', '_meta']),
);
