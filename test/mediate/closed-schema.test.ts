// T09: an argument that the accepted schema rules out is refused; whatever a schema leaves open or in doubt passes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { closesAnything, unknownArgument } from '../../broker/mediate/closed-schema.ts';
import { checkout } from '../support/house.ts';

const closed = (properties: object, more: object = {}) => ({ type: 'object', properties, additionalProperties: false, ...more });
const text = { type: 'string' };
const at = (schema: unknown, value: unknown) => unknownArgument(schema, value)?.at ?? null;

describe('ruled out', () => {
  test.each<[string, unknown, unknown, string]>([
    ['a name that a closed object does not know', closed({ a: text }), { a: 'x', b: 1 }, 'b'],
    ['anything where nothing is known', { type: 'object', additionalProperties: false }, { note: 'x' }, 'note'],
    ['the same written as unevaluated', { type: 'object', properties: { a: text }, unevaluatedProperties: false }, { b: 1 }, 'b'],
    ['inside an object', { properties: { a: closed({ b: text }) } }, { a: { b: '', c: '' } }, 'a.c'],
    ['inside a list', { properties: { a: { items: closed({ b: text }) } } }, { a: [{ b: '' }, { c: '' }] }, 'a.1.c'],
    ['inside a tuple', { properties: { a: { prefixItems: [text, closed({})] } } }, { a: ['', { c: '' }] }, 'a.1.c'],
    ['inside an old tuple', { properties: { a: { items: [text], additionalItems: closed({}) } } }, { a: ['', { c: '' }] }, 'a.1.c'],
    ['inside what any other name holds', { additionalProperties: closed({ b: text }) }, { any: { c: 1 } }, 'any.c'],
    ['behind a reference', { $defs: { x: closed({ b: text }) }, properties: { a: { $ref: '#/$defs/x' } } }, { a: { c: 1 } }, 'a.c'],
    ['behind the root', { ...closed({ self: { $ref: '#' } }) }, { self: { self: { other: 1 } } }, 'self.self.other'],
    ['in a part that must hold', { allOf: [closed({ a: text })] }, { b: 1 }, 'b'],
    ['beside parts that know it neither', closed({ a: text }, { allOf: [{ properties: { b: text } }] }), { a: '', b: '', c: '' }, 'c'],
    ['in every branch', { anyOf: [closed({ a: text }), closed({ b: text })] }, { c: 1 }, 'c'],
    [
      'where the other branch is another type',
      { properties: { a: { anyOf: [closed({ b: text }), { type: 'null' }] } } },
      { a: { c: 1 } },
      'a.c',
    ],
    ['in one of several', { oneOf: [closed({ a: text }), { type: ['string', 'integer'] }] }, { c: 1 }, 'c'],
    ['a name of every object', closed({ a: text }), JSON.parse('{"__proto__":1,"a":""}'), '__proto__'],
    ['constructor too', closed({ a: text }), { constructor: 1 }, 'constructor'],
    ['a name with a slash, behind an escaped reference', { $defs: { 'x/y': closed({}) }, $ref: '#/$defs/x~1y' }, { 'a/b': 1 }, 'a/b'],
  ])('%s', (_, schema, value, expected) => {
    expect(at(schema, value)).toBe(expected);
  });
  test('with the names that are known, in order', () => {
    expect(unknownArgument({ properties: { a: closed({ z: text, b: text }) } }, { a: { c: 1 } })).toEqual({
      at: 'a.c',
      inside: 'a',
      known: ['b', 'z'],
    });
  });
});

