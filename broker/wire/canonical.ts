// The canonical form of JSON text: what two clients that mean the same thing both send.
import { afterSpace, keyOf, rootStart, stringEnd, valueEnd } from './scan.ts';

/**
 * RFC 8785 (JCS) with one difference: numbers keep their text, because re-reading them would merge values beyond 2^53.
 * `text` must be valid JSON without duplicate keys.
 */
export function canonicalText(text: string): string {
  return canonicalAt(text, rootStart(text)).form;
}

/** Each character is read once, however deep it stands. `end`: where the value that starts at `start` ends. */
function canonicalAt(text: string, start: number): { form: string; end: number } {
  const first = text.charCodeAt(start);
  if (first === 0x7b) {
    const parts: { key: string; form: string }[] = [];
    let at = afterSpace(text, start + 1);
    while (text.charCodeAt(at) === 0x22) {
      const keyEnd = stringEnd(text, at);
      const value = canonicalAt(text, afterSpace(text, afterSpace(text, keyEnd) + 1));
      parts.push({ key: keyOf(text.slice(at, keyEnd)), form: value.form });
      at = afterComma(text, value.end);
    }
    parts.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    return { form: `{${parts.map((part) => `${JSON.stringify(part.key)}:${part.form}`).join(',')}}`, end: at + 1 };
  }
  if (first === 0x5b) {
    const forms: string[] = [];
    let at = afterSpace(text, start + 1);
    while (at < text.length && text.charCodeAt(at) !== 0x5d) {
      const value = canonicalAt(text, at);
      forms.push(value.form);
      at = afterComma(text, value.end);
    }
    return { form: `[${forms.join(',')}]`, end: at + 1 };
  }
  const end = valueEnd(text, start);
  const raw = text.slice(start, end);
  return { form: first === 0x22 ? canonicalString(raw) : raw, end };
}

function afterComma(text: string, at: number): number {
  const next = afterSpace(text, at);
  return text.charCodeAt(next) === 0x2c ? afterSpace(text, next + 1) : next;
}

/** Without escapes there is only one way to write it. */
function canonicalString(raw: string): string {
  return raw.includes('\\') || !raw.isWellFormed() ? JSON.stringify(JSON.parse(raw)) : raw;
}
