/**
 * An MCP server over stdio of the legacy era that lists what a JSON file holds when it starts: `node told-lists.ts FILE`
 * with `{ instructions?, tools, prompts?, resources? }`.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";

const {
  instructions,
  tools = [],
  prompts = [],
  resources = [],
} = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const results: Readonly<Record<string, object>> = {
  initialize: {
    protocolVersion: "2025-11-25",
    capabilities: { tools: {}, prompts: {}, resources: {} },
    serverInfo: { name: "told", version: "1" },
    instructions,
  },
  "tools/list": { tools },
  "prompts/list": { prompts },
  "resources/list": { resources },
  "resources/templates/list": { resourceTemplates: [] },
  ping: {},
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  const result = results[method];
  const answer = result === undefined ? { error: { code: -32_601, message: "no such method" } } : { result };
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...answer })}\n`);
});
