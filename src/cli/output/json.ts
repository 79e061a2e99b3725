/**
 * Pure. A value as indented JSON for a terminal: what others chose (names, texts) shows its control and invisible
 * characters as escapes, and reads back as the same value.
 */
export function formatJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2);
  return text.replaceAll(/(?!\n)[\p{Cc}\p{Cf}\p{DI}\p{Co}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, unit) => escapeUnit(character.charCodeAt(unit))).join(""),
  );
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
