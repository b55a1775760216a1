// A form that a server wants filled in: its fields in words, and the field that asks for a secret (security.md T25).
import { secretAskedIn, secretIn } from './secret-words.ts';

export interface Field {
  readonly name: string;
  readonly title: string | null;
  /** `text`, `number`, `yes or no`, `choice`. */
  readonly takes: 'text' | 'number' | 'yes or no' | 'choice';
  readonly required: boolean;
}

type Schema = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Where a person picks from what the server wrote, nothing of theirs can be given away but the pick. */
function takes(schema: Schema): Field['takes'] {
  if (Array.isArray(schema.enum) || Array.isArray(schema.oneOf) || Array.isArray(schema.anyOf)) return 'choice';
  if (schema.type === 'boolean') return 'yes or no';
  if (schema.type === 'number' || schema.type === 'integer') return 'number';
  if (schema.type === 'array' && isObject(schema.items)) return takes(schema.items);
  return 'text';
}

function schemasOf(params: Schema | undefined): [string, Schema][] {
  const form = params?.requestedSchema;
  const properties = isObject(form) ? form.properties : undefined;
  return isObject(properties) ? Object.entries(properties).map(([name, schema]) => [name, isObject(schema) ? schema : {}]) : [];
}

export function fieldsOf(params: Schema | undefined): Field[] {
  const form = params?.requestedSchema;
  const required = isObject(form) && Array.isArray(form.required) ? form.required : [];
  return schemasOf(params).map(([name, schema]) => ({
    name,
    title: textOf(schema.title),
    takes: takes(schema),
    required: required.includes(name),
  }));
}

/** Patterns written for what keys and cards look like. */
const secretPattern = /(?:sk-|ghp_|github_pat|glpat|xox|AKIA|eyJ|-----BEGIN)|(?:\\d|\[0-9\])\{(?:13|14|15|16|19)(?:,\d*)?\}/;

function asksForSecret(name: string, schema: Schema): string | null {
  const kind = takes(schema);
  if (kind === 'yes or no' || kind === 'choice') return null;
  if (schema.writeOnly === true) return 'something that is never to be shown';
  const pattern = textOf(schema.pattern);
  if (pattern !== null && secretPattern.test(pattern)) return 'a key or card number';
  for (const words of [name, schema.title, schema.format, schema.contentEncoding, schema.default]) {
    const secret = typeof words === 'string' ? secretIn(words) : null;
    if (secret !== null) return secret;
  }
  return typeof schema.description === 'string' ? secretAskedIn(schema.description) : null;
}

/** The first field that asks for a secret, and what it asks for; null when none does. */
export function secretField(params: Schema | undefined): { readonly field: string; readonly secret: string } | null {
  for (const [field, schema] of schemasOf(params)) {
    const secret = asksForSecret(field, schema);
    if (secret !== null) return { field, secret };
  }
  return null;
}

/** The message speaks of a secret and something can be typed: not proof, but worth a second look. */
export function fishes(params: Schema | undefined): boolean {
  const message = textOf(params?.message);
  return message !== null && secretAskedIn(message) !== null && fieldsOf(params).some((field) => field.takes === 'text');
}
