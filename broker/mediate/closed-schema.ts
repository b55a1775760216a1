// Argument names that an accepted schema rules out (security.md T09). Only what is certain counts: where a schema leaves any doubt
// (patterns, references it cannot follow, conditions) nothing is refused, because a valid call must always pass.

export interface UnknownArgument {
  /** `edits.0.colour` */
  readonly at: string;
  /** Where the object stands that knows no such name; empty: the arguments themselves. */
  readonly inside: string;
  /** Names it knows, for whoever asked. */
  readonly known: readonly string[];
}

type Schema = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOr = (value: unknown): Schema => (isObject(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Steps of one walk; a schema that takes more is not judged. */
const mostSteps = 20_000;
const deepest = 40;

/** `no`: it cannot hold here, for want of the type or because of a name; `maybe`: nobody can say. */
type Holds = { readonly kind: 'maybe' } | { readonly kind: 'no'; readonly unknown: UnknownArgument | null };
const maybe: Holds = { kind: 'maybe' };
type Names = ReadonlySet<string>;
class Doubt extends Error {}

/** Does this definition close any object at all? Cheap, on its text as received. */
export const closesAnything = (definition: string): boolean => /"(?:additional|unevaluated)Properties"\s*:\s*false/.test(definition);

/** The first name in `value` that `schema` certainly rules out; null when there is none, or when anything is in doubt. */
export function unknownArgument(schema: unknown, value: unknown): UnknownArgument | null {
  try {
    const held = new Walk(schema).holds(schema, value, '', 0, new Set());
    return held.kind === 'no' ? held.unknown : null;
  } catch (error) {
    if (error instanceof Doubt) return null;
    throw error;
  }
}

class Walk {
  readonly #root: unknown;
  #steps = 0;

  constructor(root: unknown) {
    this.#root = root;
  }

  /** `outer`: names that schemas around this one allow in the same object; null: nobody can say which. */
  holds(schema: unknown, value: unknown, at: string, depth: number, outer: Names | null): Holds {
    this.#step(depth);
    if (!isObject(schema)) return maybe;
    // Beside a reference older dialects ignore everything else.
    if (Object.hasOwn(schema, '$ref')) return this.holds(this.#referred(schema.$ref), value, at, depth + 1, outer);
    if (!mayBe(schema.type, value)) return { kind: 'no', unknown: null };
    if (Array.isArray(value)) return this.#items(schema, value, at, depth);
    if (!isObject(value)) return maybe;
    const spoken = this.#spoken(schema, depth);
    const names = spoken === null || outer === null ? null : new Set([...spoken, ...outer]);
    const own = this.#members(schema, value, at, depth, names);
    if (own.kind === 'no') return own;
    for (const part of listOf(schema.allOf)) {
      const held = this.holds(part, value, at, depth + 1, names);
      if (held.kind === 'no') return held;
    }
    for (const list of ['anyOf', 'oneOf']) {
      const branches = listOf(schema[list]).map((branch) => this.holds(branch, value, at, depth + 1, names));
      const told = branches.find((held) => held.kind === 'no' && held.unknown !== null);
      if (told && branches.every(({ kind }) => kind === 'no')) return told;
    }
    return maybe;
  }

  #members(schema: Schema, value: Schema, at: string, depth: number, names: Names | null): Holds {
    const properties = objectOr(schema.properties);
    const patterns = Object.hasOwn(schema, 'patternProperties');
    const closed = schema.additionalProperties === false || schema.unevaluatedProperties === false;
    const known = closed ? names : null;
    for (const [name, member] of Object.entries(value)) {
      const inside = at === '' ? name : `${at}.${name}`;
      if (known && !known.has(name)) return { kind: 'no', unknown: { at: inside, inside: at, known: [...known].sort() } };
      const next = Object.hasOwn(properties, name) ? properties[name] : patterns ? undefined : schema.additionalProperties;
      const held = this.holds(next, member, inside, depth + 1, new Set());
      if (held.kind === 'no' && held.unknown) return held;
    }
    return maybe;
  }

  #items(schema: Schema, value: readonly unknown[], at: string, depth: number): Holds {
    const first = listOf(schema.prefixItems ?? schema.items);
    for (const [index, item] of value.entries()) {
      const next = index < first.length ? first[index] : Array.isArray(schema.items) ? schema.additionalItems : schema.items;
      const held = this.holds(next, item, `${at}.${index}`, depth + 1, new Set());
      if (held.kind === 'no' && held.unknown) return held;
    }
    return maybe;
  }

  /**
   * Names that a schema speaks of, in itself and in every part of it: strictly `additionalProperties` sees its own `properties` alone,
   * but who writes a name into a part beside it means it to be allowed. Null where a part leaves more open, or cannot be read.
   */
  #spoken(schema: Schema, depth: number): Names | null {
    this.#step(depth);
    if (Object.hasOwn(schema, 'patternProperties')) return null;
    const spoken = new Set(Object.keys(objectOr(schema.properties)));
    const parts = [
      ...(Object.hasOwn(schema, '$ref') ? [this.#referred(schema.$ref)] : []),
      ...['allOf', 'anyOf', 'oneOf'].flatMap((list) => listOf(schema[list])),
      ...['if', 'then', 'else', '$dynamicRef', '$recursiveRef', 'extends'].flatMap((name) =>
        Object.hasOwn(schema, name) ? [schema[name]] : [],
      ),
      ...Object.values(objectOr(schema.dependentSchemas)),
      ...Object.values(objectOr(schema.dependencies)).filter((each) => !Array.isArray(each)),
    ];
    for (const part of parts) {
      if (typeof part === 'boolean') continue;
      if (!isObject(part)) return null;
      for (const open of ['additionalProperties', 'unevaluatedProperties'])
        if (Object.hasOwn(part, open) && part[open] !== false) return null;
      const more = this.#spoken(part, depth + 1);
      if (more === null) return null;
      for (const name of more) spoken.add(name);
    }
    return spoken;
  }

  #step(depth: number): void {
    if (++this.#steps > mostSteps || depth > deepest) throw new Doubt();
  }

  /** What a reference inside this document points at; undefined for any other, and where a document within gives itself a name. */
  #referred(reference: unknown): unknown {
    if (typeof reference !== 'string' || !/^#(?:\/|$)/.test(reference)) return undefined;
    let at: unknown = this.#root;
    for (const step of reference.slice(1).split('/').slice(1)) {
      let name: string;
      try {
        name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
      } catch {
        return undefined;
      }
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
      at = (at as Schema)[name];
      if (isObject(at) && Object.hasOwn(at, '$id')) return undefined;
    }
    return at;
  }
}

const types = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);

/** False only where the type is certainly another. */
function mayBe(type: unknown, value: unknown): boolean {
  const named = typeof type === 'string' ? [type] : Array.isArray(type) ? type : null;
  if (named === null || !named.every((each) => types.has(each as string))) return true;
  const is = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return named.includes(is) || (is === 'number' && named.includes('integer'));
}
