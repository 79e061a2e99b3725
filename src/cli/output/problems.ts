import pc from "picocolors";
import type { Problem } from "../../errors.ts";

/** Problems for people: place, code and message, then what to do; one blank line between two. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join("\n");
}

function formatProblem(problem: Problem): string {
  const place = `${problem.file ?? "policy"}:${problem.line}:${problem.column}`;
  const kind = problem.severity === "error" ? pc.red("error") : pc.yellow("warning");
  const where = problem.path === "" ? "" : ` ${pc.dim(problem.path)}`;
  return `${pc.bold(place)} ${kind} ${problem.code}${where}\n  ${problem.message}\n  ${pc.cyan("hint")}: ${problem.hint}`;
}

/** `2 errors, 1 warning`; empty text for none. */
export function countProblems(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const warnings = problems.length - errors;
  return [plural(errors, "error"), plural(warnings, "warning")].filter((part) => part !== "").join(", ");
}

function plural(count: number, word: string): string {
  return count === 0 ? "" : `${count} ${word}${count === 1 ? "" : "s"}`;
}
