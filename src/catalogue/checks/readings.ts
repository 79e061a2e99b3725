import { latinOf, plainTextOf } from "./look-alikes.ts";

/** A text as somebody may read it. */
export interface Reading {
  readonly text: string;
  /** Whether it was found in encoded text, which people cannot read. */
  readonly isEncoded: boolean;
}

export interface Readings {
  readonly readings: readonly Reading[];
  /** Whether a reading was so long that not all of it is there. */
  readonly isCut: boolean;
}

/** How much longer a reading may be than what it is read from: some signs stand for many letters. */
const growthMax = 2;
const growthFrom = 1_000;

/**
 * Pure. A text as it stands, and wherever they differ from it: without what is invisible; as Latin letters in one line,
 * words apart; and what is encoded in it. Escapes are resolved once, and what was encoded is decoded once.
 */
export function readingsOf(text: string): Readings {
  const unescaped = unescape(text);
  const encoded = decodedRuns(unescaped);
  const all = [
    { text, isEncoded: false, isCut: false },
    ...[plainTextOf(unescaped), inOneLine(latinOf(unescaped))].map((reading) => cut(reading, unescaped, false)),
    ...[plainTextOf(encoded), inOneLine(latinOf(encoded))].map((reading) => cut(reading, encoded, true)),
  ];
  const readings = all.filter(
    ({ text: reading }, index) => reading !== "" && all.findIndex((one) => one.text === reading) === index,
  );
  return { readings, isCut: all.some(({ isCut }) => isCut) };
}

function cut(reading: string, source: string, isEncoded: boolean): Reading & { readonly isCut: boolean } {
  const charactersMax = Math.max(growthFrom, growthMax * source.length);
  return { text: reading.slice(0, charactersMax), isEncoded, isCut: reading.length > charactersMax };
}

/** Words with one blank between them, also those that were written as a name (`read_all`, `readAll`) or letter by letter. */
function inOneLine(latin: string): string {
  return latin
    .replaceAll(/(?<![a-z\d])(?:[a-z][ .-]){4,}[a-z](?![a-z\d])/giu, (letters) => letters.replaceAll(/[ .-]/gu, ""))
    .replaceAll(/[_*]+/gu, " ")
    .replaceAll(/(?<=[a-z])(?=[A-Z])/gu, " ")
    .replaceAll(/\s+/gu, " ");
}

const names: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

const escapes =
  /&(?:#(?<decimal>\d{1,7})|#x(?<hex>[0-9a-f]{1,6})|(?<name>amp|lt|gt|quot|apos|nbsp));?|\\u(?<unit>[0-9a-f]{4})|\\u\{(?<point>[0-9a-f]{1,6})\}|(?<bytes>(?:(?:%|\\x)[0-9a-f]{2})+)/giu;

/** Entities of HTML, escapes of strings and of addresses, each once. */
function unescape(text: string): string {
  if (!/[&\\%]/u.test(text)) return text;
  return text.replaceAll(escapes, (written, ...rest) => {
    const { decimal, hex, name, unit, point, bytes }: Readonly<Record<string, string | undefined>> = rest.at(-1);
    if (name !== undefined) return names[name.toLowerCase()] ?? written;
    if (bytes !== undefined) return textOfHex(bytes.replaceAll(/%|\\x/giu, ""));
    const code = decimal === undefined ? Number.parseInt(hex ?? unit ?? point ?? "", 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : written;
  });
}

/** Base64, also with the letters of addresses, and over several lines. */
const base64Run = /[\w+/-]{4,}(?:[^\S\n]{0,8}\r?\n[^\S\n]{0,8}[\w+/-]+)*/gu;
const base64CharactersMin = 16;

/** Bytes in hexadecimal digits, also with a sign between them. */
const hexRun = /(?:(?:0x)?[0-9a-f]{2}[\s:,]{0,2}){8,}/giu;

/** What reads as text: random bytes seldom do for so long. */
const readable = /[\p{L}\p{M}\p{N}\p{P}\p{S} \n]{6}/u;

/** What base64 and hexadecimal digits in a text stand for, where it reads as text, line by line. */
function decodedRuns(text: string): string {
  const hex = [...text.matchAll(hexRun)].map(([run]) => textOfHex(run.replaceAll(/0x|[\s:,]/giu, "")));
  const base64 = [...text.matchAll(base64Run)].flatMap(([run]) => {
    const letters = run.replaceAll(/\s/gu, "").replaceAll("-", "+").replaceAll("_", "/");
    if (letters.length < base64CharactersMin) return [];
    // A word that stands before it moves it by up to three letters.
    return [0, 1, 2, 3].map((start) => textOfBase64(letters.slice(start)));
  });
  return [...hex, ...base64].filter((decoded) => readable.test(decoded)).join("\n");
}

function textOfBase64(letters: string): string {
  const whole = letters.length % 4 === 1 ? letters.slice(0, -1) : letters;
  const binary = atob(whole);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return new TextDecoder().decode(bytes);
}

function textOfHex(digits: string): string {
  const bytes = (digits.match(/../gu) ?? []).map((pair) => Number.parseInt(pair, 16));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
