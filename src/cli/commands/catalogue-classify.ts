import { basename } from "node:path";
import { attackLinks } from "../../attacks/find-attacks.ts";
import { loadAttacks } from "../../attacks/load-entries.ts";
import { buildRecord } from "../../catalogue/build-record.ts";
import { classifyTool } from "../../catalogue/classify/classify-tool.ts";
import { presets, recommendForServer } from "../../catalogue/recommend.ts";
import type { ToolDefinition } from "../../catalogue/record.ts";
import type { ServerRecord } from "../../catalogue/server-record.ts";
import { systemClock } from "../../clock.ts";
import { readToolFile, type SavedTool } from "../../config/tool-file.ts";
import { sha256Hex } from "../../identity/token.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatJson } from "../output/json.ts";
import { formatProblems } from "../output/problems.ts";
import { formatRecord } from "../output/record.ts";

/** `callgate catalogue classify` */
export const catalogueClassifyCommand: Command = {
  usage: "callgate catalogue classify FILE [--json] [--preset WORD]",
  description:
    "Says what each tool of a saved tools/list answer can do: the most severe category, risk, signals, and which words said so; and what in the definitions should be looked at. Reads the file only; nothing is called.",
  options: {
    preset: { type: "string", value: "WORD", description: `print a policy to start from: ${presets.join(", ")}` },
    json: { type: "boolean", description: "print tools, policies, findings and grade as one JSON object" },
  },
  examples: [
    "callgate catalogue classify tools.json",
    "callgate catalogue classify tools.json --preset balanced > policy.json",
  ],
  run: async (args) => {
    const [file] = args.positionals;
    if (file === undefined) throw new UsageError("name the file: `callgate catalogue classify tools.json`");
    const word = args.text("preset");
    const preset = presets.find((known) => known === word);
    if (word !== undefined && preset === undefined)
      throw new UsageError(`unknown preset \`${word}\`: use ${presets.join(", ")}`);
    const saved = readToolFile(file);
    if ("severity" in saved) {
      process.stderr.write(`${formatProblems([saved])}\n`);
      return exitCodes.refused;
    }
    const { tools, grade, findings, ...record } = recordOf(file, saved);
    if (preset !== undefined) {
      const classified = saved
        .map(asDefinition)
        .map((tool) => ({ definition: tool, classification: classifyTool(tool) }));
      const recommendation = recommendForServer(classified, preset);
      print(args.flag("json") ? recommendation : recommendation.document);
      for (const name of recommendation.unnamed)
        process.stderr.write(`left out, and so denied: ${formatJson(name)} is no plain name\n`);
    } else if (args.flag("json")) print({ tools, findings, grade });
    else process.stdout.write(`${formatRecord({ ...record, tools, grade, findings }).join("\n")}\n`);
    return exitCodes.done;
  },
};

function recordOf(file: string, tools: readonly SavedTool[]): ServerRecord {
  return buildRecord(
    {
      name: basename(file),
      packages: [],
      remotes: [],
      transport: [],
      identity: { level: "unknown", evidence: [] },
      auth: "unknown",
      source: "docs",
      scannedAt: new Date(systemClock.wallMs()).toISOString(),
    },
    { about: undefined, tools: tools.map(asDefinition), prompts: [], resources: [] },
    { digest: sha256Hex, attacksOf: attackLinks(loadAttacks().attacks) },
  );
}

function asDefinition({ name, definition }: SavedTool): ToolDefinition {
  return { ...definition, name };
}

function print(value: unknown): void {
  process.stdout.write(`${formatJson(value)}\n`);
}
