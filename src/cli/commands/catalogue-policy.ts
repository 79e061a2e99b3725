import { type Preset, presets } from "../../catalogue/recommend.ts";
import { askServer } from "../../catalogue-store/views.ts";
import { systemClock } from "../../clock.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatJson } from "../output/json.ts";
import { shown } from "../output/rows.ts";
import { catalogueOption, withCatalogue } from "../with-catalogue.ts";

/** `callgate catalogue policy` */
export const cataloguePolicyCommand: Command = {
  usage: "callgate catalogue policy SERVER [TOOL] [--preset WORD]",
  description:
    "Prints the policy to start from for a server, or for one of its tools alone. It loads as it stands; rules that need your own values are said on standard error.",
  options: {
    preset: {
      type: "string",
      value: "WORD",
      description: `for a whole server: ${presets.join(", ")}; default balanced`,
    },
    ...catalogueOption,
  },
  examples: ["callgate catalogue policy camoufox-mcp --preset strict > policy.json"],
  run: (args) => {
    const [server, toolName] = args.positionals;
    if (server === undefined) throw new UsageError("name a server: `callgate catalogue policy camoufox-mcp`");
    const preset = readPreset(args.text("preset"));
    return withCatalogue(args, (parts) => {
      const view = askServer(parts, server, systemClock.wallMs());
      if (view.status !== "known") {
        process.stderr.write(`the tools of \`${server}\` are not known: look at it with \`callgate scan\`\n`);
        return exitCodes.refused;
      }
      const tool = view.tools.find(({ name }) => name === toolName);
      if (toolName !== undefined && tool === undefined)
        throw new UsageError(`\`${server}\` has no tool \`${toolName}\` that the catalogue knows`);
      const { document, suggested, unnamed } =
        tool === undefined
          ? view.policies[preset]
          : { document: tool.recommended, suggested: tool.suggested, unnamed: [] };
      process.stdout.write(`${formatJson(document)}\n`);
      for (const { tool: name, rules, reason } of suggested)
        process.stderr.write(`suggested for ${shown(name)}, ${shown(reason)}: ${shown(JSON.stringify(rules))}\n`);
      for (const name of unnamed) process.stderr.write(`left out, and so denied: ${shown(name)} is no plain name\n`);
      return exitCodes.done;
    });
  },
};

function readPreset(word: string | undefined): Preset {
  const preset = presets.find((known) => known === (word ?? "balanced"));
  if (preset === undefined) throw new UsageError(`unknown preset \`${word ?? ""}\`: use ${presets.join(", ")}`);
  return preset;
}
