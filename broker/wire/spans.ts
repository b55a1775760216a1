// Finds and replaces single values inside JSON text, so that everything around them keeps its bytes.
import type { Span } from '../../shared/message.ts';
import { elements, members, rootStart } from './scan.ts';

/** Where the value at `path` (object keys) stands in valid JSON `text`; null when there is none. */
export function memberSpan(text: string, path: readonly string[]): Span | null {
  let span: Span = { start: rootStart(text), end: text.length };
  for (const step of path) {
    if (text.charCodeAt(span.start) !== 0x7b) return null;
    let found: Span | null = null;
    for (const member of members(text, span.start)) {
      if (member.key === step) {
        found = member.value;
        break;
      }
    }
    if (!found) return null;
    span = found;
  }
  return path.length === 0 ? { start: span.start, end: text.trimEnd().length } : span;
}

/** The exact text of the value at `path`; null when there is none. */
export function memberText(text: string, path: readonly string[]): string | null {
  const span = memberSpan(text, path);
  return span && text.slice(span.start, span.end);
}

/** The exact text of each element of the array at `path`; empty when there is no array. */
export function elementTexts(text: string, path: readonly string[]): string[] {
  const span = memberSpan(text, path);
  if (!span || text.charCodeAt(span.start) !== 0x5b) return [];
  return Array.from(elements(text, span.start), ({ start, end }) => text.slice(start, end));
}

/** `text` with the value at `path` replaced by `replacement` (JSON text); unchanged when there is no such value. */
export function withMember(text: string, path: readonly string[], replacement: string): string {
  const span = memberSpan(text, path);
  return span ? text.slice(0, span.start) + replacement + text.slice(span.end) : text;
}
