import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { clientScanLimits, scanJson, scanReasons, scanText, serverScanLimits, type ScanLimits } from "./scan.ts";

const encoder = new TextEncoder();

function reasonOf(input: string | Uint8Array, limits?: Partial<ScanLimits>): string {
  const result = scanJson(typeof input === "string" ? encoder.encode(input) : input, limits);
  return result.ok ? "ok" : result.fault.reason;
}

function bytesOf(...parts: readonly (string | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...encoder.encode(part)] : part)));
}

function nested(depth: number): string {
  return `${"[".repeat(depth)}${"]".repeat(depth)}`;
}

function objectOf(keys: number): string {
  return `{${Array.from({ length: keys }, (_, i) => `"k${i}":0`).join(",")}}`;
}

const manyKeys = Array.from({ length: 20 }, (_, i) => `"key${i}":${i}`).join(",");

/** Ids of the cases it proves or what it is, input, reason. */
const refused: readonly (readonly [id: string, input: string | Uint8Array, reason: string])[] = [
  ["", "", "empty"],
  ["[B014]", bytesOf([0xef, 0xbb, 0xbf], "{}"), "bom"],
  ["invalid UTF-8", bytesOf('{"a":"', [0xff], '"}'), "invalid_utf8"],
  ["overlong slash", bytesOf('{"a":"', [0xc0, 0xaf], '"}'), "invalid_utf8"],
  ["surrogate in UTF-8", bytesOf('{"a":"', [0xed, 0xa0, 0x80], '"}'), "invalid_utf8"],
  ["cut character", bytesOf('{"a":"', [0xf0, 0x9f, 0x98]), "invalid_utf8"],
  ["UTF-16", bytesOf([0x7b, 0, 0x7d, 0]), "invalid_json"],
  ["[B001]", '{"name":"safe","name":"evil"}', "duplicate_key"],
  ["[B002]", '{"method":"ping","x":[{}],"method":"tools/call"}', "duplicate_key"],
  ["[B004]", '{"arguments":{"a":1},"arguments":{}}', "duplicate_key"],
  ["[B005]", '{"p":{"amount":1,"amount":999999}}', "duplicate_key"],
  ["[B006]", '{"name":"safe","n\\u0061me":"evil"}', "duplicate_key"],
  ["[B006]", '{"n\\u0061me":"safe","name":"evil"}', "duplicate_key"],
  ["[B006]", '{"a\\/b":1,"a/b":2}', "duplicate_key"],
  ["[B006]", '{"é":1,"\\u00e9":2}', "duplicate_key"],
  ["[B006]", '{"\\u00e9":1,"é":2}', "duplicate_key"],
  ["[B006]", '{"😀":1,"\\ud83d\\ude00":2}', "duplicate_key"],
  ["empty key", '{"":1,"":2}', "duplicate_key"],
  ["beyond the compared keys", `{${manyKeys},"key19":0}`, "duplicate_key"],
  ["beyond, of an early key", `{${manyKeys},"k\\u0065y0":0}`, "duplicate_key"],
  ["the sixteenth and the first", `{${manyKeys.split(",").slice(0, 15).join(",")},"key0":0}`, "duplicate_key"],
  ["after a nested object", '{"a":{"b":1,"c":2},"b":1,"a":2}', "duplicate_key"],
  ["[B036]", '{"__proto__":1}', "forbidden_key"],
  ["[B036]", '{"params":{"__proto__":{}}}', "forbidden_key"],
  ["[B036]", '{"a":[{"b":{"c":{"d":{"__proto__":null}}}}]}', "forbidden_key"],
  ["[B036] escaped", '{"\\u005f_proto__":1}', "forbidden_key"],
  ["[B037]", '{"constructor":{"prototype":{"allowed":true}}}', "forbidden_key"],
  ["[B037] escaped", '{"c\\u006fnstructor":{"x":1,"pr\\u006ftotype":{}}}', "forbidden_key"],
  ["[B010]", '{"name\\u0000":"evil"}', "nul_in_key"],
  ["[B010] raw", '{"name\u0000":"evil"}', "invalid_json"],
  ["[B009]", '{"argument\\u017f":{}}', "folding_key"],
  ["[B009]", '{"argumentſ":{}}', "folding_key"],
  ["[B009]", '{"to\u212aen":1}', "folding_key"],
  ["[B009]", '{"to\\u212aen":1}', "folding_key"],
  ["[B016]", '{"name":"\\ud800"}', "lone_surrogate"],
  ["[B016]", '{"name":"x\\udc00"}', "lone_surrogate"],
  ["[B016]", '{"name":"\\ud800\\ud800"}', "lone_surrogate"],
  ["[B016]", '{"name":"\\ud800\\u0041"}', "lone_surrogate"],
  ["[B016]", '{"name":"\\ud800\\n"}', "lone_surrogate"],
  ["[B016]", '{"name":"\\ud800 \\udc00"}', "lone_surrogate"],
  ["[B016] two second halves", '{"name":"\\udc00\\udc00"}', "lone_surrogate"],
  ["[B016] in a key", '{"\\ud83d":1}', "lone_surrogate"],
  ["[B016] far into a string", `{"name":"${"long text ".repeat(9)}\\ud83d"}`, "lone_surrogate"],
  ["[B016] beside other letters", `{"é":"${"long text ".repeat(9)}\\ud83d"}`, "lone_surrogate"],
  ["65 deep", nested(65), "too_deep"],
  ["65 deep in objects", `${'{"a":'.repeat(65)}1${"}".repeat(65)}`, "too_deep"],
  ["never closed", "[".repeat(1_000_000), "too_deep"],
  ["[B040]", objectOf(1_001), "too_many_keys"],
  ["[B040]", objectOf(200_000), "too_many_keys"],
  ["too many values", `[${"0,".repeat(200_000)}0]`, "too_many_values"],
  ["[B042]", `[${"1".repeat(1_000_000)}]`, "number_too_long"],
  ["[B042]", `[0.${"1".repeat(31)}]`, "number_too_long"],
  ["[B049]", "[1e400]", "number_out_of_range"],
  ["[B050]", "[1e-400]", "number_not_exact"],
  ["[B052]", "[9007199254740993]", "unsafe_integer"],
  ["[B053]", "[100.00000000000000001]", "number_not_exact"],
  ["[B018]", "{} {}", "invalid_json"],
  ["[B018]", "{} garbage", "invalid_json"],
  ["[B018]", '{"a":1}}', "invalid_json"],
  ["[B020] comment", "{/* x */}", "invalid_json"],
  ["[B020] comment", '{"a":1 // x\n}', "invalid_json"],
  ["[B020] trailing comma", '{"a":1,}', "invalid_json"],
  ["[B020] trailing comma", "[1,]", "invalid_json"],
  ["[B020] leading comma", "[,1]", "invalid_json"],
  ["[B020] single quotes", "{'a':1}", "invalid_json"],
  ["[B020] bare key", "{a:1}", "invalid_json"],
  ["[B020]", "[NaN]", "invalid_json"],
  ["[B020]", "[Infinity]", "invalid_json"],
  ["[B020]", "[-Infinity]", "invalid_json"],
  ["[B020]", "[0x10]", "invalid_json"],
  ["[B020]", "[+1]", "invalid_json"],
  ["[B020]", "[.5]", "invalid_json"],
  ["[B020]", "[1.]", "invalid_json"],
  ["[B020]", "[01]", "invalid_json"],
  ["[B020]", "[1e]", "invalid_json"],
  ["[B020]", "[--1]", "invalid_json"],
  ["[B020]", "[tru]", "invalid_json"],
  ["[B020]", "[True]", "invalid_json"],
  ["no comma", "[1 2]", "invalid_json"],
  ["no comma in an object", '{"a":1 "b":2}', "invalid_json"],
  ["no colon", '{"a" 1}', "invalid_json"],
  ["no value", '{"a":}', "invalid_json"],
  ["wrong bracket", "[}", "invalid_json"],
  ["wrong bracket", '{"a":1]', "invalid_json"],
  ["cut in a key", '{"na', "invalid_json"],
  ["cut in an escaped key", '{"n\\u0061', "invalid_json"],
  ["cut in a string", '{"a":"x', "invalid_json"],
  ["cut in a long string", `{"a":"${"x".repeat(100)}`, "invalid_json"],
  ["cut behind a backslash", '{"a":"x\\"', "invalid_json"],
  ["cut in an escape", '{"a":"\\ud8', "invalid_json"],
  ["cut in a list", "[1", "invalid_json"],
  ["unknown escape", '{"a":"\\x41"}', "invalid_json"],
  ["unknown escape in a key", '{"\\x41":1}', "invalid_json"],
  ["escape that is not hexadecimal", '{"a":"\\u00zz"}', "invalid_json"],
  ["line end in a string", '{"a":"x\ny"}', "invalid_json"],
  ["control character between tokens", '{"a":\u0001 1}', "invalid_json"],
  ["no-break space between tokens", '{"a":\u00a01}', "invalid_json"],
  ["only white space", " \n", "invalid_json"],
];

