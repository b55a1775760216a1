// Characters nobody sees, each named by what it is; honest emoji and scripts are left alone.
import { expect, test } from 'vitest';
import { hidesCharacters } from '../../../broker/mediate/facts/hidden.ts';
import { hiddenIn, revealed } from '../../../broker/mediate/findings/hidden.ts';

const tag = (text: string) => Array.from(text, (letter) => String.fromCodePoint(0xe0000 + (letter.codePointAt(0) ?? 0))).join('');
const tags = 'letters written in invisible tag characters';
const direction = 'marks that change the direction of the text';
const control = 'control characters';
const width = 'characters without width';
const meaning = 'characters that have no meaning of their own';
const variation = 'variation marks';

test.each<[string, string, string]>([
  [tag('a'), tags, 'U+E0061'],
  ['\u{e0000}', tags, 'U+E0000'],
  ['\u{e007f}', tags, 'U+E007F'],
  ...['\u202a', '\u202e', '\u2066', '\u2069', '\u200e', '\u200f', '\u061c'].map((each): [string, string, string] => [
    each,
    direction,
    code(each),
  ]),
  ...['\u0000', '\u0008', '\u000b', '\u000c', '\u000e', '\u001f', '\u007f', '\u009f'].map((each): [string, string, string] => [
    each,
    control,
    code(each),
  ]),
  ...['\u200b', '\u2060', '\u2064', '\ufeff', '\u180e', '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u3164', '\uffa0', '\u00ad'].map(
    (each): [string, string, string] => [each, width, code(each)],
  ),
  ['\u200c', width, 'U+200C'],
  ['\u200d', width, 'U+200D'],
  ['\ue000', meaning, 'U+E000'],
  ['\ufe00', variation, 'U+FE00'],
  ['\ufe0e', variation, 'U+FE0E'],
  ['\u{e0100}', variation, 'U+E0100'],
  ['\u{e01ef}', variation, 'U+E01EF'],
])('%j is %s', (character, what, named) => {
  expect(hiddenIn(`a${character}b`)).toEqual({ what, code: named });
  expect(hidesCharacters(`a${character}b`)).toBe(true);
});
function code(character: string) {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

test.each([
  'plain text',
  'two\nlines\r\nand\ta tab',
  '\u00fc \u4e2d\u6587 \u0627\u0644 \u05d0',
  'family \ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67',
  'heart \u2764\ufe0f',
  'rainbow \ud83c\udff3\ufe0f\u200d\ud83c\udf08',
  '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645',
  '\u0915\u094d\u0937 \u0915\u200d\u0937',
])('%j hides nothing', (text) => {
  expect(hiddenIn(text)).toBe(null);
});
test('the flag of a region is written in tags, and hides nothing more than it', () => {
  const scotland = `\u{1f3f4}${tag('gbsct')}\u{e007f}`;
  expect(hiddenIn(scotland)).toBe(null);
  expect(hiddenIn(`\u{1f3f4}${tag('ignoreall')}\u{e007f}`)?.what).toBe(tags);
  expect(hiddenIn(`\u{1f3f4}\u{e007f}`)?.what).toBe(tags);
  expect(hiddenIn(`${scotland}${tag('x')}`)?.what).toBe(tags);
});
test.each(['a\u200db', '\u200d\ud83d\udc69', 'Latin\u200cLatin', '\u0410\u200d'])('a joiner where none belongs is hidden: %j', (text) => {
  expect(hiddenIn(text)?.what).toBe(width);
});

test('as a model may read it', () => {
  expect(revealed(tag('ignore all'))).toBe('ignore all');
  expect(revealed(`a\u200bb\u202ec\u034fd\u115fe\u1160f\u3164g\uffa0h\ufe0fi\u00adj`)).toBe('abcdefghij');
  expect(revealed('\u{e0020}\u{e007e}')).toBe(' ~');
  expect(revealed('plain \u00fc')).toBe('plain \u00fc');
});

test.each<[string, boolean]>([
  ['a\u0007', true],
  ['a\u2800b', true],
  ['a\ufe0fb', true],
  ['\u2764\ufe0f', false],
  ['\ud83d\udc4d\ud83c\udffd', false],
  ['\ud83d\udc69\u200d\ud83d\udcbb', false],
  ['\ud83d\udc69\u200dx', true],
  ['x\ufe0f', true],
  ['line\nend\ttab\r', false],
  ['', false],
])('%j hides characters: %s', (text, hides) => {
  expect(hidesCharacters(text)).toBe(hides);
});
