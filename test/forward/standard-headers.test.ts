// Headers that mirror a body, as the specification's tables have them, and the event reader under any cut of its bytes.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reachOf } from '../../broker/forward/addresses.ts';
import { EventReader } from '../../broker/forward/event-reader.ts';
import { encoded, mirroredBy, standardHeaders } from '../../broker/forward/standard-headers.ts';
import { parseMessage } from '../../broker/wire/gate.ts';
import { scale } from '../support/scale.ts';

test.each([
  ['us-west1', 'us-west1'],
  ['Hello, 世界', '=?base64?SGVsbG8sIOS4lueVjA==?='],
  [' padded ', '=?base64?IHBhZGRlZCA=?='],
  ['line1\nline2', '=?base64?bGluZTEKbGluZTI=?='],
  ['=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?='],
  ['a b\tc', 'a b\tc'],
  ['', '=?base64??='],
])('%j is carried as %s', (value, header) => {
  expect(encoded(value)).toBe(header);
});

test('any text survives, and no header holds what a header may not', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const value = text.toWellFormed();
      const header = encoded(value);
      expect(header).toMatch(/^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/);
      const [, base64] = /^=\?base64\?(.*)\?=$/.exec(header) ?? [];
      expect(base64 === undefined ? header : Buffer.from(base64, 'base64').toString('utf8')).toBe(value);
    }),
    { numRuns: scale(300, 10_000) },
  );
});

const schema = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    deep: { type: 'object', properties: { n: { type: 'integer', 'x-mcp-header': 'N' }, 'x-mcp-header': { type: 'string' } } },
    on: { type: 'boolean', 'x-mcp-header': 'On' },
  },
};

test('arguments go into the headers that the schema names, where they have a value', () => {
  const mirrored = mirroredBy(schema);
  if (typeof mirrored === 'string') throw new Error(mirrored);
  const headersOf = (input: unknown, name = 'tool é') =>
    standardHeaders(
      parseMessage(
        JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name, arguments: input, _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } },
        }),
      ),
      () => mirrored,
    );
  expect(headersOf({ region: 'a', deep: { n: -7 }, on: false })).toEqual({
    ...{ 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': '=?base64?dG9vbCDDqQ==?=' },
    ...{ 'Mcp-Param-Region': 'a', 'Mcp-Param-N': '-7', 'Mcp-Param-On': 'false' },
  });
  for (const input of [{ region: null }, {}, null, [], { deep: 'x', region: 1.5 }])
    expect(Object.keys(headersOf(input)).filter((key) => key.startsWith('Mcp-Param'))).toEqual([]);
  const read = parseMessage('{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///a"}}');
  expect(standardHeaders(read, () => undefined)['Mcp-Name']).toBe('file:///a');
  const task = parseMessage('{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"t1"}}');
  expect(standardHeaders(task, () => undefined)['Mcp-Name']).toBe('t1');
});

test.each<[string, unknown]>([
  ['no name', { properties: { a: { type: 'string', 'x-mcp-header': '' } } }],
  ['a bad name', { properties: { a: { type: 'string', 'x-mcp-header': 'a b' } } }],
  ['a line break', { properties: { a: { type: 'string', 'x-mcp-header': 'a\r\nb' } } }],
  ['a number', { properties: { a: { type: 'number', 'x-mcp-header': 'A' } } }],
  ['an object', { properties: { a: { type: 'object', 'x-mcp-header': 'A' } } }],
  ['twice', { properties: { a: { type: 'string', 'x-mcp-header': 'A' }, b: { type: 'string', 'x-mcp-header': 'a' } } }],
  ['in items', { properties: { a: { type: 'array', items: { type: 'string', 'x-mcp-header': 'A' } } } }],
  ['in anyOf', { anyOf: [{ properties: { a: { type: 'string', 'x-mcp-header': 'A' } } }] }],
  ['in a definition', { $defs: { d: { type: 'string', 'x-mcp-header': 'A' } } }],
  ['at the root', { type: 'string', 'x-mcp-header': 'A' }],
])('a schema that asks for a header with %s is not valid', (_, bad) => {
  expect(mirroredBy(bad)).toEqual(expect.any(String));
});

test('data that looks like an annotation is none', () => {
  expect(
    mirroredBy({ properties: { 'x-mcp-header': { type: 'string', default: { 'x-mcp-header': 5 }, enum: ['x-mcp-header'] } } }),
  ).toEqual([]);
  expect(mirroredBy(undefined)).toEqual([]);
});

test('events are the same however their bytes are cut, and whatever ends their lines', () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n\0]/g, ''));
  const event = fc.record({
    data: fc.array(line, { minLength: 1, maxLength: 3 }),
    type: fc.constantFrom('message', 'endpoint'),
    comment: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(event), fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(40)), (events, end, cuts) => {
      const text = events
        .map(({ data, type, comment }) =>
          [...(comment ? [': c'] : []), `event: ${type}`, ...data.map((one) => `data: ${one}`), '', ''].join(end),
        )
        .join('');
      const bytes = Buffer.from(text);
      const got: unknown[] = [];
      const reader = new EventReader(
        1_000_000,
        ({ type, data }) => got.push({ type, data: data.toString('utf8') }),
        () => got.push('too long'),
      );
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        reader.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      expect(got).toEqual(events.map(({ data, type }) => ({ type, data: data.join('\n') })).filter(({ data }) => data !== '' || true));
    }),
    { numRuns: scale(300, 10_000) },
  );
});

test.each([
  ['127.0.0.1', 'loopback'],
  ['127.9.9.9', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['10.0.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.0.1', 'private'],
  ['100.64.0.1', 'private'],
  ['169.254.169.254', 'private'],
  ['0.0.0.0', 'private'],
  ['255.255.255.255', 'private'],
  ['fe80::1', 'private'],
  ['fd00::1', 'private'],
  ['::', 'private'],
  ['ff02::1', 'private'],
  ['::ffff:10.0.0.1', 'private'],
  ['64:ff9b::a00:1', 'private'],
  ['2002:a00:1::', 'private'],
  ['8.8.8.8', 'public'],
  ['172.32.0.1', 'public'],
  ['2606:4700::1111', 'public'],
  ['::ffff:8.8.8.8', 'public'],
])('%s is %s', (address, reach) => {
  expect(reachOf(address)).toBe(reach);
});
