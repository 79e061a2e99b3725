/** What a reader does not see (controls, formats, separators, selectors, fillers, what is no text), and marks over marks. */
export const unseenCharacters: RegExp =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800\u{1D159}]|(?<=\p{M}{4})\p{M}/gu;

/** Pure. Text with every character that cannot be seen written as `\u{...}`. */
export function writeOut(text: string): string {
  return text.replaceAll(unseenCharacters, (character) => `\\u{${Number(character.codePointAt(0)).toString(16)}}`);
}
