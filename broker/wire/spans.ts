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

const objectAt = (text: string, path: readonly string[]): Span | null => {
  const span = memberSpan(text, path);
  return span && text.charCodeAt(span.start) === 0x7b ? span : null;
};

/** `text` with `replacement` (JSON text) at `path`, whose objects are made where they are missing; a new member stands first in its object. */
export function putMember(text: string, path: readonly string[], replacement: string): string {
  if (memberSpan(text, path)) return withMember(text, path, replacement);
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const parent = objectAt(text, path.slice(0, depth));
    if (!parent) continue;
    const value = path.slice(depth + 1).reduceRight((inner, key) => `{${JSON.stringify(key)}:${inner}}`, replacement);
    const [first] = members(text, parent.start);
    const at = parent.start + 1;
    return `${text.slice(0, at)}${JSON.stringify(path[depth])}:${value}${first ? ',' : ''}${text.slice(at)}`;
  }
  return text;
}

/** `text` without the members of the object at `path` that `which` names, and without their commas. */
export function withoutMembers(text: string, path: readonly string[], which: (key: string) => boolean): string {
  const parent = objectAt(text, path);
  if (!parent) return text;
  const all = [...members(text, parent.start)];
  const kept = all.filter(({ key }) => !which(key));
  if (kept.length === all.length) return text;
  const inside = kept.map(({ start, value }) => text.slice(start, value.end)).join(',');
  return `${text.slice(0, parent.start)}{${inside}}${text.slice(parent.end)}`;
}

/** Keys of the object at `path`, unescaped, with the exact text of each value; empty when there is no object. */
export function memberTexts(text: string, path: readonly string[]): [key: string, value: string][] {
  const span = objectAt(text, path);
  return span ? Array.from(members(text, span.start), ({ key, value }) => [key, text.slice(value.start, value.end)]) : [];
}
