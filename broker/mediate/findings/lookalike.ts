// Names that a person takes for another: the same shape in other characters (NFKC, then the skeleton of Unicode's confusables).
import unhomoglyph from 'unhomoglyph';

/** What the eye sees of a name: two names with one skeleton are look-alikes. */
export function skeleton(name: string): string {
  const plain = name.normalize('NFKC').replace(/[\p{Cf}\p{Variation_Selector}\p{M}]/gu, '');
  const seen = unhomoglyph(plain.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()).toLowerCase();
  // Digits that stand for letters, and pairs that read as one letter.
  return seen
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/rn/g, 'm')
    .replace(/vv/g, 'w')
    .replace(/0/g, 'o')
    .replace(/[1i|]/g, 'l')
    .replace(/5/g, 's');
}

/** The same words in another spelling (`create_issue`, `createIssue`) is a habit of servers; another letter is not. */
export function isLookAlike(name: string, other: string): boolean {
  if (name === other || skeleton(name) !== skeleton(other)) return false;
  const words = (text: string) => text.replace(/[\p{P}\p{S}\p{Z}]/gu, '').toLowerCase();
  return words(name) !== words(other);
}

const scripts = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Armenian}/u, /\p{Script=Cherokee}/u];

/** Letters of two scripts that share shapes, in one name. */
export const mixesScripts = (name: string): boolean => scripts.filter((script) => script.test(name.normalize('NFKC'))).length > 1;

/** Letters of phonetic writing that look like small capitals, with what they read as. */
const smallCapitals = new Map(
  Array.from(
    '\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d\u0274\u1d0f\u1d18\u0280\ua731\u1d1b\u1d1c\u1d20\u1d21\u028f\u1d22',
    (from, at) => [from, 'abcdefghijklmnoprstuvwyz'[at] ?? ''],
  ),
);
const digits: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't' };

/** Letters that stand apart (`i g n o r e`), and digits in place of letters (`1gn0re`), as they read. */
function closed(text: string): string {
  return text
    .replace(/(?<![\p{L}\p{N}])(?:\p{L}[ .\u00b7_-]){4,}\p{L}(?![\p{L}\p{N}])/gu, (run) => run.replace(/[^\p{L}]/gu, ''))
    .replace(/(?<![\p{L}\p{N}])(?=[a-z0-9]*[a-z]{2})(?=[a-z]*[0-9]+[a-z])[a-z013457]{4,24}(?![\p{L}\p{N}])/giu, (word) =>
      word.replace(/[013457]/g, (digit) => digits[digit] ?? digit),
    );
}

/** `text` with words that mix such scripts, or that are written in look-alikes of Latin alone, as they read. */
export function asRead(text: string): string {
  const plain = text
    .normalize('NFKC')
    .replace(/[\p{L}\p{M}\p{N}]+/gu, (word) => (mixesScripts(word) ? Array.from(word, latin).join('') : word))
    .replace(/[\u0250-\u02af\u1d00-\u1d7f\ua730\ua731]/g, (letter) => smallCapitals.get(letter) ?? letter);
  return closed(plain);
}

/** The Latin letter that a letter of another alphabet looks like; Latin stays as it is (the table would turn `I` into `l`). */
function latin(letter: string): string {
  if (/[\p{Script=Latin}\p{N}\p{M}]/u.test(letter)) return letter;
  const shape = unhomoglyph(letter);
  return /^[A-Za-z]{1,2}$/.test(shape) ? shape : letter;
}
