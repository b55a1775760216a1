// Text of strangers for a terminal: nothing in it can move the cursor, reverse the line, or be there without being seen (T23).

// Control, format (bidi, zero width, tags), private, unassigned, odd spaces, blanks that fonts draw as nothing. An emoji's own joiners pass.
const unseen =
  /(?<!\p{Extended_Pictographic})\u{FE0F}|(?!\u{FE0F})[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}]|(?! )\p{Zs}|(?<=\p{M}{2})\p{M}/gu;

/** `text` on one line, every character that would not show as itself written as \u{..}. */
export function visible(text: string): string {
  return text.replace(unseen, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** True when `text` holds what a reader would not see. Line ends and tabs do not count: every text of more than a line has them. */
export function hidesSomething(text: string): boolean {
  return text.replace(/[\n\r\t]/g, '').search(unseen) !== -1;
}

/** JSON that means the same and is safe on a terminal. */
export function safeJson(json: string): string {
  // Outside strings JSON has only blanks and ASCII, so every match but a line end stands inside one.
  return json
    .replace(/[\n\r\t]/g, ' ')
    .replace(unseen, (character) =>
      [...Array(character.length).keys()].map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
    );
}

/** One JSON value on one line. */
export function jsonLine(value: unknown): string {
  return safeJson(JSON.stringify(value));
}

/** Text of several lines, each made visible by itself. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
