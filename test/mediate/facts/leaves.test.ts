// Every value of the arguments with where it stands, and the piece of schema that speaks of it.
import { expect, test } from 'vitest';
import { leavesOf } from '../../../broker/mediate/facts/leaves.ts';

test('where each stands, how it is called, and what its schema says', () => {
  const [a, b, c] = [{ type: 'string' }, { format: 'uri' }, { enum: ['x'] }];
  const schema = {
    properties: { path: a, edits: { items: { properties: { url: b } } }, tags: { items: c }, deep: { properties: { er: a } } },
  };
  const value = { path: '/a', edits: [{ url: 'u' }, { other: null }], tags: ['t', 7], deep: { er: true }, extra: 'e' };
  expect(leavesOf(value, schema)).toEqual([
    { at: 'path', key: 'path', name: 'path', value: '/a', schema: a },
    { at: 'edits.0.url', key: 'edits.url', name: 'url', value: 'u', schema: b },
    { at: 'edits.1.other', key: 'edits.other', name: 'other', value: null, schema: {} },
    { at: 'tags.0', key: 'tags', name: 'tags', value: 't', schema: c },
    { at: 'tags.1', key: 'tags', name: 'tags', value: 7, schema: c },
    { at: 'deep.er', key: 'deep.er', name: 'er', value: true, schema: a },
    { at: 'extra', key: 'extra', name: 'extra', value: 'e', schema: {} },
  ]);
});

test('a schema that is none says nothing, and no name is taken from what every object has', () => {
  expect(leavesOf({ constructor: 'x', a: ['y'] }, { properties: { a: null } as never })).toMatchObject([
    { at: 'constructor', schema: {} },
    { at: 'a.0', schema: {} },
  ]);
  expect(leavesOf({ a: 'x' }, { properties: 'x' } as never)).toMatchObject([{ schema: {} }]);
  expect(leavesOf(null, {})).toEqual([{ at: '', key: '', name: '', value: null, schema: {} }]);
});

test('empty lists and objects are no leaves', () => {
  expect(leavesOf({ a: [], b: {} }, {})).toEqual([]);
});

test('two thousand are looked at, and more are not', () => {
  const many = (count: number) => Array.from({ length: count }, () => 'x');
  expect(leavesOf({ a: many(2000), b: [] }, {})).toHaveLength(2000);
  expect(leavesOf({ a: many(2001) }, {})).toBe(null);
  expect(leavesOf({ a: { b: many(2001) }, c: 1 }, {})).toBe(null);
});
