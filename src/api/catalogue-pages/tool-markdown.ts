import type { ToolView } from "../../catalogue-store/views.ts";
import type { ToolParameter } from "../../catalogue/server-record.ts";
import { reasonOf, signalTexts } from "../../catalogue/tool-texts.ts";
import { owaspText } from "../../values/owasp.ts";
import { barText, code, fenced, fencedText, plainSentence, suggestionsMarkdown } from "./catalogue-parts.ts";

/** Pure. A tool's page as Markdown, in the page's order; `contact` is an address for questions. */
export function toolMarkdown(view: ToolView, contact: string | undefined): string {
  const { server, tool, use, harms, rule, questions, counts } = view;
  const { name, slug, risk, category, confidence, description, recommended, suggested, override, lapsed } = tool;
  const home = `/catalogue/${server.slug}`;
  return [
    `# ${code(name)}`,
    `**${risk} risk**, ${category}, ${override === undefined ? `confidence ${confidence.toFixed(2)}` : `corrected here by ${plainSentence(override.by)}`}.`,
    ...(description === undefined ? [] : ["What the server says of it, not checked:", fencedText(description)]),
    ...(lapsed === undefined
      ? []
      : [
          `A correction to ${lapsed.category} by ${plainSentence(lapsed.by)} counts no more: the definition is another one.`,
        ]),
    `Part of the [${code(server.name)}](${home}.md) server.`,
    "## What it is for, and what can go wrong",
    use,
    harms.map((harm) => `- ${harm}`).join("\n"),
    ...evidenceLines(view),
    "## Policy",
    `**${rule}**`,
    fenced(recommended),
    `[The policy for all ${server.tools} tools](${home}.md#policies) of ${code(server.name)}`,
    ...suggestionsMarkdown(suggested, () => ""),
    "## Apply to my server",
    `A policy manager applies it on [the tool's page](${home}/${slug}#apply).`,
    ...attackLines(view),
    ...alikeLines(view),
    "## Questions",
    ...questions.map(({ question, answer }) => `**${plainSentence(question)}** ${plainSentence(answer)}`),
    "## Catalogue",
    `${counts.servers} servers with ${counts.tools} tools: ${barText(counts.categories)}.${contact === undefined ? "" : ` [Contact](${contact})`}`,
    "",
  ].join("\n\n");
}

function evidenceLines({ tool }: ToolView): readonly string[] {
  const { evidence, signals, owasp, parameters, definitionTokens, override } = tool;
  return [
    "### Evidence",
    plainSentence(reasonOf(tool)),
    ...(override === undefined ? [] : ["What the classifier went by:"]),
    evidence
      .map(
        ({ place, word, says, because }) =>
          `- ${plainSentence(place)} ${code(word)} says ${says}: ${plainSentence(because)}`,
      )
      .join("\n"),
    "### Facts",
    [
      `- Signals: ${signals.map((signal) => `${signal} (${signalTexts[signal].means})`).join(", ") || "none"}`,
      `- OWASP: ${owaspText(owasp) || "none"}`,
      `- Cost: ${definitionTokens} tokens of a context window`,
    ].join("\n"),
    "### Arguments",
    parameters.map(parameterLine).join("\n") || "none",
  ].filter((part) => part !== "");
}

function parameterLine({ name, type, required, enum: choices }: ToolParameter): string {
  const of =
    choices === undefined ? "" : `, one of ${choices.map((choice) => code(JSON.stringify(choice))).join(", ")}`;
  return `- ${code(name)}: ${code(type)}${required ? "" : ", optional"}${of}`;
}

function attackLines({ attacks, tool: { category } }: ToolView): readonly string[] {
  const lines = attacks.map(
    ({ slug, name, coverage }) =>
      `- [${name}](/catalogue/attacks/${slug}.md), [policy that stops it](/catalogue/attacks/${slug}#policy): ${coverage}`,
  );
  const none = `The database has none that abuse a ${category} tool with these signals.`;
  return ["## Attacks on this kind of access", lines.join("\n") || none];
}

function alikeLines({ alike, counts, tool: { category } }: ToolView): readonly string[] {
  const lines = alike.map(
    ({ server, slug, name, serverName }) => `- [${code(name)}](/catalogue/${server}/${slug}.md) of ${code(serverName)}`,
  );
  return [
    `## Other ${category} tools`,
    ...(lines.length === 0 ? [] : [lines.join("\n")]),
    `[All ${counts.categories[category]} ${category} tools](/catalogue/category/${category.toLowerCase()}.md)`,
  ];
}
