// Characters that cannot be seen: what a person would approve without having read it (security.md T23).

const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** Line ends and tabs stand in every honest text. */
const usual = /[\t\n\r]/g;
/** An emoji may carry a variation selector or a joiner; nothing else may. */
const emoji = /(?<=\p{Extended_Pictographic}(?:\p{Emoji_Modifier})?)\ufe0f?(?:\u200d(?=\p{Extended_Pictographic}))?/gu;

/** Does this text hold a character that does not show, other than line ends, tabs and what belongs to an emoji? */
export function hidesCharacters(text: string): boolean {
  return invisible.test(text) && invisible.test(text.replace(usual, '').replace(emoji, ''));
}
