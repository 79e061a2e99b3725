import { writeFileSync } from "node:fs";
import { readTextFile } from "../../config/read-text-file.ts";
import { formatImportReport } from "../../policy/import/format-import-report.ts";
import { importPolicy } from "../../policy/import/import-policy.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatProblems } from "../output/problems.ts";

/** `callgate policy import` */
export const policyImportCommand: Command = {
  usage: "callgate policy import FILE [-o POLICY] [--tool NAME] [--json]",
  description:
    "Turns a fragment, `tools.X.rules[]`, or the older YAML dialect into a policy, with a report on every rule. Nothing is guessed, nothing is widened. Exit code 1 when a rule had no equivalent.",
  options: {
    output: {
      type: "string",
      short: "o",
      value: "FILE",
      description: "write the policy here, default standard output",
    },
    tool: { type: "string", value: "NAME", description: "the tool, when the file holds one tool's rules alone" },
    json: { type: "boolean", description: "print policy and report as one JSON object" },
  },
  examples: ["callgate policy import intercept.yaml -o policy.json", "callgate policy import --tool refund rules.json"],
  run: async (args) => {
    const [file] = args.positionals;
    if (file === undefined) throw new UsageError("name the file: `callgate policy import old.yaml`");
    const text = readTextFile(file);
    if (typeof text !== "string") {
      process.stderr.write(`${formatProblems([text])}\n`);
      return exitCodes.refused;
    }
    const tool = args.text("tool");
    const result = importPolicy(text, { file, ...(tool === undefined ? {} : { tool }) });
    const isComplete = result.document !== undefined && !result.report.some(({ severity }) => severity === "dropped");
    if (args.flag("json")) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
    else {
      if (result.problems.length > 0) process.stderr.write(`${formatProblems(result.problems)}\n`);
      for (const line of formatImportReport(result)) process.stderr.write(`${line}\n`);
      if (result.document !== undefined)
        writeDocument(args.text("output"), `${JSON.stringify(result.document, undefined, 2)}\n`);
    }
    return isComplete ? exitCodes.done : exitCodes.refused;
  },
};

function writeDocument(output: string | undefined, text: string): void {
  if (output === undefined) process.stdout.write(text);
  else {
    writeFileSync(output, text);
    process.stderr.write(`wrote ${output}\n`);
  }
}
