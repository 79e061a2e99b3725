import { visibleText } from "../../catalogue/checks/visible-text.ts";
import { categories } from "../../policy/index.ts";
import type { ScannedServer } from "../../compose/scan.ts";

/** What tells our comment from others. */
export const reportMark = "<!-- callgate scan -->";

/** Characters of a comment that the service takes, with room for a last line. */
const commentCharactersMax = 65_000;

const findingsShown = 30;
const toolsShown = 20;

/**
 * Pure. What a scan saw as Markdown for a pull request, with {@link reportMark}. Whatever servers wrote stands in code, in
 * which nothing is a link, a picture, a mention or HTML.
 */
export function markdownReport(servers: readonly ScannedServer[], summary: string): string {
  return [reportMark, "### MCP servers in this repository", "", summary, ...servers.flatMap(serverPart), ""].join("\n");
}

/** Pure. A report that fits into a comment: cut at the end of a line, which says so. */
export function shortened(report: string): string {
  if (report.length <= commentCharactersMax) return report;
  const end = report.lastIndexOf("\n", commentCharactersMax);
  return `${report.slice(0, end)}\n\nThe rest is in the job's summary.\n`;
}

function serverPart(server: ScannedServer): readonly string[] {
  if (server.status === "failed") return ["", `**${code(server.name)}** could not be read: ${code(server.message)}`];
  const { tools, counts, grade, findings } = server.record;
  const parts = categories
    .filter((category) => counts[category] > 0)
    .map((category) => `${counts[category]} ${category}`);
  const careful = tools.filter(({ risk }) => risk === "Critical").map(({ name }) => code(name));
  const rows = findings
    .slice(0, findingsShown)
    .map(
      ({ severity, code: kind, subject, message, seen }) =>
        `| ${severity} | ${kind} | ${code(subject.name)} | ${code(message)} | ${code(seen)} |`,
    );
  return [
    "",
    `**${code(server.name)}**: grade ${grade.letter}, ${tools.length} tools${parts.length === 0 ? "" : ` (${parts.join(", ")})`}`,
    ...(careful.length === 0
      ? []
      : [
          "",
          `Destroy or spend: ${careful.slice(0, toolsShown).join(", ")}${careful.length > toolsShown ? ", ..." : ""}`,
        ]),
    ...(rows.length === 0 ? [] : ["", "| severity | finding | in | what | seen |", "|---|---|---|---|---|", ...rows]),
    ...(findings.length > findingsShown ? ["", `and ${findings.length - findingsShown} more`] : []),
  ];
}

/** Code that no text can end: no back-tick, no line end and no cell border is left in it. */
function code(text: string): string {
  return `\`${visibleText(text).replaceAll("`", "'").replaceAll("|", "¦") || " "}\``;
}
