import type { JsonValue } from "../../values/json.ts";

const shownMax = 100;

/** Pure. A text of the document's in a message: in backticks, on one line, cut after 100 characters. */
export function quote(text: string): string {
  const shown = [...characters(text)].join("");
  return `\`${shown.replace(/[\p{C}\p{Zl}\p{Zp}`]/gu, escapeCharacter)}\``;
}

/** Pure. {@link quote} for any value: a string as it is, others as JSON text. */
export function quoteValue(value: JsonValue): string {
  return quote(typeof value === "string" ? value : JSON.stringify(value));
}

function* characters(text: string): Generator<string> {
  let count = 0;
  for (const character of text) {
    if (count === shownMax) return yield "...";
    count += 1;
    yield character;
  }
}

function escapeCharacter(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
