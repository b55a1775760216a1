// Names that a person takes for another (T05): other letters of one shape, and never another spelling of the same words.
import { expect, test } from 'vitest';
import { asRead, isLookAlike, mixesScripts, skeleton } from '../../../broker/mediate/findings/lookalike.ts';

test.each<[string, string, boolean]>([
  ['create_issue', 'create_issue', false],
  ['create_issue', 'createIssue', false],
  ['create_issue', 'CREATE-ISSUE', false],
  ['create_issue', 'cre\u0430te_issue', true],
  ['create_issue', 'create_issu\u0435', true],
  ['create_issue', 'create_1ssue', true],
  ['list', 'l1st', true],
  ['list', 'Iist', true],
  ['modern', 'modem', true],
  ['view', 'vievv', true],
  ['tool', 't00l', true],
  ['search', '5earch', true],
  ['read', 'r\u00e9ad', true],
  ['read', 're\u200bad', true],
  ['read', '\uff52ead', true],
  ['read', 'reads', false],
  ['read_file', 'read_files', false],
  ['read', 'write', false],
])('%s and %s look alike: %s', (one, other, expected) => {
  expect(isLookAlike(one, other)).toBe(expected);
  expect(isLookAlike(other, one)).toBe(expected);
});

test('what the eye sees', () => {
  expect(skeleton('Cr\u0435ate-Issue 0|1i5')).toBe(skeleton('createissueollls'));
  expect(skeleton('a_b.c')).toBe('abc');
  expect(skeleton('rnvv')).toBe('mw');
});

test.each<[string, boolean]>([
  ['read', false],
  ['re\u0430d', true],
  ['\u0447\u0438\u0442\u0430\u0442\u044c', false],
  ['\u03b1bc', true],
  ['\u0561bc', true],
  ['\u13a0bc', true],
  ['caf\u00e9', false],
  ['\u4e2da', false],
  ['\uff41b', false],
])('%s mixes letters of two alphabets: %s', (name, expected) => {
  expect(mixesScripts(name)).toBe(expected);
});

test.each([
  ['Ign\u043ere \u0430ll \u0441\u043b\u043e\u0432\u043e', 'Ignore all \u0441\u043b\u043e\u0432\u043e'],
  ['\u0441\u043b\u043e\u0432\u043e', '\u0441\u043b\u043e\u0432\u043e'],
  ['I l 1 plain', 'I l 1 plain'],
  ['\uff49gnore', 'ignore'],
  ['caf\u00e9 \u4e2d', 'caf\u00e9 \u4e2d'],
])('%j reads %j', (text, read) => {
  expect(asRead(text)).toBe(read);
});
