import type { z } from "zod";
import type { JsonValue } from "../values/json.ts";
import { isList, isObject } from "../values/json.ts";
import type { PolicyDocument } from "./document.ts";
import { policySchema } from "./schema.ts";

type Step = string | number;

const roundsMax = 20;

/**
 * Pure. What is left of a document whose shape is wrong once every faulty member is gone, so that the problems of the
 * rest can be told in the same breath; undefined when not enough is left. Never to be used for deciding. Pointers stay
 * true: of a list, what follows a faulty member goes too.
 */
export function pruneDocument(value: JsonValue): PolicyDocument | undefined {
  let pruned = value;
  for (let round = 0; round < roundsMax; round += 1) {
    const result = policySchema.safeParse(pruned);
    if (result.success) return result.data;
    for (const steps of faultyPlaces(result.error.issues)) pruned = without(pruned, steps);
    if (!isObject(pruned)) return undefined;
    pruned = { ...pruned, version: "1", default: pruned["default"] === "allow" ? "allow" : "deny" };
  }
  return undefined;
}

function faultyPlaces(issues: readonly z.core.$ZodIssue[]): readonly (readonly Step[])[] {
  return issues.flatMap((issue) => {
    const steps = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
    return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...steps, key]) : [steps];
  });
}

/** The value without the member at the steps; when there is none (a required key is missing), without its parent. */
function without(value: JsonValue | undefined, steps: readonly Step[]): JsonValue {
  const [step, ...rest] = steps;
  if (isList(value)) {
    const index = Number(step);
    const left = rest.length === 0 ? null : without(value[index], rest);
    return left === null ? value.slice(0, index) : value.with(index, left);
  }
  const key = String(step);
  if (!isObject(value) || !Object.hasOwn(value, key)) return null;
  const { [key]: child, ...others } = value;
  const left = rest.length === 0 ? null : without(child, rest);
  return left === null ? others : { ...value, [key]: left };
}
