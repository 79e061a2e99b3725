import * as fc from "fast-check";
import type { Arbitrary } from "fast-check";
import type {
  ArgumentSchema,
  Call,
  Facts,
  GrantFacts,
  SchemaFault,
  ToolFacts,
  ToolReview,
} from "../../../src/policy/call.ts";
import { categories, signals } from "../../../src/policy/call.ts";
import type { JsonObject, JsonValue } from "../../../src/values/json.ts";
import { pick, present, sometimes } from "./present.ts";
import {
  addresses,
  amountTexts,
  filePaths,
  instants,
  instantTexts,
  numbers,
  servers,
  teams,
  texts,
  toolNames,
  longTexts,
  lookAlikes,
  urls,
} from "./vocabulary.ts";

const text: Arbitrary<JsonValue> = fc.oneof(pick<JsonValue>(lookAlikes), pick<JsonValue>(texts));
const number: Arbitrary<JsonValue> = fc.oneof(pick<JsonValue>([0, 1, 2, 5, 10, 100]), pick<JsonValue>(numbers));
const scalar: Arbitrary<JsonValue> = fc.oneof(text, number, fc.boolean(), fc.constant(null));

/** Any JSON value of up to three levels, with member names that paths know. */
const anything: Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    { weight: 3, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.dictionary(pick(["k", "name", "size", "env"]), tie("value"), { maxKeys: 3 }) },
  ),
})).value;

/** A value of the usual kind nine times in ten, else anything. */
function usually(arbitrary: Arbitrary<JsonValue>): Arbitrary<JsonValue> {
  return fc.oneof({ weight: 9, arbitrary }, { weight: 1, arbitrary: anything });
}

const listOf = (arbitrary: Arbitrary<JsonValue>): Arbitrary<JsonValue> => fc.array(arbitrary, { maxLength: 3 });

const part: Arbitrary<JsonValue> = fc
  .record({ name: sometimes(93, usually(text)), size: sometimes(93, usually(number)) })
  .map((made): JsonValue => present(made));

const meta: Arbitrary<JsonValue> = fc
  .record({ env: sometimes(93, usually(text)), level: sometimes(93, usually(number)), deep: sometimes(30, anything) })
  .map((made): JsonValue => present(made));

/** The arguments that paths know, most of them there and of the usual kind; sometimes one that differs only by case. */
const args: Arbitrary<JsonObject> = fc
  .record({
    note: sometimes(
      85,
      usually(fc.oneof({ weight: 60, arbitrary: text }, { weight: 1, arbitrary: pick<JsonValue>(longTexts) })),
    ),
    amount: sometimes(
      85,
      usually(fc.oneof({ weight: 8, arbitrary: number }, { weight: 1, arbitrary: pick<JsonValue>(amountTexts) })),
    ),
    count: sometimes(88, usually(number)),
    url: sometimes(88, usually(pick<JsonValue>(urls))),
    urls: sometimes(70, usually(listOf(pick<JsonValue>(urls)))),
    path: sometimes(88, usually(pick<JsonValue>(filePaths))),
    paths: sometimes(70, usually(listOf(pick<JsonValue>(filePaths)))),
    ip: sometimes(88, usually(pick<JsonValue>(addresses))),
    when: sometimes(88, usually(pick<JsonValue>(instantTexts))),
    flag: sometimes(88, usually(fc.boolean())),
    to: sometimes(88, usually(listOf(text))),
    amounts: sometimes(88, usually(listOf(number))),
    parts: sometimes(88, usually(listOf(usually(part)))),
    meta: sometimes(88, usually(meta)),
    tree: sometimes(40, anything),
    "odd key": sometimes(70, usually(text)),
    Note: sometimes(2, text),
    AMOUNT: sometimes(2, number),
    toString: sometimes(10, text),
    "\u212aey": sometimes(4, text),
    key: sometimes(85, usually(text)),
    extra: sometimes(5, scalar),
    x_trace: sometimes(3, text),
  })
  .map((made): JsonObject => present(made));

