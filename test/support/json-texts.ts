// JSON as texts, not values: what parsers read alike and no serialiser would write the same way again.
import * as fc from 'fast-check';

/** Letters that are written in more than one way, and look or behave oddly. */
const pieces = fc.oneof(
  fc.stringMatching(/^[ -!#-[\]-~]{0,6}$/),
  fc.constantFrom(
    '\\u0061',
    '\\/',
    '\\"',
    '\\\\',
    '\\n',
    '\\t',
    '\\u0000',
    '\\ud83d\\ude00',
    '😀',
    'é',
    'e\u0301',
    '\u200b',
    '\u2028',
    '\\u2028',
    '\u00ad',
    '\\ud800',
  ),
);
/** Keys: the same, without what a strict gate refuses in them. */
const keyPieces = fc.oneof(
  fc.stringMatching(/^[a-z0-9 .$-]{1,5}$/),
  fc.constantFrom('\\u0062', '\\/', '😀', 'é', 'constructor', 'toString'),
);

const text = fc.array(pieces, { maxLength: 4 }).map((parts) => `"${parts.join('')}"`);
const numbers = [
  '0',
  '-0',
  '1.0',
  '1e2',
  '1E+2',
  '12345678901234567890',
  '0.1000',
  '1e400',
  '-1.5e-7',
  '9007199254740993',
  '3.141592653589793238',
];
const blanks = fc.constantFrom('', '', ' ', '  ', '\t');

const scalar = fc.oneof(text, fc.constantFrom(...numbers), fc.constantFrom('true', 'false', 'null'));

/** Members with keys of their own, all of them prefixed: nothing a protocol gives a meaning to, and none twice. */
export const members = (prefix: string, value: fc.Arbitrary<string>, max = 4): fc.Arbitrary<string[]> =>
  fc
    .uniqueArray(fc.tuple(keyPieces, value), { maxLength: max, selector: ([key]) => JSON.parse(`"${key}"`) as string })
    .map((all) => all.map(([key, text]) => `"${prefix}${key}":${text}`));

/** One object of these members, in any order, with blanks where they are allowed. */
export const objectOf = (parts: readonly fc.Arbitrary<readonly string[]>[]): fc.Arbitrary<string> =>
  fc
    .tuple(...parts)
    .chain((lists) => fc.tuple(fc.shuffledSubarray(lists.flat(), { minLength: lists.flat().length }), blanks, blanks, blanks))
    .map(([all, a, b, c]) => `{${a}${all.join(`${b},${c}`)}${b}}`);

export const { value } = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('object'), tie('array')),
  object: members('', tie('value')).map((all) => `{${all.join(', ')}}`),
  array: fc.array(tie('value'), { maxLength: 3 }).map((all) => `[ ${all.join(' ,')}]`),
}));

export const object = members('', value).map((all) => `{${all.join(' , ')}}`);
