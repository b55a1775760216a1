// Arguments that a tool wants to see as headers: `x-mcp-header` in its schema (MCP 2026-07-28, basic/transports/streamable-http).
import type { Message } from '../../../shared/message.ts';

export interface HeaderField {
  /** What follows `Mcp-Param-`. */
  readonly name: string;
  /** Keys from the arguments down to the value. */
  readonly path: readonly string[];
  readonly type: 'string' | 'integer' | 'boolean';
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const types = new Set(['string', 'integer', 'boolean']);
const deepest = 32;

type Schema = Record<string, unknown>;
const isObject = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of a tool's definition (exact text); those that are not as they must be are left out. */
export function headerFields(definition: string): HeaderField[] {
  if (!definition.includes('x-mcp-header')) return [];
  const fields: HeaderField[] = [];
  const seen = new Set<string>();
  const walk = (schema: unknown, path: string[]): void => {
    if (!isObject(schema) || !isObject(schema.properties) || path.length > deepest) return;
    for (const [key, property] of Object.entries(schema.properties)) {
      if (!isObject(property)) continue;
      const name = property['x-mcp-header'];
      const at = [...path, key];
      if (typeof name === 'string' && token.test(name) && types.has(property.type as string) && !seen.has(name.toLowerCase())) {
        seen.add(name.toLowerCase());
        fields.push({ name, path: at, type: property.type as HeaderField['type'] });
      }
      walk(property, at);
    }
  };
  walk((JSON.parse(definition) as { inputSchema?: unknown }).inputSchema, []);
  return fields;
}

/** The value at `path` of a call's arguments; undefined where there is none. */
export function valueAt(message: Message, path: readonly string[]): unknown {
  let at: unknown = message.params?.arguments;
  for (const key of path) {
    if (!isObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}
