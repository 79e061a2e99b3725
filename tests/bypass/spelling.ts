import type { MessageCase } from "./case.ts";

const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\],:]|<id>|<meta>/gs;

function respell(body: string, spell: (token: string) => string): string {
  return body.replaceAll(tokens, (token) => spell(token));
}

/** Every character of every string, keys too, as an escape. */
function escapeAll(token: string): string {
  if (!token.startsWith('"')) return token;
  const value: unknown = JSON.parse(token);
  const units = Array.from(String(value), (character) =>
    Array.from({ length: character.length }, (_, index) => character.charCodeAt(index)).map(
      (unit) => String.raw`\u` + unit.toString(16).padStart(4, "0"),
    ),
  );
  return `"${units.flat().join("")}"`;
}

/** `7` as `7.0`, `0.5` as `0.5e0`. */
function spellNumber(token: string): string {
  if (!/^-?\d/.test(token) || /e/i.test(token)) return token;
  return token.includes(".") ? `${token}e0` : `${token}.0`;
}

function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reverseKeys(member)]),
  );
}

/** Pure. Other spellings of the same legacy message: none of them may change what is decided. */
export function spellingsOf(body: string): Readonly<Record<string, string>> {
  const value: unknown = JSON.parse(body.replaceAll("<id>", '"<id>"').replaceAll("<meta>", ""));
  return {
    "white space": respell(body, (token) => (/^[{}[\],:]$/.test(token) ? `\t ${token} ` : token)),
    "escaped strings": respell(body, escapeAll),
    "other numbers": respell(body, spellNumber),
    "keys in reverse": JSON.stringify(reverseKeys(value)).replace('"<id>"', "<id>"),
  };
}

/** Pure. Whether a case is one whose spelling can be changed without changing what it says. */
export function hasSpellings(one: MessageCase): boolean {
  const { kind } = one.expected;
  const isJudged = kind === "denied" || kind === "forwarded" || kind === "not found";
  return (
    isJudged &&
    one.lanes === undefined &&
    typeof one.body === "string" &&
    one.body.length < 10_000 &&
    !one.body.includes("<meta members>")
  );
}
