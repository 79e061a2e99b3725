import { describe, expect, it } from "vitest";
import { type Call, type Category, categories, decide, loadPolicy, type PolicyDocument } from "../policy/index.ts";
import type { JsonObject } from "../values/json.ts";
import { classifyTool } from "./classify/classify-tool.ts";
import { presets, recommendForServer, recommendForTool } from "./recommend.ts";
import type { ClassifiedTool } from "./record.ts";

const examples: Readonly<Record<Category, string>> = {
  Read: "get_order",
  Write: "create_note",
  Execute: "run_job",
  Destructive: "delete_record",
  Financial: "pay_bill",
};

function classified(name: string, properties: JsonObject = {}): ClassifiedTool {
  const definition = { name, inputSchema: { type: "object", properties } };
  return { definition, classification: classifyTool(definition) };
}

function callOf(name: string, args: JsonObject): Call {
  return {
    organisation: "acme",
    server: { name: "web" },
    grant: { id: "alice", label: "l", owner: undefined, tags: {} },
    client: { ip: undefined, name: undefined, version: undefined },
    session: undefined,
    tool: { name, isListed: true, isChanged: false, review: undefined, schema: undefined },
    args,
  };
}

function problemsOf(document: PolicyDocument): readonly string[] {
  const identity = { id: "recommended", version: 1, sha256: "" };
  return loadPolicy(JSON.stringify(document), { identity, file: "p.json" }).problems.map(
    ({ code, path }) => `${code} ${path}`,
  );
}

const all = categories.map((category) => classified(examples[category]));
const rate = (name: string, max: number) => [{ counter: `${name}_rate`, window: "minute", max, scope: "grant" }];

