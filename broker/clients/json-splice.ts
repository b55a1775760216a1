// Splices in a JSON text: a property replaced, added or taken out, laid out like its neighbours. jsonc-parser's own edits lay out the
// whole stretch around them anew, which in a file of one line is the file.
import { createScanner, type Node } from 'jsonc-parser';
import { indentation, lineEnd } from './text.ts';

const comma = 5;
const ends = 17;
/** Token kinds of jsonc-parser 3 that hold nothing: comments, line breaks, blanks. */
const empty = new Set([12, 13, 14, 15]);

/** `value` for a place whose line begins with `indent`; on one line where its neighbours are. */
function laidOut(text: string, value: unknown, indent: string, inLines: boolean): string {
  if (!inLines) return JSON.stringify(value);
  return JSON.stringify(value, null, indentation(text))
    .split('\n')
    .join(lineEnd(text) + indent);
}

const splice = (text: string, from: number, to: number, made: string) => text.slice(0, from) + made + text.slice(to);

function lineIndent(text: string, at: number): string {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, at))?.[0] ?? '';
}

const spans = (text: string, node: Node) => text.slice(node.offset, node.offset + node.length).includes('\n');

/** The next thing that is no blank and no comment. */
function next(text: string, at: number): { kind: number; from: number; to: number } {
  const scanner = createScanner(text, false);
  scanner.setPosition(at);
  let kind: number = scanner.scan();
  while (empty.has(kind)) kind = scanner.scan();
  return { kind: kind === ends ? -1 : kind, from: scanner.getTokenOffset(), to: scanner.getTokenOffset() + scanner.getTokenLength() };
}

/** The value of a property, or of anything else, replaced. */
export function replaceValue(text: string, node: Node, value: unknown): string {
  const object = node.parent?.parent;
  const inLines = spans(text, node) || (object !== undefined && spans(text, object));
  return splice(
    text,
    node.offset,
    node.offset + node.length,
    laidOut(text, value, lineIndent(text, node.parent?.offset ?? node.offset), inLines),
  );
}

/** A new property at the end of an object. */
export function addProperty(text: string, object: Node, name: string, value: unknown): string {
  const eol = lineEnd(text);
  const last = object.children?.at(-1);
  const close = object.offset + object.length - 1;
  if (last === undefined) {
    const outer = lineIndent(text, object.offset);
    const inner = outer + indentation(text);
    // A comment may stand inside; it stays, and ours comes after it.
    const inside = text.slice(object.offset + 1, close).trimEnd();
    const made = `${eol}${inner}${JSON.stringify(name)}: ${laidOut(text, value, inner, true)}${eol}${outer}`;
    return splice(text, object.offset + 1, close, inside + made);
  }
  const end = last.offset + last.length;
  const after = next(text, end);
  const hasComma = after.kind === comma;
  const from = hasComma ? after.to : end;
  if (!spans(text, object))
    return splice(text, from, from, `${hasComma ? '' : ','} ${JSON.stringify(name)}: ${laidOut(text, value, '', false)}`);
  const indent = lineIndent(text, last.offset);
  // What stands behind the last one in its line speaks of it.
  const rest = /^[ \t]*(?:\/\/[^\r\n]*|\/\*[^\r\n]*?\*\/[ \t]*)?(?=\r?\n)/.exec(text.slice(from, close))?.[0] ?? '';
  const made = `${eol}${indent}${JSON.stringify(name)}: ${laidOut(text, value, indent, true)}`;
  return hasComma ? splice(text, from + rest.length, from + rest.length, made) : splice(text, end, end + rest.length, `,${rest}${made}`);
}

/** A text without any value gets one. */
export function firstValue(text: string, value: unknown): string {
  const eol = lineEnd(text);
  const made = laidOut(text, value, '', true);
  return text.trim() === '' ? `${made}${eol}` : `${text.trimEnd()}${eol}${made}${eol}`;
}

/** A property taken out, with its comma and, where it stood alone in its lines, with them. */
export function dropProperty(text: string, property: Node): string {
  const siblings = property.parent?.children ?? [];
  const at = siblings.indexOf(property);
  const end = property.offset + property.length;
  const after = next(text, end);
  if (after.kind === comma) {
    const start = text.lastIndexOf('\n', property.offset - 1) + 1;
    const line = /^[ \t]*\r?\n/.exec(text.slice(after.to))?.[0];
    const alone = text.slice(start, property.offset).trim() === '' && line !== undefined;
    if (alone) return splice(text, start, after.to + line.length, '');
    const blank = /^[ \t]*/.exec(text.slice(after.to))?.[0].length ?? 0;
    return splice(text, property.offset, after.to + blank, '');
  }
  const before = siblings[at - 1];
  if (before !== undefined) {
    const { from, to } = next(text, before.offset + before.length);
    // The comma goes, what stands between it and us stays.
    const between = text.slice(to, property.offset).trimEnd();
    return splice(text, from, end, between);
  }
  const start = text.lastIndexOf('\n', property.offset - 1) + 1;
  const line = /^[ \t]*\r?\n/.exec(text.slice(end))?.[0];
  if (text.slice(start, property.offset).trim() === '' && line !== undefined) return splice(text, start, end + line.length, '');
  return splice(text, property.offset, end, '');
}
