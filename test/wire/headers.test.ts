// Headers that say again what the body says, and addresses that two servers share: the rules, value by value.
import { describe, expect, test } from 'vitest';
import { shownBack, takenApart, withServer } from '../../broker/wire/addresses.ts';
import { parseMessage } from '../../broker/wire/gate.ts';
import { listResult, type Offer } from '../../broker/wire/handshake/offers.ts';
import { resourceOwner } from '../../broker/wire/handshake/requests.ts';
import { decodeHeader, paramHeaders } from '../../broker/wire/stateless/headers.ts';
import { headerFields } from '../../broker/wire/stateless/param-headers.ts';

describe('header values', () => {
  // The examples of MCP 2026-07-28, basic/transports/streamable-http, "Value Encoding".
  test.each([
    ['us-west1', 'us-west1'],
    ['=?base64?SGVsbG8sIOS4lueVjA==?=', 'Hello, 世界'],
    ['=?base64?IHBhZGRlZCA=?=', ' padded '],
    ['=?base64?bGluZTEKbGluZTI=?=', 'line1\nline2'],
    ['=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=', '=?base64?literal?='],
    ['=?BASE64?eA==?=', '=?BASE64?eA==?='],
    ['  spaced out\t', 'spaced out'],
    ['=?base64?not base64?=', null],
    ['=?base64?eA=?=', null],
    ['=?base64?/w==?=', null],
    ['caf\u00e9', null],
    ['a\u0000b', null],
  ])('%j is %j', (header, value) => expect(decodeHeader(header)).toBe(value));
});

describe('arguments that a tool wants as headers', () => {
  const definition = JSON.stringify({
    name: 't',
    inputSchema: {
      type: 'object',
      properties: {
        region: { type: 'string', 'x-mcp-header': 'Region' },
        deep: { type: 'object', properties: { n: { type: 'integer', 'x-mcp-header': 'N' } } },
        flag: { type: 'boolean', 'x-mcp-header': 'Flag' },
        again: { type: 'string', 'x-mcp-header': 'region' },
        ratio: { type: 'number', 'x-mcp-header': 'Ratio' },
        bad: { type: 'string', 'x-mcp-header': 'no spaces' },
      },
      anyOf: [{ properties: { hidden: { type: 'string', 'x-mcp-header': 'Hidden' } } }],
    },
  });
  const check = (input: object, headers: Record<string, string>) =>
    paramHeaders(
      parseMessage(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 't', arguments: input } })),
      definition,
      (name) => headers[name],
    )?.code ?? null;

  test('are those that stand where they may', () =>
    expect(headerFields(definition).map(({ name, path }) => [name, path.join('.')])).toEqual([
      ['Region', 'region'],
      ['N', 'deep.n'],
      ['Flag', 'flag'],
    ]));

  test.each([
    [{}, {}, null],
    [{ region: 'x' }, { 'mcp-param-region': 'x' }, null],
    [{ region: 'é' }, { 'mcp-param-region': '=?base64?w6k=?=' }, null],
    [{ deep: { n: 42 } }, { 'mcp-param-n': '42.0' }, null],
    [{ flag: true }, { 'mcp-param-flag': 'true' }, null],
    [{ region: null }, {}, null],
    [{ region: 'x' }, {}, -32020],
    [{ region: 'x' }, { 'mcp-param-region': 'X' }, -32020],
    [{}, { 'mcp-param-region': 'x' }, -32020],
    [{ deep: { n: 42 } }, { 'mcp-param-n': '43' }, -32020],
    [{ deep: { n: 0 } }, { 'mcp-param-n': '' }, -32020],
    [{ flag: true }, { 'mcp-param-flag': 'True' }, -32020],
    [{ region: 'x' }, { 'mcp-param-region': '=?base64?%?=' }, -32020],
    [{}, { 'mcp-param-unknown': 'whatever' }, null],
  ])('%j with %j: %j', (input, headers, code) => expect(check(input, headers)).toBe(code));
});