describe("recommended policies", () => {
  it.each([
    ["Read", { tools: { get_order: {} } }],
    ["Write", { tools: { create_note: { limits: rate("create_note", 30) } } }],
    ["Execute", { tools: { run_job: { limits: rate("run_job", 10) } } }],
    ["Destructive", { hide: ["delete_record"] }],
    ["Financial", { tools: { pay_bill: { action: "require_approval" } } }],
  ] as const)("for a %s tool follow the table", (category, rules) => {
    const { document } = recommendForTool(classified(examples[category]));
    expect(document).toEqual({ version: "1", default: "deny", ...rules });
  });

  it("name every tool of a server, by how careful it is to be", () => {
    const of = (preset: (typeof presets)[number]) => recommendForServer(all, preset).document;
    expect(of("read-only").hide).toEqual(["create_note", "run_job", "delete_record", "pay_bill"]);
    expect(of("read-only").tools).toEqual({ get_order: {} });
    expect(of("balanced").hide).toEqual(["delete_record"]);
    expect(Object.keys(of("balanced").tools ?? {})).toEqual(["get_order", "create_note", "run_job", "pay_bill"]);
    expect(of("strict").tools?.["run_job"]).toEqual({ action: "require_approval", limits: rate("run_job", 10) });
    expect(of("strict").all_tools).toEqual({ validate_arguments: true });
  });

  it("load as they stand, for every mix of categories and every preset", () => {
    for (let mix = 0; mix < 2 ** all.length; mix += 1) {
      const tools = all.filter((_, index) => (mix & (1 << index)) !== 0);
      for (const preset of presets)
        expect(problemsOf(recommendForServer(tools, preset).document), `${mix} ${preset}`).toEqual([]);
    }
    for (const tool of all) expect(problemsOf(recommendForTool(tool).document)).toEqual([]);
  });

  it("leave out names that would select other tools, so that the default denies them", () => {
    const names = ["*", "get_*", "__proto__", "get order", "", "x".repeat(129)];
    const { document, unnamed } = recommendForServer(
      names.map((name) => classified(name)),
      "balanced",
    );
    expect(document).toEqual({ version: "1", default: "deny" });
    expect(unnamed).toEqual(names);
  });

  it("hide a name that is listed twice when one of the two is to be hidden", () => {
    const twice = { ...classified("get_order"), classification: classifyTool({ name: "delete_order" }) };
    const { document } = recommendForServer([classified("get_order"), twice], "balanced");
    expect(document).toEqual({ version: "1", default: "deny", hide: ["get_order"] });
    expect(problemsOf(document)).toEqual([]);
  });

  it("take the riskier of two tools with one name, in any order", () => {
    for (const tools of [
      [classified("save"), { ...classified("save"), classification: classifyTool({ name: "run_job" }) }],
      [{ ...classified("save"), classification: classifyTool({ name: "run_job" }) }, classified("save")],
    ])
      expect(recommendForServer(tools, "balanced").document.tools?.["save"]).toEqual({ limits: rate("save", 10) });
  });

  it("name no more tools than a document has room for, and say which are left to the default", () => {
    const tools = Array.from({ length: 4_000 }, (_, index) => classified(`create_note_${index}`));
    for (const preset of presets) {
      const { document, unnamed } = recommendForServer(tools, preset);
      expect(problemsOf(document)).toEqual([]);
      expect(unnamed).toHaveLength(preset === "read-only" ? 0 : 1_500);
    }
  });

  it("have the rules that need the user's values beside them, and those load too", () => {
    const text = { type: "string" };
    const texts = { type: "array", items: text };
    const tool = classified("fetch_file", {
      url: text,
      path: { anyOf: [text, { type: "null" }] },
      "odd name url": text,
      urls: texts,
      file_path: { type: ["null", "array"], items: text },
      endpoint: { type: "object" },
    });
    const { document, suggested } = recommendForTool(tool);
    expect(document.tools).toEqual({ fetch_file: {} });
    expect(suggested.map(({ reason }) => reason)).toEqual([
      "`args.url`: name the hosts it may reach",
      "`args.path`: name the folders it may touch",
      "`args.urls[*]`: name the hosts it may reach",
      "`args.file_path[*]`: name the folders it may touch",
    ]);
    for (const { rules } of suggested) expect(problemsOf({ ...document, tools: { fetch_file: rules } })).toEqual([]);
  });

  it("suggest whom to send to and what to spend, where a tool sends or spends", () => {
    const text = { type: "string" };
    const mail = classified("send_email", { to: text, cc: { type: "array", items: text }, body: text });
    const pay = classified("create_refund", { charge: text, amount: { type: "integer" }, currency: text });
    const { document, suggested } = recommendForServer([mail, pay, classified("get_order", { to: text })], "balanced");
    expect(suggested.map(({ tool, reason }) => `${tool} ${reason}`)).toEqual([
      "send_email `args.to`: name whom it may send to",
      "send_email `args.cc[*]`: name whom it may send to",
      "create_refund `args.amount`: name what may be spent in a day",
    ]);
    for (const { tool, rules } of suggested)
      expect(problemsOf({ ...document, tools: { ...document.tools, [tool]: rules } })).toEqual([]);
  });

  it("suggest for an argument that may be left out a rule that lets such calls pass", () => {
    const properties = { url: { type: "string" } };
    const tool = (required: readonly string[]): ClassifiedTool => {
      const definition = { name: "fetch_page", inputSchema: { type: "object", properties, required: [...required] } };
      return { definition, classification: classifyTool(definition) };
    };
    const codeOf = (required: readonly string[], args: JsonObject): string => {
      const [suggestion] = recommendForTool(tool(required)).suggested;
      const document = { version: "1", default: "deny", tools: { fetch_page: suggestion?.rules ?? {} } };
      const { policy } = loadPolicy(JSON.stringify(document), {
        identity: { id: "suggested", version: 1, sha256: "" },
        file: "p.json",
      });
      return policy === undefined ? "not loaded" : decide(policy, callOf("fetch_page", args), { nowMs: 0 }).code;
    };
    expect(codeOf([], {})).toBe("allowed");
    expect(codeOf([], { url: "https://docs.example.com/a" })).toBe("allowed");
    expect(codeOf([], { url: "https://elsewhere.example/a" })).toBe("require_failed");
    expect(codeOf(["url"], {})).toBe("cannot_judge");
  });

  it("suggest for statements of a database the words that none may hold", () => {
    const [suggestion] = recommendForTool(classified("query", { sql: { type: "string" } })).suggested;
    const document = { version: "1", default: "deny", tools: { query: suggestion?.rules ?? {} } };
    const identity = { id: "suggested", version: 1, sha256: "" };
    const { policy } = loadPolicy(JSON.stringify(document), { identity, file: "p.json" });
    const codeOf = (sql: string) => decide(policy, callOf("query", { sql }), { nowMs: 0 }).code;
    expect(codeOf("SELECT name, updated_at FROM customers;")).toBe("allowed");
    expect(codeOf("COMMIT; DROP TABLE customers")).toBe("deny_if_matched");
    expect(codeOf("with x as (delete from customers returning *) select * from x")).toBe("deny_if_matched");
    expect(codeOf("select 1; select 2")).toBe("deny_if_matched");
  });
});
