/**
 * An MCP server over stdio (legacy era) whose tools are the entries of a JSON file: `node tools-server.ts FILE`. It looks
 * at the file often and says when its tools changed. What it receives goes to the file that CALLGATE_SPY_LOG names.
 */
import { appendFileSync, readFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";

const file = process.argv[2] ?? "";
let tools = readFileSync(file, "utf8");

function say(message: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

function resultOf(method: unknown, params: unknown): Readonly<Record<string, unknown>> | undefined {
  if (method === "initialize") {
    const capabilities = { tools: { listChanged: true } };
    return { protocolVersion: "2025-11-25", capabilities, serverInfo: { name: "tools-server", version: "1" } };
  }
  if (method === "tools/list") return { tools: JSON.parse(tools) };
  return method === "tools/call" ? { content: [{ type: "text", text: JSON.stringify(params) }] } : undefined;
}

setInterval(() => {
  const now = readFileSync(file, "utf8");
  if (now === tools) return;
  tools = now;
  say({ method: "notifications/tools/list_changed" });
}, 20).unref();

createInterface({ input: process.stdin }).on("line", (line) => {
  appendFileSync(process.env["CALLGATE_SPY_LOG"] ?? "", `${line}\n`);
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const result = resultOf(method, params);
  say(result === undefined ? { id, error: { code: -32601, message: "Method not found" } } : { id, result });
});