const review: Arbitrary<ToolReview> = fc.record({
  category: pick(categories),
  signals: fc.uniqueArray(pick(signals), { maxLength: 3 }),
});

const schemas: readonly JsonValue[] = [
  { type: "object" },
  { type: "object", properties: { note: {}, amount: {}, Note: {}, AMOUNT: {} } },
  { properties: { note: {} }, additionalProperties: true },
  { properties: { note: {} }, additionalProperties: { type: "string" } },
  { $defs: { closed: { additionalProperties: false } }, properties: { amount: {} } },
  { type: "object", properties: { note: {}, amount: { type: "number" } } },
  { type: "object", properties: { note: {}, amount: {}, Note: {} }, additionalProperties: false },
  {
    properties: {
      note: {},
      amount: {},
      to: {},
      meta: {},
      parts: {},
      tree: {},
      path: {},
      url: {},
      ip: {},
      when: {},
      flag: {},
      count: {},
    },
    additionalProperties: false,
  },
  { properties: { note: {} }, patternProperties: { "^x_": {}, "^[a-z]+s?$": {} }, additionalProperties: false },
  {
    $ref: "#/$defs/base",
    properties: { count: {} },
    $defs: { base: { properties: { note: {}, amount: {} }, additionalProperties: { type: "string" } } },
  },
  {
    allOf: [{ properties: { note: {} } }, { $ref: "#/$defs/more" }],
    $defs: { more: { properties: { extra: {}, AMOUNT: {} } } },
  },
  { $ref: "#/$defs/missing" },
  true,
];

/** The validator is passed in, so what it says is chance too: valid, one fault, or a schema that cannot be compiled. */
const schema: Arbitrary<ArgumentSchema> = fc
  .tuple(
    fc.oneof(
      { weight: 1, arbitrary: fc.constant<JsonValue>({ type: "object" }) },
      { weight: 1, arbitrary: pick(schemas) },
    ),
    pick<readonly SchemaFault[] | undefined>([[], [], [], [], [], [{ path: "/amount", keyword: "type" }], undefined]),
  )
  .map(([made, faults]) => ({ schema: made, validate: () => faults }));

const tool: Arbitrary<ToolFacts> = fc.record({
  name: fc.oneof(
    { weight: 12, arbitrary: pick(toolNames) },
    { weight: 1, arbitrary: pick(["reader", "toString", "r", "_", "new tool"]) },
  ),
  isListed: fc.oneof({ weight: 40, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  isChanged: fc.oneof({ weight: 50, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  review: fc.oneof({ weight: 5, arbitrary: review }, { weight: 1, arbitrary: fc.constant(undefined) }),
  schema: sometimes(40, schema),
});

const grant: Arbitrary<GrantFacts> = fc.record({
  id: pick(["g1", "g2", "g3"]),
  label: pick(["prod", "laptop"]),
  owner: sometimes(70, pick(["alice", "bob", "g1"])),
  tags: fc.oneof(
    pick(teams).map((team): Record<string, string> => ({ team })),
    fc.constant({}),
    fc.constant({ constructor: "team-a" }),
  ),
});

/** A random tool call of one organisation. */
export const call: Arbitrary<Call> = fc.record({
  organisation: fc.constant("org"),
  server: pick(servers).map((name) => ({ name })),
  grant,
  client: fc.record({
    ip: sometimes(80, pick(addresses.filter((address) => address !== "localhost"))),
    name: sometimes(80, pick(["drop", "claude"])),
    version: sometimes(50, pick(["1.0", "5"])),
  }),
  session: sometimes(70, pick(["s1", "s2"])),
  tool,
  args,
});

/** A time at, just before or just after one of the instants that rules are bounded by. */
export const facts: Arbitrary<Facts> = fc
  .tuple(pick(instants), pick([-3_600_000, -1, 0, 0, 1, 7_200_000]))
  .map(([instant, offset]) => ({ nowMs: Date.parse(instant) + offset }));
