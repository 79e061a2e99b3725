import type { z } from "zod";
import type { InputProblem } from "../control/control-context.ts";
import { toPointer } from "../values/pointer.ts";

type Issue = z.core.$ZodIssue;
type Steps = readonly (string | number)[];

/** Nobody reads more. */
const problemsMax = 100;

const seeContract = "the members are in `/api/v1/openapi.json`";

/** Pure. What is wrong with what was sent, in our words; values are never repeated, as one could be a secret. */
export function inputProblems(issues: readonly Issue[]): readonly InputProblem[] {
  return issues.flatMap((issue) => problemsOf(issue, [])).slice(0, problemsMax);
}

function problemsOf(issue: Issue, prefix: Steps): readonly InputProblem[] {
  const steps = [...prefix, ...issue.path.map((step) => (typeof step === "number" ? step : String(step)))];
  const path = toPointer(steps);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        path: toPointer([...steps, key.slice(0, 80)]),
        message: `the member \`${key.slice(0, 80)}\` is not known here`,
        hint: `leave it out: ${seeContract}`,
      }));
    case "invalid_union":
      return problemsOfUnion(issue.errors, steps, path);
    case "invalid_key":
    case "invalid_element":
      return issue.issues.flatMap((inner) => problemsOf({ ...inner, path: [] }, steps));
    default:
      return [{ path, ...wordsOf(issue) }];
  }
}

/** Of a value that fits none of several shapes, the problems of the one that it is nearest to. */
function problemsOfUnion(branches: readonly (readonly Issue[])[], steps: Steps, path: string): readonly InputProblem[] {
  const [nearest] = branches
    .filter((issues) => !issues.some(({ path: at, code }) => at.length === 0 && code === "invalid_type"))
    .toSorted((a, b) => a.length - b.length);
  if (nearest !== undefined) return nearest.flatMap((issue) => problemsOf(issue, steps));
  return [{ path, message: "this has none of the shapes that it may have", hint: seeContract }];
}

function wordsOf(issue: Issue): Omit<InputProblem, "path"> {
  switch (issue.code) {
    case "invalid_type":
      return issue.message.endsWith("received undefined")
        ? { message: "this is missing", hint: `add it, as ${issue.expected}` }
        : { message: `this must be of the type ${issue.expected}`, hint: `write it as ${issue.expected}` };
    case "invalid_value": {
      const known = issue.values.map((value) => `\`${String(value)}\``).join(", ");
      return { message: "this value is not known here", hint: `use one of ${known}` };
    }
    case "too_small":
      return boundWords(`at least ${String(issue.minimum)}`, issue.origin);
    case "too_big":
      return boundWords(`at most ${String(issue.maximum)}`, issue.origin);
    case "invalid_format":
      return { message: "this is not written as it must be", hint: `write it in the format \`${issue.format}\`` };
    case "custom":
      return { message: issue.message, hint: seeContract };
    default:
      return { message: "this cannot be used", hint: seeContract };
  }
}

function boundWords(bound: string, origin: string): Omit<InputProblem, "path"> {
  const unit = origin === "string" ? " characters" : origin === "array" ? " entries" : "";
  const message = `this must ${unit === "" ? "be" : "have"} ${bound}${unit}`;
  return { message, hint: "change it to that" };
}
