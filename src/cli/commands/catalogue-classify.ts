import { classifyTool } from "../../catalogue/classify/classify-tool.ts";
import { gradeTools } from "../../catalogue/grade.ts";
import { presets, recommendForServer, recommendForTool } from "../../catalogue/recommend.ts";
import type { ClassifiedTool } from "../../catalogue/record.ts";
import { readToolFile, type SavedTool } from "../../config/tool-file.ts";
import { categories } from "../../policy/index.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatProblems } from "../output/problems.ts";
import { shown } from "../output/rows.ts";

/** `callgate catalogue classify` */
export const catalogueClassifyCommand: Command = {
  usage: "callgate catalogue classify FILE [--json] [--preset WORD]",
  description:
    "Says what each tool of a saved tools/list answer can do: the most severe category, risk, signals, and which words said so. Reads the file only; nothing is called.",
  options: {
    preset: { type: "string", value: "WORD", description: `print a policy to start from: ${presets.join(", ")}` },
    json: { type: "boolean", description: "print tools, policies and grade as one JSON object" },
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
    const tools = saved.map((tool) => classified(tool)).toSorted(bySeverity);
    if (preset !== undefined) {
      const recommendation = recommendForServer(tools, preset);
      print(args.flag("json") ? recommendation : recommendation.document);
      for (const name of recommendation.unnamed)
        process.stderr.write(`left out, and so denied: ${JSON.stringify(name)} is no plain name\n`);
    } else if (args.flag("json")) print({ tools: tools.map((tool) => asRow(tool)), grade: gradeTools(tools) });
    else process.stdout.write(`${table(tools).join("\n")}\n`);
    return exitCodes.done;
  },
};

function classified({ name, definition }: SavedTool): ClassifiedTool {
  const tool = { ...definition, name };
  return { definition: tool, classification: classifyTool(tool) };
}

function asRow(tool: ClassifiedTool): unknown {
  const { document, suggested } = recommendForTool(tool);
  return { name: tool.definition.name, ...tool.classification, recommended: document, suggested };
}

function bySeverity(a: ClassifiedTool, b: ClassifiedTool): number {
  return categories.indexOf(b.classification.category) - categories.indexOf(a.classification.category);
}

function table(tools: readonly ClassifiedTool[]): readonly string[] {
  const names = tools.map(({ definition }) => shown(definition.name));
  const width = Math.max(0, ...names.map((name) => name.length));
  const rows = tools.map(({ classification: { risk, category, confidence, signals, reason } }, index) => {
    const head = `${risk.padEnd(8)} ${category.padEnd(11)} ${(names[index] ?? "").padEnd(width)} ${confidence.toFixed(2)}`;
    return `${head}  ${shown(reason)}${signals.length === 0 ? "" : ` [${signals.join(", ")}]`}`;
  });
  const { letter, points, deductions, definitionTokens } = gradeTools(tools);
  const arithmetic = deductions.map((deduction) => `  -${deduction.points}: ${deduction.because}`);
  return [...rows, `grade ${letter}: 100 less ${100 - points}; ${definitionTokens} tokens`, ...arithmetic];
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
