import * as fc from "fast-check";
import { render } from "../bypass/arena.ts";
import { argumentCases } from "../bypass/corpus/arguments.ts";
import { envelopeCases } from "../bypass/corpus/envelope.ts";
import { identityCases } from "../bypass/corpus/identity.ts";
import type { JsonObject, JsonValue } from "../../src/values/json.ts";
import { sideDoorCases } from "../bypass/corpus/side-doors.ts";

const sizeMax = 20_000;

/** Every hostile message of the corpus that is not huge, in both eras: what mutation starts from. */
const seeds: readonly Buffer[] = [...envelopeCases, ...argumentCases, ...identityCases, ...sideDoorCases]
  .flatMap(({ body }) => [render(body, "http legacy", 7), render(body, "http modern", 7)])
  .map((bytes) => Buffer.from(bytes))
  .filter(({ length }) => length <= sizeMax);

/** What is cut into messages: signs of the grammar, and spellings that readers disagree on. */
const pieces: readonly string[] = [
  ...'{ } [ ] , : " \\ \n \r \t 0 - 1'.split(" "),
  " ",
  '"name"',
  '"method":"tools/call"',
  String.raw`"n\u0061me":"evil"`,
  '"__proto__":{}',
  '"constructor":{"prototype":{}}',
  String.raw`\ud800`,
  String.raw`\u0000`,
  "1e400",
  "-0",
  "0.1",
  "9007199254740993",
  "null",
  "true",
  "\u2028",
  "\ufeff",
  "ſ",
  "data: ",
  "\n\n",
  "event: x\n",
  "id: 1\r",
];

interface Change {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof(fc.constant(0), fc.nat(8)),
  insert: fc.oneof(fc.constant(""), fc.constantFrom(...pieces), fc.string({ unit: "binary", maxLength: 4 })),
});

/** Bytes: a message of the corpus with a few changes, valid JSON of any shape, or noise. */
export const messageBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...seeds), fc.array(change, { maxLength: 3 }))
      .map(([seed, changes]) => changes.reduce(apply, seed)),
  },
  { weight: 2, arbitrary: fc.json({ maxDepth: 5 }).map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
);

/** Text of any kind, line ends and lone surrogates among it. */
export const anyText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "binary", maxLength: 12 })), { maxLength: 12 })
  .map((parts) => parts.join(""));

/** What texts of definitions are made of: words of orders, encodings, invisible characters, and what patterns wait for. */
const definitionPieces: readonly string[] = [
  ..."ignore all previous instructions |never tell |the user|read |~/.ssh/id_rsa|<!--|-->|](https:|?d={|<img src=|&#|x69;|\\u00|%|aA1+|SWdub3Jl|0x|system: |不要|用户|не ".split(
    "|",
  ),
  ...Array.from("\u200b\u0301\u202e\ufe0f\u200d❤葛\ufdfa\ue000\u180b\ud800"),
  "\u{e0061}",
  "\u{e0100}",
  "\u{1f3f4}",
  " ".repeat(70),
  "\n".repeat(20),
];

/** A definition of any shape, its keys and strings hostile. */
export const definition: fc.Arbitrary<JsonObject> = fc.dictionary(
  hostileText(),
  fc.letrec<{ readonly value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      hostileText(),
      fc.integer(),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(hostileText(), tie("value"), { maxKeys: 4 }),
    ),
  })).value,
  { maxKeys: 4 },
);

function hostileText(): fc.Arbitrary<string> {
  return fc
    .array(fc.oneof(fc.constantFrom(...definitionPieces), fc.string({ unit: "binary", maxLength: 6 })), {
      maxLength: 8,
    })
    .map((parts) => parts.join(""));
}

const eventLine: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom("data: ", "data:", "data", "event: ", "id: ", "retry: ", ": ", "", "", "other: "),
    fc.oneof(fc.constant(""), fc.string({ unit: "binary", maxLength: 6 }), fc.constantFrom(...pieces)),
    fc.constantFrom("\n", "\r", "\r\n"),
  )
  .map(([field, value, end]) => `${field}${field === "" ? "" : value}${end}`);

/** A stream of server-sent events, with each kind of line end. */
export const eventStream: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom("", "", "\ufeff"), fc.array(eventLine, { maxLength: 16 }))
  .map(([mark, lines]) => mark + lines.join(""));

/** Where a stream of that many bytes is cut. */
export const cuts: fc.Arbitrary<readonly number[]> = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
  maxLength: 6,
});

/** Pure. The bytes in pieces. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => Math.floor(place * bytes.length)), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => bytes.slice(index === 0 ? 0 : ends[index - 1], end));
}

function apply(bytes: Buffer, { at, remove, insert }: Change): Buffer {
  const start = Math.floor(at * bytes.length);
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(insert), bytes.subarray(start + remove)]);
}