describe("scanJson refuses what two parsers could read differently [R101] [R102]", () => {
  const rows = refused.map(([why, input, reason]) => ({ why, input, reason }));

  test.each(rows)("$why is refused as $reason", ({ input, reason }) => {
    expect(reasonOf(input)).toBe(reason);
  });

  test("every reason has a case", () => {
    expect(new Set(refused.map(([, , reason]) => reason))).toEqual(new Set(scanReasons));
  });

  test("a fault says where, in bytes, and repeats nothing of the message", () => {
    const result = scanJson(encoder.encode('{"é":1,"secret":2,"secret":3}'));
    expect(result).toEqual({
      ok: false,
      fault: { reason: "duplicate_key", message: "an object holds the same key twice (at byte 20)", offset: 20 },
    });
  });

  test("a byte that is no UTF-8 is named by its place, sent replacement characters notwithstanding", () => {
    const result = scanJson(bytesOf('["\ufffd\ufffdé', [0xff], '"]'));
    expect(result).toMatchObject({ fault: { reason: "invalid_utf8", offset: 10 } });
  });
});

const accepted: readonly (readonly [why: string, input: string])[] = [
  ["scalars", " true "],
  ["scalars", '"x"'],
  ["empty things", ' { "a" : [ ] , "b" : { } } '],
  ["the same key in different objects", '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}'],
  ["keys that differ by case only, outside the envelope", '{"amount":1,"Amount":2}'],
  ["keys with one hash", '{"Aa":1,"BB":2}'],
  [
    "a key with the hash of a forbidden one",
    '{"_" :1,"`@proto__":2,"dPnstructor":{"prototype":1},"constructor":{"qSototype":1}}',
  ],
  ["B044", '{"toString":1,"hasOwnProperty":2,"valueOf":3,"then":4,"toJSON":5}'],
  ["constructor alone", '{"constructor":"x","prototype":1,"b":{"prototype":1},"c":{"constructor":[{"prototype":1}]}}'],
  ["constructor far away", '{"constructor":{"a":{"prototype":1}}}'],
  ["escapes", '{"a\\u0062":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9"}'],
  ["a pair of escapes", '"\\ud83d\\ude00"'],
  ["an escaped backslash before a u", '"\\\\ud83d"'],
  ["an escaped quote far into a string", `["${"long text ".repeat(9)}\\" \\\\", "é${"x".repeat(50)}\\""]`],
  ["other scripts", '{"ключ":"значение","キー":["値","😀"]}'],
  ["letters that fold to more than one, or in some languages", '{"straße":1,"İ":2,"adı":3}'],
  ["NUL in a value", '"\\u0000"'],
  ["64 deep", nested(64)],
  ["1,000 keys", objectOf(1_000)],
  ["B054", "[1e2,100.0,1E+2,-0,0.5]"],
  [
    "32 characters of number",
    "[10000000000000000000000000000e-2]".replace("10000000000000000000000000000e-2", `1.${"0".repeat(30)}`),
  ],
  ["all that JSON takes for white space", '\t\n\r {\t"a"\n:\r1 }\n'],
];

