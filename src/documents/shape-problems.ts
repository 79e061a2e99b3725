import type { z } from "zod";
import type { JsonValue } from "../values/json.ts";
import { isList, isObject, ownMember } from "../values/json.ts";
import { escapeStep, toPointer } from "../values/pointer.ts";
import { nearestWord } from "../values/suggest.ts";
import type { DocumentProblemCode } from "./problem-codes.ts";
import type { FoundProblem } from "./problem-list.ts";

type Issue = z.core.$ZodIssue;
type ShapeProblem = FoundProblem<DocumentProblemCode>;

const kindWords: Readonly<Record<string, string>> = {
  string: "text in quotes",
  number: "a number",
  int: "a whole number",
  boolean: "`true` or `false`",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** Pure. What is wrong with a document's shape, in our words; `value` is the document the issues are of. */
export function problemsOfShape(
  issues: readonly Issue[],
  value: JsonValue,
): readonly FoundProblem<DocumentProblemCode>[] {
  return issues.slice(0, problemsMax).flatMap((issue) => problemsOfIssue(issue, [], value));
}

/** Nobody reads more, and finding what was meant takes its time. */
const problemsMax = 1000;

function problemsOfIssue(issue: Issue, prefix: readonly (string | number)[], root: JsonValue): readonly ShapeProblem[] {
  const steps = [...prefix, ...issue.path.map((step) => (typeof step === "number" ? step : String(step)))];
  const path = toPointer(steps);
  const value = valueAt(root, steps);
  if (value === undefined) return [missingKey(steps, issue)];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.slice(0, problemsMax).map((key) => unknownKey(key, path, issue.message.split(" ")));
    case "invalid_union":
      return problemsOfUnion(issue.errors, steps, root, value);
    case "invalid_value":
      return [unknownValue(value, issue.values.map(String), path)];
    case "too_small":
      return [outOfRange(`at least ${String(issue.minimum)}`, issue.origin, path)];
    case "too_big":
      return [outOfRange(`at most ${String(issue.maximum)}`, issue.origin, path)];
    case "invalid_type":
      return [wrongType(issue.expected, value, path)];
    default:
      return [wrongType("another value", value, path)];
  }
}

/** Of a value that fits none of several shapes, the problems of the shape it is nearest to. */
function problemsOfUnion(
  branches: readonly (readonly Issue[])[],
  steps: readonly (string | number)[],
  root: JsonValue,
  value: JsonValue,
): readonly ShapeProblem[] {
  const fitting = branches.filter(
    (issues) => !issues.some((issue) => issue.path.length === 0 && issue.code === "invalid_type"),
  );
  if (fitting.length === 0) {
    const wanted = branches.flatMap((issues) =>
      issues.flatMap((issue) => (issue.code === "invalid_type" ? [issue.expected] : [])),
    );
    return [wrongType([...new Set(wanted)], value, toPointer(steps))];
  }
  const nearest = fitting
    .toSorted((a, b) => distanceOf(a) - distanceOf(b))
    .slice(0, 1)
    .flat();
  return nearest.flatMap((issue) => problemsOfIssue(issue, steps, root));
}

/** How far a value is from a shape: keys of its own that the shape has not, and keys of the shape that it has not. */
function distanceOf(issues: readonly Issue[]): number {
  let distance = 0;
  for (const issue of issues) {
    if (issue.path.length > 1) continue;
    if (issue.code === "unrecognized_keys") distance += issue.keys.length;
    else distance += 1;
  }
  return distance;
}

function missingKey(steps: readonly (string | number)[], issue: Issue): ShapeProblem {
  const key = String(steps.at(-1));
  const values =
    issue.code === "invalid_value"
      ? issue.values.map((value) => `\`${JSON.stringify(value)}\``).join(" or ")
      : undefined;
  return {
    severity: "error",
    code: "KEY_MISSING",
    message: `the key \`${key}\` is missing`,
    path: toPointer(steps),
    hint: values === undefined ? `add \`"${key}"\`` : `add \`"${key}"\` with ${values}`,
  };
}

function unknownKey(key: string, path: string, known: readonly string[]): ShapeProblem {
  const near = nearestWord(key, known);
  return {
    severity: "error",
    code: "KEY_UNKNOWN",
    message: `the key \`${shorten(key)}\` is not known here`,
    path: `${path}/${escapeStep(key)}`,
    hint:
      near === undefined ? `known here: ${known.map((word) => `\`${word}\``).join(", ")}` : `did you mean \`${near}\`?`,
    at: "key",
  };
}

function unknownValue(value: JsonValue, known: readonly string[], path: string): ShapeProblem {
  const near = typeof value === "string" ? nearestWord(value, known) : undefined;
  const words = known.map((word) => `\`"${word}"\``).join(", ");
  return {
    severity: "error",
    code: "VALUE_UNKNOWN",
    message: `${shownValue(value)} is not known here`,
    path,
    hint: near === undefined ? `use ${known.length > 1 ? "one of " : ""}${words}` : `did you mean \`"${near}"\`?`,
  };
}

function outOfRange(bound: string, origin: string, path: string): ShapeProblem {
  const unit = origin === "string" ? " characters" : origin === "array" ? " entries" : "";
  return {
    severity: "error",
    code: "VALUE_OUT_OF_RANGE",
    message: `this must ${unit === "" ? "be" : "have"} ${bound}${unit}`,
    path,
    hint: `change it to ${bound}${unit}`,
  };
}

function wrongType(expected: string | readonly string[], value: JsonValue, path: string): ShapeProblem {
  const wanted = [expected].flat().map((word) => kindWords[word] ?? word);
  return {
    severity: "error",
    code: "TYPE_WRONG",
    message: `${shownValue(value)} stands where ${wanted.join(" or ")} belongs`,
    path,
    hint: `write ${wanted.join(" or ")}`,
  };
}

function shownValue(value: JsonValue): string {
  if (isList(value)) return "a list";
  if (isObject(value)) return "an object";
  return `\`${shorten(JSON.stringify(value))}\``;
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}

function valueAt(root: JsonValue, steps: readonly (string | number)[]): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const step of steps) {
    if (isList(value)) value = value[Number(step)];
    else if (isObject(value)) value = ownMember(value, String(step));
    else return undefined;
  }
  return value;
}
