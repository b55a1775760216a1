// A program with its words as one line of text, for a client that hands the line to a shell. Words are paths and names that others chose, so
// each is quoted whatever it is, and one that a shell could read in another way is refused.
import { GatehouseError } from '../../shared/errors.ts';

export function posixLine(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

/** PowerShell ends a single-quoted text at any of these (about_Quoting_Rules, and the four of its tokenizer); doubled, each stands for itself. */
const singleQuotes = /['\u2018\u2019\u201a\u201b]/g;

/**
 * What single quotes do not carry to the program. Windows PowerShell drops an empty word, passes a double quote on unescaped, and lets a
 * backslash at the end of a word with blanks swallow the quote behind it; `${CLAUDE_...}` is filled in by Claude Code before any shell reads it.
 */
const unspeakable = /^$|["\p{Cc}]|\s.*\\$|\$\{CLAUDE_/u;

/** @throws GatehouseError refused for a word that PowerShell does not pass on as it is */
export function powershellLine(words: readonly string[]): string {
  const bad = words.find((word) => unspeakable.test(word));
  if (bad !== undefined)
    throw new GatehouseError(
      'refused',
      `PowerShell cannot be told ${JSON.stringify(bad)} so that it stays what it is.`,
      'Use a home folder and a program folder whose paths have no quotes and no control characters.',
    );
  return `& ${words.map((word) => `'${word.replace(singleQuotes, '$&$&')}'`).join(' ')}`;
}
