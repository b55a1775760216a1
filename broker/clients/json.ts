// JSON with comments and trailing commas, as most clients read it.
import * as jsonc from 'jsonc-parser';
import { addProperty, dropProperty, firstValue, replaceValue } from './json-splice.ts';
import { Malformed, proven, type Tree } from './tree.ts';

const { findNodeAtLocation, getNodeValue: rawValue, parseTree, printParseErrorCode } = jsonc;
const lenient = { allowTrailingComma: true, allowEmptyContent: true };
const deepest = 100;

/** As JSON.parse would give it: the library's objects have no prototype, and equal ones would not be equal. */
const getNodeValue = (node: jsonc.Node): unknown => JSON.parse(JSON.stringify(rawValue(node)));

/** @throws Malformed with the line of the first fault */
export function parseJson(text: string): Tree {
  const errors: jsonc.ParseError[] = [];
  const root = parseTree(text, errors, lenient);
  const [first] = errors;
  if (first) {
    const line = text.slice(0, first.offset).split('\n').length;
    throw new Malformed(`it is not JSON: ${words(printParseErrorCode(first.error))} in line ${line}`);
  }
  if (root) check(root, 0, text);
  if (root && root.type !== 'object') throw new Malformed('it is JSON, but not an object');
  const value: unknown = root ? getNodeValue(root) : {};
  const at = (way: readonly (string | number)[]) => (root && way.length > 0 ? findNodeAtLocation(root, [...way]) : root);

  function edited(way: readonly string[], name: string, entry: unknown): string {
    const node = at([...way, name]);
    if (node) return replaceValue(text, node, entry);
    // The deepest map that is there takes what is missing below it.
    for (let depth = way.length; depth >= 0; depth--) {
      const object = at(way.slice(0, depth));
      if (object?.type !== 'object') continue;
      const [key = '', ...rest] = [...way.slice(depth), name];
      return addProperty(text, object, key, nested(rest, entry));
    }
    return firstValue(text, nested([...way, name], entry));
  }

  const tree: Tree = {
    value,
    entry(way, name) {
      const node = at([...way, name]);
      return node ? { value: getNodeValue(node), text: text.slice(node.offset, node.offset + node.length) } : null;
    },
    put: (way, name, entry) => proven(parseJson, edited(way, name, entry), tree, way, name, entry),
    putText(way, name, old) {
      const node = at([...way, name]);
      if (!node) throw new Malformed(`"${name}" is not there`);
      const made = text.slice(0, node.offset) + old + text.slice(node.offset + node.length);
      return proven(parseJson, made, tree, way, name, valueIn(old));
    },
    drop(way, name) {
      const property = at([...way, name])?.parent;
      if (!property) throw new Malformed(`"${name}" is not there`);
      return proven(parseJson, dropProperty(text, property), tree, way, name, undefined);
    },
    span(way) {
      const node = at(way);
      return node && ['string', 'number', 'boolean'].includes(node.type) ? { from: node.offset, to: node.offset + node.length } : null;
    },
  };
  return tree;
}

function valueIn(text: string): unknown {
  const root = parseTree(text, [], lenient);
  return root ? getNodeValue(root) : undefined;
}

/** `{a: {b: value}}` for a way of two. */
const nested = (way: readonly string[], value: unknown): unknown => way.reduceRight((inner: unknown, key) => ({ [key]: inner }), value);

/** Readers differ on which of two equal keys counts, so a file that has them is nobody's to change. */
function check(node: jsonc.Node, depth: number, text: string): void {
  if (depth > deepest) throw new Malformed(`it is nested deeper than ${deepest} levels`);
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    if (node.type === 'object') {
      const key: unknown = child.children?.[0]?.value;
      if (seen.has(key)) {
        const line = text.slice(0, child.offset).split('\n').length;
        throw new Malformed(`the name ${JSON.stringify(key)} stands twice in one place (line ${line})`);
      }
      seen.add(key);
    }
    check(child, depth + 1, text);
  }
}

/** `CloseBraceExpected` -> `close brace expected`. */
const words = (code: string) => code.replace(/(?!^)([A-Z])/g, ' $1').toLowerCase();
