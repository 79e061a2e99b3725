import { categories } from "../policy/index.ts";
import { visibleText } from "./checks/visible-text.ts";
import { type Preset, recommendForServer } from "./recommend.ts";
import type { ServerRecord, ToolParameter, ToolRecord } from "./server-record.ts";
import type { Suggestion } from "./suggest-rules.ts";

/**
 * Pure. A policy to start from as YAML with comments: every tool with its category, its reason, its parameters and the
 * rules that need the user's own values. It loads as it stands, and says what {@link recommendForServer} recommends.
 * Whatever the server wrote stands in comments and quotes, with what cannot be seen written out.
 */
export function starterPolicy(record: ServerRecord, preset: Preset): string {
  const tools = record.tools.map((tool) => ({
    definition: tool,
    classification: { ...tool, signals: plainSignals(tool) },
  }));
  const { document, unnamed } = recommendForServer(tools, preset);
  const byName = new Map(record.tools.map((tool) => [tool.name, tool]));
  const aboutOf = (name: string): readonly string[] => {
    const tool = byName.get(name);
    return tool === undefined ? [] : aboutTool(tool);
  };
  const hide = document.hide !== undefined && "length" in document.hide ? document.hide : [];
  const hidden = hide.flatMap((name) => [...aboutOf(name), `  - ${JSON.stringify(name)}`]);
  const named = Object.entries(document.tools ?? {}).flatMap(([name, rules]) => [
    ...aboutOf(name),
    `  ${JSON.stringify(name)}: ${JSON.stringify(rules)}`,
  ]);
  return [
    ...heading(record, preset),
    `version: ${JSON.stringify(document.version)}`,
    `default: ${document.default}`,
    ...(document.all_tools === undefined ? [] : [`all_tools: ${JSON.stringify(document.all_tools)}`]),
    ...(hidden.length === 0 ? [] : ["", "hide:", ...hidden]),
    ...(named.length === 0 ? [] : ["", "tools:", ...named]),
    ...unnamed.map((name) => comment(`left out, and so denied: ${visibleText(name)} is no plain name`)),
    "",
  ].join("\n");
}

/** A rule can name the policy language's signals only. */
function plainSignals({ signals }: ToolRecord) {
  return signals.filter((signal) => signal !== "hidden_text" && signal !== "instruction_like_text");
}

function heading({ name, grade, counts, tools, findings, scannedAt }: ServerRecord, preset: Preset): readonly string[] {
  const parts = categories
    .filter((category) => counts[category] > 0)
    .map((category) => `${counts[category]} ${category}`);
  return [
    comment(`A policy to start from (${preset}) for ${visibleText(name)}, from what it listed on ${scannedAt}.`),
    comment(`${tools.length} tools${parts.length === 0 ? "" : `: ${parts.join(", ")}`}; grade ${grade.letter}.`),
    comment("Whatever is not named here is denied. Lines marked `suggested` need values of your own."),
    ...(findings.length === 0
      ? []
      : [comment(`${findings.length} findings in the definitions: look at them before you allow anything.`)]),
  ];
}

function aboutTool({ category, risk, reason, parameters, suggested, findings }: ToolRecord): readonly string[] {
  return [
    "",
    `  ${comment(`${category}, ${risk} risk: ${visibleText(reason)}`)}`,
    ...(parameters.length === 0
      ? []
      : [`  ${comment(`takes ${parameters.slice(0, 12).map(parameterText).join("; ")}`)}`]),
    ...(parameters.length > 12 ? [`  ${comment(`and ${parameters.length - 12} more`)}`] : []),
    ...findings
      .slice(0, 5)
      .map(
        ({ severity, message, seen }) =>
          `  ${comment(`${severity} finding: ${visibleText(message)}: ${visibleText(seen)}`)}`,
      ),
    ...suggested.map((suggestion) => `  ${suggestionText(suggestion)}`),
  ];
}

function parameterText({ name, type, required, enum: choices }: ToolParameter): string {
  const shown = choices?.slice(0, 8).map((choice) => visibleText(JSON.stringify(choice)));
  const of = shown === undefined ? "" : ` of ${shown.join(", ")}${(choices?.length ?? 0) > 8 ? ", ..." : ""}`;
  return `${visibleText(name)}${required ? "" : "?"}: ${visibleText(type)}${of}`;
}

function suggestionText({ rules, reason }: Suggestion): string {
  return comment(`suggested, ${visibleText(reason)}: ${JSON.stringify(rules)}`);
}

/** INVARIANT: one line. Every text from outside was made visible, so that no line end is left in it. */
function comment(text: string): string {
  return `# ${text}`;
}
