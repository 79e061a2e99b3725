import type { ImportNote, ImportResult, ImportSeverity } from "./note.ts";

const titles: Readonly<Record<ImportSeverity, string>> = {
  dropped: "Not carried over",
  changed: "Decides otherwise than before",
  same: "Decides as before",
};

/**
 * Pure. The report of an import as plain lines for people: the notes by severity, what was dropped first, each with its
 * place in the source and in the result, then a count. Control characters are written out. Problems are not in it.
 */
export function formatImportReport(result: ImportResult): readonly string[] {
  const lines: string[] = [];
  for (const severity of ["dropped", "changed", "same"] as const) {
    const notes = result.report.filter((note) => note.severity === severity);
    if (notes.length > 0) lines.push(`${titles[severity]} (${notes.length})`, ...notes.map(formatNote));
  }
  lines.push(formatSummary(result));
  return lines.map(withoutControls);
}

function formatNote({ path, target, code, message }: ImportNote): string {
  const place = path === "" ? "(whole text)" : path;
  return `  ${place}${target === undefined || target === "" ? "" : ` -> ${target}`} [${code}] ${message}`;
}

function formatSummary({ document, report }: ImportResult): string {
  if (document === undefined) return "nothing was imported";
  const count = (severity: ImportSeverity): number => report.filter((note) => note.severity === severity).length;
  return `imported: ${count("same")} as before, ${count("changed")} changed, ${count("dropped")} dropped`;
}

/** A report is printed on terminals, and its words come from the source. */
function withoutControls(line: string): string {
  return line.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${Number(character.codePointAt(0)).toString(16)}}`,
  );
}
