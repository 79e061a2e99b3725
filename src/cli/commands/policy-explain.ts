import pc from "picocolors";
import { readTextFile } from "../../config/read-text-file.ts";
import { readToolFile } from "../../config/tool-file.ts";
import type { Problem } from "../../errors.ts";
import { describeSimulatedCall, type SimulatedCall, type SimulatedTool } from "../../gateway/simulate.ts";
import { sha256Hex } from "../../identity/token.ts";
import { prepareSchema } from "../../input-schema/prepare-schema.ts";
import {
  categories,
  type Category,
  explain,
  type Explanation,
  loadPolicy,
  normalForm,
  printPolicy,
  toSentences,
} from "../../policy/index.ts";
import { isObject, type JsonObject } from "../../values/json.ts";
import { type Arguments, type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatProblems } from "../output/problems.ts";

/** `callgate policy explain` */
export const policyExplainCommand: Command = {
  usage: "callgate policy explain -p POLICY [--tool NAME] [--args JSON] [OPTION ...]",
  description:
    "Says what would happen to a call, and why, step by step; nothing is called or counted. Without --tool it prints the policy's normal form, every short form written out.",
  options: {
    policy: { type: "string", short: "p", value: "FILE", description: "the policy" },
    tool: { type: "string", short: "t", value: "NAME", description: "the tool that is called" },
    args: { type: "string", short: "a", value: "JSON", description: "its arguments, default {}" },
    tools: { type: "string", value: "FILE", description: "the server's tools: a saved tools/list answer (JSON)" },
    category: { type: "string", value: "WORD", description: `the tool's reviewed category: ${categories.join(", ")}` },
    server: { type: "string", value: "NAME", description: "the server's name" },
    grant: { type: "string", value: "ID", description: "the grant's id" },
    owner: { type: "string", value: "NAME", description: "the grant's owner" },
    tag: { type: "string", multiple: true, value: "NAME=VALUE", description: "a tag of the grant" },
    ip: { type: "string", value: "ADDRESS", description: "the client's address" },
    at: { type: "string", value: "TIME", description: "when, RFC 3339, default now" },
    json: { type: "boolean", description: "print decision and steps as JSON" },
  },
  examples: [
    `callgate policy explain -p policy.json --tool refund --args '{"amount": 250}'`,
    "callgate policy explain -p policy.json",
  ],
  run: async (args) => {
    const file = args.text("policy") ?? args.positionals[0];
    if (file === undefined)
      throw new UsageError("name the policy: `callgate policy explain -p policy.json --tool NAME`");
    const text = readTextFile(file);
    if (typeof text !== "string") return refuse([text]);
    const tools = readTools(args);
    if (tools !== undefined && "severity" in tools) return refuse([tools]);
    const { policy, problems } = loadPolicy(text, {
      identity: { id: file, version: 1, sha256: sha256Hex(text) },
      file,
    });
    if (policy === undefined) return refuse(problems);
    const tool = args.text("tool");
    if (tool === undefined) {
      process.stdout.write(`${printPolicy(normalForm(policy))}\n`);
      return exitCodes.done;
    }
    const call = describeSimulatedCall(readCall(tool, args), tools ?? reviewedTool(tool, args), prepareSchema);
    print(explain(policy, call, { nowMs: readTime(args.text("at")) }), args.flag("json"));
    return exitCodes.done;
  },
};

function readCall(tool: string, args: Arguments): SimulatedCall {
  const id = args.text("grant") ?? "grant";
  return {
    tool,
    args: readJson(args.text("args") ?? "{}"),
    server: args.text("server") ?? "server",
    grant: { id, label: id, owner: args.text("owner"), tags: readTags(args.texts("tag")) },
    client: { ip: args.text("ip"), name: undefined, version: undefined },
    session: undefined,
  };
}

function readTools(args: Arguments): readonly SimulatedTool[] | Problem | undefined {
  const file = args.text("tools");
  if (file === undefined) return undefined;
  const review = readCategory(args);
  const tools = readToolFile(file);
  if ("severity" in tools) return tools;
  const tool = args.text("tool");
  return tools.map(({ name, inputSchema }) => ({ name, inputSchema, review: name === tool ? review : undefined }));
}

/** With a category the tool is known; without one every name counts as one of the server's. */
function reviewedTool(name: string, args: Arguments): readonly SimulatedTool[] | undefined {
  const review = readCategory(args);
  return review === undefined ? undefined : [{ name, inputSchema: undefined, review }];
}

function readCategory(args: Arguments): { readonly category: Category; readonly signals: readonly [] } | undefined {
  const word = args.text("category");
  if (word === undefined) return undefined;
  const category = categories.find((known) => known === word);
  if (category === undefined) throw new UsageError(`unknown category \`${word}\`: use ${categories.join(", ")}`);
  return { category, signals: [] };
}

function readJson(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    const isArguments = (candidate: unknown): candidate is JsonObject =>
      typeof candidate === "object" && candidate !== null && !Array.isArray(candidate);
    if (isArguments(value) && isObject(value)) return value;
  } catch {
    // Answered below.
  }
  throw new UsageError(`\`--args\` takes a JSON object: \`--args '{"amount": 250}'\``);
}

function readTags(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new UsageError(`\`--tag\` takes NAME=VALUE, got \`${pair}\``);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function readTime(text: string | undefined): number {
  const timeMs = text === undefined ? Date.now() : Date.parse(text);
  if (Number.isNaN(timeMs)) throw new UsageError(`\`--at\` takes a time such as 2026-11-26T09:00:00Z, got \`${text}\``);
  return timeMs;
}

function refuse(problems: readonly Problem[]): number {
  process.stderr.write(`${formatProblems(problems)}\n`);
  return exitCodes.refused;
}

function print(explanation: Explanation, isJson: boolean): void {
  if (isJson) {
    const { decision, steps } = explanation;
    const { outcome, code, rule, message, detail, observed, policy } = decision;
    const shown = { outcome, code, rule, message, detail, observed, policy };
    process.stdout.write(`${JSON.stringify({ decision: shown, steps }, undefined, 2)}\n`);
    return;
  }
  const lines = toSentences(explanation);
  const colour = explanation.decision.outcome === "allow" ? pc.green : pc.red;
  for (const line of lines.slice(0, -1)) process.stdout.write(`${line}\n`);
  process.stdout.write(`${colour(lines.at(-1) ?? "")}\n`);
}
