import * as fc from "fast-check";
import type { Arbitrary } from "fast-check";
import type { Comparison, Condition, Operator } from "../document.ts";
import type { Kind } from "./paths.ts";
import { operatorsByKind, pathsByKind } from "./paths.ts";
import { pick } from "./present.ts";
import { rightSide } from "./right-sides.ts";

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
  "text",
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

/** Any path with any operator, mostly of the wrong type; `time.now` only with instants, its text having many forms. */
const oddComparison: Arbitrary<Comparison> = fc
  .tuple(
    pick([...Object.values(pathsByKind).flat(), "args.nothing", "args.note.deeper", "args.amount[0]"]),
    pick(allOperators),
  )
  .chain(([path, op]) => comparisonOf(path === "time.now" ? "time.date" : path, op));

/** Two facts compared with each other. */
const factsCompared: Arbitrary<Comparison> = fc
  .record({
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
  })
  .map(({ value_from: other, ...rest }): Comparison => {
    const isAboutTime = rest.op === "before" || rest.op === "after";
    return { ...rest, value_from: other === "time.now" && !isAboutTime ? "args.when" : other };
  });

const comparison: Arbitrary<Condition> = fc.oneof(
  { weight: 9, arbitrary: fittingComparison },
  { weight: 1, arbitrary: oddComparison },
  { weight: 2, arbitrary: factsCompared },
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
