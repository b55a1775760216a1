// YAML, as Goose keeps its extensions: parsed by `yaml`, changed by splicing at the places it gives, never printed anew.
import { type Document, isMap, isScalar, isSeq, type Pair, parseDocument, type Scalar, type YAMLMap } from 'yaml';
import { lineEnd } from './text.ts';
import { isRecord, Malformed, proven, type Tree } from './tree.ts';

type Map = YAMLMap<unknown, unknown>;
type Ranged = { range?: [number, number, number] | null };

/** Names that stand for what is written elsewhere are followed here, and may lead nowhere, or too far. @throws Malformed */
function followed(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (thrown) {
    if (thrown instanceof ReferenceError) throw new Malformed(`it is not YAML: ${thrown.message.split('\n')[0]?.replace(/[.:]$/, '')}`);
    throw thrown;
  }
}

/** @throws Malformed */
export function parseYaml(text: string): Tree {
  const document = parseDocument(text, { merge: true, uniqueKeys: true, logLevel: 'error' });
  const [first] = document.errors;
  if (first) throw new Malformed(`it is not YAML: ${first.message.split('\n')[0]?.replace(/[.:]$/, '')}`);
  const value: unknown = (document.contents === null ? {} : followed(document)) ?? {};
  if (!isRecord(value)) throw new Malformed('it is YAML, but not a map of names');
  const root = isMap(document.contents) ? document.contents : null;
  const eol = lineEnd(text);
  const splice = (from: number, to: number, made: string) => text.slice(0, from) + made + text.slice(to);

  const tree: Tree = {
    value,
    entry(at, name) {
      const node = find(root, [...at, name]) as Ranged | null;
      const own = at.reduce<unknown>((here, key) => (isRecord(here) ? here[key] : undefined), value);
      if (!node?.range || !isRecord(own)) return null;
      return { value: own[name], text: text.slice(node.range[0], ended(text, node.range)) };
    },
    put(at, name, entry) {
      const node = find(root, [...at, name]) as Ranged | null;
      const made = node?.range
        ? splice(node.range[0], ended(text, node.range), block(entry, column(text, node.range[0]), eol))
        : added(at, name, entry);
      return proven(parseYaml, made, tree, at, name, entry);
    },
    putText(at, name, old) {
      const node = find(root, [...at, name]) as Ranged | null;
      if (!node?.range) throw new Malformed(`"${name}" is not there`);
      const made = splice(node.range[0], ended(text, node.range), old);
      const indent = ' '.repeat(column(text, node.range[0]) ?? 0);
      return proven(parseYaml, made, tree, at, name, parseDocument(indent + old, { merge: true }).toJS());
    },
    drop(at, name) {
      const map = find(root, at);
      const pairs = isMap(map) ? (map as Map).items : [];
      const which = pairs.findIndex((pair) => keyOf(pair) === name);
      const pair = pairs[which];
      if (!isMap(map) || !pair || (map as Map).flow) throw new Malformed(`"${name}" cannot be taken out there`);
      const from = lineStart(text, (pair.key as Ranged).range?.[0] ?? 0);
      const to = lineAfter(text, ended(text, (pair.value as Ranged | null)?.range ?? (pair.key as Ranged).range ?? [0, 0, 0]));
      // A map without pairs would be read as nothing at all.
      const made = pairs.length > 1 ? splice(from, to, '') : splice(from, to, `${' '.repeat(column(text, from) ?? 2)}{}${eol}`);
      return proven(parseYaml, made, tree, at, name, undefined);
    },
    span(way) {
      const node = find(root, way);
      const range = isScalar(node) ? (node as Ranged).range : null;
      return range ? { from: range[0], to: range[1] } : null;
    },
  };

  /** A new pair at the end of the map, which is made where there is none. */
  function added(at: readonly string[], name: string, entry: unknown): string {
    const map = at.length === 0 ? root : find(root, at);
    if (isMap(map) && !(map as Map).flow && map.items.length > 0) {
      const keys = map.items as Pair[];
      const indent = column(text, (keys[0]?.key as Ranged | undefined)?.range?.[0] ?? 0) ?? 0;
      const last = keys.at(-1) as Pair;
      const end = ended(text, (last.value as Ranged | null)?.range ?? (last.key as Ranged).range ?? [0, 0, 0]);
      const line = pair(indent, name, entry);
      const after = lineAfter(text, end);
      return after === text.length && !text.endsWith('\n') ? splice(after, after, eol + line) : splice(after, after, line + eol);
    }
    const range = (map as Ranged | null)?.range;
    if (range && isMap(map))
      return splice(range[0] + 1, range[0] + 1, ` ${JSON.stringify(name)}: ${JSON.stringify(entry)}${map.items.length > 0 ? ',' : ' '}`);
    if (range && isScalar(map) && map.value === null) return splice(range[0], range[1], ` ${JSON.stringify({ [name]: entry })}`);
    if (at.length !== 1) throw new Malformed(`there is no place for "${name}"`);
    const gap = text === '' || text.endsWith('\n') ? '' : eol;
    return `${text}${gap}${at[0]}:${eol}${pair(2, name, entry)}${eol}`;
  }
  const pair = (indent: number, name: string, entry: unknown) =>
    `${' '.repeat(indent)}${plainKey(name)}:${eol}${' '.repeat(indent + 2)}${block(entry, indent + 2, eol)}`;
  return tree;
}

/** A map as lines `key: json` from a column on; JSON where a line has no room for that. JSON is YAML too. */
function block(value: unknown, indent: number | null, eol: string): string {
  if (indent === null || !isRecord(value) || Object.keys(value).length === 0) return JSON.stringify(value);
  return Object.entries(value)
    .map(([key, each]) => `${plainKey(key)}: ${JSON.stringify(each)}`)
    .join(eol + ' '.repeat(indent));
}

const plainKey = (name: string) =>
  /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(name) ? name : JSON.stringify(name);

const keyOf = (pair: Pair): unknown => (isScalar(pair.key) ? (pair.key as Scalar).value : pair.key);

function find(root: unknown, way: readonly (string | number)[]): unknown {
  let here: unknown = root;
  for (const key of way) {
    if (typeof key === 'number' && isSeq(here)) {
      here = here.items[key] ?? null;
      continue;
    }
    if (!isMap(here)) return null;
    here = (here.items as Pair[]).find((pair) => keyOf(pair) === key)?.value ?? null;
  }
  return here;
}

/** Where a node's own text ends: a block map's range runs on to the next thing, over blank lines and comments. */
function ended(text: string, range: [number, number, number]): number {
  const lines = text.slice(range[0], range[1]).split(/(?<=\n)/);
  while (lines.length > 1 && /^\s*(#.*)?\r?\n?$/.test(lines.at(-1) ?? '')) lines.pop();
  return range[0] + lines.join('').replace(/\s+$/, '').length;
}

const lineStart = (text: string, at: number) => text.lastIndexOf('\n', at - 1) + 1;
const lineAfter = (text: string, at: number) => {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
};

/** The column a block begins at; null when other text stands before it in its line. */
function column(text: string, at: number): number | null {
  const before = text.slice(lineStart(text, at), at);
  return /^ *$/.test(before) ? before.length : null;
}
