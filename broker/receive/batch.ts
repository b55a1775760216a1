// Taking a JSON-RPC batch apart (MCP 2025-03-26 alone has them): each message keeps the text it came as.

/** Most messages in one batch. */
const most = 100;

/** Texts of the elements of a JSON array, or null when it is none, or has none or too many. The text must be valid JSON. */
export function elementsOf(text: string): string[] | null {
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value) || value.length === 0 || value.length > most) return null;
  } catch {
    return null;
  }
  const found: string[] = [];
  let depth = 0;
  let start = text.indexOf('[') + 1;
  for (let at = start - 1; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '"') at = endOfString(text, at);
    else if (sign === '[' || sign === '{') depth += 1;
    else if (sign === ']' || sign === '}') depth -= 1;
    if ((sign === ',' && depth === 1) || (sign === ']' && depth === 0)) {
      found.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return found;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
