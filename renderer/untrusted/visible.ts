// Splits a foreign text into what can be seen and what would hide: control, invisible, direction and look-alike characters (T23).

export type HiddenKind = 'control' | 'invisible' | 'direction' | 'tag' | 'variation' | 'surrogate' | 'private';

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  /** A run of characters of one kind. `says` is what a run of tag characters spells, `count` how many there are. */
  | {
      readonly kind: 'hidden';
      readonly hidden: HiddenKind;
      readonly code: string;
      readonly name: string;
      readonly count: number;
      readonly says?: string;
    }
  /** A letter of another script inside a Latin word. */
  | { readonly kind: 'lookalike'; readonly text: string; readonly script: 'Greek' | 'Cyrillic' | 'other' };

/** What is written on a chip, by code point in hexadecimal; any other character shows its number. */
const names: ReadonlyMap<number, string> = new Map(
  `0000 NUL, 0007 BELL, 0008 BACKSPACE, 000B VT, 000C FF, 000D CR, 001B ESC, 007F DEL, 0085 NEL, 00A0 NBSP, 00AD SOFT HYPHEN,
   034F CGJ, 061C ALM, 115F FILLER, 1160 FILLER, 17B4 KHMER, 17B5 KHMER, 180E MVS, 200B ZWSP, 200C ZWNJ, 200D ZWJ, 200E LRM,
   200F RLM, 2028 LINE SEP, 2029 PARA SEP, 202A LRE, 202B RLE, 202C PDF, 202D LRO, 202E RLO, 2060 WJ, 2066 LRI, 2067 RLI,
   2068 FSI, 2069 PDI, 2800 BLANK, 3000 WIDE SPACE, 3164 FILLER, FEFF BOM, FFA0 FILLER, FFFC OBJECT`
    .split(/,\s+/)
    .map((each) => [Number.parseInt(each, 16), each.slice(5)]),
);

const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
// biome-ignore lint/suspicious/noMisleadingCharacterClass: each of these is looked for by itself
const blanks = /[\p{Zs}\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f\ufffc]/u;
const foreignLetter = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Coptic}\p{Script=Lisu}]/u;
const words = /[\p{L}\p{M}\p{N}_]+/gu;
const latin = /\p{Script=Latin}/u;
const plain = /^[\x20-\x7e\n\t]*$/;
const pictograph = /\p{Extended_Pictographic}/u;

/** What a code point hides as, or null when it can be seen. Line feed, tab and the plain space can be seen. */
export function hiddenKind(code: number): HiddenKind | null {
  if (code === 0x20 || code === 0x0a || code === 0x09) return null;
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return 'control';
  if (code >= 0xd800 && code <= 0xdfff) return 'surrogate';
  if (code >= 0xe0000 && code <= 0xe007f) return 'tag';
  if ((code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xe0100 && code <= 0xe01ef)) return 'variation';
  const character = String.fromCodePoint(code);
  if (directions.test(character)) return 'direction';
  if (/\p{Co}/u.test(character)) return 'private';
  if (blanks.test(character) || /[\p{Cf}\p{Cn}\p{Zl}\p{Zp}]/u.test(character)) return 'invisible';
  return null;
}

/** The pieces of `text`; joining the texts and the runs' characters would give it back in order. Linear in its length. */
export function pieces(text: string): Piece[] {
  if (plain.test(text)) return text === '' ? [] : [{ kind: 'text', text }];
  const out: Piece[] = [];
  let seen = '';
  let run: { hidden: HiddenKind; codes: number[] } | null = null;
  const endRun = () => {
    if (run !== null) out.push(hiddenPiece(run.hidden, run.codes));
    run = null;
  };
  const endText = () => {
    if (seen !== '') out.push(...lookalikes(seen));
    seen = '';
  };
  let before = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    let hidden = hiddenKind(code);
    // An emoji keeps its presentation selector and its joiner: hiding nothing, it should not shout.
    if ((code === 0xfe0f || code === 0x200d) && pictograph.test(before)) hidden = null;
    if (hidden === null) {
      endRun();
      seen += character;
      if (code !== 0xfe0f) before = character;
      continue;
    }
    before = '';
    endText();
    const current = run as { hidden: HiddenKind; codes: number[] } | null;
    if (current !== null && current.hidden === hidden && (hidden === 'tag' || current.codes[0] === code)) current.codes.push(code);
    else {
      endRun();
      run = { hidden, codes: [code] };
    }
  }
  endRun();
  endText();
  return out;
}

/** True when something in `text` cannot be seen as it is, so that a person must open it before they can say yes. */
export function hides(text: string): boolean {
  return !plain.test(text) && pieces(text).some((piece) => piece.kind !== 'text');
}

/** A single line that carries nothing hidden: for labels of controls and window titles, where chips cannot be drawn. */
export function flat(text: string, limit = 80): string {
  const shown = pieces(text)
    .map((piece) => (piece.kind === 'hidden' ? '\u25a1' : piece.text))
    .join('')
    .replaceAll(/\s+/g, ' ');
  return shown.length <= limit ? shown : `${shown.slice(0, limit - 1)}\u2026`;
}

function hiddenPiece(hidden: HiddenKind, codes: number[]): Piece {
  const first = codes[0] ?? 0;
  const code = `U+${first.toString(16).toUpperCase().padStart(4, '0')}`;
  const piece = { kind: 'hidden', hidden, code, name: names.get(first) ?? code, count: codes.length } as const;
  if (hidden !== 'tag') return piece;
  const says = codes.map((each) => (each > 0xe001f && each < 0xe007f ? String.fromCodePoint(each - 0xe0000) : '')).join('');
  return { ...piece, says };
}

function lookalikes(text: string): Piece[] {
  if (!foreignLetter.test(text)) return [{ kind: 'text', text }];
  const out: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(words)) {
    if (!foreignLetter.test(match[0]) || !latin.test(match[0])) continue;
    let at = match.index;
    for (const letter of match[0]) {
      if (foreignLetter.test(letter)) {
        if (at > from) out.push({ kind: 'text', text: text.slice(from, at) });
        out.push({
          kind: 'lookalike',
          text: letter,
          script: /\p{Script=Greek}/u.test(letter) ? 'Greek' : /\p{Script=Cyrillic}/u.test(letter) ? 'Cyrillic' : 'other',
        });
        from = at + letter.length;
      }
      at += letter.length;
    }
  }
  if (from < text.length) out.push({ kind: 'text', text: text.slice(from) });
  return out;
}
