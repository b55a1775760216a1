// Measures one argument: whether it fits the prompt as it is, or must be opened before anybody can say yes.
import { type JsonNode, readable, readJson } from './json-text.ts';
import { hides } from './visible.ts';

/** A value longer than this, in UTF-16 units or in lines, shows its head and tail until it is opened. */
export const longValue = { characters: 240, lines: 5 } as const;
/** Rows of the first view (security.md, section 2, rule 3). */
export const firstRows = 4;

export interface Row {
  /** Unique in its prompt. */
  readonly id: string;
  /** The argument's name, foreign; null where the arguments have none (an address, or text that is not JSON). */
  readonly name: string | null;
  readonly text: string;
  readonly long: boolean;
  readonly hidden: boolean;
}

/** The rows of a request's arguments, from the exact text that was received. */
export function rowsOf(argumentsText: string): Row[] {
  const node = readJson(argumentsText);
  if (node?.kind === 'object') return node.members.map(({ key, value }, index) => rowOf(`${index}`, key, value));
  return [rowOf('0', null, node ?? { kind: 'string', value: argumentsText })];
}

/** One row; `id` is unique in its prompt. */
export function rowOf(id: string, name: string | null, node: JsonNode): Row {
  const text = readable(node);
  const long =
    text.length > longValue.characters || text.split('\n', longValue.lines + 1).length > longValue.lines || (name?.length ?? 0) > 60;
  return { id, name, text, long, hidden: hides(text) || (name !== null && hides(name)) };
}

/** First and last characters of a long text; never half of a surrogate pair. */
export function headAndTail(text: string, each = 66): { head: string; tail: string } {
  let end = Math.min(each, text.length);
  if (/[\ud800-\udbff]/.test(text[end - 1] ?? '')) end -= 1;
  let start = Math.max(end, text.length - each);
  if (/[\udc00-\udfff]/.test(text[start] ?? '')) start += 1;
  return { head: text.slice(0, end), tail: text.slice(start) };
}

/** `text` in parts short enough to draw one at a time; joined they are the text. */
export function partsOf(text: string, size = 2000): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + size, text.length);
    const line = text.lastIndexOf('\n', end - 1) + 1;
    if (end < text.length && line > at) end = line;
    else if (/[\ud800-\udbff]/.test(text[end - 1] ?? '') && end < text.length) end -= 1;
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}

export const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** SHA-256 of the UTF-8 form, hex. */
export async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
