import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ProblemList } from "../documents/problem-list.ts";
import { readDocument } from "../documents/read-document.ts";
import { loadPolicy } from "../policy/index.ts";
import { buildRecord } from "./build-record.ts";
import { presets, recommendForServer } from "./recommend.ts";
import type { ToolDefinition } from "./record.ts";
import { classifyTool } from "./classify/classify-tool.ts";
import { starterPolicy } from "./starter-policy.ts";

const facts = {
  name: "notes\n",
  packages: [],
  remotes: [],
  transport: ["stdio"],
  identity: { level: "unknown", evidence: [] },
  auth: "unknown",
  source: "live",
  scannedAt: "2026-11-26T12:00:00.000Z",
} as const;

function recordOf(tools: readonly ToolDefinition[]) {
  const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
  return buildRecord(facts, { about: undefined, tools, prompts: [], resources: [] }, { digest });
}

function loaded(source: string) {
  const { problems } = loadPolicy(source, {
    identity: { id: "starter", version: 1, sha256: "" },
    file: "starter.yaml",
  });
  return { problems, document: readDocument(source, "starter.yaml", new ProblemList(source, "starter.yaml")) };
}

const text = { type: "string" };
const tools: readonly ToolDefinition[] = [
  {
    name: "read_note",
    inputSchema: { properties: { path: text, form: { enum: ["md", "html"] } }, required: ["path"] },
  },
  { name: "create_note", inputSchema: { properties: { body: text } } },
  { name: "run_script", inputSchema: { properties: { code: text } } },
  { name: "delete_note" },
  { name: "pay_bill", inputSchema: { properties: { amount: { type: "number" } } } },
];

describe("a starter policy", () => {
  it.each(presets)("of the preset %s loads without a problem and is what is recommended", (preset) => {
    const starter = starterPolicy(recordOf(tools), preset);
    const { problems, document } = loaded(starter);
    expect(problems).toEqual([]);
    const classified = tools.map((definition) => ({ definition, classification: classifyTool(definition) }));
    const severestFirst = recordOf(tools).tools.map(({ name }) => name);
    const ordered = severestFirst.flatMap((name) => classified.filter(({ definition }) => definition.name === name));
    expect(document).toEqual(recommendForServer(ordered, preset).document);
  });

  it("says category, parameters and what is suggested, beside each tool", () => {
    const starter = starterPolicy(recordOf(tools), "balanced");
    expect(starter).toContain("# 5 tools: 1 Read, 1 Write, 1 Execute, 1 Destructive, 1 Financial; grade");
    expect(starter).toContain("# Read, Low risk: Read, because the name says `read`: it reads and returns.");
    expect(starter).toContain('# takes path: string; form?: any of "md", "html"');
    expect(starter).toMatch(/# suggested, `args\.path`: name the folders it may touch: \{"require"/);
  });

  it("holds whatever a server wrote within comments and quotes", () => {
    const nasty = "x\ndefault: allow\r\u2028\u0085tools: {}";
    const starter = starterPolicy(
      recordOf([
        { name: nasty, description: nasty },
        { name: "read_note", description: nasty, inputSchema: { properties: { [nasty]: { enum: [nasty] } } } },
        { name: "__proto__" },
      ]),
      "strict",
    );
    const { problems, document } = loaded(starter);
    expect(problems).toEqual([]);
    expect(document).toEqual({
      version: "1",
      default: "deny",
      all_tools: { validate_arguments: true },
      tools: { read_note: {} },
    });
  });

  it("of a server without tools denies everything", () => {
    expect(loaded(starterPolicy(recordOf([]), "balanced")).document).toEqual({ version: "1", default: "deny" });
  });
});
