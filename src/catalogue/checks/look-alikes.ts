/** Letters of other scripts that are drawn like Latin ones (Unicode confusables, those that occur in names and texts). */
const twinsOf: Readonly<Record<string, string>> = {
  a: "аαɑᴀ",
  b: "ЬƄʙВΒ",
  c: "сϲᴄ",
  d: "ԁᴅ",
  e: "еҽᴇΕ",
  f: "ꜰϝ",
  g: "ɡɢԍ",
  h: "һʜНΗ",
  i: "іıιɩɪІΙ",
  j: "јϳᴊ",
  k: "κкᴋ",
  l: "ӏǀʟ",
  m: "мᴍΜ",
  n: "ոπɴΝ",
  o: "оοօᴏ",
  p: "рρᴘ",
  q: "ԛǫ",
  r: "гʀ",
  s: "ѕꜱ",
  t: "тτᴛ",
  u: "υսᴜ",
  v: "νѵᴠ",
  w: "ԝωᴡ",
  x: "хχ",
  y: "уγүʏΥ",
  z: "ᴢΖ",
  "'": "’‘ʼ",
};

/** Where the letters A to Z stand once more as signs: in dark circles, in dark squares, and as parts of flags. */
const alphabets: readonly number[] = [0x1f150, 0x1f170, 0x1f1e6];

const small: readonly (readonly [string, string])[] = Object.entries(twinsOf).flatMap(([latin, twins]) =>
  Array.from(twins, (twin) => [twin, latin] as const),
);

/** Look-alikes, with the case in which they are drawn. */
const lookAlikes: ReadonlyMap<string, string> = new Map([
  ...alphabets.flatMap((start) =>
    Array.from(
      { length: 26 },
      (_, index) => [String.fromCodePoint(start + index), String.fromCodePoint(97 + index)] as const,
    ),
  ),
  ...small.map(([twin, latin]) => [twin.toUpperCase(), latin.toUpperCase()] as const),
  ...small.map(([twin, latin]) => [twin, /\p{Lu}/u.test(twin) ? latin.toUpperCase() : latin] as const),
]);

const lookAlike = new RegExp(`[${[...lookAlikes.keys()].join("")}]`, "gu");

const unseen =
  /[\p{Mn}\p{Me}\p{Cf}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800\u{1D159}]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/gu;

/** Signs that stand for a sentence of Arabic, which would make a text many times as long. No order hides in them. */
const sentenceSigns = /[\uFDFA\uFDFB]/gu;

/** Pure. Text without what people do not see in it: invisible characters and controls. Compatibility forms are resolved. */
export function plainTextOf(text: string): string {
  return isAscii(text) ? text : visiblePart(text, "NFKC");
}

/** Pure. Text as an eye reads it that knows Latin letters alone: look-alikes of other scripts replaced, marks left out. */
export function latinOf(text: string): string {
  if (isAscii(text)) return text;
  return visiblePart(text, "NFKD").replaceAll(lookAlike, (character) => lookAlikes.get(character) ?? character);
}

function visiblePart(text: string, form: "NFKC" | "NFKD"): string {
  return text.replaceAll(sentenceSigns, " ").normalize(form).replaceAll(unseen, "");
}

function isAscii(text: string): boolean {
  return /^[\x09\x0a\x0d\x20-\x7f]*$/u.test(text);
}