describe('never a call that may be valid', () => {
  const open = { properties: { a: text } };
  test.each<[string, unknown, unknown]>([
    ['an open object', open, { b: 1 }],
    ['one that says so', { ...open, additionalProperties: true }, { b: 1 }],
    ['one with a schema for others', { ...open, additionalProperties: text }, { b: '' }],
    ['known names of the wrong type: the server says so itself', closed({ a: text }), { a: 1 }],
    ['names by pattern', closed({ a: text }, { patternProperties: { '^x-': text } }), { 'x-b': '' }],
    ['a pattern in a part beside', closed({}, { allOf: [{ patternProperties: { '^x-': text } }] }), { 'x-b': '' }],
    ['names of a part beside', closed({ a: text }, { allOf: [{ properties: { b: text } }] }), { b: '' }],
    ['names around a closed part', { properties: { a: text }, allOf: [closed({ b: text })] }, { a: '', b: '' }],
    ['names around a closed branch', { properties: { a: text }, oneOf: [closed({ b: text }), closed({ c: text })] }, { a: '', c: '' }],
    [
      'names in a condition',
      closed({ a: text }, JSON.parse('{"if":{"properties":{"a":{"const":"x"}}},"then":{"properties":{"b":{"type":"string"}}}}')),
      { a: 'x', b: '' },
    ],
    ['names that depend', closed({ a: text }, { dependentSchemas: { a: { properties: { b: text } } } }), { a: '', b: '' }],
    ['names that depended', closed({ a: text }, { dependencies: { a: { properties: { b: text } }, c: ['a'] } }), { a: '', b: '' }],
    ['another branch', { anyOf: [closed({ a: text }), closed({ b: text })] }, { b: '' }],
    ['a branch that is open', { anyOf: [closed({ a: text }), { properties: { z: text } }] }, { c: 1 }],
    ['a branch that opens a part beside it', closed({ a: text }, { anyOf: [{ additionalProperties: true }] }), { c: 1 }],
    ['a reference to somewhere else', { $ref: 'https://example.org/schema.json', ...closed({}) }, { c: 1 }],
    ['a reference that leads nowhere', closed({}, { allOf: [{ $ref: '#/$defs/none' }] }), { c: 1 }],
    ['what stands beside a reference', { $defs: { x: open }, $ref: '#/$defs/x', ...closed({}) }, { c: 1 }],
    [
      'names behind a reference beside',
      { $defs: { x: { properties: { b: text } } }, ...closed({}, { allOf: [{ $ref: '#/$defs/x' }] }) },
      { b: '' },
    ],
    [
      'names beside a reference in a part',
      { $defs: { x: {} }, ...closed({}, { allOf: [{ $ref: '#/$defs/x', properties: { b: text } }] }) },
      { b: '' },
    ],
    ['a reference by name', { $defs: { x: { $anchor: 'x', ...closed({}) } }, properties: { a: { $ref: '#x' } } }, { a: { b: 1 } }],
    [
      'a document within with a name of its own',
      { $defs: { x: { $id: 'x.json', ...closed({}) } }, properties: { a: { $ref: '#/$defs/x' } } },
      { a: { b: 1 } },
    ],
    ['a reference that cannot be read', { properties: { a: { $ref: '#/%E0%A4%A' } } }, { a: { b: 1 } }],
    ['a dynamic reference', closed({}, { allOf: [{ $dynamicRef: '#x' }] }), { b: 1 }],
    ['a reference to itself', { $ref: '#' }, { b: 1 }],
    ['what a not says', { not: closed({ a: text }) }, { b: 1 }],
    ['no schema at all', undefined, { b: 1 }],
    ['a schema that is true', true, { b: 1 }],
    ['arguments that are no object', closed({}), 'text'],
    ['an unknown type', { type: 'file', ...open }, { b: 1 }],
    ['a list where an object is closed', { properties: { a: closed({}) } }, { a: [{ b: 1 }] }],
    ['a whole number for a number', { properties: { a: { anyOf: [{ type: 'integer' }, closed({})] } } }, { a: 1 }],
  ])('%s', (_, schema, value) => {
    expect(at(schema, value)).toBeNull();
  });
  test('a schema that takes too long to read', () => {
    let parts: object = closed({ a: text });
    for (let depth = 0; depth < 12; depth++) parts = { allOf: [parts, parts, parts, parts] };
    expect(at(parts, { b: 1 })).toBeNull();
  });
});

test('the tools of recorded servers: their own names pass, one more is refused where they close their arguments', () => {
  let [tools, refused] = [0, 0];
  for (const folder of ['definitions', 'working-day'])
    for (const file of readdirSync(join(checkout, 'test', 'fixtures', folder)).filter((name) => name.endsWith('.json'))) {
      const recorded = JSON.parse(readFileSync(join(checkout, 'test', 'fixtures', folder, file), 'utf8')) as {
        tools?: { inputSchema: { properties?: object } }[];
      };
      for (const { inputSchema } of recorded.tools ?? []) {
        tools++;
        const all = Object.fromEntries(Object.keys(inputSchema.properties ?? {}).map((name) => [name, null]));
        expect(unknownArgument(inputSchema, all)).toBeNull();
        if (unknownArgument(inputSchema, { ...all, conversation_history: 'x' })) {
          refused++;
          expect(closesAnything(JSON.stringify(inputSchema))).toBe(true);
        }
      }
    }
  expect(tools).toBeGreaterThan(150);
  expect(refused).toBeGreaterThan(50);
});
