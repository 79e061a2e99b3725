import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeMachine } from "./machine.ts";
import { benchFolder } from "./paths.ts";

/** Figures side by side. Cells are texts, ready to show. */
export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a bench found. */
export interface Report {
  readonly name: string;
  /** What was measured and how, a paragraph. */
  readonly about: string;
  readonly tables: readonly Table[];
  /** What a reader must know to read the figures right. */
  readonly notes: readonly string[];
}

/** Prints the tables. */
export function printReport(report: Report): void {
  process.stdout.write(`\n${toMarkdown(report)}`);
}

/** Writes the report, with the command that made it, beside the earlier ones; gives the file's path within the checkout. */
export function writeReport(report: Report, command = `npm run bench -- ${report.name}`): string {
  const folder = join(benchFolder, "results");
  mkdirSync(folder, { recursive: true });
  const machine = [
    `- date: ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`,
    `- machine: ${describeMachine()}`,
    `- command: \`${command}\``,
  ];
  writeFileSync(join(folder, `${report.name}.md`), toMarkdown(report, machine));
  return `bench/results/${report.name}.md`;
}

/** Pure. The report as Markdown whose tables are aligned for a terminal too. */
export function toMarkdown(report: Report, facts: readonly string[] = []): string {
  const lines = [`# ${report.name}`, "", report.about, ""];
  if (facts.length > 0) lines.push(...facts, "");
  for (const table of report.tables) lines.push(`**${table.caption}**`, "", ...tableLines(table), "");
  lines.push(...report.notes.map((note) => `- ${note}`));
  return `${lines.join("\n").trimEnd()}\n`;
}

function tableLines({ head, rows }: Table): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, 3, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => pad(cells[column] ?? "", width, column)).join(" | ")} |`;
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(head), `| ${rule.join(" | ")} |`, ...rows.map(line)];
}

function pad(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}
