import pc from "picocolors";
import { shown } from "./rows.ts";

/** Lines of a table for people: a heading, and a row for each item. What others chose shows no control characters. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return ["none"];
  const cells = rows.map((row) => row.map(shown));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [pc.dim(line(headings)), ...cells.map(line)];
}

/** Lines of one thing for people: a name and a value on each. */
export function formatFields(fields: Readonly<Record<string, string>>): readonly string[] {
  const width = Math.max(0, ...Object.keys(fields).map((name) => name.length));
  return Object.entries(fields).map(([name, value]) => `${pc.dim(name.padEnd(width))}  ${shown(value)}`);
}
