/** Letters of other scripts that are drawn like Latin ones (Unicode confusables, those that occur in names and texts). */
const lookAlikes: ReadonlyMap<string, string> = new Map(
  Object.entries({
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
  }).flatMap(([latin, twins]) => Array.from(twins, (twin): [string, string] => [twin, latin])),
);

/** Where the letters A to Z stand once more as signs: in dark circles, in dark squares, and as parts of flags. */
const alphabets: readonly number[] = [0x1f150, 0x1f170, 0x1f1e6];

const unseen = /[\p{Mn}\p{Me}\p{Cf}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800\u{1D159}]|(?![\t\n\r])\p{Cc}/gu;

/** Pure. Text without what people do not see in it: invisible characters and controls. Compatibility forms are resolved. */
export function plainTextOf(text: string): string {
  return isAscii(text) ? text : text.normalize("NFKC").replaceAll(unseen, "");
}

/** Pure. Text as an eye reads it that knows Latin letters alone: look-alikes of other scripts replaced, marks left out. */
export function latinOf(text: string): string {
  if (isAscii(text)) return text;
  return text
    .normalize("NFKD")
    .replaceAll(unseen, "")
    .replaceAll(/[^\x00-\x7f]/gu, latinLetter);
}

function latinLetter(character: string): string {
  const known = lookAlikes.get(character) ?? lookAlikes.get(character.toLowerCase());
  if (known !== undefined) return /\p{Lu}/u.test(character) ? known.toUpperCase() : known;
  const code = character.codePointAt(0) ?? 0;
  const first = alphabets.find((start) => code >= start && code < start + 26);
  return first === undefined ? character : String.fromCodePoint(0x61 + code - first);
}

function isAscii(text: string): boolean {
  return /^[\x09\x0a\x0d\x20-\x7f]*$/u.test(text);
}
