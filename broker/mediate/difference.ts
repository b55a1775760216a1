// The readable difference of two definitions: which words came and went, and what the new one can do that the old could not.

export interface Piece {
  readonly text: string;
  readonly mark: 'same' | 'gone' | 'new';
}

export interface Difference {
  /** Texts that differ, by the place they stand at. */
  readonly words: readonly { readonly place: string; readonly parts: readonly Piece[] }[];
  /** Sentences: `It takes a new argument sidenote.` */
  readonly can: readonly string[];
}

/** Words of a text past which only its ends are compared: a difference is for reading. */
const mostWords = 1_200;
const mostPlaces = 40;

type Value = unknown;
const isObject = (value: Value): value is Record<string, Value> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every leaf with its place: `description`, `inputSchema.properties.path.type`. */
function leaves(value: Value, place = '', into = new Map<string, string>(), depth = 0): Map<string, string> {
  if (depth < 24 && isObject(value)) {
    for (const [key, member] of Object.entries(value)) leaves(member, place === '' ? key : `${place}.${key}`, into, depth + 1);
  } else if (value !== undefined) into.set(place, typeof value === 'string' ? value : JSON.stringify(value));
  return into;
}

/** `was` and `is`: JSON texts; null where there is none. */
export function differenceOf(was: string | null, is: string | null): Difference {
  const before = was === null ? {} : (JSON.parse(was) as Value);
  const after = is === null ? {} : (JSON.parse(is) as Value);
  const old = leaves(before);
  const now = leaves(after);
  const places = [...new Set([...old.keys(), ...now.keys()])].filter((place) => old.get(place) !== now.get(place));
  return {
    words: places.slice(0, mostPlaces).map((place) => ({ place, parts: wordsOf(old.get(place) ?? '', now.get(place) ?? '') })),
    can: abilities(before, after),
  };
}

/** Longest common subsequence over words; what both share at the ends is not compared again. */
export function wordsOf(was: string, is: string): Piece[] {
  const a = was.match(/\s+|[^\s]+/g) ?? [];
  const b = is.match(/\s+|[^\s]+/g) ?? [];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const head = a.slice(0, start).join('');
  const tail = end === 0 ? '' : a.slice(-end).join('');
  const middle = between(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return [{ text: head, mark: 'same' as const }, ...middle, { text: tail, mark: 'same' as const }].filter(({ text }) => text !== '');
}

function between(a: readonly string[], b: readonly string[]): Piece[] {
  const whole: Piece[] = [
    { text: a.join(''), mark: 'gone' },
    { text: b.join(''), mark: 'new' },
  ];
  if (a.length === 0 || b.length === 0 || a.length > mostWords || b.length > mostWords) return whole;
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  const at = (x: number, y: number) => longest[x * width + y] as number;
  for (let x = a.length - 1; x >= 0; x--)
    for (let y = b.length - 1; y >= 0; y--)
      longest[x * width + y] = a[x] === b[y] ? at(x + 1, y + 1) + 1 : Math.max(at(x + 1, y), at(x, y + 1));
  const pieces: { text: string; mark: Piece['mark'] }[] = [];
  const put = (text: string, mark: Piece['mark']) => {
    const last = pieces.at(-1);
    if (last?.mark === mark) last.text += text;
    else pieces.push({ text, mark });
  };
  let [x, y] = [0, 0];
  while (x < a.length || y < b.length) {
    if (x < a.length && y < b.length && a[x] === b[y]) {
      put(a[x++] as string, 'same');
      y++;
    } else if (x < a.length && (y >= b.length || at(x + 1, y) >= at(x, y + 1))) put(a[x++] as string, 'gone');
    else put(b[y++] as string, 'new');
  }
  return pieces;
}

/** What the change means, in sentences; from the schema and the hints, which is where abilities stand. */
function abilities(before: Value, after: Value): string[] {
  const can: string[] = [];
  const [old, now] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
  const schema = (of: Record<string, Value>, member: string) => (isObject(of[member]) ? (of[member] as Record<string, Value>) : {});
  const properties = (of: Record<string, Value>) => schema(schema(of, 'inputSchema'), 'properties');
  const required = (of: Record<string, Value>) => {
    const list = schema(of, 'inputSchema').required;
    return Array.isArray(list) ? list.map(String) : [];
  };
  for (const name of Object.keys(properties(now))) {
    if (!Object.hasOwn(properties(old), name))
      can.push(`It takes a new argument, ${name}${required(now).includes(name) ? ', and insists on it' : ''}.`);
    else if (JSON.stringify(properties(old)[name]) !== JSON.stringify(properties(now)[name])) can.push(`Its argument ${name} is another.`);
  }
  for (const name of Object.keys(properties(old)))
    if (!Object.hasOwn(properties(now), name)) can.push(`It has no argument ${name} any more.`);
  for (const name of required(now))
    if (Object.hasOwn(properties(old), name) && !required(old).includes(name)) can.push(`It insists on ${name} now.`);
  const closed = (of: Record<string, Value>) => schema(of, 'inputSchema').additionalProperties === false;
  if (closed(old) && !closed(now)) can.push('It takes arguments nobody named.');
  const hint = (of: Record<string, Value>, name: string) => schema(of, 'annotations')[name];
  if (hint(old, 'readOnlyHint') === true && hint(now, 'readOnlyHint') !== true) can.push('It does not call itself read-only any more.');
  if (hint(old, 'destructiveHint') !== true && hint(now, 'destructiveHint') === true) can.push('It calls itself destructive now.');
  if (hint(old, 'openWorldHint') !== true && hint(now, 'openWorldHint') === true)
    can.push('It says that it reaches the outside world now.');
  if (old.instructions !== now.instructions && now.instructions !== undefined) can.push('It tells the model other things about itself.');
  if (old.package !== now.package) can.push('It is another program.');
  return can;
}