describe("scanJson accepts the nearest legal neighbour", () => {
  test.each(accepted)("%s", (_, input) => {
    expect(scanJson(encoder.encode(input))).toEqual({ ok: true, text: input, value: JSON.parse(input) });
  });

  test("limits can be narrowed one at a time", () => {
    expect(reasonOf("[[]]", { depth: 1 })).toBe("too_deep");
    expect(reasonOf('{"a":1,"b":2}', { keysPerObject: 1 })).toBe("too_many_keys");
    expect(reasonOf("[1,2]", { nodes: 2 })).toBe("too_many_values");
    expect(reasonOf("[100]", { numberText: 2 })).toBe("number_too_long");
  });

  test("a server may send any number, large maps and half a pair in a value, but no ambiguous key", () => {
    for (const text of ["[1e400,9007199254740993,0.1000000000000000055]", objectOf(1_001), '["\\ud83d"]', '{"ſ":1}']) {
      expect(reasonOf(text, serverScanLimits)).toBe("ok");
    }
    expect(reasonOf('{"\\ud83d":1}', serverScanLimits)).toBe("lone_surrogate");
    expect(reasonOf('{"a":1,"\\u0061":1}', serverScanLimits)).toBe("duplicate_key");
    expect(reasonOf(nested(300), { depth: 1_000 })).toBe("too_deep");
  });

  test("text is scanned as its bytes are", () => {
    expect(scanText('{"a":1}', clientScanLimits)).toMatchObject({ ok: true, value: { a: 1 } });
    expect(scanText('{"a":1,"a":1}', clientScanLimits)).toMatchObject({ fault: { reason: "duplicate_key" } });
  });

  test("[B037] nothing that is scanned reaches the prototype of objects", () => {
    reasonOf('{"constructor":{"prototype":{"allowed":true}}}');
    reasonOf('{"__proto__":{"allowed":true}}');
    expect("allowed" in {}).toBe(false);
  });
});

