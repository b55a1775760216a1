// Forms that servers draw (T25): what each field takes, and the field that asks for a secret, wherever it says so.
import { describe, expect, test } from 'vitest';
import { fieldsOf, fishes, secretField } from '../../broker/mediate/elicited-form.ts';

const form = (properties: unknown, more: object = {}) => ({ requestedSchema: { type: 'object', properties, ...more } });

describe('fields', () => {
  test.each<[object, string]>([
    [{}, 'text'],
    [{ type: 'string' }, 'text'],
    [{ type: 'number' }, 'number'],
    [{ type: 'integer' }, 'number'],
    [{ type: 'boolean' }, 'yes or no'],
    [{ type: 'string', enum: ['a'] }, 'choice'],
    [{ oneOf: [] }, 'choice'],
    [{ anyOf: [] }, 'choice'],
    [{ enum: 'a' }, 'text'],
    [{ type: 'array', items: { enum: ['a'] } }, 'choice'],
    [{ type: 'array', items: { type: 'string' } }, 'text'],
    [{ type: 'array' }, 'text'],
    [{ type: 'array', items: ['a'] }, 'text'],
    [{ type: 'object', items: { type: 'number' } }, 'text'],
  ])('%j takes %s', (schema, takes) => {
    expect(fieldsOf(form({ a: schema }))[0]?.takes).toBe(takes);
  });

  test('in order, with title and whether they must be filled', () => {
    expect(fieldsOf(form({ a: { title: 'A name' }, b: { title: 7 }, c: 'x' }, { required: ['b'] }))).toEqual([
      { name: 'a', title: 'A name', takes: 'text', required: false },
      { name: 'b', title: null, takes: 'text', required: true },
      { name: 'c', title: null, takes: 'text', required: false },
    ]);
    expect(fieldsOf(form({ a: {} }, { required: 'a' }))[0]?.required).toBe(false);
  });

  test.each<[Parameters<typeof fieldsOf>[0]]>([
    [undefined],
    [{}],
    [{ requestedSchema: 7 }],
    [{ requestedSchema: null }],
    [form(null)],
    [form([{}])],
  ])('none in %j', (params) => {
    expect(fieldsOf(params)).toEqual([]);
    expect(secretField(params)).toBe(null);
  });
});

describe('the field that asks for a secret', () => {
  test.each<[string, object, string | null]>([
    ['by its name', { name: {}, github_token: {} }, 'github_token'],
    ['by its title', { a: { title: 'Your password' } }, 'a'],
    ['by its description', { a: { description: 'Paste the API key here.' } }, 'a'],
    ['by its format', { a: { format: 'password' } }, 'a'],
    ['by its encoding', { a: { contentEncoding: 'jwt token' } }, 'a'],
    ['by its default', { a: { default: 'enter password' } }, 'a'],
    ['by what must not be shown', { a: { writeOnly: true } }, 'a'],
    ['by a pattern for keys', { a: { pattern: '^ghp_' } }, 'a'],
    ['by a pattern for private keys', { a: { pattern: '-----BEGIN' } }, 'a'],
    ['by a pattern for cards', { a: { pattern: '^\\d{16}$' } }, 'a'],
    ['by a pattern for cards of several lengths', { a: { pattern: '[0-9]{13,19}' } }, 'a'],
    ['in a number', { pin: { type: 'number' } }, 'pin'],
    ['in a list', { a: { type: 'array', title: 'passwords', items: { type: 'string' } } }, 'a'],
    ['the first of two', { a: { title: 'PIN' }, password: {} }, 'a'],
    ['none: what is picked gives nothing away', { password: { enum: ['a', 'b'] } }, null],
    ['none: yes or no', { password: { type: 'boolean' } }, null],
    ['none: what is to be kept back', { a: { description: 'Your name. Never enter your password here' } }, null],
    ['none: may be shown', { a: { writeOnly: false } }, null],
    ['none: a pattern of something else', { a: { pattern: '^\\d{5}$' } }, null],
    ['none: a longer one', { a: { pattern: '^\\d{160}$' } }, null],
    ['none: words that are no text', { a: { title: 7, default: ['password'], description: {}, pattern: 1 } }, null],
    ['none at all', { name: {}, age: { type: 'number' } }, null],
  ])('%s', (_name, properties, field) => {
    expect(secretField(form(properties))?.field ?? null).toBe(field);
  });

  test('is told with what it asks for', () => {
    expect(secretField(form({ api_key: {} }))).toEqual({ field: 'api_key', secret: 'api key' });
    expect(secretField(form({ a: { writeOnly: true } }))?.secret).toBe('something that is never to be shown');
    expect(secretField(form({ a: { pattern: 'sk-' } }))?.secret).toBe('a key or card number');
  });
});

test.each<[unknown, object, boolean]>([
  ['Please enter your password', { answer: {} }, true],
  ['Please enter your password', { answer: { type: 'number' } }, false],
  ['Please enter your password', { ok: { type: 'boolean' }, answer: {} }, true],
  ['Please enter your password', {}, false],
  ['Never enter your password', { answer: {} }, false],
  ['Which city?', { answer: {} }, false],
  [7, { answer: {} }, false],
  [undefined, { answer: {} }, false],
])('a message %j over %j fishes: %s', (message, properties, expected) => {
  expect(fishes({ ...form(properties), message })).toBe(expected);
  expect(fishes(undefined)).toBe(false);
});
