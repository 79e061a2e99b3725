import type { Finding } from "../../catalogue/checks/finding.ts";
import { presets } from "../../catalogue/recommend.ts";
import type { CatalogueChange, ServerHit } from "../../catalogue-store/catalogue-store.ts";
import type { ServerView } from "../../catalogue-store/views.ts";
import { barText, code, fenced, packageName, plainSentence, suggestionsMarkdown } from "./catalogue-parts.ts";
import { packageSnippet } from "./register-form.ts";
import { presetTexts, serverQuestions, slugOf } from "./server-page.ts";

/** Pure. A server's page as Markdown, in the page's order. */
export function serverMarkdown(view: ServerView): string {
  const { name, slug, tools, changing, verdict, grade, counts, dangerous, changes, similar } = view;
  const toolLink = (tool: string): string => `[${code(tool)}](/catalogue/${slug}/${slugOf(view, tool)}.md)`;
  return [
    `# ${code(name)}`,
    grade === null
      ? "Its tools were never seen: no grade and no verdict."
      : `${tools.length} tools, ${changing} can change something (${barText(counts)}). Verdict: **${verdict.verdict}**, ${verdict.reasons.join("; ")}.`,
    facts(view),
    ...(dangerous.length === 0
      ? []
      : [
          "## Be careful with",
          list(
            tools.filter((tool) => dangerous.includes(tool.name)),
            (tool) => `${toolLink(tool.name)} ${tool.category}`,
          ),
        ]),
    ...policyParts(view, toolLink),
    "## Register this server",
    registering(view),
    "## Tools",
    list(tools, (tool) => `${toolLink(tool.name)} ${tool.category}, ${tool.risk}, ${tool.definitionTokens} tokens`),
    "## Changes",
    list(changes, changeText),
    "## Similar servers",
    list(similar, similarText),
    "## Questions",
    ...serverQuestions(view).map(({ question, answer }) => `**${plainSentence(question)}** ${plainSentence(answer)}`),
    "",
  ].join("\n\n");
}

function list<T>(items: readonly T[], text: (item: T) => string): string {
  return items.map((item) => `- ${text(item)}`).join("\n") || "none";
}

function facts(view: ServerView): string {
  const { identity, grade, posture, packages, remotes, repository, definitionTokens, tokenMethod, heaviestTool } = view;
  const codes = (texts: readonly string[]): string => texts.map(code).join(", ") || "none";
  return [
    `- Publisher: ${identity.level}, ${identity.evidence.map(code).join("; ")}`,
    `- Grade: ${grade === null ? "none" : `${grade.letter}, ${grade.points} of 100${grade.deductions.map(({ points, because }) => `; -${points} ${because}`).join("")}`}`,
    `- Access: ${posture.auth}; ${Math.round(posture.annotations * 100)} % of tools carry annotations`,
    `- Packages: ${codes(packages.map(packageName))}`,
    `- Addresses: ${codes(remotes)}`,
    ...(repository === undefined ? [] : [`- Repository: ${code(repository)}`]),
    `- Definition cost: ${definitionTokens} tokens (${tokenMethod})${heaviestTool === undefined ? "" : `, the heaviest tool is ${code(heaviestTool)}`}`,
    `- Findings: ${view.findings.length === 0 ? "none" : view.findings.slice(0, 20).map(findingText).join("")}`,
    `- Last checked: ${view.scannedAt.slice(0, 10)}, learnt from ${view.source}`,
  ].join("\n");
}

function findingText({ severity, subject, message }: Finding): string {
  return `\n  - ${severity}: ${code(subject.name)} ${plainSentence(message)}`;
}

function policyParts(view: ServerView, toolLink: (tool: string) => string): readonly string[] {
  const { slug, tools, policies } = view;
  const { suggested, unnamed } = policies.balanced;
  if (tools.length === 0) return [];
  return [
    "## Policies",
    ...presets.flatMap((preset) => [presetTexts[preset], fenced(policies[preset].document)]),
    ...(unnamed.length === 0
      ? []
      : [`Left out, and so denied, because no policy can hold their names: ${unnamed.map(code).join(", ")}`]),
    ...suggestionsMarkdown(suggested, (tool) => `${toolLink(tool)}: `),
    "## Apply to my server",
    `A policy manager applies one of them on [the server's page](/catalogue/${slug}#apply).`,
  ];
}

function registering(view: ServerView): string {
  const { slug, packages, remotes } = view;
  const page = `An admin registers it${remotes.length === 0 ? " at an address of yours" : ""} on [the server's page](/catalogue/${slug}#register).`;
  const snippet = packageSnippet(view);
  if (packages.length === 0 || snippet === undefined) return page;
  return `${page} It is published as a package: for its command the operator adds this to callgate.yaml.\n\n\`\`\`yaml\n${snippet}\`\`\``;
}

function changeText({ at, severity, kind, tool, from, to }: CatalogueChange): string {
  const parts = [
    tool === undefined ? "" : ` ${code(tool)}`,
    from === undefined ? "" : ` from ${code(from)}`,
    to === undefined ? "" : ` to ${code(to)}`,
  ];
  return `${at.slice(0, 10)} ${severity}: ${kind.replaceAll("_", " ")}${parts.join("")}`;
}

function similarText({ slug, name, grade, tools }: ServerHit): string {
  return `[${code(name)}](/catalogue/${slug}.md) ${grade === undefined ? "not seen" : `grade ${grade}`}, ${tools} tools`;
}
