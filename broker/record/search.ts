// What search looks at in an entry, and how what a person types becomes a query.

/** The words of the facts in one text. Digests are left out: nobody types them, and they would fill the index. */
export function searchText(facts: { readonly [key: string]: unknown }): string {
  const words: string[] = [];
  const walk = (value: unknown) => {
    if (typeof value === 'string') {
      if (!/^[0-9a-f]{64}$/.test(value)) words.push(value);
    } else if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) walk(member);
  };
  for (const key of Object.keys(facts)) if (key !== 'at' && key !== 'hash') walk(facts[key]);
  return words.join(' \n ');
}

const wordsOf = (search: string) => search.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));

/** A beginning this short fits too much: finding all of it would read a great part of the index. */
const shortestBeginning = 3;

/** The last word may be the beginning of one, as somebody types it; the others are whole. */
const isBeginning = (word: string, index: number, words: readonly string[]) =>
  index === words.length - 1 && word.length >= shortestBeginning;

/** An FTS5 query for entries with every word. Null when there is no word in it. */
export function matchOf(search: string): string | null {
  const words = wordsOf(search).map((word, index, all) => `"${word.replaceAll('"', '""')}"${isBeginning(word, index, all) ? '*' : ''}`);
  return words.length > 0 ? words.join(' ') : null;
}

/** The same, for one entry that was just written. */
export function foundBySearch(search: string, facts: { readonly [key: string]: unknown }): boolean {
  const plain = (text: string) =>
    ` ${text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim()}`;
  const text = `${plain(searchText(facts))} `;
  return wordsOf(search).every((word, index, all) => text.includes(isBeginning(word, index, all) ? plain(word) : `${plain(word)} `));
}
