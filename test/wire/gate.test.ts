// The gate: what is ambiguous is refused, what passes keeps its bytes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalText } from '../../broker/wire/canonical.ts';
import { parseMessage, WireError } from '../../broker/wire/gate.ts';
import { LineReader } from '../../broker/wire/lines.ts';
import { elementTexts, memberText, withMember } from '../../broker/wire/spans.ts';
import { scale } from '../support/scale.ts';

const runs = { numRuns: scale(300, 10_000) };
const request = (params: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;

describe('what two readers could understand differently is refused', () => {
  const forms: [string, string | Buffer][] = [
    ['a key twice', request('{"a":1,"a":2}')],
    ['a key twice after unescaping', request('{"a":1,"\\u0061":2}')],
    ['a key twice, deep', request('{"x":[{"y":{"a":1,"b":[],"a":2}}]}')],
    ['a key twice at the top', '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}'],
    ['__proto__', request('{"__proto__":{"x":1}}')],
    ['__proto__ escaped', request('{"\\u005f_proto__":1}')],
    ['NUL in a key', request('{"a\\u0000":1}')],
    ['a lone surrogate in a key', request('{"\\ud800":1}')],
    ['a byte order mark', `\ufeff${request('{}')}`],
    ['a byte order mark in bytes', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(request('{}'))])],
    ['broken UTF-8', Buffer.concat([Buffer.from('{"jsonrpc":"2.0","method":"'), Buffer.from([0xff]), Buffer.from('"}')])],
    ['an overlong encoding', Buffer.concat([Buffer.from('{"jsonrpc":"2.0","method":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')])],
    ['nesting past 64', request(`{"a":${'['.repeat(80)}${']'.repeat(80)}}`)],
    ['a batch', `[${request('{}')}]`],
    ['an id of null', '{"jsonrpc":"2.0","id":null,"method":"ping"}'],
    ['a fractional id', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}'],
    ['an id beyond 2^53', '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}'],
    ['both result and error', '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}'],
    ['neither', '{"jsonrpc":"2.0","id":1}'],
    ['a method and a result', '{"jsonrpc":"2.0","id":1,"method":"x","result":{}}'],
    ['params that are a list', request('[]')],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"ping"}'],
    ['trailing text', `${request('{}')} {}`],
    ['a no-break space around it', `\u00a0${request('{}')}`],
    ['NaN', request('{"a":NaN}')],
    ['a method beside a Method', '{"jsonrpc":"2.0","method":"notifications/roots/list_changed","Method":"tools/call"}'],
    ['a reply with a Method', '{"jsonrpc":"2.0","id":1,"result":{},"METHOD":"tools/call"}'],
    ['an id beside an ID', '{"jsonrpc":"2.0","id":1,"ID":2,"method":"ping"}'],
    ['params with a long s', '{"jsonrpc":"2.0","id":1,"method":"x","param\u017f":{}}'],
    ['arguments beside Arguments', request('{"name":"a","arguments":{},"Arguments":{}}')],
    ['a Task with the Kelvin sign', request('{"name":"a","tas\u212a":{}}')],
    ['a ref with a Name', request('{"ref":{"type":"ref/prompt","name":"a","Name":"b"}}')],
    ['too many bytes', request(`{"a":"${'x'.repeat(2000)}"}`)],
  ];
  test.each(forms)('%s', (name, form) => {
    expect(() => parseMessage(form, name === 'too many bytes' ? 1000 : undefined)).toThrow(WireError);
  });
});

test('honest but unusual things pass, with their exact text', () => {
  for (const text of [
    request('{"constructor":1,"prototype":2,"toString":3}'),
    request('{"n":12345678901234567890.10,"z":-0,"e":1E400}'),
    request('{"lone":"\\ud800","nul":"\\u0000"}'),
    '{"id":"","method":"x","jsonrpc":"2.0","extra":{"b":1,"a":2}}',
    '{"jsonrpc":"2.0","id":0,"result":null,"_x":[]}',
    '{"jsonrpc":"2.0","error":{"code":-1,"message":"","more":1}}',
  ]) {
    expect(parseMessage(`  ${text}\r\n`).text).toBe(text);
  }
});

const json = fc.jsonValue({ maxDepth: 6 }).filter((value) => !JSON.stringify(value).includes('__proto__'));

