// The readable difference: every word that came or went is in it, nothing else is marked, and new abilities are said in sentences.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differenceOf, type Piece, wordsOf } from '../../broker/mediate/difference.ts';
import { scale } from '../support/scale.ts';

const brief = (pieces: readonly Piece[]) => pieces.map(({ text, mark }) => `${{ same: '=', gone: '-', new: '+' }[mark]}${text}`);
const sideOf = (pieces: readonly Piece[], side: 'gone' | 'new') =>
  pieces.flatMap(({ text, mark }) => (mark === 'same' || mark === side ? [text] : [])).join('');

describe('words', () => {
  test.each<[string, string, string[]]>([
    ['a b c', 'a b c', ['=a b c']],
    ['', '', []],
    ['', 'a b', ['+a b']],
    ['a b', '', ['-a b']],
    ['reads a file', 'reads a secret file', ['=reads a ', '+secret ', '=file']],
    ['reads a secret file', 'reads a file', ['=reads a ', '-secret ', '=file']],
    ['a b c', 'a x c', ['=a ', '-b', '+x', '= c']],
    ['one two', 'three four', ['-one', '+three', '= ', '-two', '+four']],
    ['a b c d e', 'b d', ['-a ', '=b ', '-c ', '=d', '- e']],
    ['x a y', 'x a a y', ['=x a ', '+a ', '=y']],
    ['a  b', 'a b', ['=a', '-  ', '+ ', '=b']],
    ['a\nb', 'a\nb c', ['=a\nb', '+ c']],
    ['p a b q', 'r a b s', ['-p', '+r', '= a b ', '-q', '+s']],
    ['k a m b n', 'k b x a n', ['=k ', '-a', '+b', '= ', '-m', '+x', '= ', '-b', '+a', '= n']],
  ])('%j -> %j', (was, is, expected) => {
    expect(brief(wordsOf(was, is))).toEqual(expected);
  });

  test('both texts can be read back from it, and no longer common part is missed', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 9 });
    const longest = (a: string[], b: string[]): number => {
      if (a.length === 0 || b.length === 0) return 0;
      const [x, ...p] = a as [string, ...string[]];
      const [y, ...q] = b as [string, ...string[]];
      return x === y ? 1 + longest(p, q) : Math.max(longest(p, b), longest(a, q));
    };
    fc.assert(
      fc.property(words, words, (a, b) => {
        const pieces = wordsOf(a.join(' '), b.join(' '));
        expect(sideOf(pieces, 'gone')).toBe(a.join(' '));
        expect(sideOf(pieces, 'new')).toBe(b.join(' '));
        const tokens = (text: string) => text.match(/\s+|[^\s]+/g) ?? [];
        const all = pieces.filter(({ mark }) => mark === 'same').flatMap(({ text }) => tokens(text)).length;
        expect(all).toBe(longest(tokens(a.join(' ')), tokens(b.join(' '))));
      }),
      { numRuns: scale(60, 1_000), seed: 7 },
    );
  });

  test('a text too long to compare word by word is shown whole, but for what both ends share', () => {
    const long = (word: string, count: number) => Array.from({ length: count }, (_, n) => `${word}${n}`).join(' ');
    const whole = brief(wordsOf(`same ${long('a', 601)} end`, `same ${long('b', 10)} end`));
    expect(whole).toEqual(['=same ', `-${long('a', 601)}`, `+${long('b', 10)}`, '= end']);
    expect(brief(wordsOf(`same ${long('b', 10)} end`, `same ${long('a', 601)} end`))).toHaveLength(4);
    expect(brief(wordsOf(long('a', 600), `${long('a', 100)} x`)).length, '1,199 tokens are compared').toBeGreaterThan(2);
  });
});

