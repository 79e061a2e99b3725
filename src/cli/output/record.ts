import pc from "picocolors";
import { type Finding, isAtLeast } from "../../catalogue/checks/finding.ts";
import type { Grade } from "../../catalogue/grade.ts";
import type { ServerRecord, ToolRecord } from "../../catalogue/server-record.ts";
import { shown, shownShort } from "./rows.ts";

/** One line for each tool, riskiest first, then what was found in the definitions, then the grade with its arithmetic. */
export function formatRecord({ tools, findings, grade }: ServerRecord): readonly string[] {
  const names = tools.map(({ name }) => shownShort(name));
  const width = Math.max(0, ...names.map((name) => name.length));
  const rows = tools.map((tool, index) => formatTool(tool, (names[index] ?? "").padEnd(width)));
  const found = findings.slice(0, findingsShown).map(formatFinding);
  const more = findings.length - found.length;
  return [...rows, ...found, ...(more > 0 ? [`... and ${more} more findings: see --json`] : []), ...formatGrade(grade)];
}

const findingsShown = 40;

function formatTool({ risk, category, confidence, signals, reason }: ToolRecord, name: string): string {
  const head = `${risk.padEnd(8)} ${category.padEnd(11)} ${name} ${confidence.toFixed(2)}`;
  return `${head}  ${shown(reason)}${signals.length === 0 ? "" : ` [${signals.join(", ")}]`}`;
}

/** One finding for people: how bad, where, what, and what was seen. */
export function formatFinding(finding: Omit<Finding, "code"> & { readonly code: string }): string {
  const { severity, code, subject, place, message, seen } = finding;
  const colour = isAtLeast(severity, "high") ? pc.red : pc.yellow;
  const where = `${subject.kind} ${shownShort(subject.name)}${place === "" ? "" : ` ${shownShort(place, 160)}`}`;
  return `${colour("found")} ${severity} ${code} in ${where}: ${message}: ${pc.dim(shown(seen))}`;
}

function formatGrade({
  letter,
  points,
  deductions,
  definitionTokens,
  heaviestTool,
  tokenMethod,
}: Grade): readonly string[] {
  const arithmetic = deductions.map((deduction) => `  -${deduction.points}: ${deduction.because}`);
  const heaviest = heaviestTool === undefined ? "" : `, the heaviest tool is ${shownShort(heaviestTool)}`;
  const cost = `${definitionTokens} tokens (${tokenMethod})${heaviest}`;
  return [`grade ${letter}: 100 less ${100 - points}; ${cost}`, ...arithmetic];
}