test('any JSON passes the gate byte for byte', () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = request(JSON.stringify({ value }));
      expect(parseMessage(Buffer.from(text)).text).toBe(text);
    }),
    runs,
  );
});

test.each([
  ['blanks', ' '.repeat(4_000_000)],
  ['line ends', '\\n'.repeat(4_000_000)],
  ['quotes', '\\"'.repeat(4_000_000)],
  ['backslashes', '\\\\'.repeat(4_000_000)],
])('millions of %s in a string are read in a moment, not in minutes, and pass', (_name, raw) => {
  const text = request(`{"name":"x","arguments":{"a":"${raw}x"}}`);
  const began = performance.now();
  expect(parseMessage(Buffer.from(text)).text).toBe(text);
  expect(memberText(text, ['params', 'arguments', 'a'])).toBe(`"${raw}x"`);
  expect(canonicalText(`"${raw}x"`)).toBe(`"${raw}x"`);
  // One pass takes about a second; a second pass for each of the four million takes hours, also where ten others run.
  expect(performance.now() - began).toBeLessThan(30_000);
});

test('a value found by its path is the value that stands there, and replacing it leaves the rest alone', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), json), json, fc.integer({ min: 0, max: 3 }), (object, fresh, indent) => {
      const text = JSON.stringify(object, null, indent);
      for (const key of Object.keys(object)) {
        expect(JSON.parse(memberText(text, [key]) ?? '')).toEqual(JSON.parse(JSON.stringify(object[key])));
        const replaced = withMember(text, [key], JSON.stringify(fresh));
        expect(JSON.parse(replaced)).toEqual(JSON.parse(JSON.stringify({ ...object, [key]: fresh })));
      }
      expect(memberText(text, ['no such key at all'])).toBe(null);
    }),
    runs,
  );
});

test('elements of a list keep their text', () => {
  fc.assert(
    fc.property(fc.array(json), fc.integer({ min: 0, max: 2 }), (list, indent) => {
      const text = JSON.stringify({ list }, null, indent);
      expect(elementTexts(text, ['list']).map((item) => JSON.parse(item))).toEqual(JSON.parse(JSON.stringify(list)));
    }),
    runs,
  );
});

test('the canonical form does not depend on key order or white space, and tells values apart', () => {
  const shuffled = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(shuffled)
      : value && typeof value === 'object'
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, inner]) => [key, shuffled(inner)]),
          )
        : value;
  fc.assert(
    fc.property(json, json, (a, b) => {
      const text = JSON.stringify(a);
      expect(canonicalText(JSON.stringify(shuffled(JSON.parse(text)), null, 2))).toBe(canonicalText(text));
      expect(canonicalText(canonicalText(text))).toBe(canonicalText(text));
      const same = JSON.stringify(JSON.parse(canonicalText(text))) === JSON.stringify(JSON.parse(canonicalText(JSON.stringify(b))));
      expect(canonicalText(text) === canonicalText(JSON.stringify(b))).toBe(same);
    }),
    runs,
  );
});

test('numbers that a parser would merge stay apart in the canonical form', () => {
  expect(canonicalText('{"n":9007199254740993}')).not.toBe(canonicalText('{"n":9007199254740992}'));
});

test('lines survive any cutting of the stream, and a line that is too long is skipped alone', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ minLength: 1 }).map((text) => text.replace(/[\r\n]/g, ' ')),
        { maxLength: 20 },
      ),
      fc.array(fc.integer({ min: 1, max: 9 })),
      (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const seen: string[] = [];
        const reader = new LineReader(
          1e6,
          (line) => seen.push(line.toString()),
          () => {},
        );
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const step = cuts.length > 0 ? (cuts[i % cuts.length] as number) : bytes.length;
          reader.push(bytes.subarray(at, at + step));
          at += step;
        }
        expect(seen).toEqual(lines);
      },
    ),
    runs,
  );
  const seen: string[] = [];
  let tooLong = 0;
  const reader = new LineReader(
    5,
    (line) => seen.push(line.toString()),
    () => tooLong++,
  );
  for (const part of ['123', '4567', '89\nok\n', '12345\n']) reader.push(Buffer.from(part));
  expect([seen, tooLong]).toEqual([['ok', '12345'], 1]);
});