/** A second, slow and obvious reading of the rules, for valid JSON only. */
function slowlyRefused(text: string): boolean {
  let at = 0;
  let isRefused = false;
  const blanks = (): void => {
    while (" \t\n\r".includes(text.charAt(at)) && at < text.length) at += 1;
  };
  const string = (): string => {
    const start = at;
    at += 1;
    while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
    at += 1;
    const value: string = JSON.parse(text.slice(start, at));
    if (!value.isWellFormed()) isRefused = true;
    return value;
  };
  const value = (depth: number, isConstructor: boolean): void => {
    blanks();
    const first = text[at];
    if (first === '"') return void string();
    if (first !== "{" && first !== "[") {
      const [token = ""] = /^[^\s,\]}]+/.exec(text.slice(at)) ?? [];
      at += token.length;
      if (/^[-\d]/.test(token) && !isHeldSlowly(token)) isRefused = true;
      return;
    }
    if (depth === 64) isRefused = true;
    at += 1;
    const keys: string[] = [];
    for (blanks(); text[at] !== "}" && text[at] !== "]"; blanks()) {
      if (text[at] === ",") at += 1;
      blanks();
      if (first === "{") {
        const key = string();
        if (keys.includes(key) || key === "__proto__" || key.includes("\0")) isRefused = true;
        if (isConstructor && key === "prototype") isRefused = true;
        const folded = key.replaceAll("ſ", "s").replaceAll("\u212a", "k");
        if (folded !== key && /^[\0-\x7f]*$/.test(folded)) isRefused = true;
        keys.push(key);
        blanks();
        at += 1;
      }
      value(depth + 1, keys.at(-1) === "constructor");
    }
    at += 1;
  };
  value(0, false);
  return isRefused;
}

