import { RE2JS } from "re2js";
import type { JsonValue } from "../../values/json.ts";
import type { Subject, Truth } from "./condition.ts";
import { either } from "./kleene.ts";
import { countCharacters, isJudgeable, normalText } from "./normal-text.ts";
import { plainOperator, refuseType } from "./operator.ts";
import type { Operator, OperatorScope, Test } from "./operator.ts";
import { quote } from "./quote.ts";
import { literalMatcher } from "./regex-literal.ts";
import { outlinePattern } from "./regex-pattern.ts";
import type { PatternOutline } from "./regex-pattern.ts";

/** A compiled pattern: linear in the text, whatever the text. */
interface Pattern {
  /** Instructions of its program, for the budget of a call. */
  readonly size: number;
  readonly matches: (text: string) => boolean;
}

const patternMax = 1_000;
const instructionsMax = 1_000;
const repeatMax = 100;

/** `regex` (found anywhere) and `matches` (the whole text), in RE2 syntax, on the linear engine. */
export const regexOperators: readonly Operator[] = [regexOperator("regex", false), regexOperator("matches", true)];

function regexOperator(name: string, isWhole: boolean): Operator {
  return {
    ...plainOperator,
    name,
    compile: (right: JsonValue, scope: OperatorScope): Test | undefined => {
      if (typeof right !== "string") return refuseType(name, "a string", scope);
      const pattern = compilePattern(right, isWhole, scope);
      if (pattern === undefined) return undefined;
      const outline = outlinePattern(right);
      warnOfLoosePattern(right, outline, isWhole, scope);
      const normalRight = normalText(right);
      if (normalRight !== right) warnOfForm(right, scope);
      if (!scope.matchCountsAgainst) return testAsGiven(pattern);
      if (normalRight === right) return testBothForms(pattern, pattern);
      const normalPattern = compilePattern(normalRight, isWhole, scope);
      return normalPattern === undefined ? undefined : testBothForms(pattern, normalPattern);
    },
    bind: undefined,
  };
}

function testAsGiven(pattern: Pattern): Test {
  return (left, subject) => {
    if (typeof left !== "string" || !isJudgeable(left)) return "cannotJudge";
    return run(pattern, left, subject);
  };
}

function testBothForms(pattern: Pattern, normalPattern: Pattern): Test {
  return (left, subject) => {
    if (typeof left !== "string" || !isJudgeable(left)) return "cannotJudge";
    const asGiven = run(pattern, left, subject);
    if (asGiven === "holds") return asGiven;
    const normalLeft = normalText(left);
    if (normalLeft === left && normalPattern === pattern) return asGiven;
    return either(asGiven, run(normalPattern, normalLeft, subject));
  };
}

/** Takes the work from the call's budget first; what would need more cannot be judged. */
function run({ size, matches }: Pattern, text: string, subject: Subject): Truth {
  const left = subject.regexBudget - size * text.length;
  if (left < 0) return "cannotJudge";
  subject.regexBudget = left;
  return matches(text) ? "holds" : "fails";
}

/** Reports `NEEDLE_EMPTY`, `REGEX_TOO_LARGE` or `REGEX_REFUSED`. */
function compilePattern(source: string, isWhole: boolean, scope: OperatorScope): Pattern | undefined {
  const fault = (code: string, message: string, hint: string): undefined => {
    scope.report({ severity: "error", code, message, path: scope.valuePointer, hint });
    return undefined;
  };
  if (source === "") return fault("NEEDLE_EMPTY", "the pattern is empty", "write at least one character");
  if (countCharacters(source) > patternMax) {
    return fault(
      "REGEX_TOO_LARGE",
      `the pattern has over ${patternMax} characters`,
      "split it into several conditions under `any`",
    );
  }
  const { repeatMax: repeats } = outlinePattern(source);
  if (repeats > repeatMax) {
    return fault(
      "REGEX_TOO_LARGE",
      `the pattern repeats ${repeats} times, over ${repeatMax}`,
      "use `length_lte` for lengths",
    );
  }
  const engine = parsePattern(source);
  if (typeof engine === "string") {
    return fault(
      "REGEX_REFUSED",
      `the pattern is refused: ${engine}`,
      "write RE2 syntax: no look-around, no back-references",
    );
  }
  const size = engine.programSize();
  if (size > instructionsMax) {
    return fault(
      "REGEX_TOO_LARGE",
      `the pattern compiles to ${size} instructions, over ${instructionsMax}`,
      "lower its repeat counts or split it",
    );
  }
  const matches = isWhole
    ? (text: string): boolean => engine.testExact(text)
    : (text: string): boolean => engine.test(text);
  return { size, matches: literalMatcher(source, isWhole) ?? matches };
}

/** The engine's pattern, or its words on why there is none. */
function parsePattern(source: string): RE2JS | string {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    return String(error)
      .replace(/^\w+: (?:error parsing regexp: )?/, "")
      .replace(/: `[^]*$/, "")
      .toLowerCase();
  }
}

/** Where a match lets a call pass, a pattern that leaves room around what it names is most often a mistake. */
function warnOfLoosePattern(source: string, outline: PatternOutline, isWhole: boolean, scope: OperatorScope): void {
  if (scope.matchCountsAgainst) return;
  if (!isWhole && !outline.isAnchored) {
    scope.report({
      severity: "warning",
      code: "REGEX_UNANCHORED",
      message: `the pattern ${quote(source)} lets anything stand before or after it`,
      path: scope.valuePointer,
      hint: "use `matches`, or begin with `^` and end with `$`",
    });
  }
  if (outline.hasAnyRun && isCommandLike(scope.path.text)) {
    scope.report({
      severity: "warning",
      code: "REGEX_ANY_RUN",
      message: `the pattern ${quote(source)} lets any text into ${quote(scope.path.text)}`,
      path: scope.valuePointer,
      hint: "name the characters that may stand there, as in `[a-z ]*`",
    });
  }
}

/** Arguments that are most often run: a shell command, a query, code. */
const commandLike =
  /(?:^|[^a-z])(?:cmd|command|shell|bash|exec|script|code|sql|query|statement|expression|program|eval)s?(?:[^a-z]|$)/i;

function isCommandLike(path: string): boolean {
  return commandLike.test(path.replace(/([a-z])([A-Z])/g, "$1_$2"));
}

function warnOfForm(source: string, scope: OperatorScope): void {
  scope.report({
    severity: "warning",
    code: "REGEX_NOT_NORMAL",
    message: `the pattern ${quote(source)} is not in its normal form (NFKC, nothing invisible)`,
    path: scope.valuePointer,
    hint: `write ${quote(normalText(source))}, or escape the code points you mean`,
  });
}
