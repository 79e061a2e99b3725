import { describe, expect, test } from "vitest";
import { formatImportReport } from "./format-import-report.ts";
import { importPolicy } from "./import-policy.ts";

describe("formatImportReport", () => {
  test("shortens long words of the source", () => {
    const [, line] = formatImportReport(
      importPolicy(`{ "rules": [{ "action": "${"a".repeat(200)}" }] }`, { tool: "x" }),
    );
    expect(line).toContain(`\`${"a".repeat(100)}…\``);
  });

  test("prints what was dropped first, then what changed, then the rest, and a count", () => {
    const result = importPolicy(
      'version: "1"\ndefault: allow\ntools: { "a\\u001b[2J": { rules: [{ action: block }, { action: allow }, { rate_limit: 5/day }] } }',
    );
    const lines = formatImportReport(result);
    expect(lines.map((line) => line.replace(/\] .*/, "]"))).toEqual([
      "Not carried over (1)",
      "  /tools/a\\u{1b}[2J/rules/0/action -> /tools/a\\u{1b}[2J/deny_if/0 [action_unknown]",
      "Decides otherwise than before (1)",
      "  /tools/a\\u{1b}[2J/rules/2/rate_limit -> /tools/a\\u{1b}[2J/limits/0 [limit]",
      "Decides as before (1)",
      "  /tools/a\\u{1b}[2J/rules/1 -> /tools/a\\u{1b}[2J [allow]",
      "imported: 1 as before, 1 changed, 1 dropped",
    ]);
  });

  test("says of the whole text what has no place of its own", () => {
    expect(formatImportReport(importPolicy('{ "version": "1", "default": "deny" }'))).toEqual([
      "Decides as before (1)",
      "  (whole text) [already_current] this is a whole document of this language already",
      "imported: 1 as before, 0 changed, 0 dropped",
    ]);
  });

  test("says that a refused text gave nothing", () => {
    expect(formatImportReport(importPolicy("[]"))).toEqual(["nothing was imported"]);
  });
});
