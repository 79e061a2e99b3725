const seenCharactersMax = 160;

/** What a reader does not see (controls, formats, separators, selectors, fillers, what is no text), and marks over marks. */
const unseen =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800\u{1D159}]|(?<=\p{M}{4})\p{M}/gu;

/** Pure. Text with every character that cannot be seen written as `\u{...}`, cut to 160 characters of what was there. */
export function visibleText(text: string): string {
  const characters = Array.from(text.slice(0, 2 * seenCharactersMax));
  const cut = characters.slice(0, seenCharactersMax).join("");
  const shown = cut.replaceAll(unseen, escapeCharacter);
  return cut.length < text.length ? `${shown}…` : shown;
}

/** Pure. The text around a place in it, made visible. */
export function excerpt(text: string, start: number, length: number): string {
  const from = Math.max(0, start - 30);
  const part = text.slice(from, Math.min(text.length, start + Math.min(length, 120) + 30));
  return `${from > 0 ? "…" : ""}${visibleText(part)}`;
}

/** Pure. One character as `\u{...}`. */
export function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
