import { isList } from "../../values/json.ts";
import type { JsonValue } from "../../values/json.ts";
import { truthOf } from "./kleene.ts";
import { isJudgeable } from "./normal-text.ts";
import { listOperator, refuseType } from "./operator.ts";
import type { Operator, OperatorScope, Test } from "./operator.ts";
import { quoteValue } from "./quote.ts";

/** `within`: an absolute file path at or below one of a list of roots. Only plain paths are read. */
export const filePathOperators: readonly Operator[] = [
  {
    ...listOperator,
    name: "within",
    compile: withinRoots,
    bind: undefined,
  },
];

function withinRoots(right: JsonValue, scope: OperatorScope): Test | undefined {
  if (!isList(right)) return refuseType("within", "a list", scope);
  const roots: string[] = [];
  for (const member of right) {
    if (typeof member === "string" && isPlainPath(member)) roots.push(withSlash(member));
    else reportRoot(member, scope);
  }
  warnOfDenySide(scope);
  if (roots.length < right.length) return undefined;
  return (left) => {
    if (typeof left !== "string" || !isJudgeable(left) || !isPlainPath(left)) return "cannotJudge";
    const path = withSlash(left);
    return truthOf(roots.some((root) => path.startsWith(root)));
  };
}

/** `\p{Cc}` is every control character; a letter and a colon at the start is a drive. */
const notPlain = /[~$%\\\p{Cc}]|^\/[A-Za-z]:|\/\.{0,2}(?:\/|$)/u;

/** Pure. Whether a path is absolute and means the same to every program: policy.md §2 "Plain forms". */
function isPlainPath(path: string): boolean {
  if (!path.startsWith("/")) return false;
  return path === "/" || !notPlain.test(path.endsWith("/") ? path.slice(0, -1) : path);
}

function withSlash(path: string): string {
  return path.endsWith("/") ? path : `${path}/`;
}

function reportRoot(member: JsonValue, scope: OperatorScope): void {
  scope.report({
    severity: "error",
    code: "ROOT_NOT_PLAIN",
    message: `${quoteValue(member)} is not a plain absolute path`,
    path: scope.valuePointer,
    hint: "write the full path from `/` on, without `..`, `~` or variables",
  });
}

function warnOfDenySide(scope: OperatorScope): void {
  if (scope.side === "pass" && !scope.matchCountsAgainst) return;
  scope.report({
    severity: "warning",
    code: "WITHIN_ON_DENY_SIDE",
    message: "symbolic links and disks that ignore case lead around a `within` that denies",
    path: scope.valuePointer,
    hint: "name what is allowed in `require`",
  });
}
