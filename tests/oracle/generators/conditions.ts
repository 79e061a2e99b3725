import * as fc from "fast-check";
import type { Arbitrary } from "fast-check";
import { categories, signals } from "../../../src/policy/call.ts";
import type { JsonValue } from "../../../src/values/json.ts";
import type { Comparison, Condition, Operator } from "../document.ts";
import { pick } from "./present.ts";
import {
  fileRoots,
  hosts,
  instants,
  needles,
  networks,
  numbers,
  servers,
  teams,
  texts,
  toolNames,
} from "./vocabulary.ts";

/** What a path usually leads to, so that operators can be chosen that fit. */
type Kind = "text" | "number" | "url" | "filePath" | "address" | "instant" | "boolean" | "list" | "object" | "tree";

const pathsByKind: Readonly<Record<Kind, readonly string[]>> = {
  text: [
    "args.note",
    "args.note",
    "args.meta.env",
    'args["odd key"]',
    "args.to[0]",
    "args.to[*]",
    "args.parts[*].name",
    "args.parts[0].name",
    "grant.tags.team",
    'grant.tags["team"]',
    "grant.owner",
    "grant.label",
    "client.name",
    "client.version",
    "server.name",
    "tool.name",
    "tool.category",
    "tool.signals[*]",
    "time.weekday",
    "time.date",
  ],
  number: [
    "args.amount",
    "args.amount",
    "args.count",
    "args.meta.level",
    "args.parts[*].size",
    "args.amounts[*]",
    "args.amounts[1]",
    "time.hour",
  ],
  url: ["args.url", "args.urls[*]"],
  filePath: ["args.path", "args.paths[*]"],
  address: ["args.ip", "client.ip"],
  instant: ["args.when", "time.now"],
  boolean: ["args.flag"],
  list: ["args.to", "args.amounts", "args.parts", "tool.signals", "args.urls"],
  object: ["args", "args.meta", "args.parts[0]", "args.meta.deep"],
  tree: [
    "args.**",
    "args.meta.**",
    "args.parts.**",
    "args.**.name",
    "args.tree.**",
    "args.**[*]",
    "args.tree.**.k",
    "args.tree.**.k[*]",
    "args.parts[*].**",
  ],
};

const operatorsByKind: Readonly<Record<Kind, readonly Operator[]>> = {
  text: [
    "eq",
    "neq",
    "in",
    "not_in",
    "regex",
    "matches",
    "contains",
    "starts_with",
    "ends_with",
    "exists",
    "length_lte",
    "length_gte",
  ],
  number: ["eq", "neq", "in", "not_in", "lt", "lte", "gt", "gte", "exists"],
  url: ["host_in", "host_in", "host_in", "starts_with", "exists"],
  filePath: ["within", "within", "ends_with"],
  address: ["cidr", "cidr", "eq"],
  instant: ["before", "after"],
  boolean: ["eq", "neq", "in", "exists"],
  list: ["contains", "contains", "length_lte", "length_gte", "exists", "eq"],
  object: ["exists", "length_lte", "length_gte", "eq", "neq"],
  tree: [
    "contains",
    "regex",
    "matches",
    "eq",
    "in",
    "starts_with",
    "lt",
    "exists",
    "neq",
    "not_in",
    "ends_with",
    "host_in",
    "length_lte",
  ],
};

const some = <T>(pool: readonly T[]): Arbitrary<T[]> => fc.uniqueArray(pick(pool), { minLength: 1, maxLength: 3 });

const factTexts = [
  ...teams,
  ...servers,
  ...toolNames,
  ...categories,
  ...signals,
  "alice",
  "laptop",
  "claude",
  "mon",
  "thu",
  "2026-06-15",
];

/** A right side for `eq` and its like: never null, never an empty text, list or object. */
function scalarsFor(path: string): Arbitrary<JsonValue> {
  const isArgument = path.startsWith("args");
  return fc.oneof(
    { weight: 6, arbitrary: pick<JsonValue>(isArgument ? texts.filter((text) => text !== "") : factTexts) },
    { weight: 3, arbitrary: pick<JsonValue>(numbers) },
    { weight: 1, arbitrary: fc.boolean() },
  );
}
const structures: Arbitrary<JsonValue> = pick<JsonValue>([
  ["drop", "file"],
  [5, "5"],
  { env: "prod" },
  { level: 5, env: "prod" },
  [{ name: "drop", size: 5 }],
]);

