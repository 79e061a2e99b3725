import * as fc from "fast-check";
import type { Arbitrary } from "fast-check";
import { categories, signals } from "../../../src/policy/call.ts";
import type { JsonValue } from "../../../src/values/json.ts";
import type { Operator } from "../document.ts";
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

const some = <T>(pool: readonly T[]): Arbitrary<T[]> => fc.uniqueArray(pick(pool), { minLength: 1, maxLength: 3 });

/** What facts that are no arguments may be. */
const textsOfFacts: Readonly<Record<string, readonly string[]>> = {
  "server.name": servers,
  "tool.name": toolNames,
  "tool.category": categories,
  "tool.signals[*]": signals,
  "tool.signals": signals,
  "grant.owner": ["alice", "bob", "g1"],
  "grant.label": ["prod", "laptop"],
  "grant.id": ["g1", "g2"],
  "client.name": ["drop", "claude"],
  "client.version": ["1.0", "5"],
  "time.weekday": ["mon", "tue", "wed", "thu", "sun"],
  "time.date": ["2026-06-15", "2026-12-31"],
};

/** Texts for the right side that have look-alikes among the arguments. */
const lookedLike = ["drop", "drop table", "file", "\ufb01le", "caf\u00e9", "cafe\u0301", "dr\u200bop", "K", "prod"];

/** A right side for `eq` and its like, near to what the path leads to: never null, never empty. */
function scalarsFor(path: string): Arbitrary<JsonValue> {
  const own = textsOfFacts[path] ?? (path.startsWith("grant.tags") ? teams : undefined);
  if (own !== undefined) {
    return fc.oneof(
      { weight: 9, arbitrary: pick<JsonValue>(own) },
      { weight: 1, arbitrary: pick<JsonValue>([5, true, "drop"]) },
    );
  }
  const isNumber = /amount|count|level|size|hour/.test(path);
  const isTree = path.includes("**");
  return fc.oneof(
    { weight: isNumber ? 1 : 8, arbitrary: pick<JsonValue>(lookedLike) },
    { weight: isNumber ? 1 : 3, arbitrary: pick<JsonValue>(texts.filter((text) => text !== "")) },
    { weight: isNumber || isTree ? 8 : 1, arbitrary: pick<JsonValue>([0, 1, 2, 5, 10, 100]) },
    { weight: isNumber ? 3 : 1, arbitrary: pick<JsonValue>(numbers) },
    { weight: path === "args.flag" ? 20 : 1, arbitrary: fc.boolean() },
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
          "z",
          "Z9_",
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
  secretTools: ["read_secret", "send_*"],
};

/** A right side that the operator takes, near to what the path leads to. */
export function rightSide(path: string, op: Operator): Arbitrary<JsonValue> {
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
      return fc.oneof(pick([0, 1, 2, 5, 10, 100]), pick(numbers));
    case "regex":
    case "matches":
      return patterns;
    case "contains":
      return fc.oneof(
        { weight: 5, arbitrary: pick<JsonValue>(needles) },
        { weight: 1, arbitrary: pick<JsonValue>([5, 100, true, ["drop"], { name: "drop" }]) },
      );
    case "starts_with":
      return pick(["drop", "dr", "caf\u00e9", "file", "\ufb01", "f", "https://", "pro", ...needles.slice(0, 2)]);
    case "ends_with":
      return pick(["drop", "op", "table", "\u00e9", "le", ".example", "5", "e", ".txt"]);
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