describe('what it can do now', () => {
  const tool = (inputSchema: object, annotations: object = {}) => JSON.stringify({ inputSchema, annotations });
  const can = (was: string | null, is: string | null) => differenceOf(was, is).can;
  const a = { a: { type: 'string' } };
  test.each<[string, string | null, string | null, string[]]>([
    ['nothing', tool({ properties: a }), tool({ properties: a }), []],
    ['an argument more', tool({ properties: a }), tool({ properties: { ...a, b: {} } }), ['It takes a new argument, b.']],
    [
      'one that it insists on',
      tool({ properties: a }),
      tool({ properties: { ...a, b: {} }, required: ['b'] }),
      ['It takes a new argument, b, and insists on it.'],
    ],
    ['another argument', tool({ properties: a }), tool({ properties: { a: { type: 'number' } } }), ['Its argument a is another.']],
    ['an argument less', tool({ properties: a }), tool({ properties: {} }), ['It has no argument a any more.']],
    ['it insists on one it had', tool({ properties: a }), tool({ properties: a, required: ['a'] }), ['It insists on a now.']],
    ['it insisted before', tool({ properties: a, required: ['a'] }), tool({ properties: a, required: ['a'] }), []],
    ['it insists on what it does not have', tool({ properties: a }), tool({ properties: a, required: ['z'] }), []],
    ['it insists no more', tool({ properties: a, required: ['a'] }), tool({ properties: a }), []],
    ['opened', tool({ additionalProperties: false }), tool({}), ['It takes arguments nobody named.']],
    ['closed', tool({}), tool({ additionalProperties: false }), []],
    ['still closed', tool({ additionalProperties: false }), tool({ additionalProperties: false }), []],
    [
      'no longer read-only',
      tool({}, { readOnlyHint: true }),
      tool({}, { readOnlyHint: false }),
      ['It does not call itself read-only any more.'],
    ],
    ['or says nothing of it', tool({}, { readOnlyHint: true }), tool({}), ['It does not call itself read-only any more.']],
    ['read-only now', tool({}), tool({}, { readOnlyHint: true }), []],
    ['still read-only', tool({}, { readOnlyHint: true }), tool({}, { readOnlyHint: true }), []],
    ['destructive now', tool({}), tool({}, { destructiveHint: true }), ['It calls itself destructive now.']],
    ['still destructive', tool({}, { destructiveHint: true }), tool({}, { destructiveHint: true }), []],
    [
      'outward now',
      tool({}, { openWorldHint: false }),
      tool({}, { openWorldHint: true }),
      ['It says that it reaches the outside world now.'],
    ],
    ['still outward', tool({}, { openWorldHint: true }), tool({}, { openWorldHint: true }), []],
    ['no longer outward', tool({}, { openWorldHint: true }), tool({}), []],
    ['other instructions', '{"instructions":"a"}', '{"instructions":"b"}', ['It tells the model other things about itself.']],
    ['the same instructions', '{"instructions":"a"}', '{"instructions":"a"}', []],
    ['no instructions any more', '{"instructions":"a"}', '{}', []],
    ['another program', '{"package":"npm:a"}', '{"package":"npm:b"}', ['It is another program.']],
    ['first seen', null, tool({ properties: a }), ['It takes a new argument, a.']],
    ['gone', tool({ properties: a }), null, ['It has no argument a any more.']],
    [
      'a name every object has',
      tool({ properties: {} }),
      tool({ properties: { constructor: {} } }),
      ['It takes a new argument, constructor.'],
    ],
    ['what is no schema', '{"inputSchema":[],"annotations":7}', '{"inputSchema":null,"annotations":"x"}', []],
    ['what is no object', '[1]', '7', []],
    ['a required list that is none', tool({ properties: a }), tool({ properties: a, required: 'a' }), []],
  ])('%s', (_name, was, is, expected) => {
    expect(can(was, is)).toEqual(expected);
  });
});

describe('places', () => {
  const places = (was: unknown, is: unknown) => differenceOf(JSON.stringify(was), JSON.stringify(is)).words;
  test('every text that differs, by where it stands', () => {
    expect(places({ a: 'x', b: { c: 1, d: 'same' }, e: ['q'] }, { a: 'y', b: { c: 2, d: 'same' }, e: ['q', 'r'], f: null })).toEqual([
      {
        place: 'a',
        parts: [
          { text: 'x', mark: 'gone' },
          { text: 'y', mark: 'new' },
        ],
      },
      {
        place: 'b.c',
        parts: [
          { text: '1', mark: 'gone' },
          { text: '2', mark: 'new' },
        ],
      },
      {
        place: 'e',
        parts: [
          { text: '["q"]', mark: 'gone' },
          { text: '["q","r"]', mark: 'new' },
        ],
      },
      { place: 'f', parts: [{ text: 'null', mark: 'new' }] },
    ]);
    expect(places({ a: 'x' }, {})).toEqual([{ place: 'a', parts: [{ text: 'x', mark: 'gone' }] }]);
    expect(places('one', 'two').map(({ place }) => place)).toEqual(['']);
    expect(differenceOf(null, null)).toEqual({ words: [], can: [] });
  });
  test('no more than a person reads, and no deeper than anybody looks', () => {
    const many = (word: string) => Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`k${n}`, word]));
    expect(places(many('a'), many('b'))).toHaveLength(40);
    const deep = (levels: number, inner: unknown): unknown => (levels === 0 ? inner : { k: deep(levels - 1, inner) });
    expect(places(deep(24, 'a'), deep(24, 'b'))[0]?.place.split('.')).toHaveLength(24);
    const [cut] = places(deep(25, 'a'), deep(25, 'b'));
    expect(cut?.place.split('.')).toHaveLength(24);
    expect(cut?.parts.map(({ text }) => text)).toEqual(['{"k":"a"}', '{"k":"b"}']);
  });
});
