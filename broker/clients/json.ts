// JSON with comments and trailing commas, as most clients read it.
import * as jsonc from 'jsonc-parser';
import { indentation, lineEnd } from './text.ts';
import { Malformed, proven, type Tree } from './tree.ts';

const { findNodeAtLocation, getNodeValue, modify, parseTree, printParseErrorCode } = jsonc;
const lenient = { allowTrailingComma: true, allowEmptyContent: true };
const deepest = 100;

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
  const options = () => {
    const step = indentation(text);
    const formatting = { insertSpaces: step !== '\t', tabSize: step === '\t' ? 1 : step.length, eol: lineEnd(text) };
    return { formattingOptions: formatting };
  };
  const edit = (at: readonly string[], name: string, entry: unknown): string =>
    spliced(text, modify(text, [...at, name], entry, options()));
  const tree: Tree = {
    value,
    entry(at, name) {
      const node = root && findNodeAtLocation(root, [...at, name]);
      return node ? { value: getNodeValue(node), text: text.slice(node.offset, node.offset + node.length) } : null;
    },
    put: (at, name, entry) => proven(parseJson, edit(at, name, entry), tree, at, name, entry),
    putText(at, name, old) {
      const node = root && findNodeAtLocation(root, [...at, name]);
      if (!node) throw new Malformed(`"${name}" is not there`);
      const made = text.slice(0, node.offset) + old + text.slice(node.offset + node.length);
      return proven(parseJson, made, tree, at, name, valueIn(old));
    },
    drop: (at, name) => proven(parseJson, edit(at, name, undefined), tree, at, name, undefined),
  };
  return tree;
}

function valueIn(text: string): unknown {
  const root = parseTree(text, [], lenient);
  return root ? getNodeValue(root) : undefined;
}

/** Applies edits, which jsonc-parser gives in any order. */
function spliced(text: string, edits: jsonc.Edit[]): string {
  let made = text;
  for (const { offset, length, content } of [...edits].sort((a, b) => b.offset - a.offset))
    made = made.slice(0, offset) + content + made.slice(offset + length);
  return made;
}

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