/** Exact comparison of a number's text with its double's, as fractions of whole numbers. */
function isHeldSlowly(text: string): boolean {
  const double = Number(text);
  if (!Number.isFinite(double) || text.length > 32) return false;
  if (Number.isInteger(double) && Math.abs(double) > Number.MAX_SAFE_INTEGER) return false;
  const [left, right] = [text, String(double)].map((number) => {
    const [mantissa = "", exponent = "0"] = number.toLowerCase().split("e");
    const [whole = "", fraction = ""] = mantissa.split(".");
    return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
  });
  if (left === undefined || right === undefined || Math.abs(left.exponent) > 1_000) return left?.digits === 0n;
  const least = Math.min(left.exponent, right.exponent);
  return left.digits * 10n ** BigInt(left.exponent - least) === right.digits * 10n ** BigInt(right.exponent - least);
}

const pieces = [
  "a",
  "b",
  "\\u0061",
  "\\u0062",
  "é",
  "\\u00e9",
  "ſ",
  "s",
  "\\n",
  "\\\\",
  '\\"',
  "\\ud83d\\ude00",
  "😀",
  " ",
  "/",
  "\\/",
];
const rarePieces = ["\\ud83d", "\\ude00", "\\u0000", "x".repeat(30)];
const spelledString = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...pieces) },
      { weight: 1, arbitrary: fc.constantFrom(...rarePieces) },
    ),
    {
      maxLength: 4,
    },
  )
  .map((parts) => `"${parts.join("")}"`);
const spelledKey = fc.oneof(
  { weight: 8, arbitrary: spelledString },
  { weight: 1, arbitrary: fc.constantFrom('"constructor"', '"prototype"', '"__proto__"', '"\\u005f_proto__"') },
);
const spelledNumber = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    "1e2",
    "100.0",
    "-0",
    "1e400",
    "1e-400",
    "9007199254740993",
    "100.00000000000000001",
    "0.30",
    "0e9999",
  ),
);
const blank = fc.constantFrom("", "", "", " ", "\n", "\t \r\n");
const { spelledJson } = fc.letrec<{ spelledJson: string }>((tie) => ({
  spelledJson: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(spelledString, spelledNumber, fc.constantFrom("true", "false", "null")),
    fc
      .tuple(fc.array(tie("spelledJson"), { maxLength: 4 }), blank)
      .map(([items, gap]) => `[${gap}${items.join(`${gap},${gap}`)}${gap}]`),
    fc
      .tuple(fc.array(fc.tuple(spelledKey, tie("spelledJson")), { maxLength: 22 }), blank)
      .map(
        ([members, gap]) =>
          `{${gap}${members.map(([key, item]) => `${key}${gap}:${gap}${item}`).join(`${gap},${gap}`)}${gap}}`,
      ),
  ),
}));

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("scanJson agrees with a slow, obvious reading [R101]", () => {
  test("on JSON of every spelling: accepted exactly when nothing in it is refused", () => {
    fc.assert(
      fc.property(spelledJson, (text) => {
        const result = scanJson(encoder.encode(text));
        expect(result.ok).toBe(!slowlyRefused(text));
        if (result.ok) expect(result.value).toEqual(JSON.parse(text));
      }),
      { numRuns: 3_000 },
    );
  });

  test("on damaged JSON: never accepts what JSON.parse refuses, nor what is ambiguous", () => {
    const damage = fc.constantFrom(..."{}[]:,\"\\0-+.eE'tu \u0000é".split(""), "");
    fc.assert(
      fc.property(spelledJson, fc.nat(), damage, fc.nat({ max: 2 }), (text, where, piece, cut) => {
        const at = where % (text.length + 1);
        const damaged = text.slice(0, at) + piece + text.slice(at + cut);
        fc.pre(damaged !== "" && damaged.isWellFormed());
        const isFine = parses(damaged) && !slowlyRefused(damaged);
        expect(scanJson(encoder.encode(damaged)).ok).toBe(isFine);
      }),
      { numRuns: 3_000 },
    );
  });

  test("on any bytes at all: it answers, and accepts only what decodes and parses", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const result = scanJson(bytes);
        if (result.ok) expect(parses(new TextDecoder("utf-8", { fatal: true }).decode(bytes))).toBe(true);
      }),
    );
  });
});
