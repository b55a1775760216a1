// Reads JSON without losing a character of it: every number keeps the text it was written as, every member its place and order.

export type JsonNode =
  | { readonly kind: 'object'; readonly members: readonly { readonly key: string; readonly value: JsonNode }[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly value: string }
  /** `text` is the number exactly as written; it is never turned into a JavaScript number. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'word'; readonly text: 'true' | 'false' | 'null' };

const maxDepth = 200;
const numberForm = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const escapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** The tree of `text` (RFC 8259), or null when it is not one JSON value; a caller then shows the text as it is. */
export function readJson(text: string): JsonNode | null {
  const reader = new Reader(text);
  try {
    return reader.whole();
  } catch (error) {
    if (error instanceof NotJson) return null;
    throw error;
  }
}

class NotJson extends Error {}

class Reader {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  whole(): JsonNode {
    const node = this.value(0);
    this.space();
    if (this.at !== this.text.length) throw new NotJson();
    return node;
  }

  space(): void {
    while (' \t\n\r'.includes(this.text[this.at] ?? 'x')) this.at += 1;
  }

  value(depth: number): JsonNode {
    if (depth > maxDepth) throw new NotJson();
    this.space();
    const first = this.text[this.at];
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    if (first === '"') return { kind: 'string', value: this.string() };
    for (const word of ['true', 'false', 'null'] as const) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return { kind: 'word', text: word };
      }
    }
    numberForm.lastIndex = this.at;
    const number = numberForm.exec(this.text)?.[0];
    if (number === undefined) throw new NotJson();
    this.at += number.length;
    return { kind: 'number', text: number };
  }

  object(depth: number): JsonNode {
    const members: { key: string; value: JsonNode }[] = [];
    this.at += 1;
    this.space();
    if (this.take('}')) return { kind: 'object', members };
    for (;;) {
      this.space();
      const key = this.string();
      this.space();
      if (!this.take(':')) throw new NotJson();
      members.push({ key, value: this.value(depth + 1) });
      this.space();
      if (this.take('}')) return { kind: 'object', members };
      if (!this.take(',')) throw new NotJson();
    }
  }

  array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.at += 1;
    this.space();
    if (this.take(']')) return { kind: 'array', items };
    for (;;) {
      items.push(this.value(depth + 1));
      this.space();
      if (this.take(']')) return { kind: 'array', items };
      if (!this.take(',')) throw new NotJson();
    }
  }

  take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  string(): string {
    if (!this.take('"')) throw new NotJson();
    const parts: string[] = [];
    let from = this.at;
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (Number.isNaN(code) || code < 0x20) throw new NotJson();
      if (code === 0x22) {
        parts.push(this.text.slice(from, this.at));
        this.at += 1;
        return parts.join('');
      }
      if (code !== 0x5c) {
        this.at += 1;
        continue;
      }
      parts.push(this.text.slice(from, this.at), this.escape());
      from = this.at;
    }
  }

  escape(): string {
    const letter = this.text[this.at + 1] ?? '';
    if (letter === 'u') {
      const hex = this.text.slice(this.at + 2, this.at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw new NotJson();
      this.at += 6;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const meant = escapes[letter];
    if (meant === undefined) throw new NotJson();
    this.at += 2;
    return meant;
  }
}

/** A value as a person reads it: a string is its characters, anything nested is indented JSON with its numbers as written. */
export function readable(node: JsonNode): string {
  return node.kind === 'string' ? node.value : write(node, '');
}

function write(node: JsonNode, indent: string): string {
  const deeper = `${indent}  `;
  switch (node.kind) {
    case 'string':
      return quote(node.value);
    case 'number':
    case 'word':
      return node.text;
    case 'array':
      if (node.items.length === 0) return '[]';
      return `[\n${node.items.map((item) => deeper + write(item, deeper)).join(',\n')}\n${indent}]`;
    case 'object':
      if (node.members.length === 0) return '{}';
      return `{\n${node.members.map(({ key, value }) => `${deeper}${quote(key)}: ${write(value, deeper)}`).join(',\n')}\n${indent}}`;
  }
}

/** Quotes like JSON but leaves invisible characters in, so that they reach the drawing code and become chips. */
function quote(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;
}