/** Patterns of a grammar in which nothing is quantified twice: letters, classes, groups, anchors. */
const patterns: Arbitrary<string> = fc
  .tuple(
    pick(["", "", "^", "(?i)", "\\b"]),
    fc.array(
      fc.tuple(
        pick([
          "drop",
          "file",
          "d",
          "[a-z]",
          "[^a-z]",
          "\\d",
          "\\s",
          ".",
          "(?:prod|drop)",
          "(o|f)",
          "caf\u00e9",
          "@",
          "\\.",
          "\\w",
          "table",
          "\\p{L}",
        ]),
        pick(["", "", "", "+", "*", "?", "{1,3}", "+?"]),
      ),
      { minLength: 1, maxLength: 4 },
    ),
    pick(["", "", "$"]),
  )
  .map(
    ([start, atoms, end]) =>
      start +
      atoms
        .map(([atom, times]) =>
          times === "" || atom.length === 1 || /^[[\\(]/.test(atom) ? atom + times : `(?:${atom})${times}`,
        )
        .join("") +
      end,
  );

/** A list written in place or, one time in four, by name. */
function listOf(name: string, pool: readonly JsonValue[]): Arbitrary<JsonValue> {
  return fc.oneof({ weight: 3, arbitrary: some(pool) }, { weight: 1, arbitrary: fc.constant({ $list: name }) });
}

/** The named lists that every generated document has; conditions use them by `$list`. */
export const namedLists: Readonly<Record<string, readonly JsonValue[]>> = {
  words: ["drop", "prod", "caf\u00e9", 5, true],
  hosts: ["example.com", "*.example.com"],
  roots: ["/srv/data"],
  networks: ["10.0.0.0/8", "2001:db8::/32"],
};

function rightSide(path: string, op: Operator): Arbitrary<JsonValue> {
  switch (op) {
    case "eq":
    case "neq":
      return fc.oneof({ weight: 8, arbitrary: scalarsFor(path) }, { weight: 1, arbitrary: structures });
    case "in":
    case "not_in":
      return fc.oneof(
        { weight: 3, arbitrary: fc.uniqueArray(scalarsFor(path), { minLength: 1, maxLength: 5 }) },
        { weight: 1, arbitrary: fc.constant({ $list: "words" }) },
      );
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return pick(numbers);
    case "regex":
    case "matches":
      return patterns;
    case "contains":
      return fc.oneof(
        { weight: 5, arbitrary: pick<JsonValue>(needles) },
        { weight: 1, arbitrary: pick<JsonValue>([5, 100, true]) },
      );
    case "starts_with":
    case "ends_with":
      return pick(needles);
    case "exists":
      return fc.boolean();
    case "length_lte":
    case "length_gte":
      return pick([0, 1, 2, 3, 4, 10]);
    case "before":
    case "after":
      return pick(instants);
    case "cidr":
      return listOf("networks", networks);
    case "host_in":
      return listOf("hosts", hosts);
    case "within":
      return listOf("roots", fileRoots);
  }
}

function comparisonOf(path: string, op: Operator): Arbitrary<Comparison> {
  const isShort = op === "exists";
  return fc
    .tuple(rightSide(path, op), fc.boolean())
    .map(([value, isLeftOut]) => (isShort && isLeftOut && value === true ? { path, op } : { path, op, value }));
}

const allOperators: readonly Operator[] = [...new Set(Object.values(operatorsByKind).flat())];

const fittingComparison: Arbitrary<Comparison> = pick<Kind>([
  "text",
  "text",
  "number",
  "number",
  "url",
  "filePath",
  "address",
  "instant",
  "boolean",
  "list",
  "object",
  "tree",
  "tree",
]).chain((kind) =>
  fc.tuple(pick(pathsByKind[kind]), pick(operatorsByKind[kind])).chain(([path, op]) => comparisonOf(path, op)),
);

/** Any path with any operator, mostly of the wrong type. */
const oddComparison: Arbitrary<Comparison> = fc
  .tuple(
    pick([...Object.values(pathsByKind).flat(), "args.nothing", "args.note.deeper", "args.amount[0]"]),
    pick(allOperators),
  )
  .chain(([path, op]) => comparisonOf(path, op));

/** Two facts compared with each other. */
const factsCompared: Arbitrary<Comparison> = fc.record({
  path: pick([
    "args.note",
    "args.amount",
    "args.count",
    "args.to",
    "args.to[*]",
    "args.meta.env",
    "grant.label",
    "args.when",
    "args.flag",
    "args.amounts[*]",
    "args.**",
  ]),
  op: pick<Operator>([
    "eq",
    "neq",
    "in",
    "not_in",
    "lt",
    "lte",
    "gt",
    "gte",
    "contains",
    "starts_with",
    "ends_with",
    "exists",
    "length_lte",
    "length_gte",
    "before",
    "after",
  ]),
  value_from: pick([
    "args.note",
    "args.amount",
    "args.count",
    "args.to",
    "grant.tags.team",
    "grant.owner",
    "tool.signals",
    "tool.name",
    "args.when",
    "args.flag",
    "args.meta",
    "args.amounts",
    "time.now",
  ]),
});

const comparison: Arbitrary<Condition> = fc.oneof(
  { weight: 9, arbitrary: fittingComparison },
  { weight: 1, arbitrary: oddComparison },
  { weight: 1, arbitrary: factsCompared },
);

/** A random condition: mostly one comparison, sometimes groups of up to three levels. */
export const condition: Arbitrary<Condition> = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    { weight: 7, arbitrary: comparison },
    { weight: 1, arbitrary: fc.array(tie("condition"), { minLength: 1, maxLength: 3 }).map((any) => ({ any })) },
    { weight: 1, arbitrary: fc.array(tie("condition"), { minLength: 1, maxLength: 3 }).map((all) => ({ all })) },
    { weight: 2, arbitrary: tie("condition").map((inner) => ({ not: inner })) },
  ),
})).condition;
