import pc from "picocolors";
import {
  askServer,
  type ServerView,
  toolView,
  type ToolView,
  type UnknownServer,
} from "../../catalogue-store/views.ts";
import { systemClock } from "../../clock.ts";
import { categories } from "../../policy/index.ts";
import { owaspText } from "../../values/owasp.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatJson } from "../output/json.ts";
import { formatRecord } from "../output/record.ts";
import { shown } from "../output/rows.ts";
import { catalogueOption, withCatalogue } from "../with-catalogue.ts";

/** `callgate catalogue show` */
export const catalogueShowCommand: Command = {
  usage: "callgate catalogue show SERVER [TOOL] [--json]",
  description:
    "Shows what is known of a server (slug, package or name) or of one of its tools: publisher, grade, tools by risk, evidence, policy to start from. A server that nothing is known of is reported as unknown, which is neither good nor bad, and remembered.",
  options: { json: { type: "boolean", description: "print as JSON" }, ...catalogueOption },
  examples: ["callgate catalogue show camoufox-mcp", "callgate catalogue show camoufox-mcp save_session --json"],
  run: (args) => {
    const [server, tool] = args.positionals;
    if (server === undefined) throw new UsageError("name a server: `callgate catalogue show camoufox-mcp`");
    return withCatalogue(args, (parts) => {
      const view = askServer(parts, server, systemClock.wallMs());
      if (view.status === "unknown" || tool === undefined) {
        process.stdout.write(args.flag("json") ? `${formatJson(view)}\n` : `${serverLines(view).join("\n")}\n`);
        return view.status === "unknown" ? exitCodes.refused : exitCodes.done;
      }
      const found = toolView(parts, view.slug, tool);
      if (found === undefined) throw new UsageError(`\`${server}\` has no tool \`${tool}\` that the catalogue knows`);
      process.stdout.write(args.flag("json") ? `${formatJson(found)}\n` : `${toolLines(found).join("\n")}\n`);
      return exitCodes.done;
    });
  },
};

function serverLines(view: ServerView | UnknownServer): readonly string[] {
  if (view.status === "unknown")
    return [
      `${pc.bold(shown(view.name))} unknown: ${view.verdict.reasons.join("; ")}`,
      ...(view.alike.length === 0 ? [] : [`  known servers with such a name: ${view.alike.map(shown).join(", ")}`]),
      "  look at it: `callgate scan -- COMMAND`",
    ];
  const { name, slug, packages, identity, posture, counts, tools, changing, grade, verdict, scannedAt, source } = view;
  const parts = categories
    .filter((category) => counts[category] > 0)
    .map((category) => `${counts[category]} ${category}`);
  const head = [
    `${pc.bold(shown(name))} ${slug} ${packages.map((reference) => shown(`${reference.name}@${reference.version ?? "?"}`)).join(", ")}`,
    `publisher ${identity.level}: ${identity.evidence.map(shown).join("; ")}`,
    `access ${posture.auth}; learnt from ${source} on ${scannedAt.slice(0, 10)}`,
  ];
  if (grade === null) return [...head, "its tools were never seen: no grade, no verdict"];
  return [
    ...head,
    `${tools.length} tools, ${changing} can change something (${parts.join(", ")}); ${verdict.verdict}: ${verdict.reasons.join("; ")}`,
    ...formatRecord({ ...view, grade }),
  ];
}

function toolLines({ server, tool, use, harms, rule, attacks }: ToolView): readonly string[] {
  const {
    name,
    risk,
    category,
    confidence,
    reason,
    evidence,
    signals,
    owasp,
    parameters,
    recommended,
    override,
    lapsed,
  } = tool;
  return [
    `${risk} ${category} ${pc.bold(shown(name))} of ${server.slug} (confidence ${confidence.toFixed(2)})`,
    ...(lapsed === undefined
      ? []
      : [`a correction to ${lapsed.category} by ${shown(lapsed.by)} counts no more: the definition is another one`]),
    ...(override === undefined ? [] : [`corrected by ${shown(override.by)}: ${shown(override.note)}`]),
    shown(reason),
    ...evidence.map(({ place, word, says, because }) => `  ${place} \`${shown(word)}\` says ${says}: ${because}`),
    ...(signals.length === 0 ? [] : [`signals: ${signals.join(", ")}`]),
    ...(owasp.length === 0 ? [] : [`OWASP: ${owaspText(owasp)}`]),
    `takes ${parameters.map((parameter) => `${shown(parameter.name)}${parameter.required ? "" : "?"}: ${shown(parameter.type)}`).join(", ") || "nothing"}`,
    use,
    ...harms.map((harm) => `  ${harm}`),
    ...(attacks.length === 0 ? [] : [`attacks: ${attacks.map(({ slug }) => slug).join(", ")}`]),
    rule,
    formatJson(recommended),
  ];
}
