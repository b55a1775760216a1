// Every string of a definition with where it stands: values, and the names a server chose (T02).
import { expect, test } from 'vitest';
import { deepest, mostStrings, walk } from '../../../broker/mediate/findings/strings.ts';

const said = (value: unknown) => walk(value).said.map(({ place, text }) => `${place}: ${text}`);

test('values and names, with their places', () => {
  expect(
    said({ name: 'n', inputSchema: { properties: { path: { description: 'd', enum: ['x', 7, null] } } }, note: { deep: 'e' } }),
  ).toEqual([
    'name: n',
    'inputSchema.properties.path (its name): path',
    'inputSchema.properties.path.description: d',
    'inputSchema.properties.path.enum[0]: x',
    'note (its name): note',
    'note.deep (its name): deep',
    'note.deep: e',
  ]);
  expect(said('alone')).toEqual([': alone']);
  expect(said(null)).toEqual([]);
});

test('what the protocol names is no word of the server', () => {
  const names = [
    ...[
      'name',
      'title',
      'description',
      'inputSchema',
      'outputSchema',
      'annotations',
      'icons',
      'uri',
      'uriTemplate',
      'mimeType',
      'arguments',
    ],
    ...['type', 'properties', 'required', 'items', 'enum', 'default', 'const', 'anyOf', 'oneOf', 'allOf', 'not', 'format', 'pattern'],
    ...['additionalProperties', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'examples', '$schema', '$ref'],
    ...['$defs', 'definitions', 'readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint', 'instructions', '_meta'],
  ];
  for (const name of names) expect(said({ [name]: 1 }), name).toEqual([]);
  expect(said({ other: 1 })).toEqual(['other (its name): other']);
});

test('no deeper and no more than anybody reads', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 'x' : [deep(levels - 1)]);
  expect(walk(deep(deepest))).toMatchObject({ said: [{ text: 'x' }], tooDeep: false, tooMany: false });
  expect(walk(deep(deepest + 1))).toMatchObject({ said: [], tooDeep: true });
  const many = (count: number) => Array.from({ length: count }, () => 'x');
  expect(walk(many(mostStrings))).toMatchObject({ tooMany: false });
  expect(walk(many(mostStrings + 1))).toMatchObject({ tooMany: true });
  expect(walk(many(mostStrings + 1)).said).toHaveLength(mostStrings);
});
