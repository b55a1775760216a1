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
  const words = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
  return words(name) !== words(other);
}

const scripts = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Armenian}/u, /\p{Script=Cherokee}/u];

/** Letters of two scripts that share shapes, in one name. */
export const mixesScripts = (name: string): boolean => scripts.filter((script) => script.test(name.normalize('NFKC'))).length > 1;

/** `text` with words that mix such scripts, or that are written in look-alikes of Latin alone, as they read. */
export function asRead(text: string): string {
  return text.normalize('NFKC').replace(/[\p{L}\p{M}\p{N}]+/gu, (word) => (mixesScripts(word) ? Array.from(word, latin).join('') : word));
}

/** The Latin letter that a letter of another alphabet looks like; Latin stays as it is (the table would turn `I` into `l`). */
function latin(letter: string): string {
  if (/[\p{Script=Latin}\p{N}\p{M}]/u.test(letter)) return letter;
  const shape = unhomoglyph(letter);
  return /^[A-Za-z]{1,2}$/.test(shape) ? shape : letter;
}
