// TOML, as Codex reads it: places from toml-eslint-parser, changes by splicing. An entry may be tables, dotted keys or an inline table.
import { type AST, getStaticTOMLValue, parseTOML } from 'toml-eslint-parser';
import { lineEnd } from './text.ts';
import { isRecord, Malformed, proven, type Tree } from './tree.ts';

interface Piece {
  readonly from: number;
  readonly to: number;
  /** How the first piece is written: a table of its own, or one or more keys of a table above it. */
  readonly form: 'table' | 'key';
  /** For `key`: its way below the table it stands in, as written. */
  readonly prefix: string;
}

/** @throws Malformed */
export function parseToml(text: string): Tree {
  let program: AST.TOMLProgram;
  let value: unknown;
  try {
    program = parseTOML(text, { tomlVersion: '1.0' });
    value = getStaticTOMLValue(program);
  } catch (thrown) {
    const line = (thrown as { lineNumber?: number }).lineNumber;
    throw new Malformed(`it is not TOML: ${(thrown as Error).message.replace(/\.$/, '')}${line === undefined ? '' : ` in line ${line}`}`);
  }
  const eol = lineEnd(text);
  const tree: Tree = {
    value,
    entry(at, name) {
      const pieces = piecesOf(program, text, [...at, name]);
      const map = at.reduce<unknown>((here, key) => (isRecord(here) ? here[key] : undefined), value);
      if (pieces.length === 0 || !isRecord(map)) return null;
      return { value: map[name], text: pieces.map(({ from, to }) => text.slice(from, to)).join(eol) };
    },
    put(at, name, entry) {
      if (!isRecord(entry)) throw new Malformed('an entry is a table');
      const pieces = piecesOf(program, text, [...at, name]);
      const [first] = pieces;
      const made =
        first === undefined
          ? `${text}${text === '' || text.endsWith('\n') ? '' : eol}${text.trim() === '' ? '' : eol}${table([...at, name], entry, eol)}${eol}`
          : replaced(text, pieces, first.form === 'table' ? table([...at, name], entry, eol) : `${first.prefix} = ${inline(entry)}`);
      return proven(parseToml, made, tree, at, name, entry);
    },
    putText(at, name, old) {
      const pieces = piecesOf(program, text, [...at, name]);
      if (pieces.length === 0) throw new Malformed(`"${name}" is not there`);
      const made = replaced(text, pieces, old);
      const now = at.reduce<unknown>((here, key) => (isRecord(here) ? here[key] : undefined), parseToml(made).value);
      return proven(parseToml, made, tree, at, name, isRecord(now) ? now[name] : undefined);
    },
    drop(at, name) {
      const pieces = piecesOf(program, text, [...at, name]);
      if (pieces.length === 0) throw new Malformed(`"${name}" is not there`);
      return proven(parseToml, replaced(text, pieces, null), tree, at, name, undefined);
    },
    span(way) {
      const node = valueAt(program.body[0].body, [], way);
      return node?.type === 'TOMLValue' ? { from: node.range[0], to: node.range[1] } : null;
    },
  };
  return tree;
}

type Parts = readonly (string | number)[];

/** The value at `way`, through tables, dotted keys, inline tables and lists. */
function valueAt(nodes: readonly (AST.TOMLKeyValue | AST.TOMLTable)[], above: Parts, way: Parts): AST.TOMLContentNode | null {
  for (const node of nodes) {
    const own =
      node.type === 'TOMLTable'
        ? node.resolvedKey
        : [...above, ...node.key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value))];
    if (!own.every((part, at) => way[at] === part)) continue;
    const found = node.type === 'TOMLTable' ? valueAt(node.body, own, way) : below(node.value, own, way);
    if (found !== null) return found;
  }
  return null;
}

function below(node: AST.TOMLContentNode, above: Parts, way: Parts): AST.TOMLContentNode | null {
  if (above.length === way.length) return node;
  if (node.type === 'TOMLInlineTable') return valueAt(node.body, above, way);
  const number = way[above.length];
  const item = node.type === 'TOMLArray' && typeof number === 'number' ? node.elements[number] : undefined;
  return item === undefined ? null : below(item, [...above, number as number], way);
}

/** Everything that belongs to the entry `way`, in order; pieces with nothing but blank lines between them are one. */
function piecesOf(program: AST.TOMLProgram, text: string, way: readonly string[]): Piece[] {
  const found: Piece[] = [];
  const begins = (keys: readonly (string | number)[]) => way.every((key, at) => keys[at] === key);
  const visit = (nodes: readonly (AST.TOMLKeyValue | AST.TOMLTable)[], above: readonly (string | number)[]) => {
    for (const node of nodes) {
      const [from] = node.range;
      if (node.type === 'TOMLTable') {
        if (begins(node.resolvedKey)) found.push({ from, to: lineRest(text, node.range[1]), form: 'table', prefix: '' });
        else visit(node.body, node.resolvedKey);
        continue;
      }
      const names = node.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
      const whole = [...above, ...names];
      if (!begins(whole) || above.length >= way.length) continue;
      const last = node.key.keys[way.length - above.length - 1];
      const prefix = text.slice(node.key.range[0], last?.range[1] ?? node.key.range[1]);
      found.push({ from, to: lineRest(text, node.range[1]), form: 'key', prefix });
    }
  };
  visit(program.body[0].body, []);
  return found.reduce<Piece[]>((joined, piece) => {
    const before = joined.at(-1);
    if (before && before.form === piece.form && text.slice(before.to, piece.from).trim() === '')
      joined[joined.length - 1] = { ...before, to: piece.to };
    else joined.push(piece);
    return joined;
  }, []);
}

/** The first piece becomes `made`, the others go with their lines; null: the first goes too. */
function replaced(text: string, pieces: readonly Piece[], made: string | null): string {
  let result = text;
  for (const [at, { from, to }] of [...pieces.entries()].reverse()) {
    const end = result.indexOf('\n', to);
    if (at === 0 && made !== null) result = result.slice(0, from) + made + result.slice(to);
    else result = result.slice(0, from) + (end === -1 ? '' : result.slice(end + 1));
  }
  return result;
}

/** To the end of the line, when only blanks and a comment follow: the comment speaks of what stands before it. */
function lineRest(text: string, at: number): number {
  const rest = /^[ \t]*(#[^\r\n]*)?/.exec(text.slice(at, at + 4096))?.[0] ?? '';
  const after = text[at + rest.length];
  return after === undefined || after === '\n' || after === '\r' ? at + rest.length : at;
}

function table(way: readonly string[], entry: Record<string, unknown>, eol: string): string {
  return [`[${way.map(key).join('.')}]`, ...Object.entries(entry).map(([name, value]) => `${key(name)} = ${inline(value)}`)].join(eol);
}

const key = (name: string) => (/^[A-Za-z0-9_-]+$/.test(name) ? name : quoted(name));

/** JSON's strings are TOML's basic strings, but for DEL. */
const quoted = (text: string) => JSON.stringify(text).replace(/\u007f/g, '\\u007f');

function inline(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (isRecord(value)) {
    const pairs = Object.entries(value).map(([name, each]) => `${key(name)} = ${inline(each)}`);
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
  }
  throw new Malformed('it holds a value that cannot be written again as it was');
}
