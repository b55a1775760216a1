// Walks arguments together with their schema: every value that is not a list or an object, with where it stands.

export interface Schema {
  readonly type?: unknown;
  readonly format?: unknown;
  readonly enum?: unknown;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

export interface Leaf {
  /** `edits.0.path` */
  readonly at: string;
  /** The same without list positions: `edits.path`. */
  readonly key: string;
  /** Name of the argument, or of the list it stands in. */
  readonly name: string;
  readonly value: unknown;
  readonly schema: Schema;
  /** It is the name of a member that its schema does not know and that looks like no argument's: a path, an address, anything (`value` is it). */
  readonly isName?: true;
}

/** Leaves looked at; what has more is not looked through. */
const most = 2000;

/** Maps from file names to contents exist: a name that could lead somewhere is looked at like a value. */
const plainName = /^(?!.*\.\.)[\p{L}\p{N}_$@][\p{L}\p{N}_$@. -]{0,99}$/u;

const objectOr = (value: unknown): Schema => (typeof value === 'object' && value !== null ? (value as Schema) : {});

/** All leaves of `value`, at most 2,000; null when there are more. Empty lists and objects are no leaves, strange names of members are. */
export function leavesOf(value: unknown, schema: Schema): Leaf[] | null {
  const leaves: Leaf[] = [];
  const walk = (each: unknown, at: string, key: string, name: string, own: Schema): boolean => {
    if (Array.isArray(each)) return each.every((item, index) => walk(item, `${at}.${index}`, key, name, objectOr(own.items)));
    if (typeof each === 'object' && each !== null) {
      return Object.entries(each).every(([member, inner]) => {
        const properties = objectOr(own.properties) as Record<string, Schema>;
        const inside = at === '' ? member : `${at}.${member}`;
        const place = key === '' ? member : `${key}.${member}`;
        const declared = Object.hasOwn(properties, member);
        if (!declared && !plainName.test(member))
          leaves.push({ at: inside, key: place, name: member, value: member, schema: {}, isName: true });
        return walk(inner, inside, place, member, declared ? objectOr(properties[member]) : {});
      });
    }
    if (leaves.length >= most) return false;
    leaves.push({ at, key, name, value: each, schema: own });
    return true;
  };
  return walk(value, '', '', '', schema) ? leaves : null;
}