describe('addresses that two servers of a connection share', () => {
  const opening = '{"capabilities":{"tools":{},"resources":{}}}';
  const definition = (kind: string, key: string, value: string, more = '') => ({
    capability: `${kind}:${value}`,
    text: `{"${key}":${JSON.stringify(value)}, "n":1.0${more}}`,
    needs: [],
  });
  const offer = (server: string, ...definitions: ReturnType<typeof definition>[]): Offer => ({
    server,
    era: 'handshake',
    openingText: opening,
    definitions,
  });
  const ui = ',"_meta":{"ui":{"resourceUri":"ui://panel/x"},"ui/resourceUri":"ui://own"}';
  const offers = [
    offer('a', definition('resource', 'uri', 'x://1'), definition('resource', 'uri', 'ui://panel/x'), definition('tool', 'name', 't', ui)),
    offer(
      'b',
      definition('resource', 'uri', 'x://1'),
      definition('resource', 'uri', 'ui://panel/x'),
      definition('resource', 'uri', 'ui://own'),
    ),
    offer('c', definition('template', 'uriTemplate', 'y://{id}'), definition('resource', 'uri', 'gatehouse.a+x://1')),
    offer('d', definition('template', 'uriTemplate', 'y://{id}/more')),
  ];
  const view = { offers, several: true, declared: {}, taskServer: () => undefined };

  test('carry the server, reversibly; the others keep their bytes', () => {
    const uris = (JSON.parse(listResult('resources/list', offers, {}, true)) as { resources: { uri: string }[] }).resources.map(
      ({ uri }) => uri,
    );
    expect(uris).toEqual([
      'gatehouse.a+x://1',
      'ui://gatehouse.a/panel/x',
      'gatehouse.b+x://1',
      'ui://gatehouse.b/panel/x',
      'ui://own',
      // It would be read as the address of another.
      'gatehouse.c+gatehouse.a+x://1',
    ]);
    expect(listResult('resources/list', offers, {}, true)).toContain('{"uri":"ui://own", "n":1.0}');
    for (const address of ['x://1', 'ui://panel/x', 'y://{id}', 'gatehouse.b+z'])
      expect(takenApart(withServer('srv-1', address))).toEqual({ server: 'srv-1', address });
    expect(listResult('resources/list', offers.slice(0, 1), {}, false)).toContain('"uri":"x://1"');
  });

  test('are found in what a tool says of its app', () => {
    // An app that only another server offers is not taken for its own.
    expect(listResult('tools/list', offers, {}, true)).toBe(
      '{"tools":[{"name":"a__t", "n":1.0,"_meta":{"ui":{"resourceUri":"ui://gatehouse.a/panel/x"},"ui/resourceUri":"ui://gatehouse.a/own"}}]}',
    );
  });

  test('reach the server that is named, and nobody where none is', () => {
    expect(resourceOwner(view, 'gatehouse.b+x://1')).toEqual({ server: 'b', own: 'x://1' });
    expect(resourceOwner(view, 'ui://gatehouse.a/panel/x')).toEqual({ server: 'a', own: 'ui://panel/x' });
    expect(resourceOwner(view, 'gatehouse.a+x://1')).toEqual({ server: 'a', own: 'x://1' });
    expect(resourceOwner(view, 'gatehouse.c+gatehouse.a+x://1')).toEqual({ server: 'c', own: 'gatehouse.a+x://1' });
    expect(resourceOwner(view, 'x://1')).toMatchObject({ unknown: 'resource', instead: ['gatehouse.a+x://1', 'gatehouse.b+x://1'] });
    expect(resourceOwner(view, 'y://1/more')).toMatchObject({ instead: ['gatehouse.c+y://1/more', 'gatehouse.d+y://1/more'] });
    expect(resourceOwner(view, 'y://1')).toEqual({ server: 'c', own: 'y://1' });
    expect(resourceOwner(view, 'gatehouse.nobody+x://1')).toMatchObject({ unknown: 'resource' });
    expect(resourceOwner({ ...view, several: false, offers: offers.slice(0, 1) }, 'x://1')).toEqual({ server: 'a', own: 'x://1' });
  });

  test('come back in what was read as they were asked for', () => {
    const read = parseMessage('{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"gatehouse.b+x://1"}}');
    expect(shownBack(read, '"x://1"', '{"result":{"contents":[{"uri":"x://1", "n":1.0},{"uri":"x://2"}]}}')).toBe(
      '{"result":{"contents":[{"uri":"gatehouse.b+x://1", "n":1.0},{"uri":"x://2"}]}}',
    );
  });
});
