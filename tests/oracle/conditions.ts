import type { JsonValue } from "../../src/values/json.ts";
import type { Comparison, Condition } from "./document.ts";
import { isRightSideOf, test } from "./operators.ts";
import type { Place, Reach } from "./paths.ts";
import { isListValue, isObjectValue } from "./plain.ts";
import type { Truth } from "./truth.ts";
import { and, not, or, truthOf } from "./truth.ts";
import type { World } from "./world.ts";
import { reachIn } from "./world.ts";

/** Where a condition stands: on which side, and under an odd number of `not` or not. */
interface Stand {
  readonly side: "pass" | "deny";
  readonly isUnderOddNots: boolean;
}

/** Told of every comparison that was judged, for the report of what a run covered. */
export type Witness = (op: string, truth: Truth) => void;

/** Pure but for the witness. What a condition says of a call (policy.md §2, Judging). */
export function judge(condition: Condition, stand: Stand, world: World, witness: Witness): Truth {
  if ("any" in condition) return or(condition.any.map((part) => judge(part, stand, world, witness)));
  if ("all" in condition) return and(condition.all.map((part) => judge(part, stand, world, witness)));
  if ("not" in condition) {
    return not(judge(condition.not, { ...stand, isUnderOddNots: !stand.isUnderOddNots }, world, witness));
  }
  const truth = compareAll(condition, stand, world);
  witness(condition.op, truth);
  return truth;
}

/** One match is enough, and it counts against the call, on the deny side; every `not` turns that round. */
function isAgainstCall(stand: Stand): boolean {
  return (stand.side === "deny") !== stand.isUnderOddNots;
}

function compareAll(comparison: Comparison, stand: Stand, world: World): Truth {
  const right = rightSide(comparison, world);
  if (right === undefined) return "cannot judge";
  return overReach(reachIn(world, comparison.path), comparison, right, stand) ?? nothingToTest(stand);
}

/** The value to compare with, or undefined when it cannot be used. */
function rightSide(comparison: Comparison, world: World): JsonValue | undefined {
  if (comparison.value_from === undefined) return literalRightSide(comparison, world);
  const reach = reachIn(world, comparison.value_from);
  if (reach.kind !== "one" || reach.place.kind !== "value") return undefined;
  const { value } = reach.place;
  const isEmpty =
    value === null ||
    value === "" ||
    (isListValue(value) && value.length === 0) ||
    (isObjectValue(value) && Object.keys(value).length === 0);
  return isEmpty || !isRightSideOf(comparison.op, value) ? undefined : value;
}

function literalRightSide(comparison: Comparison, world: World): JsonValue {
  const value = comparison.value ?? true;
  if (!isObjectValue(value) || typeof value["$list"] !== "string") return value;
  const list = world.document.lists?.[value["$list"]];
  if (list === undefined) throw new Error("an unknown list in a valid document");
  return list;
}

/** Undefined when everything was passed over. */
function overReach(reach: Reach, comparison: Comparison, right: JsonValue, stand: Stand): Truth | undefined {
  switch (reach.kind) {
    case "passed over":
      return undefined;
    case "one":
      if (reach.isInTree && isPassedOver(reach.place, right, stand)) return undefined;
      return overPlace(reach.place, comparison, right, stand);
    case "many": {
      const truths = reach.members
        .map((member) => overReach(member, comparison, right, stand))
        .filter((truth) => truth !== undefined);
      if (truths.length === 0) return nothingToTest(stand);
      return isAgainstCall(stand) ? or(truths) : and(truths);
    }
  }
}

/** An empty list or tree: by the side alone, never by `not`. */
function nothingToTest(stand: Stand): Truth {
  return stand.side === "pass" ? "cannot judge" : "fails";
}

/** Under `.**`, where one match is enough and the right side is text. */
function isPassedOver(place: Place, right: JsonValue, stand: Stand): boolean {
  if (place.kind !== "value" || !isAgainstCall(stand) || !isText(right)) return false;
  return place.value === null || typeof place.value === "number" || typeof place.value === "boolean";
}

function isText(right: JsonValue): boolean {
  return typeof right === "string" || (isListValue(right) && right.every((member) => typeof member === "string"));
}

function overPlace(place: Place, comparison: Comparison, right: JsonValue, stand: Stand): Truth {
  const { op } = comparison;
  if (place.kind === "unreadable") return "cannot judge";
  const isThere = place.kind === "value" && place.value !== null;
  if (op === "exists") return truthOf(isThere === right);
  if (isThere) return test(op, place.value, right, isAgainstCall(stand));
  if (stand.side === "pass") return "cannot judge";
  return truthOf(op === "neq" || op === "not_in");
}
