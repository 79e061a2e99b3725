import { isList, jsonEqual } from "../../values/json.ts";
import type { JsonValue } from "../../values/json.ts";
import type { Truth } from "./condition.ts";
import { either, truthOf } from "./kleene.ts";
import { countCharacters, isJudgeable, normalText } from "./normal-text.ts";
import { plainOperator, refuseType } from "./operator.ts";
import type { Operator, OperatorScope, Test } from "./operator.ts";

type Search = (text: string, needle: string) => boolean;

const needleMax = 1_000;

const inside: Search = (text, needle) => text.includes(needle);

/** `contains`, `starts_with`, `ends_with`: a needle in a text; `contains` also a member of a list. */
export const textOperators: readonly Operator[] = [
  {
    ...textOperator("contains", inside),
    compile: compileContains,
    bind: bindContains,
  },
  textOperator("starts_with", (text, needle) => text.startsWith(needle)),
  textOperator("ends_with", (text, needle) => text.endsWith(needle)),
];

function textOperator(name: string, search: Search): Operator {
  return {
    ...plainOperator,
    name,
    compile: (right, scope) => {
      if (typeof right !== "string") return refuseType(name, "a string", scope);
      return isNeedle(right, scope) ? searchFor(right, search, usesNormalForm(right, scope)) : undefined;
    },
    bind: (right, matchCountsAgainst) =>
      isNeedleFact(right) ? searchFor(right, search, matchCountsAgainst) : undefined,
  };
}

/** The test for one needle, as given or in normal form too. */
function searchFor(needle: string, search: Search, inNormalForm: boolean): Test {
  if (!inNormalForm) {
    return (left) => (typeof left === "string" && isJudgeable(left) ? truthOf(search(left, needle)) : "cannotJudge");
  }
  const normalNeedle = normalText(needle);
  return (left) => {
    if (typeof left !== "string" || !isJudgeable(left)) return "cannotJudge";
    if (search(left, needle)) return "holds";
    const normalLeft = normalText(left);
    return truthOf((normalLeft !== left || normalNeedle !== needle) && search(normalLeft, normalNeedle));
  };
}

/** A written needle of ignorable code points alone is meant as it is: its normal form is empty, and in every text. */
function usesNormalForm(needle: string, { matchCountsAgainst }: OperatorScope): boolean {
  return matchCountsAgainst && normalText(needle) !== "";
}

function isNeedle(right: string, scope: OperatorScope): boolean {
  const fault = (code: string, message: string, hint: string): false => {
    scope.report({ severity: "error", code, message, path: scope.valuePointer, hint });
    return false;
  };
  if (right === "") return fault("NEEDLE_EMPTY", "the text to look for is empty", "write at least one character");
  if (countCharacters(right) <= needleMax) return true;
  return fault("NEEDLE_TOO_LONG", `the text to look for has over ${needleMax} characters`, "look for a shorter text");
}

/** A text from the call itself as needle: within the same cap, and judgeable. */
function isNeedleFact(right: JsonValue): right is string {
  return (
    typeof right === "string" &&
    right.length <= 2 * needleMax &&
    countCharacters(right) <= needleMax &&
    isJudgeable(right)
  );
}

function compileContains(right: JsonValue, scope: OperatorScope): Test | undefined {
  if (isList(right) && right.length === 0) {
    scope.report({
      severity: "error",
      code: "LIST_EMPTY",
      message: "the list is empty",
      path: scope.valuePointer,
      hint: "write the member to look for",
    });
    return undefined;
  }
  if (typeof right !== "string") return (left) => hasMember(left, right);
  return isNeedle(right, scope)
    ? containsText(right, scope.matchCountsAgainst, usesNormalForm(right, scope))
    : undefined;
}

function bindContains(right: JsonValue, matchCountsAgainst: boolean): Test | undefined {
  if (typeof right !== "string") return (left) => hasMember(left, right);
  return isNeedleFact(right) ? containsText(right, matchCountsAgainst, matchCountsAgainst) : undefined;
}

function hasMember(left: JsonValue, right: JsonValue): Truth {
  return isList(left) ? truthOf(left.some((member) => jsonEqual(member, right))) : "cannotJudge";
}

/** In a text the needle is sought; in a list it must be a member, or be in a text member where that counts against the call. */
function containsText(needle: string, inMembers: boolean, inNormalForm: boolean): Test {
  const inText = searchFor(needle, inside, inNormalForm);
  return (left, subject) => {
    if (!isList(left)) return inText(left, subject);
    if (!inMembers) return truthOf(left.includes(needle));
    let truth: Truth = "fails";
    for (const member of left) {
      if (typeof member !== "string") continue;
      truth = either(truth, inText(member, subject));
      if (truth === "holds") break;
    }
    return truth;
  };
}
