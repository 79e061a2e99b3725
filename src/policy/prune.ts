import type { z } from "zod";
import type { JsonObject, JsonValue } from "../values/json.ts";
import { isList, isObject } from "../values/json.ts";
import type { PolicyDocument } from "./document.ts";
import { policySchema } from "./schema.ts";

const roundsMax = 20;

/** A document with more faults than this has enough to mend first. */
const issuesMax = 200;

/**
 * Pure. What is left of a document whose shape is wrong once every faulty member is gone, so that the problems of the
 * rest can be told in the same breath; undefined when not enough is left. Never to be used for deciding. Pointers stay
 * true: of a list, what follows a faulty member goes too.
 */
export function pruneDocument(value: JsonValue): PolicyDocument | undefined {
  // The two required keys are given first: without them nothing at the root would be left.
  let pruned = withRequiredKeys(value);
  for (let round = 0; round < roundsMax; round += 1) {
    if (pruned === undefined) return undefined;
    const result = policySchema.safeParse(pruned);
    if (result.success) return result.data;
    if (result.error.issues.length > issuesMax) return undefined;
    let left: JsonValue = pruned;
    for (const place of faultyPlaces(result.error.issues)) left = without(left, place);
    pruned = withRequiredKeys(left);
  }
  return undefined;
}

function withRequiredKeys(value: JsonValue): JsonObject | undefined {
  if (!isObject(value)) return undefined;
  return { ...value, version: "1", default: value["default"] === "allow" ? "allow" : "deny" };
}

function faultyPlaces(issues: readonly z.core.$ZodIssue[]): readonly FaultyPlace[] {
  return issues.map((issue) => {
    const steps = issue.path.map(String);
    if (issue.code === "unrecognized_keys") return { steps, keys: new Set(issue.keys) };
    return { steps: steps.slice(0, -1), keys: new Set(steps.slice(-1)) };
  });
}

/** Members of one object, or of one list, that have to go. */
interface FaultyPlace {
  readonly steps: readonly string[];
  readonly keys: ReadonlySet<string>;
}

/** The value without the faulty members. What should have had them and has not (a required key is missing) becomes null, to go in the next round. */
function without(value: JsonValue | undefined, { steps, keys }: FaultyPlace): JsonValue {
  const [step, ...rest] = steps;
  if (step === undefined) return withoutKeys(value, keys);
  if (isList(value)) {
    const index = Number(step);
    const left = without(value[index], { steps: rest, keys });
    return left === null ? value.slice(0, index) : value.with(index, left);
  }
  if (!isObject(value)) return null;
  return { ...value, [step]: without(value[step], { steps: rest, keys }) };
}

function withoutKeys(value: JsonValue | undefined, keys: ReadonlySet<string>): JsonValue {
  if (isList(value)) return value.slice(0, Math.min(...[...keys].map(Number)));
  if (!isObject(value)) return null;
  const left = Object.entries(value).filter(([key]) => !keys.has(key));
  return left.length === Object.keys(value).length ? null : Object.fromEntries(left);
}
