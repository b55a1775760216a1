// Walks JSON text without building values: finds where things stand, and what parsers could read differently.
import type { Span } from '../../shared/message.ts';

const space = /[ \t\n\r]*/y;
const scalar = /[^,\]}\s]+/y;

/** Why a text that is valid JSON is refused all the same. */
export class Ambiguous extends Error {}

/** A quote ends the string when the backslashes before it are even in number. A pattern would need stack for each of them. */
export function stringEnd(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === 0x5c) before--;
    if ((end - before) % 2 === 1) return end + 1;
  }
  throw new Ambiguous('a string does not end');
}

export function afterSpace(text: string, at: number): number {
  space.lastIndex = at;
  space.test(text);
  return space.lastIndex;
}

export function keyOf(raw: string): string {
  return raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
}

/**
 * Refuses what two parsers could read as two things: a key that stands twice in one object (after unescaping), `__proto__`
 * keys, keys with NUL or lone surrogates, nesting past `maxDepth`. `text` must already be valid JSON.
 * Source: security.md T17; RFC 8259 section 4 leaves duplicate names undefined.
 * @throws Ambiguous
 */
export function refuseAmbiguous(text: string, maxDepth: number): void {
  const open: (Set<string> | null)[] = [];
  let keys: Set<string> | null = null;
  let expectKey = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = stringEnd(text, at);
        if (expectKey && keys) {
          const key = keyOf(text.slice(at, end));
          if (key === '__proto__') throw new Ambiguous('a key is "__proto__"');
          if (key.includes('\0') || !key.isWellFormed()) throw new Ambiguous('a key holds NUL or a lone surrogate');
          if (keys.has(key)) throw new Ambiguous(`the key ${JSON.stringify(key.slice(0, 60))} stands twice in one object`);
          keys.add(key);
          expectKey = false;
        }
        at = end - 1;
        break;
      }
      case 0x7b: // {
      case 0x5b: {
        // [
        open.push(keys);
        if (open.length > maxDepth) throw new Ambiguous(`it is nested deeper than ${maxDepth}`);
        keys = text.charCodeAt(at) === 0x7b ? new Set() : null;
        expectKey = keys !== null;
        break;
      }
      case 0x7d: // }
      case 0x5d: // ]
        keys = open.pop() ?? null;
        expectKey = false;
        break;
      case 0x2c: // ,
        expectKey = keys !== null;
        break;
    }
  }
}

/** End of the value that starts at `at` in valid JSON. */
export function valueEnd(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === 0x22) return stringEnd(text, at);
  if (first !== 0x7b && first !== 0x5b) {
    scalar.lastIndex = at;
    scalar.test(text);
    return scalar.lastIndex;
  }
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) i = stringEnd(text, i) - 1;
    else if (c === 0x7b || c === 0x5b) depth++;
    else if ((c === 0x7d || c === 0x5d) && --depth === 0) return i + 1;
  }
  throw new Ambiguous('a value does not end');
}

/** Members of the object that starts at `at`: key, where that stands, and where its value stands. */
export function* members(text: string, at: number): Generator<{ key: string; start: number; value: Span }> {
  let i = afterSpace(text, at + 1);
  while (text.charCodeAt(i) === 0x22) {
    const keyEnd = stringEnd(text, i);
    const key = keyOf(text.slice(i, keyEnd));
    const start = afterSpace(text, afterSpace(text, keyEnd) + 1);
    const end = valueEnd(text, start);
    yield { key, start: i, value: { start, end } };
    i = afterSpace(text, end);
    if (text.charCodeAt(i) === 0x2c) i = afterSpace(text, i + 1);
  }
}

/** Elements of the array that starts at `at`. */
export function* elements(text: string, at: number): Generator<Span> {
  let i = afterSpace(text, at + 1);
  while (i < text.length && text.charCodeAt(i) !== 0x5d) {
    const end = valueEnd(text, i);
    yield { start: i, end };
    i = afterSpace(text, end);
    if (text.charCodeAt(i) === 0x2c) i = afterSpace(text, i + 1);
  }
}

/** Where the text's one value starts. */
export function rootStart(text: string): number {
  return afterSpace(text, 0);
}
