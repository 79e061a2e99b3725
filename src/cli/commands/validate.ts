import { loadConfig } from "../../config/load-config.ts";
import { readTextFile } from "../../config/read-text-file.ts";
import { readToolFile } from "../../config/tool-file.ts";
import type { Problem } from "../../errors.ts";
import { sha256Hex } from "../../identity/token.ts";
import { loadPolicy } from "../../policy/index.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { countProblems, formatProblems } from "../output/problems.ts";

/** `callgate validate` */
export const validateCommand: Command = {
  usage: "callgate validate POLICY [--tools FILE] [--json], or callgate validate --config FILE [--json]",
  description:
    "Checks a policy (or with --config a configuration and the policies it names) and lists every problem. Exit code 1 when it would not load.",
  options: {
    policy: { type: "string", short: "p", value: "FILE", description: "the policy" },
    tools: {
      type: "string",
      value: "FILE",
      description: "the server's tools (a saved tools/list answer), for more warnings",
    },
    config: { type: "string", short: "c", value: "FILE", description: "a configuration instead of a policy" },
    json: { type: "boolean", description: "print the problems as JSON" },
  },
  examples: ["callgate validate policy.json", "callgate validate --config callgate.yaml --json"],
  run: async (args) => {
    const config = args.text("config");
    const policy = args.text("policy") ?? args.positionals[0];
    if ((config === undefined) === (policy === undefined))
      throw new UsageError("name one file: `callgate validate policy.json`, or `--config callgate.yaml`");
    const problems =
      config === undefined ? problemsOfPolicy(policy ?? "", args.text("tools")) : problemsOfConfig(config);
    const isGood = !problems.some((problem) => problem.severity === "error");
    if (args.flag("json")) process.stdout.write(`${JSON.stringify({ valid: isGood, problems }, undefined, 2)}\n`);
    else {
      if (problems.length > 0) process.stdout.write(`${formatProblems(problems)}\n`);
      const name = config ?? policy ?? "";
      process.stdout.write(
        isGood
          ? `${name} is valid${problems.length === 0 ? "" : `, ${countProblems(problems)}`}\n`
          : `${name}: ${countProblems(problems)}\n`,
      );
    }
    return isGood ? exitCodes.done : exitCodes.refused;
  },
};

function problemsOfPolicy(file: string, toolFile: string | undefined): readonly Problem[] {
  const text = readTextFile(file);
  if (typeof text !== "string") return [text];
  const tools = toolFile === undefined ? undefined : readToolFile(toolFile);
  if (tools !== undefined && "severity" in tools) return [tools];
  const known = tools?.map(({ name, inputSchema }) => ({
    name,
    ...(inputSchema === undefined ? {} : { inputSchema }),
  }));
  return loadPolicy(text, {
    identity: { id: file, version: 1, sha256: sha256Hex(text) },
    file,
    profile: "serve",
    ...(known === undefined ? {} : { tools: known }),
  }).problems;
}

function problemsOfConfig(file: string): readonly Problem[] {
  const { settings, problems } = loadConfig(file);
  const ofPolicies = (settings?.policies ?? []).flatMap(
    ({ id, text, shownFile }) =>
      loadPolicy(text, { identity: { id, version: 1, sha256: sha256Hex(text) }, file: shownFile, profile: "serve" })
        .problems,
  );
  return [...problems, ...ofPolicies];
}
