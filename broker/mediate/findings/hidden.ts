// Characters a person cannot see, where honest text has none: direction marks, tags, zero width, control characters.

export interface Hidden {
  readonly what: string;
  /** As `U+200B`. */
  readonly code: string;
}

const kinds: readonly (readonly [RegExp, string])[] = [
  [/[\u{e0000}-\u{e007f}]/u, 'letters written in invisible tag characters'],
  [/[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/u, 'marks that change the direction of the text'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  [/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/u, 'control characters'],
  [/\u200b|[\u2060-\u2064]|\ufeff|\u180e|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u3164|\uffa0|\u00ad/u, 'characters without width'],
  [/\p{Co}/u, 'characters that have no meaning of their own'],
  [/[\ufe00-\ufe0f\u180b-\u180d\u180f]|[\u{e0100}-\u{e01ef}]/u, 'variation marks'],
  [/[\u2028\u2029\u2800\ufff9-\ufffc]|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{13430}-\u{13438}]/u, 'characters that draw nothing'],
  [/[\p{Cs}\p{Noncharacter_Code_Point}]/u, 'codes that are no characters'],
];
/** What pushes the rest out of view, or over what stood there. */
const gaps: readonly (readonly [RegExp, string])[] = [
  [/(?:\n[^\S\n]*){24,}/, 'a gap of many empty lines'],
  [/[^\S\r\n]{160,}/, 'a gap of many blanks'],
  [/\r(?!\n)/, 'a return to the start of the line'],
];

/** Flags of regions are written in tag characters; joiners belong to emoji and to the scripts that need them. */
const honest =
  /\u{1f3f4}[\u{e0061}-\u{e007a}]{1,6}\u{e007f}|\p{Extended_Pictographic}\ufe0f?(?:\u200d\p{Extended_Pictographic}\ufe0f?)+|(?<=\p{Emoji})\ufe0f|(?<=\p{Script=Mongolian})[\u180b-\u180d\u180f]|(?<=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Kannada}])[\u200c\u200d]/gu;
const joiner = /[\u200c\u200d]/u;

/** What is hidden in a text; null when a person sees all of it. */
export function hiddenIn(text: string): Hidden | null {
  const rest = text.replace(honest, '');
  for (const [pattern, what] of kinds) {
    const found = pattern.exec(rest)?.[0];
    if (found !== undefined) return { what, code: codeOf(found) };
  }
  const joined = joiner.exec(rest)?.[0];
  return joined === undefined ? null : { what: 'characters without width', code: codeOf(joined) };
}

/** In a definition, where nothing honest makes one: a gap that hides what stands behind it; null when there is none. */
export function gapIn(text: string): string | null {
  return gaps.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

const codeOf = (character: string) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** The text as a model may read it: tag characters as the letters they stand for, characters without width gone. */
export function revealed(text: string): string {
  return text
    .replace(/[\u{e0020}-\u{e007e}]/gu, (tag) => String.fromCodePoint((tag.codePointAt(0) ?? 0) - 0xe0000))
    .replace(/\p{Cf}|\p{Variation_Selector}|\u034f|\u115f|\u1160|\u3164|\uffa0/gu, '');
}
