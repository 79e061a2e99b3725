import { attackCategories, coverages } from "../src/attacks/attack.ts";
import { type AttackDatabase, loadAttacks } from "../src/attacks/load-entries.ts";
import type { GeneratedFile } from "./generated-file.ts";

const start = "<!-- generated from src/attacks: npm run generate -->";
const end = "<!-- end of what is generated -->";

/** The tables of `docs/guides/attacks.md`, from the attack database; what people wrote around them stays. */
export function generateAttackFiles(read: (path: string) => string): readonly GeneratedFile[] {
  const path = "docs/guides/attacks.md";
  const [before = "", rest = ""] = read(path).split(start);
  const [, after = ""] = rest.split(end);
  return [{ path, text: `${before}${start}\n\n${tables(loadAttacks())}\n${end}${after}` }];
}

function tables({ attacks, stoppedByGateway, outOfReach }: AttackDatabase): string {
  const counts = coverages.map(
    (label) => `${label} **${attacks.filter(({ coverage }) => coverage === label).length}**`,
  );
  const kinds = attackCategories.flatMap((kind) => {
    const rows = attacks.filter(({ category }) => category === kind);
    const lines = rows.map(
      ({ slug, name, coverage }) => `| [${slug}](../../src/attacks/entries/${slug}.md) | ${cell(name)} | ${coverage} |`,
    );
    return [
      "",
      `### ${kind.charAt(0).toUpperCase()}${kind.slice(1)}`,
      "",
      "| attack | name | label |",
      "|---|---|---|",
      ...lines,
    ];
  });
  return [
    `**${attacks.length}** entries: ${counts.join(", ")}.`,
    ...kinds,
    "",
    `## Stopped by the gateway itself (${stoppedByGateway.length})`,
    "",
    "No policy judges these, and none has to. The rows of the bypass table (B...) and the numbered behaviours (R...) are tests.",
    "",
    "| attack | what stops it | tests |",
    "|---|---|---|",
    ...stoppedByGateway.map(({ name, how, rows }) => `| ${cell(name)} | ${cell(how)} | ${rows.join(", ")} |`),
    "",
    `## Out of reach (${outOfReach.length})`,
    "",
    "| attack | why |",
    "|---|---|",
    ...outOfReach.map(({ name, reason }) => `| ${cell(name)} | ${cell(reason)} |`),
    "",
  ].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
